import TestSupport
import Testing

@testable import SandboxLocal
@testable import SandboxSystem

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

private let millisecond: Int64 = 1_000_000

/// Bytes that tell each place from the others around it; a prime number of them, again and again.
private func pattern(_ count: Int) -> [UInt8] {
  var numbers = SeededNumbers(seed: count)
  let part = (0..<65_521).map { _ in UInt8(truncatingIfNeeded: numbers.next()) }
  var all: [UInt8] = []
  while all.count < count { all += part.prefix(count - all.count) }
  return all
}

@Suite(.mayWait) struct RelayTests {
  @Test func passesBytesBothWays() throws {
    let relay = try RelayFixture()
    let server = try PlainServer()
    let port = try relay.put(before: server, of: "c2")
    let (client, visitor) = try relay.pair(of: "c1", to: port, at: server)
    try visitor.send("INFO\n")
    #expect(try client.receiveText(5) == "INFO\n")
    try client.send("CONNECT\n")
    #expect(try visitor.receiveText(8) == "CONNECT\n")
    let there = try #require(try relay.figures("c1", "c2"))
    #expect(there.connections == 1 && there.bytes == 8 && there.held == 0 && there.delay == 0)
    let back = try #require(try relay.figures("c2", "c1"))
    #expect(back.connections == 1 && back.bytes == 5)
    client.hangUp()
    #expect(try visitor.receive() == [])
    visitor.hangUp()
    try eventually { try relay.figures("c1", "c2") == nil }
  }

  @Test(arguments: [
    LinkShape(), LinkShape(delay: 5 * millisecond, jitter: 2 * millisecond), LinkShape(rate: 40_000_000),
    LinkShape(delay: millisecond, loss: 0.001),
  ])
  func manyBytesComeAsTheyWere(_ shape: LinkShape) throws {
    let relay = try RelayFixture()
    let server = try PlainServer()
    let port = try relay.put(before: server, of: "c2")
    try relay.set("c1", "c2", shape)
    let (client, visitor) = try relay.pair(of: "c1", to: port, at: server)
    let bytes = pattern(shape.loss > 0 ? 500_000 : 8_000_000)
    #expect(try passing(bytes, from: client, to: visitor) == bytes)
    #expect(try passing(bytes, from: visitor, to: client) == bytes)
  }

  @Test func eachWayTakesItsTime() throws {
    let relay = try RelayFixture()
    let server = try PlainServer()
    let port = try relay.put(before: server, of: "c2")
    try relay.set("c1", "c2", LinkShape(delay: 30 * millisecond), bothWays: false)
    try relay.set("c2", "c1", LinkShape(delay: 10 * millisecond), bothWays: false)
    let start = RelayLoop.clock
    let (client, visitor) = try relay.pair(of: "c1", to: port, at: server)
    // As TCP's first three segments take.
    #expect(RelayLoop.clock - start >= 70 * millisecond)
    for (sender, receiver, delay) in [(client, visitor, 30 * millisecond), (visitor, client, 10 * millisecond)] {
      let start = RelayLoop.clock
      try sender.send("a")
      #expect(try receiver.receiveText(1) == "a")
      #expect(RelayLoop.clock - start >= delay)
    }
    #expect(try #require(try relay.figures("c1", "c2")?.delay) >= 30 * millisecond)
    #expect(try #require(try relay.figures("c2", "c1")?.delay) >= 10 * millisecond)
  }

  @Test func theEndComesBehindTheBytes() throws {
    let relay = try RelayFixture()
    let server = try PlainServer()
    let port = try relay.put(before: server, of: "c2")
    try relay.set("c1", "c2", LinkShape(delay: 5 * millisecond))
    let (client, visitor) = try relay.pair(of: "c1", to: port, at: server)
    try client.send("last words")
    client.finish()
    #expect(try visitor.receiveText(10) == "last words")
    #expect(try visitor.receive() == [])
    // The other half is open still.
    try visitor.send("answer")
    #expect(try client.receiveText(6) == "answer")
    visitor.hangUp()
    #expect(try client.receive() == [])
    try eventually { try relay.figures("c1", "c2")?.connections == 0 }
  }

  @Test func whoHasSaidAllBeforeItIsThroughIsHeard() throws {
    let relay = try RelayFixture()
    let server = try PlainServer()
    let port = try relay.put(before: server, of: "c2")
    try relay.set("c1", "c2", LinkShape(delay: 50 * millisecond))
    let client = try relay.client(of: "c1", to: port)
    try client.send("in haste")
    client.finish()
    let visitor = try server.accept()
    #expect(try visitor.receiveText(8) == "in haste")
    #expect(try visitor.receive() == [])
  }

