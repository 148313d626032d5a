import Lexer
import TestSupport
import Testing

@testable import SandboxPicture

@Suite(.mayWait) struct WatchScreenTests {
  private var picture: SuperclusterPicture {
    var fixture = PictureFixture()
    fixture.stopped = ["c3"]
    fixture.streams = [
      PictureFixture.stream(
        "ORDERS\u{1B}[2J", cluster: "xr-js", on: ["c2-xr-js-nats-1", "c3-xr-js-nats-2"], offline: ["c3-xr-js-nats-2"])
    ]
    return fixture.picture
  }

  @Test(arguments: [20, 40, 80, 200], [3, 10, 24, 100])
  func `the lines fit the window`(columns: Int, rows: Int) {
    let lines = WatchScreen(picture).lines(columns: columns, rows: rows, style: .plain)
    #expect(lines.count <= rows)
    #expect(lines.allSatisfy { displayWidth($0) <= columns })
    #expect(lines.contains { $0.hasPrefix("✕ 12 of 36") })
  }

  @Test func `colours take no room, and only what is down is red`() {
    let plain = WatchScreen(picture).lines(columns: 80, rows: 60, style: .plain)
    let colored = WatchScreen(picture).lines(columns: 80, rows: 60, style: .marked).map(\.fitForTerminal)
    #expect(colored.map(\.withoutColours) == plain)
    let red = colored.filter { $0.contains("\u{1B}[31m") }.map(\.withoutColours)
    #expect(red.contains { $0.hasPrefix("c3 ") } && !red.contains { $0.hasPrefix("c1   ●") })
  }

  @Test func `a name cannot write elsewhere on the screen`() {
    let lines = WatchScreen(picture).lines(columns: 200, rows: 100, style: .plain)
    #expect(lines.contains { $0.contains("ORDERS␛[2J") })
    #expect(!lines.contains { $0.unicodeScalars.contains("\u{1B}") })
  }

  @Test func `the gist changes with what is down, not with the time`() {
    var later = PictureFixture()
    later.stopped = ["c3"]
    let early = PictureFixture()
    #expect(WatchScreen(early.picture).gist == WatchScreen(early.picture).gist)
    #expect(WatchScreen(early.picture).gist != WatchScreen(later.picture).gist)
    #expect(WatchScreen(later.picture).report.contains("c3: stopped, 0 of 12 servers run"))
  }
}

extension String {
  fileprivate var withoutColours: String { replacing(/\u{1B}\[[0-9]+m/, with: "") }
}
