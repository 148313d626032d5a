import Foundation
import NATS
import TestSupport
import Testing

@Suite(.mayWait) struct JetStreamTests {
  private let limit = WaitLimit.within(.seconds(60))

  private func connect(_ server: TestServer, user: String = "js") throws -> Connection {
    try Connection.connect(.init(urls: server.url(user)), limit: limit)
  }

  @Test func aStreamIsCreatedAndPublishedTo() throws {
    let server = try TestServer()
    defer { server.stop() }
    let connection = try connect(server)
    defer { connection.close() }
    let jetStream = JetStream(connection)
    let created = try jetStream.requestWhenReady(
      "STREAM.CREATE.ORDERS", Array(#"{"name":"ORDERS","subjects":["orders.>"]}"#.utf8), limit: limit)
    #expect(String(decoding: created, as: UTF8.self).contains("ORDERS"))
    let first = try jetStream.publish("orders.new", Array("one".utf8), messageID: "1", limit: limit)
    #expect(first.stream == "ORDERS")
    #expect(first.sequence == 1)
    #expect(!first.isDuplicate)
    let again = try jetStream.publish("orders.new", Array("one".utf8), messageID: "1", limit: limit)
    #expect(again.sequence == 1)
    #expect(again.isDuplicate)
    let second = try jetStream.publish("orders.new", Array("two".utf8), limit: limit)
    #expect(second.sequence == 2)
    let info = try jetStream.waitForLeader(ofStream: "ORDERS", limit: limit)
    #expect(String(decoding: info, as: UTF8.self).contains("\"ORDERS\""))
  }

  @Test func aRefusalCarriesItsNumbers() throws {
    let server = try TestServer()
    defer { server.stop() }
    let connection = try connect(server)
    defer { connection.close() }
    let error = #expect(throws: NATSError.self) {
      _ = try JetStream(connection).requestWhenReady("STREAM.INFO.NONE", limit: limit)
    }
    guard case .api(let refusal) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(refusal.code == 404)
    #expect(refusal.errorCode == 10059)
    #expect(refusal.description == "stream not found")
    #expect(error?.description.contains("stream not found (404, error 10059)") == true)
  }

  @Test func aWrongExpectationIsNotTriedAgain() throws {
    let server = try TestServer()
    defer { server.stop() }
    let connection = try connect(server)
    defer { connection.close() }
    let jetStream = JetStream(connection)
    _ = try jetStream.requestWhenReady(
      "STREAM.CREATE.S", Array(#"{"name":"S","subjects":["s"]}"#.utf8), limit: limit)
    let error = #expect(throws: NATSError.self) {
      _ = try jetStream.publish("s", headers: ["Nats-Expected-Last-Subject-Sequence": "7"], limit: limit)
    }
    guard case .api(let refusal) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(refusal.errorCode == 10071)
  }

  @Test func aPublishWaitsForItsStream() throws {
    let server = try TestServer()
    defer { server.stop() }
    let connection = try connect(server)
    defer { connection.close() }
    let jetStream = JetStream(connection)
    let limit = limit
    Thread.detachNewThread {
      usleep(300_000)
      _ = try? jetStream.requestWhenReady(
        "STREAM.CREATE.LATE", Array(#"{"name":"LATE","subjects":["late"]}"#.utf8), limit: limit)
    }
    #expect(try jetStream.publish("late", limit: limit).sequence == 1)
  }

  /// As a stream does that waits for its replicas while the message comes again.
  @Test(arguments: [(503, 10008), (409, 10158)])
  func aPublishThatIsPutOffIsTriedAgain(code: Int, errorCode: Int) throws {
    let server = try TestServer()
    defer { server.stop() }
    let connection = try connect(server)
    defer { connection.close() }
    let subscription = try connection.subscribe("put.off")
    let limit = limit
    Thread.detachNewThread {
      let answers = [
        #"{"error":{"code":\#(code),"err_code":\#(errorCode),"description":"later"}}"#, #"{"stream":"S","seq":7}"#,
      ]
      for answer in answers {
        guard let message = try? subscription.next(limit: limit), let reply = message.reply else { return }
        try? connection.publish(reply, Array(answer.utf8), limit: limit)
      }
    }
    #expect(try JetStream(connection).publish("put.off", limit: limit).sequence == 7)
  }

  @Test func aPublishThatNobodyTakesSaysHowOftenItTried() throws {
    let server = try TestServer()
    defer { server.stop() }
    let connection = try connect(server)
    defer { connection.close() }
    let error = #expect(throws: NATSError.self) {
      _ = try JetStream(connection).publish("nowhere", limit: .within(.seconds(3)))
    }
    guard case .timedOut(.acknowledgement("nowhere", let tries, "nobody listens there"), _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(tries > 1)
  }

  @Test func manyPublishesAreAcknowledgedInTheirOrder() throws {
    let server = try TestServer()
    defer { server.stop() }
    let connection = try connect(server)
    defer { connection.close() }
    let jetStream = JetStream(connection)
    _ = try jetStream.requestWhenReady(
      "STREAM.CREATE.M", Array(#"{"name":"M","subjects":["m.*"]}"#.utf8), limit: limit)
    let stored = try jetStream.publishMany(1000, tryFor: .seconds(20), limit: limit) {
      ("m.\($0)", Array("\($0)".utf8))
    }
    #expect(stored.map(\.sequence) == Array(1...1000))
    #expect(throws: NATSError.self) {
      _ = try jetStream.publishMany(3, limit: .within(.milliseconds(300))) { _ in ("nowhere", []) }
    }
  }

  @Test func aPublishOutlivesACrashOfItsServer() throws {
    let server = try TestServer(port: try TestServer.freePort())
    defer { server.stop() }
    let connection = try connect(server)
    defer { connection.close() }
    let jetStream = JetStream(connection)
    _ = try jetStream.requestWhenReady(
      "STREAM.CREATE.C", Array(#"{"name":"C","subjects":["c"]}"#.utf8), limit: limit)
    #expect(try jetStream.publish("c", limit: limit).sequence == 1)
    server.crash()
    Thread.detachNewThread {
      usleep(300_000)
      try? server.restart()
    }
    #expect(try jetStream.publish("c", limit: limit).sequence == 2)
  }

  @Test func everyPageOfAListingComes() throws {
    let server = try TestServer()
    defer { server.stop() }
    let connection = try connect(server)
    defer { connection.close() }
    let jetStream = JetStream(connection)
    for number in 0..<300 {
      let body = #"{"name":"S\#(number)","subjects":["s.\#(number)"],"storage":"memory"}"#
      _ = try jetStream.requestWhenReady("STREAM.CREATE.S\(number)", Array(body.utf8), limit: limit)
    }
    struct Page: Decodable {
      struct Stream: Decodable {
        struct Config: Decodable { var name: String }
        var config: Config
      }
      var streams: [Stream]
    }
    let pages = try jetStream.pages("STREAM.LIST", limit: limit)
    #expect(pages.count == 2)
    let names = try pages.flatMap { try JSONDecoder().decode(Page.self, from: Data($0)).streams.map(\.config.name) }
    #expect(Set(names) == Set((0..<300).map { "S\($0)" }))
    let one = try jetStream.pages("STREAM.NAMES", subject: "s.7", limit: limit)
    #expect(one.count == 1)
    #expect(String(decoding: one[0], as: UTF8.self).contains("\"S7\""))
  }

  @Test func withoutJetStreamNobodyAnswers() throws {
    let server = try TestServer()
    defer { server.stop() }
    let connection = try connect(server, user: "sys")
    defer { connection.close() }
    #expect(throws: NATSError.self) { _ = try JetStream(connection).request("INFO", limit: .within(.seconds(2))) }
  }

  @Test func aDomainHasItsOwnSubjects() throws {
    let server = try TestServer()
    defer { server.stop() }
    let connection = try connect(server)
    defer { connection.close() }
    #expect(JetStream(connection, domain: "hub").prefix == "$JS.hub.API")
    #expect(throws: NATSError.noResponders(server: connection.server, subject: "$JS.hub.API.INFO")) {
      _ = try JetStream(connection, domain: "hub").request("INFO", limit: limit)
    }
  }
}
