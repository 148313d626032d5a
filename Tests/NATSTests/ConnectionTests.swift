import Foundation
import NATS
import TestSupport
import Testing

@Suite(.mayWait) struct ConnectionTests {
  private var limit: Limit { .within(patience) }

  private func connect(_ server: TestServer) throws -> Connection {
    try Connection.connect(.init(urls: server.url()), limit: limit)
  }

  private func connect(_ account: TestAccount, as user: Accounts.Kind = .all) throws -> Connection {
    try Connection.connect(.init(urls: account.url(user)), limit: limit)
  }

  @Test func messagesArriveInOrderWithTheirHeaders() throws {
    let connection = try connect(TestAccount())
    defer { connection.close() }
    let subscription = try connection.subscribe("a.*")
    var headers: Headers = ["K": "one"]
    headers.add("K", "two")
    for number in 0..<1000 { try connection.publish("a.\(number)", Array("\(number)".utf8), headers: headers) }
    for number in 0..<1000 {
      let message = try #require(try subscription.next(limit: limit))
      #expect(message.subject == "a.\(number)")
      #expect(message.text == "\(number)")
      #expect(message.headers?.values("K") == ["one", "two"])
    }
  }

  @Test func bytesTravelUnchanged() throws {
    let connection = try connect(TestAccount())
    defer { connection.close() }
    let subscription = try connection.subscribe("bytes")
    let sizes = [0, 1, 2, 9, 10, 99, 100, 65_535, 65_536, 131_072, 1_000_000]
    let payloads = sizes.map { size in (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ size) } }
    for payload in payloads { try connection.publish("bytes", payload) }
    for payload in payloads { #expect(try subscription.next(limit: limit)?.payload == payload) }
    #expect(throws: NATSError.payloadTooLarge(server: connection.server, bytes: 1_048_577, limit: 1_048_576)) {
      try connection.publish("bytes", [UInt8](repeating: 0, count: 1_048_577))
    }
  }

  @Test func requestsFindTheirAnswers() throws {
    let account = try TestAccount()
    let connection = try connect(account)
    let service = try connect(account)
    defer {
      connection.close()
      service.close()
    }
    let questions = try service.subscribe("double")
    try service.flush(limit: limit)
    Thread.detachNewThread {
      while let question = try? questions.next(limit: .within(patience)), let reply = question.reply {
        try? service.publish(reply, question.payload + question.payload)
      }
    }
    let limit = limit
    DispatchQueue.concurrentPerform(iterations: 8) { lane in
      for number in 0..<50 {
        let answer = try? connection.request("double", Array("\(lane).\(number)".utf8), limit: limit)
        #expect(answer?.text == "\(lane).\(number)\(lane).\(number)")
      }
    }
  }

  @Test func nobodyThereIsSaidAtOnce() throws {
    let connection = try connect(TestAccount())
    defer { connection.close() }
    #expect(throws: NATSError.noResponders(server: connection.server, subject: "nobody")) {
      _ = try connection.request("nobody", limit: limit)
    }
    #expect(throws: NATSError.noResponders(server: connection.server, subject: "nobody")) {
      _ = try connection.requestMany("nobody", until: .init(), limit: limit)
    }
  }

  @Test func manyAnswersAreCollected() throws {
    let connection = try connect(TestAccount())
    defer { connection.close() }
    let questions = try connection.subscribe("many")
    Thread.detachNewThread {
      while let question = try? questions.next(limit: .within(patience)), let reply = question.reply {
        for number in 0..<36 { try? connection.publish(reply, Array(repeating: UInt8(number), count: 4500)) }
      }
    }
    let counted = try connection.requestMany("many", until: .init(expected: 36), limit: limit)
    #expect(counted.map { $0.payload[0] } == Array(0..<36))
    // What comes until it is quiet, or until the time is over: on a busy machine that may be fewer.
    try eventually(is: 36) {
      try connection.requestMany("many", until: .init(quiet: .milliseconds(300)), limit: limit).count
    }
    try eventually(is: 36) {
      try connection.requestMany("many", until: .init(expected: 37), limit: .within(.milliseconds(300))).count
    }
  }

  @Test func whoIsNotThereYetIsAskedAnew() throws {
    let connection = try connect(TestAccount())
    defer { connection.close() }
    let questions = try connection.subscribe("later")
    Thread.detachNewThread {
      // Whoever answers has missed the first questions.
      for _ in 0..<2 { _ = try? questions.next(limit: .within(patience)) }
      while let question = try? questions.next(limit: .within(patience)), let reply = question.reply {
        for text in ["first", "last", "more"] { try? connection.publish(reply, Array(text.utf8)) }
      }
    }
    let answers = try connection.requestMany(
      "later", until: .init(last: { $0.text == "last" }, again: .milliseconds(20)), limit: limit)
    #expect(answers.map(\.text) == ["first", "last"])
  }

  @Test func aDeadlineAndAnInterruptEndAWait() throws {
    let connection = try connect(TestAccount())
    defer { connection.close() }
    let subscription = try connection.subscribe("quiet")
    let address = connection.server
    #expect(throws: NATSError.timedOut(.message(subject: "quiet"), server: address)) {
      _ = try subscription.next(limit: .within(.milliseconds(30)))
    }
    #expect(throws: NATSError.timedOut(.answer(subject: "quiet"), server: address)) {
      _ = try connection.request("quiet", limit: .within(.milliseconds(30)))
    }
    let interrupted = Limit.within(.seconds(600), stop: .after(.milliseconds(60)))
    #expect(throws: NATSError.cancelled(.answer(subject: "quiet"), server: address)) {
      _ = try connection.request("quiet", limit: interrupted)
    }
  }

  @Test func aQueueSharesAndALimitEnds() throws {
    let connection = try connect(TestAccount())
    defer { connection.close() }
    let first = try connection.subscribe("q", queue: "workers")
    let second = try connection.subscribe("q", queue: "workers")
    let three = try connection.subscribe("q", maximum: 3)
    for _ in 0..<100 { try connection.publish("q") }
    try connection.flush(limit: limit)
    #expect(first.waiting + second.waiting == 100)
    for _ in 0..<3 { #expect(try three.next(limit: limit) != nil) }
    #expect(try three.next(limit: limit) == nil)
    first.unsubscribe()
    #expect(throws: Never.self) { while try first.next(limit: limit) != nil {} }
  }

  @Test func whatFindsNoRoomIsCounted() throws {
    let connection = try connect(TestAccount())
    defer { connection.close() }
    let subscription = try connection.subscribe("n", bound: .init(messages: 10))
    for _ in 0..<25 { try connection.publish("n") }
    try connection.flush(limit: limit)
    #expect(subscription.waiting == 10)
    #expect(subscription.dropped == 15)
  }

  @Test func aWrongPasswordIsNamedAndNotShown() throws {
    let account = try TestAccount()
    let options = Connection.Options(
      [Endpoint(host: "127.0.0.1", port: account.server.port)],
      credentials: .user(account.name, password: "opensesame"))
    let error = #expect(throws: NATSError.self) { _ = try Connection.connect(options, limit: limit) }
    guard case .authorizationFailed(_, .user(account.name), "Authorization Violation") = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(error?.description.contains("opensesame") == false)
    let anonymous = Connection.Options(options.endpoints)
    let text = message { _ = try Connection.connect(anonymous, limit: limit) }
    #expect(text.contains("without a user"))
  }

  @Test func aMissingPermissionIsSaid() throws {
    let connection = try connect(TestAccount(), as: .limited)
    defer { connection.close() }
    for attempt in [
      { _ = try connection.request("secret", limit: limit) },
      { _ = try connection.subscribe("secret").next(limit: limit) },
    ] {
      let error = #expect(throws: NATSError.self) { try attempt() }
      guard case .permissionDenied = error else {
        Issue.record("\(String(describing: error))")
        return
      }
    }
    // A publish has no answer of its own: what the server says of it comes before the PONG.
    let begun = ContinuousClock.now
    for _ in 0..<100 {
      let begun = ContinuousClock.now
      try connection.publish("secret")
      #expect(throws: NATSError.self) { try connection.flush(publishedOn: "secret", since: begun, limit: limit) }
    }
    try connection.publish("ok")
    try connection.flush(publishedOn: "ok", since: begun, limit: limit)
    // What was refused earlier says nothing of what comes later.
    try connection.flush(publishedOn: "secret", since: .now, limit: limit)
    #expect(connection.isConnected)
  }

  @Test func aLoginThatMayHearNoAnswersIsToldSo() throws {
    let connection = try connect(TestAccount(), as: .deaf)
    defer { connection.close() }
    let error = #expect(throws: NATSError.self) { _ = try connection.request("a", limit: limit) }
    guard case .permissionDenied(_, let text) = error, text.contains("_INBOX") else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func aLoginBehindTLSIsRefusedClearly() throws {
    let closed = try ClosedPort()
    let options = Connection.Options([Endpoint(host: "127.0.0.1", port: closed.number)])
    #expect(message { _ = try Connection.connect(options, limit: limit) }.contains("cannot connect"))
    #expect(message { _ = try Connection.Options(urls: "tls://127.0.0.1:4222") }.contains("TLS"))
    #expect(message { _ = try Connection.Options(urls: "wss://127.0.0.1") }.contains("127.0.0.1:443: TLS"))
    #expect(message { _ = try Connection.Options(urls: "amqp://127.0.0.1:4222") }.contains("amqp is not spoken"))
  }

  @Test func aListOfURLsIsRead() throws {
    let options = try Connection.Options(urls: "nats://js:p%40@127.0.0.1:4223, other, [::1]:4224")
    #expect(options.endpoints.map(\.description) == ["127.0.0.1:4223", "other:4222", "[::1]:4224"])
    guard case .user("js", "p@") = options.credentials else {
      Issue.record("\(options.credentials)")
      return
    }
    #expect(throws: NATSError.noEndpoints) {
      _ = try Connection.connect(try .init(urls: ""), limit: .within(.seconds(1)))
    }
  }

  @Test func hostNamesAreLookedUp() throws {
    let account = try TestAccount()
    let connection = try Connection.connect(
      .init(urls: "nats://\(account.name):\(account.name)@localhost:\(account.server.port)"), limit: limit)
    #expect(try connection.roundTrip(limit: limit) > .zero)
    connection.close()
    let text = message { _ = try Connection.connect(.init(urls: "no-such-host.invalid"), limit: limit) }
    #expect(text.contains("no-such-host.invalid:4222"))
  }

  @Test func itComesBackAfterACrash() throws {
    let server = try withFreePorts(1) { try TestServer(port: $0[0]) }
    defer { server.stop() }
    let connection = try connect(server)
    defer { connection.close() }
    let subscription = try connection.subscribe("again.>")
    try connection.flush(limit: limit)
    server.crash()
    try eventually { !connection.isConnected }
    try connection.publish("again.1")
    try server.restart()
    #expect(try subscription.next(limit: limit)?.subject == "again.1")
    try connection.publish("again.2")
    #expect(try subscription.next(limit: limit)?.subject == "again.2")
  }

  @Test func itGoesToTheNextServer() throws {
    let second = try TestAccount()
    // One login for both.
    let first = try TestServer(
      name: "one", accounts: "authorization { user: \(second.name), password: \(second.name) }", jetStream: false)
    defer { first.stop() }
    let connection = try Connection.connect(
      .init(urls: "\(first.url(second.name)),\(second.url())"), limit: limit)
    defer { connection.close() }
    #expect(connection.info.serverName == "one")
    first.stop()
    try eventually(is: second.server.name) { connection.isConnected ? connection.info.serverName : nil }
    try connection.flush(limit: limit)
  }

  @Test func tooMuchWhileAwayIsRefused() throws {
    // It takes one login, and hangs up on whoever comes later.
    let server = try FakeServer(FakeServer.greeting, [])
    defer { server.stop() }
    var options = Connection.Options([Endpoint(host: "127.0.0.1", port: server.port)])
    options.reconnectBuffer = 10_000
    let connection = try Connection.connect(options, limit: limit)
    defer { connection.close() }
    try eventually { !connection.isConnected }
    #expect(throws: NATSError.outgoingBufferFull(server: connection.server, limit: 10_000)) {
      for _ in 0..<20 { try connection.publish("x", [UInt8](repeating: 0, count: 1000)) }
    }
  }

  @Test func aStuckServerDoesNotHoldThePublisher() throws {
    let server = try TestServer()
    defer { server.stop() }
    let connection = try connect(server)
    defer { connection.close() }
    server.suspend()
    defer { server.resume() }
    let payload = [UInt8](repeating: 0, count: 1 << 20)
    #expect(throws: NATSError.timedOut(.sending, server: connection.server)) {
      for _ in 0..<64 { try connection.publish("x", payload, limit: .within(.milliseconds(200))) }
    }
    // Whether something was still to be sent depends on how much the kernel has taken.
    let phases: [NATSError] = [
      .timedOut(.flushing, server: connection.server), .timedOut(.sending, server: connection.server),
    ]
    let error = #expect(throws: NATSError.self) { try connection.flush(limit: .within(.milliseconds(100))) }
    #expect(error.map(phases.contains) == true)
  }

  @Test func drainKeepsWhatArrived() throws {
    let connection = try connect(TestAccount())
    let subscription = try connection.subscribe("d")
    for _ in 0..<500 { try connection.publish("d") }
    try connection.drain(limit: limit)
    var count = 0
    while try subscription.next(limit: limit) != nil { count += 1 }
    #expect(count == 500)
    #expect(throws: NATSError.connectionClosed(server: connection.server)) { try connection.publish("d") }
  }

  @Test func closingWakesWhoWaits() throws {
    let connection = try connect(TestAccount())
    let subscription = try connection.subscribe("never")
    let waiter = Waiter()
    Thread.detachNewThread {
      waiter.waits()
      connection.close()
    }
    #expect(throws: NATSError.connectionClosed(server: connection.server)) {
      _ = try subscription.next(limit: waiter.limit)
    }
  }
}