  @Test(arguments: [Int64(0), 5 * millisecond])
  func aResetComesBehindTheBytes(_ delay: Int64) throws {
    let relay = try RelayFixture()
    let server = try PlainServer()
    let port = try relay.put(before: server, of: "c2")
    try relay.set("c1", "c2", LinkShape(delay: delay))
    let (client, visitor) = try relay.pair(of: "c1", to: port, at: server)
    try client.send("last words")
    #expect(try visitor.receiveText(10) == "last words")
    client.reset()
    #expect(throws: PlainPeer.PeerReset(number: ECONNRESET)) { try visitor.receive() }
  }

  @Test func aCutHoldsWhatIsSentUntilItIsHealed() throws {
    let relay = try RelayFixture()
    let server = try PlainServer()
    let port = try relay.put(before: server, of: "c2")
    let (client, visitor) = try relay.pair(of: "c1", to: port, at: server)
    let (neighbour, itsVisitor) = try relay.pair(of: "c3", to: port, at: server)
    try relay.set("c1", "c2", LinkShape(cut: .silent))
    try client.send("one")
    try visitor.send("two")
    let late = try relay.client(of: "c1", to: port)
    // What goes over other links shows that the relay has had its time.
    try neighbour.send("three")
    #expect(try itsVisitor.receiveText(5) == "three")
    _ = try relay.report()
    #expect(!client.hasSomething && !visitor.hasSomething && !server.hasVisitor && !late.hasSomething)
    client.finish()
    try relay.set("c1", "c2", LinkShape())
    #expect(try visitor.receiveText(3) == "one")
    #expect(try visitor.receive() == [])
    #expect(try client.receiveText(3) == "two")
    let lateVisitor = try server.accept()
    try lateVisitor.send("INFO")
    #expect(try late.receiveText(4) == "INFO")
  }

  @Test func whatIsOnItsWayWhenALinkIsCutArrivesAfterwards() throws {
    let relay = try RelayFixture()
    let server = try PlainServer()
    let port = try relay.put(before: server, of: "c2")
    try relay.set("c1", "c2", LinkShape(delay: 1000 * millisecond), bothWays: false)
    let (client, visitor) = try relay.pair(of: "c1", to: port, at: server)
    try client.send("on its way")
    try eventually { try relay.figures("c1", "c2")?.held == 10 }
    try relay.set("c1", "c2", LinkShape(delay: 1000 * millisecond, cut: .silent), bothWays: false)
    try visitor.send("x")
    #expect(try client.receiveText(1) == "x")
    try relay.set("c1", "c2", LinkShape())
    #expect(try visitor.receiveText(10) == "on its way")
  }

  @Test func overALinkCutOneWayTheOtherGoesOnForAWindow() throws {
    let relay = try RelayFixture()
    let server = try PlainServer()
    let port = try relay.put(before: server, of: "c2")
    let (client, visitor) = try relay.pair(of: "c1", to: port, at: server)
    try relay.set("c1", "c2", LinkShape(cut: .silent), bothWays: false)
    try client.send("lost")
    let bytes = pattern(200_000)
    let sent = try visitor.sendAllThereIsRoomFor(bytes)
    try #require(sent == bytes.count)
    #expect(try client.receive(count: 64 << 10) == Array(bytes[..<(64 << 10)]))
    #expect(try relay.figures("c2", "c1")?.bytes == 64 << 10)
    #expect(!client.hasSomething && !visitor.hasSomething)
    // Nobody gets through anew, from either side.
    let late = try relay.client(of: "c1", to: port)
    _ = try relay.report()
    #expect(!server.hasVisitor)
    try relay.set("c1", "c2", LinkShape())
    #expect(try client.receive(count: bytes.count - (64 << 10)) == Array(bytes[(64 << 10)...]))
    #expect(try visitor.receiveText(4) == "lost")
    _ = try server.accept()
    late.hangUp()
  }

  @Test func aRefusedLinkResetsEveryConnection() throws {
    let relay = try RelayFixture()
    let server = try PlainServer()
    let port = try relay.put(before: server, of: "c2")
    let (client, visitor) = try relay.pair(of: "c1", to: port, at: server)
    let (neighbour, itsVisitor) = try relay.pair(of: "c3", to: port, at: server)
    try relay.set("c1", "c2", LinkShape(cut: .refused))
    let reset = PlainPeer.PeerReset(number: ECONNRESET)
    #expect(throws: reset) { try client.receive() }
    #expect(throws: reset) { try visitor.receive() }
    let late = try relay.client(of: "c1", to: port)
    #expect(throws: reset) { try late.receive() }
    #expect(!server.hasVisitor)
    try neighbour.send("here")
    #expect(try itsVisitor.receiveText(4) == "here")
    try relay.set("c1", "c2", LinkShape())
    let (again, itsNewVisitor) = try relay.pair(of: "c1", to: port, at: server)
    try again.send("back")
    #expect(try itsNewVisitor.receiveText(4) == "back")
  }

