import Interpreter
import Lexer
import Synchronization
import TestSupport
import Testing

@testable import SandboxSystem

/// What `link list` gives and shows.
@Suite struct LinkListingTests {
  private func states(_ change: (inout LinkShape, DirectedLink) -> Void) -> [LinkState] {
    [("c1", "c2"), ("c2", "c1")].flatMap { from, to in
      LinkNetwork.allCases.map { network in
        let link = DirectedLink(from: from, to: to, over: network)
        var shape = LinkShape()
        change(&shape, link)
        return LinkState(link: link, shape: shape, connections: 12, bytes: 5 << 20, measured: shape.delay + 100_000)
      }
    }
  }

  private func said(_ states: [LinkState], tellsNetworks: Bool = true) -> [String] {
    let lines = Mutex<[String]>([])
    let call = Invocation(
      words: ["list"], deadline: .now + patience, isStatement: true,
      say: { text in lines.withLock { $0 += text.string.split(separator: "\n").map(String.init) } })
    _ = Table.fitting(80) { LinkListing(states: states, tellsNetworks: tellsNetworks).answer(call) }
    return lines.withLock { $0 }
  }

  @Test func bothWaysThatAreAlikeAreOneRow() {
    let states = states { shape, _ in
      shape.delay = 40_000_000
      shape.jitter = 5_000_000
      shape.rate = 10_000_000
      shape.loss = 0.01
    }
    #expect(said(states).count == 6)
    #expect(said(states).contains { $0.contains("c1 ↔ c2") && $0.contains("80ms ± 5ms, 10MB/s") })
    #expect(said(states).allSatisfy { displayWidth($0) <= 80 })
  }

  @Test func waysThatDifferAreToldApart() {
    let lines = said(
      states { shape, link in
        if link.from == "c1" { shape.cut = .refused } else { shape.delay = 40_000_000 }
      })
    #expect(lines.contains { $0.contains("c1 → c2") && $0.contains("cut, refused") })
    #expect(lines.contains { $0.contains("c2 → c1") && $0.contains("40ms") })
    #expect(lines.allSatisfy { displayWidth($0) <= 80 })
  }

  @Test func whereThereIsOneNetworkItIsNotNamed() {
    let lines = said(states { _, _ in }.filter { $0.link.network == .gateways }, tellsNetworks: false)
    #expect(!lines.joined().contains("gateways"))
    #expect(said([]) == ["there is no link: it takes two regions"])
  }

  @Test func theValueHasEachDirection() throws {
    let states = states { shape, link in
      if link.from == "c1" { shape.delay = 30_000_000 }
      shape.rate = 1_500_000
    }
    let call = Invocation(words: ["list"], deadline: .now + patience)
    let rows = try #require(LinkListing(states: states).answer(call).elements)
    #expect(rows.count == 4)
    #expect(
      rows[0].json().string == #"{"from":"c1","to":"c2","over":"gateways","rtt":"30ms","delay":"30ms","jitter":"0s","#
        + #""rate":"1500kB","loss":0.0,"cut":null,"open":12,"bytes":5242880,"measured":"30.2ms"}"#)
    #expect(rows[2].json().string.contains(#""delay":"0s""#))
  }

  @Test(
    arguments: [
      (10_000_000, "10MB"), (1_500_000, "1500kB"), (2_000_000_000, "2GB"), (1234, "1234B"),
    ] as [(Int64, String)]) func ratesReadAsTheyAreSet(bytes: Int64, text: String)
  {
    #expect(LinkListing.decimal(bytes) == text)
    #expect(SizeValue(parsing: text)?.bytes == bytes)
  }

  @Test(arguments: [
    (0.01, "1%"), (0.005, "0.5%"), (0.999, "99.9%"), (0, "0%"), (0.999_999_9, "99.999%"), (1e-9, "0.001%"),
  ]) func shares(
    share: Double, text: String
  ) {
    #expect(LinkListing.percent(share) == text)
  }
}
