import Foundation
import TestSupport
import Testing

@testable import SandboxPicture
@testable import SandboxSystem

@Suite(.mayWait) struct PicturePageTests {
  private static let hostile = [
    "</script><script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)",
    "]]><svg onload=alert(1)>", "a\u{202E}b\u{0}c\u{1B}[2J",
  ]

  @Test func `every server, stream and link of six regions is on the page`() {
    var fixture = PictureFixture()
    fixture.regions = (1...6).map { "region-\($0)" }
    fixture.metaLeader = "region-1-js-nats-0"
    fixture.streams = [
      PictureFixture.stream("ORDERS", cluster: "xr-js", on: ["region-2-xr-js-nats-1", "region-4-xr-js-nats-0"])
    ]
    let picture = fixture.picture
    #expect(picture.servers.count == 72)
    let page = PicturePage(picture).content
    for server in picture.servers { #expect(page.contains("data-server=\"\(server.name)\" data-state=\"running\"")) }
    // Gateways between six regions and from each to xr-js, and the routes of xr-js between them: a label each.
    #expect(page.components(separatedBy: "data-link=").count - 1 == 15 + 6 + 15)
    #expect(page.contains("data-copy=\"region-4-xr-js-nats-0\""))
  }

  @Test func `nothing in the file comes from outside`() {
    let file = PicturePage(PictureFixture().picture).file
    for way in ["src=", "href=", "url(", "@import", "http-equiv=\"refresh", "<link", "<iframe", "<object"] {
      #expect(!file.contains(way), "\(way)")
    }
    #expect(file.contains("default-src &#39;none&#39;") && file.contains("connect-src &#39;none&#39;"))
    // Everything that has a style or a script of its own would be stopped by the policy.
    #expect(!file.contains(" style=") && !file.contains(" onclick="))
  }

  @Test(arguments: hostile) func `names of servers and streams are text, whatever they hold`(name: String) {
    var fixture = PictureFixture()
    fixture.regions = [name, "c2"]
    fixture.metaLeader = "c2-js-nats-0"
    fixture.streams = [PictureFixture.stream(name, cluster: name, on: ["c2-js-nats-0", name])]
    let file = PicturePage(fixture.picture).file
    let plain = PicturePage(PictureFixture().picture).file
    for tag in ["<script", "<img", "<svg", "</script", "<style"] {
      #expect(count(tag, file) == count(tag, plain), "\(tag)")
    }
    #expect(!file.contains("onerror=alert(1)>") && !file.contains("' onmouseover='"))
    #expect(!file.unicodeScalars.contains { $0 == "\u{202E}" || $0 == "\u{0}" || $0 == "\u{1B}" })
  }

  @Test func `where nothing runs the page says what to do`() {
    let empty = TargetStatus(regions: [], servers: [], notes: [])
    let page = PicturePage(PictureMaker.picture(of: empty, "local", [], taken: .now)).content
    #expect(page.contains("Nothing is here") && page.contains("nbx run recipes/install.nbx c1 c2 c3"))
  }

  @Test func `a region of which nothing is known but that it is stopped is drawn`() {
    let stopped = TargetStatus(regions: [.init(name: "c1", state: "stopped")], servers: [], notes: [])
    let picture = PictureMaker.picture(of: stopped, "k3d", [], taken: .now)
    #expect(PicturePage(picture).content.contains("data-region=\"c1\" data-state=\"stopped\""))
    #expect(picture.problems == ["c1 is stopped"])
  }

  @Test func `links of one column leave it in an order in which they do not cross`() {
    var fixture = PictureFixture()
    fixture.regions = (1...6).map { "c\($0)" }
    let layout = PictureLayout(fixture.picture)
    for column in 0..<6 {
      let toTheLeft = (0..<column).map { layout.port(of: column, towards: $0) }
      let toTheRight = (column + 1..<6).map { layout.port(of: column, towards: $0) }
      #expect(toTheLeft == toTheLeft.sorted(by: >) && toTheRight == toTheRight.sorted(by: >))
      #expect((toTheLeft.max() ?? 0) < (toTheRight.min() ?? .infinity))
    }
  }

  private func count(_ part: String, _ text: String) -> Int { text.components(separatedBy: part).count - 1 }
}