  @Test func whoGivesUpOverACutLinkIsForgotten() throws {
    let relay = try RelayFixture()
    let server = try PlainServer()
    let port = try relay.put(before: server, of: "c2")
    try relay.set("c1", "c2", LinkShape(cut: .silent))
    let impatient = try relay.client(of: "c1", to: port)
    _ = try relay.report()
    impatient.hangUp()
    let patient = try relay.client(of: "c1", to: port)
    try patient.send("I was here")
    _ = try relay.report()
    try relay.set("c1", "c2", LinkShape())
    let visitor = try server.accept()
    #expect(try visitor.receiveText(10) == "I was here")
    #expect(!server.hasVisitor)
  }

  @Test func withinARegionAndForStrangersNothingIsCut() throws {
    let relay = try RelayFixture()
    let server = try PlainServer()
    let port = try relay.put(before: server, of: "c2")
    for link in [("c1", "c2"), ("c2", "c2")] { try relay.set(link.0, link.1, LinkShape(cut: .refused)) }
    for region in ["c2", nil] {
      let (client, visitor) = try relay.pair(of: region, to: port, at: server)
      try client.send("hello")
      #expect(try visitor.receiveText(5) == "hello")
    }
  }

  @Test func networksAreCutOneByOne() throws {
    let relay = try RelayFixture()
    let server = try PlainServer()
    let gateway = try relay.put(before: server, of: "c2", over: .gateways)
    let route = try relay.put(before: server, of: "c2", over: .routes)
    try relay.set("c1", "c2", LinkShape(cut: .silent), over: .gateways)
    _ = try relay.client(of: "c1", to: gateway)
    let (client, visitor) = try relay.pair(of: "c1", to: route, at: server)
    try client.send("hello")
    #expect(try visitor.receiveText(5) == "hello")
    #expect(!server.hasVisitor)
  }

  @Test(arguments: [LinkShape(), LinkShape(delay: millisecond), LinkShape(rate: 1_000_000)])
  func whoDoesNotReadHoldsUpTheSenderAndNobodyElse(_ shape: LinkShape) throws {
    let relay = try RelayFixture()
    let server = try PlainServer()
    let port = try relay.put(before: server, of: "c2")
    try relay.set("c1", "c2", shape)
    let (client, visitor) = try relay.pair(of: "c1", to: port, at: server)
    let bytes = pattern(50 << 20)
    let sent = try client.sendAllThereIsRoomFor(bytes)
    #expect(sent < bytes.count)
    let held = try #require(try relay.figures("c1", "c2")?.held)
    #expect(held <= (4 << 20) + (256 << 10))
    let (other, itsVisitor) = try relay.pair(of: "c3", to: port, at: server)
    try other.send("hello")
    #expect(try itsVisitor.receiveText(5) == "hello")
    guard shape.rate == nil else { return }
    #expect(try visitor.receive(count: sent) == Array(bytes[..<sent]))
  }

  @Test func changesHoldForWhatIsOnItsWay() throws {
    let relay = try RelayFixture()
    let server = try PlainServer()
    let port = try relay.put(before: server, of: "c2")
    let (client, visitor) = try relay.pair(of: "c1", to: port, at: server)
    try relay.set("c1", "c2", LinkShape(delay: 3_000_000 * millisecond))
    try client.send("slow")
    try eventually { try relay.figures("c1", "c2")?.held == 4 }
    try relay.set("c1", "c2", LinkShape())
    #expect(try visitor.receiveText(4) == "slow")
  }

  @Test func whatIsMeasuredIsOfTheLinkAsItIs() throws {
    let relay = try RelayFixture()
    let server = try PlainServer()
    let port = try relay.put(before: server, of: "c2")
    try relay.set("c1", "c2", LinkShape(delay: 30 * millisecond))
    let (client, visitor) = try relay.pair(of: "c1", to: port, at: server)
    try client.send("slow")
    #expect(try visitor.receiveText(4) == "slow")
    try eventually { try relay.figures("c1", "c2")?.delay ?? 0 >= 30 * millisecond }
    try relay.set("c1", "c2", LinkShape(delay: 3_000_000 * millisecond))
    #expect(try #require(try relay.figures("c1", "c2")).delay == nil)
    try client.send("held up")
    try eventually { try relay.figures("c1", "c2")?.held == 7 }
    try relay.set("c1", "c2", LinkShape())
    #expect(try visitor.receiveText(7) == "held up")
    #expect(try #require(try relay.figures("c1", "c2")).delay == nil)
    try client.send("quick")
    #expect(try visitor.receiveText(5) == "quick")
    try eventually { try relay.figures("c1", "c2")?.delay == 0 }
  }

