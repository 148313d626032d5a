import Interpreter
import TestSupport
import Testing

@testable import SandboxSystem

/// What `link` makes of the links that there are.
@Suite struct LinkRequestTests {
  private static let regions = ["c1", "c2", "c3"]

  /// The links after some calls, from plain ones.
  private func links(_ lines: String...) throws -> [DirectedLink: LinkShape] {
    var links: [DirectedLink: LinkShape] = [:]
    for line in lines {
      let call = Invocation(words: line.split(separator: " ").map { Text(String($0)) }, deadline: .now + patience)
      try LinkRequest(call).change(&links, among: Self.regions)
    }
    return links
  }

  private func shape(
    _ from: String, _ to: String, _ network: LinkNetwork = .gateways, in links: [DirectedLink: LinkShape]
  ) -> LinkShape { links[DirectedLink(from: from, to: to, over: network)] ?? LinkShape() }

  @Test func aRoundTripIsHalfOfItEachWay() throws {
    let links = try links("set c1 c2 --rtt 80ms --loss 1%")
    #expect(links.count == 4)
    for network in LinkNetwork.allCases {
      #expect(shape("c1", "c2", network, in: links).delay == 40_000_000)
      #expect(shape("c2", "c1", network, in: links).delay == 40_000_000)
      #expect(shape("c2", "c1", network, in: links).loss == 0.01)
    }
  }

  @Test func whatIsNotNamedStays() throws {
    let links = try links(
      "set c1 c2 --rtt 80ms --rate 1MB", "set c1 c2 --jitter 5ms --over routes", "set c1 c2 --rtt 20ms --one-way")
    #expect(shape("c1", "c2", .routes, in: links).delay == 10_000_000)
    #expect(shape("c2", "c1", .routes, in: links).delay == 40_000_000)
    #expect(shape("c2", "c1", .routes, in: links).jitter == 5_000_000)
    #expect(shape("c2", "c1", in: links).jitter == 0)
    #expect(links.values.allSatisfy { $0.rate == 1_000_000 })
    #expect(try self.links("set c1 c2 --rate 1MB", "set c1 c2 --rate none").isEmpty)
    #expect(try self.links("set c1 c2 --rtt 80ms", "set c1 c2 --rtt 0s").isEmpty)
  }

  @Test func oneNameIsAgainstAllOthers() throws {
    let links = try links("cut c3 --over gateways")
    #expect(
      Set(links.keys)
        == Set(
          [("c3", "c1"), ("c1", "c3"), ("c3", "c2"), ("c2", "c3")].map {
            DirectedLink(from: $0.0, to: $0.1, over: .gateways)
          }))
    #expect(links.values.allSatisfy { $0.cut == .silent })
    let away = try self.links("cut c3 --one-way --refuse --over routes")
    #expect(Set(away.keys.map(\.to)) == ["c1", "c2"] && Set(away.keys.map(\.from)) == ["c3"])
    #expect(away.values.allSatisfy { $0.cut == .refused })
  }

  @Test func aCutLeavesTheDistanceAndJoiningDoesToo() throws {
    let cut = try links("set c1 c2 --rtt 80ms", "cut c1 c2 --refuse", "cut c1 c2")
    #expect(cut.values.allSatisfy { $0.cut == .silent && $0.delay == 40_000_000 })
    let joined = try links("set c1 c2 --rtt 80ms", "cut c1 c2", "join c2")
    #expect(joined.count == 4)
    #expect(joined.values.allSatisfy { $0.cut == nil && $0.delay == 40_000_000 })
  }

  @Test func healingTakesAllOfItAway() throws {
    let all = ["set c1 c2 --rtt 80ms", "cut c3", "set c2 c3 --loss 1%"]
    #expect(try links(all[0], all[1], all[2], "heal").isEmpty)
    let some = try links(all[0], all[1], all[2], "heal c3")
    #expect(Set(some.keys.flatMap { [$0.from, $0.to] }) == ["c1", "c2"])
    let pair = try links(all[0], all[1], all[2], "heal c3 c2 --over routes")
    #expect(shape("c2", "c3", .routes, in: pair).isPlain)
    #expect(shape("c2", "c3", in: pair).cut == .silent)
    #expect(shape("c1", "c3", .routes, in: pair).cut == .silent)
  }

  @Test func aCallThatIsGivenTwiceLeavesTheSame() throws {
    for line in ["set c1 c2 --rtt 80ms --loss 1%", "cut c3", "join c1", "heal"] {
      #expect(try links("set c1 c3 --rate 1MB", line) == links("set c1 c3 --rate 1MB", line, line))
    }
  }

  @Test func aRegionAloneCanNotBeCutFromOthers() throws {
    func check(_ line: String) throws {
      let call = Invocation(words: line.split(separator: " ").map { Text(String($0)) }, deadline: .now + patience)
      try LinkRequest(call).checkOthers(among: ["c1"])
    }
    #expect(throws: CommandFailure.self) { try check("cut c1") }
    #expect(throws: CommandFailure.self) { try check("set c1 --rtt 1ms") }
    try check("heal c1")
    try check("heal")
  }
}
