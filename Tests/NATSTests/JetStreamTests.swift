import Foundation
import NATS
import Synchronization
import TestSupport
import Testing

@Suite(.mayWait) struct JetStreamTests {
  private var limit: Limit { .within(patience) }

  private func connect(_ account: TestAccount) throws -> Connection {
    try Connection.connect(.init(urls: account.url()), limit: limit)
  }

  @Test func aStreamIsCreatedAndPublishedTo() throws {
    let connection = try connect(TestAccount())
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
    let connection = try connect(TestAccount())
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

  @Test func whatNobodyLedIsAskedAnewAndAChangeIsNot() throws {
    let connection = try connect(TestAccount())
    defer { connection.close() }
    let questions = try connection.subscribe("PLAYED.>")
    Thread.detachNewThread {
      var heard: [String: Int] = [:]
      while let question = try? questions.next(limit: .within(patience)), let reply = question.reply {
        let count = heard[question.subject, default: 0] + 1
        heard[question.subject] = count
        // Whoever leads has missed the first one; a purge takes its time.
        if question.subject == "PLAYED.STREAM.PURGE.S" { Thread.sleep(forTimeInterval: 0.6) }
        if question.subject.hasPrefix("PLAYED.STREAM.CREATE."), count == 1 {
          let reason = question.subject.hasSuffix("S") ? "peer offline" : "insufficient storage"
          let refusal = #"{"error":{"code":400,"err_code":10005,"description":"no suitable peers, \#(reason)"}}"#
          try? connection.publish(reply, Array(refusal.utf8))
        } else if question.subject != "PLAYED.STREAM.INFO.S" || count > 1 {
          try? connection.publish(reply, Array("{\"asked\":\(count)}".utf8))
        }
      }
    }
    let played = JetStream(connection, prefix: "PLAYED")
    for (api, count) in [("STREAM.INFO.S", 2), ("STREAM.PURGE.S", 1), ("STREAM.CREATE.S", 2)] {
      let answer = try played.requestWhenReady(api, limit: limit)
      #expect(String(decoding: answer, as: UTF8.self) == "{\"asked\":\(count)}")
    }
    // Room does not come by waiting.
    #expect(throws: NATSError.self) { try played.requestWhenReady("STREAM.CREATE.FULL", limit: limit) }
  }

  @Test func aWrongExpectationIsNotTriedAgain() throws {
    let connection = try connect(TestAccount())
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
    let connection = try connect(TestAccount())
    defer { connection.close() }
    let jetStream = JetStream(connection)
    let (limit, waiter) = (limit, Waiter())
    Thread.detachNewThread {
      waiter.waits()
      _ = try? jetStream.requestWhenReady(
        "STREAM.CREATE.LATE", Array(#"{"name":"LATE","subjects":["late"]}"#.utf8), limit: limit)
    }
    #expect(try jetStream.publish("late", limit: waiter.limit).sequence == 1)
  }

  /// As a stream does that waits for its replicas while the message comes again.
  @Test(arguments: [(503, 10008), (409, 10158)])
  func aPublishThatIsPutOffIsTriedAgain(code: Int, errorCode: Int) throws {
    let connection = try connect(TestAccount())
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
    let connection = try connect(TestAccount())
    defer { connection.close() }
    // On a busy machine one try may take all of the time.
    let tries = try eventually {
      do {
        _ = try JetStream(connection).publish("nowhere", limit: .within(.milliseconds(500)))
      } catch NATSError.timedOut(.acknowledgement("nowhere", let tries, .nobodyListens), _) {
        return tries
      }
      return 0
    } where: {
      $0 > 1
    }
    #expect(tries > 1)
  }

  @Test func manyPublishesAreAcknowledgedInTheirOrder() throws {
    let connection = try connect(TestAccount())
    defer { connection.close() }
    let jetStream = JetStream(connection)
    _ = try jetStream.requestWhenReady(
      "STREAM.CREATE.M", Array(#"{"name":"M","subjects":["m.*"]}"#.utf8), limit: limit)
    let stored = try jetStream.publishMany(1000, tryFor: patience, limit: limit) {
      ("m.\($0)", Array("\($0)".utf8))
    }
    #expect(stored.map(\.sequence) == Array(1...1000))
    #expect(throws: NATSError.self) {
      _ = try jetStream.publishMany(3, limit: .within(.milliseconds(300))) { _ in ("nowhere", []) }
    }
  }

  @Test func aPublishOutlivesACrashOfItsServer() throws {
    let server = try withFreePorts(1) { try TestServer(port: $0[0]) }
    defer { server.stop() }
    let connection = try Connection.connect(.init(urls: server.url()), limit: limit)
    defer { connection.close() }
    let jetStream = JetStream(connection)
    _ = try jetStream.requestWhenReady(
      "STREAM.CREATE.C", Array(#"{"name":"C","subjects":["c"]}"#.utf8), limit: limit)
    #expect(try jetStream.publish("c", limit: limit).sequence == 1)
    server.crash()
    let waiter = Waiter()
    Thread.detachNewThread {
      waiter.waits()
      try? server.restart()
    }
    #expect(try jetStream.publish("c", limit: waiter.limit).sequence == 2)
  }

  @Test func everyPageOfAListingComes() throws {
    let connection = try connect(TestAccount())
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
    let connection = try Connection.connect(.init(urls: TestAccount().server.url("sys")), limit: limit)
    defer { connection.close() }
    #expect(throws: NATSError.self) { _ = try JetStream(connection).request("INFO", limit: limit) }
  }

  @Test func whyItWasAskedAgainIsSaidWhenTheLastAnswerStaysAway() throws {
    let connection = try connect(TestAccount())
    defer { connection.close() }
    let questions = try connection.subscribe("$JS.hub.API.INFO")
    let answered = Mutex(false)
    let limit = limit
    Thread.detachNewThread {
      while let question = try? questions.next(limit: limit), let reply = question.reply {
        // Only the first of those that belong together.
        let isFirst = answered.withLock { answered in
          defer { answered = true }
          return !answered
        }
        let notReady = #"{"error":{"code":503,"err_code":10008,"description":"later"}}"#
        if isFirst { try? connection.publish(reply, Array(notReady.utf8)) }
      }
    }
    // On a busy machine the first answer may come too late.
    let code = try eventually {
      answered.withLock { $0 = false }
      do throws(NATSError) {
        _ = try JetStream(connection, domain: "hub").requestWhenReady("INFO", limit: .within(.milliseconds(500)))
        return 0
      } catch {
        if case .api(let refusal) = error { return refusal.errorCode } else { throw error }
      }
    } where: {
      $0 != 0
    }
    #expect(code == 10008)
  }

  @Test func aDomainHasItsOwnSubjects() throws {
    let connection = try connect(TestAccount())
    defer { connection.close() }
    #expect(JetStream(connection, domain: "hub").prefix == "$JS.hub.API")
    #expect(throws: NATSError.noResponders(server: connection.server, subject: "$JS.hub.API.INFO")) {
      _ = try JetStream(connection, domain: "hub").request("INFO", limit: limit)
    }
  }
}