  @Test func whereNoServerListensTheAskerIsReset() throws {
    let relay = try RelayFixture()
    let port = try relay.put(before: PlainServer(), of: "c2")
    let client = try relay.client(of: "c1", to: port)
    #expect(throws: PlainPeer.PeerReset(number: ECONNRESET)) { try client.receive() }
  }

  /// Each takes four descriptors here: both ends, and the relay's two.
  @Test(.enabled(if: DescriptorLimit.most > 9000)) func twoThousandConnectionsGoOverALinkAtOnce() throws {
    DescriptorLimit.raise()
    let relay = try RelayFixture()
    let server = try PlainServer()
    let port = try relay.put(before: server, of: "c2")
    try relay.set("c1", "c2", LinkShape(delay: 5 * millisecond, jitter: 2 * millisecond))
    var pairs: [(client: PlainPeer, visitor: PlainPeer)] = []
    for _ in 0..<20 {
      // No more than wait for their turn at a listener.
      let clients = try (0..<100).map { _ in try relay.client(of: "c1", to: port) }
      for client in clients { try client.send(String(1_000_000 + Int(client.port)).suffix(5).description) }
      let byPort = Dictionary(uniqueKeysWithValues: clients.map { ($0.port, $0) })
      for _ in clients {
        let visitor = try server.accept()
        let port = UInt16(try visitor.receiveText(5)) ?? 0
        let client = try #require(byPort[port])
        pairs.append((client, visitor))
      }
    }
    #expect(try relay.figures("c1", "c2")?.connections == 2000)
    for (_, visitor) in pairs { try visitor.send("INFO") }
    for (client, _) in pairs { #expect(try client.receiveText(4) == "INFO") }
    // A cut holds for each of them, and so does its end.
    try relay.set("c1", "c2", LinkShape(cut: .silent))
    for (client, _) in pairs { try client.send("held") }
    let report = try relay.report()
    #expect(report.generation > 0 && pairs.allSatisfy { !$0.visitor.hasSomething })
    try relay.set("c1", "c2", LinkShape())
    for (_, visitor) in pairs { #expect(try visitor.receiveText(4) == "held") }
    pairs = []
    try eventually { try relay.figures("c1", "c2")?.connections ?? 0 == 0 }
  }

  @Test func portsComeAndGoWithTheOrders() throws {
    let relay = try RelayFixture()
    let server = try PlainServer()
    let port = try relay.put(before: server, of: "c2")
    let (client, visitor) = try relay.pair(of: "c1", to: port, at: server)
    try relay.remove(port)
    #expect(throws: RelayFixtureError.self) { try relay.client(of: "c1", to: port) }
    try client.send("still here")
    #expect(try visitor.receiveText(10) == "still here")
    let taken = try PlainServer()
    try relay.put(before: server, of: "c2", at: taken.port)
    #expect(try relay.report().refused.map(\.port) == [taken.port])
    #expect(try relay.report().refused.map(\.reason) == [EADDRINUSE])
  }

  @Test func ordersThatCannotBeReadChangeNothing() throws {
    let relay = try RelayFixture()
    let server = try PlainServer()
    let port = try relay.put(before: server, of: "c2")
    let generation = try relay.report().generation
    try AtomicFile.write(Array("{".utf8), to: relay.folders.relayOrders)
    #expect(try relay.report().generation == generation)
    let (client, visitor) = try relay.pair(of: "c1", to: port, at: server)
    try client.send("hello")
    #expect(try visitor.receiveText(5) == "hello")
  }

  @Test func figuresOfRegionsThatAreGoneAreGone() throws {
    let relay = try RelayFixture()
    let server = try PlainServer()
    let first = try relay.put(before: server, of: "c1")
    let port = try relay.put(before: server, of: "c2")
    let (client, _) = try relay.pair(of: "c1", to: port, at: server)
    #expect(try relay.report().links.map(\.link.from) == ["c1", "c2"])
    client.hangUp()
    try eventually { try relay.figures("c1", "c2")?.connections == 0 }
    try relay.remove(first)
    try relay.obey()
    #expect(try relay.report().links.isEmpty)
  }
}
