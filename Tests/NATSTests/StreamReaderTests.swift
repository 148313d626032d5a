import Foundation
import NATS
import TestSupport
import Testing

@Suite(.mayWait) struct StreamReaderTests {
  private var limit: Limit { .within(patience) }

  private func makeStream(_ jetStream: JetStream) throws {
    _ = try jetStream.requestWhenReady(
      "STREAM.CREATE.S", Array(#"{"name":"S","subjects":["s.>"],"allow_direct":true}"#.utf8), limit: limit)
  }

  @Test func itReadsInOrderFromWhereItIsTold() throws {
    let connection = try Connection.connect(.init(urls: TestAccount().url()), limit: limit)
    defer { connection.close() }
    let jetStream = JetStream(connection)
    try makeStream(jetStream)
    for number in 1...1000 {
      _ = try jetStream.publish("s.\(number % 10)", Array("\(number)".utf8), limit: limit)
    }
    // More than one batch.
    let all = try StreamReader(jetStream, stream: "S", batch: 64, limit: limit)
    #expect(all.initialCount == 1000)
    for number in 1...1000 {
      let message = try #require(try all.next(limit: limit))
      #expect(message.sequence == UInt64(number))
      #expect(message.payload == Array("\(number)".utf8))
      #expect(all.pending == UInt64(1000 - number))
    }
    all.end()
    let some = try StreamReader(
      jetStream, stream: "S", .init(start: .sequence(500), subjects: ["s.1", "s.2"], headersOnly: true), limit: limit)
    #expect(try some.next(limit: limit)?.sequence == 501)
    let next = try #require(try some.next(limit: limit))
    #expect(next.sequence == 502)
    #expect(next.subject == "s.2")
    #expect(next.payload.isEmpty)
    some.end()
    let last = try StreamReader(jetStream, stream: "S", .init(start: .lastOfEachSubject), limit: limit)
    #expect(last.initialCount == 10)
    #expect(try last.next(limit: limit)?.sequence == 991)
    last.end()
    let rest = try StreamReader(
      jetStream, stream: "S", .init(start: .sequence(998), endsWhenEmpty: true), batch: 2, limit: limit)
    for number in 998...1000 { #expect(try rest.next(limit: limit)?.sequence == UInt64(number)) }
    #expect(try rest.next(limit: limit) == nil)
    #expect(try rest.next(limit: limit) == nil)
    rest.end()
    let none = try StreamReader(jetStream, stream: "S", .init(start: .new, endsWhenEmpty: true), limit: limit)
    #expect(try none.next(limit: limit) == nil)
    none.end()
    #expect(
      String(decoding: try jetStream.request("CONSUMER.NAMES.S", limit: limit), as: UTF8.self).contains("\"total\":0"))
  }

  @Test func itGoesOnWhereItWasAfterItsServerWasKilled() throws {
    let server = try withFreePorts(1) { try TestServer(port: $0[0]) }
    defer { server.stop() }
    let connection = try Connection.connect(.init(urls: server.url()), limit: limit)
    defer { connection.close() }
    let jetStream = JetStream(connection)
    try makeStream(jetStream)
    let reader = try StreamReader(jetStream, stream: "S", limit: limit)
    _ = try jetStream.publish("s.a", Array("one".utf8), limit: limit)
    #expect(try reader.next(limit: limit)?.payload == Array("one".utf8))
    server.crash()
    try server.restart()
    _ = try jetStream.publish("s.a", Array("two".utf8), limit: limit)
    _ = try jetStream.publish("s.a", Array("three".utf8), limit: limit)
    #expect(try reader.next(limit: limit)?.payload == Array("two".utf8))
    #expect(try reader.next(limit: limit)?.payload == Array("three".utf8))
    reader.end()
  }

  @Test func waitingInVainEnds() throws {
    let connection = try Connection.connect(.init(urls: TestAccount().url()), limit: limit)
    defer { connection.close() }
    let jetStream = JetStream(connection)
    try makeStream(jetStream)
    let reader = try StreamReader(jetStream, stream: "S", .init(subjects: ["s.x"]), limit: limit)
    defer { reader.end() }
    let error = #expect(throws: NATSError.self) { try reader.next(limit: .within(.milliseconds(200))) }
    guard case .timedOut(.message(subject: "s.x"), _) = error else {
      Issue.record("it ended with \(String(describing: error))")
      return
    }
    #expect(throws: NATSError.self) { try StreamReader(jetStream, stream: "NONE", limit: limit) }
  }

  @Test func aStoredMessageIsReadFromTheLeaderOrAReplica() throws {
    let connection = try Connection.connect(.init(urls: TestAccount().url()), limit: limit)
    defer { connection.close() }
    let jetStream = JetStream(connection)
    try makeStream(jetStream)
    _ = try jetStream.publish("s.a", [1, 0, 255], headers: ["Color": "red", "Nats-Msg-Id": "m1"], limit: limit)
    let led = try jetStream.storedMessage(.last(subject: "s.a"), in: "S", limit: limit)
    let direct = try jetStream.storedMessage(.sequence(1), in: "S", from: .anyReplica, limit: limit)
    #expect(led?.payload == [1, 0, 255])
    #expect(led?.headers["Color"] == "red")
    #expect(led == direct)
    for from in [JetStream.ReadFrom.leader, .anyReplica] {
      #expect(try jetStream.storedMessage(.last(subject: "s.b"), in: "S", from: from, limit: limit) == nil)
      #expect(try jetStream.storedMessage(.sequence(9), in: "S", from: from, limit: limit) == nil)
    }
  }
}
