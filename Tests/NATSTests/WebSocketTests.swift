import Foundation
import TestSupport
import Testing

@testable import NATS

@Suite(.mayWait) struct WebSocketTests {
  private var limit: Limit { .within(patience) }

  // MARK: A real server

  @Test func messagesOfEverySizeTravelBothWays() throws {
    let account = try TestAccount()
    let connection = try Connection.connect(.init(urls: account.webSocketURL), limit: limit)
    let plain = try Connection.connect(.init(urls: account.url()), limit: limit)
    defer {
      connection.close()
      plain.close()
    }
    #expect(connection.server.description == "ws://127.0.0.1:\(account.server.webSocketPort)")
    let sizes = [0, 1, 100, 125, 126, 4000, 65_535, 65_536, 131_072, 1_000_000]
    let payloads = sizes.map { size in (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ size) } }
    for (from, to) in [(connection, plain), (plain, connection), (connection, connection)] {
      let subscription = try to.subscribe("bytes")
      try to.flush(limit: limit)
      for payload in payloads { try from.publish("bytes", payload) }
      for payload in payloads { #expect(try subscription.next(limit: limit)?.payload == payload) }
      subscription.unsubscribe()
    }
  }

  @Test func manyThreadsAtOnce() throws {
    let account = try TestAccount()
    let connection = try Connection.connect(.init(urls: account.webSocketURL + "/some/path"), limit: limit)
    defer { connection.close() }
    let questions = try connection.subscribe("double")
    try connection.flush(limit: limit)
    Thread.detachNewThread {
      while let question = try? questions.next(limit: .within(patience)), let reply = question.reply {
        try? connection.publish(reply, question.payload + question.payload)
      }
    }
    let limit = limit
    DispatchQueue.concurrentPerform(iterations: 8) { lane in
      for number in 0..<100 {
        let answer = try? connection.request("double", Array("\(lane).\(number)".utf8), limit: limit)
        #expect(answer?.text == "\(lane).\(number)\(lane).\(number)")
      }
    }
  }

  @Test func aWrongLoginIsRefusedInTheServersWords() throws {
    let account = try TestAccount()
    let options = try Connection.Options(urls: "ws://js:wrong@127.0.0.1:\(account.server.webSocketPort)")
    let error = #expect(throws: NATSError.self) { try Connection.connect(options, limit: limit).close() }
    guard case .authorizationFailed(_, .user("js"), "Authorization Violation") = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func itComesBackAfterALoss() throws {
    let (server, port) = try withFreePorts(1) { ports in
      (try TestServer(extra: "websocket { listen: \"127.0.0.1:\(ports[0])\", no_tls: true }"), ports[0])
    }
    defer { server.stop() }
    let connection = try Connection.connect(.init(urls: "ws://js:js@127.0.0.1:\(port)"), limit: limit)
    defer { connection.close() }
    let subscription = try connection.subscribe("a")
    try connection.flush(limit: limit)
    server.crash()
    try server.restart()
    try untilItSucceeds {
      try connection.waitUntilConnected(limit: limit)
      try connection.flush(limit: .within(.seconds(5)))
    }
    try connection.publish("a", Array("again".utf8))
    #expect(try subscription.next(limit: limit)?.text == "again")
  }

  @Test func aClientPortIsNoWebSocket() throws {
    let server = try TestAccount().server
    let said = message { try Connection.connect(.init(urls: "ws://127.0.0.1:\(server.port)"), limit: limit).close() }
    #expect(said.contains("is no WebSocket listener of a NATS server: it says \"INFO {"), "\(said)")
    let other = message {
      try Connection.connect(.init(urls: "nats://127.0.0.1:\(server.webSocketPort)"), limit: .within(.seconds(1)))
        .close()
    }
    #expect(other.contains("127.0.0.1:\(server.webSocketPort)"), "\(other)")
    let page = message {
      try Connection.connect(.init(urls: "ws://127.0.0.1:\(server.monitorPort)"), limit: limit).close()
    }
    #expect(page.contains("it answers \"HTTP/1.1 ") || page.contains("it says \"HTTP/1.1 "), "\(page)")
  }

  // MARK: Servers that break the rules

  private static func frame(_ operation: UInt8, _ text: String) -> FakeServer.Step {
    let length =
      text.utf8.count < 126
      ? [UInt8(text.utf8.count)] : [126, UInt8(text.utf8.count >> 8), UInt8(text.utf8.count & 255)]
    return .bytes([0x80 | operation] + length + Array(text.utf8))
  }

  private func failure(_ script: FakeServer.Step...) throws -> NATSError? {
    let server = try FakeServer(script)
    defer { server.stop() }
    let options = Connection.Options(
      [Endpoint(host: "127.0.0.1", port: server.port, transport: .webSocket(path: "/"))])
    do throws(NATSError) {
      try Connection.connect(options, limit: .within(patience)).close()
      return nil
    } catch {
      return error
    }
  }

  @Test func aProofThatIsWrongIsRefused() throws {
    let error = try failure(.upgrade(accept: "AAAAAAAAAAAAAAAAAAAAAAAAAAA="), .silence)
    guard case .protocolViolation(_, .noWebSocket(let detail)) = error, detail.contains("Accept") else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(arguments: [
    "HTTP/1.1 400 Bad Request\r\n\r\n", "HTTP/1.1 200 OK\r\nUpgrade: websocket\r\n\r\n", "HTTP/1.1 101 Yes\r\n\r\n",
    "SSH-2.0-OpenSSH_9.2\r\n", "\u{15}\u{3}\u{3}\u{0}\u{2}\u{2}F",
  ])
  func otherAnswersAreNamed(_ words: Named<String>) throws {
    let error = try failure(.await("\r\n\r\n"), .say(words.value), .silence)
    guard case .protocolViolation(_, .noWebSocket) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func anAnswerWithoutEndIsCutOff() throws {
    let error = try failure(
      .await("\r\n\r\n"), .say("HTTP/1.1 101 Switching Protocols\r\nX: "), .flood(1 << 20, 97), .silence)
    guard case .protocolViolation(_, .noWebSocket(let detail)) = error, detail.contains("longer") else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func aFrameThatBreaksTheRulesIsNamed() throws {
    for bytes: [UInt8] in [[0x81, 0x02, 65, 66], [0x82, 0x82, 0, 0, 0, 0, 65, 66], [0xf2, 0x00], [0x83, 0x00]] {
      let error = try failure(.upgrade(), .bytes(bytes), .silence)
      guard case .protocolViolation(_, .malformedFrame) = error else {
        Issue.record("\(bytes): \(String(describing: error))")
        return
      }
    }
  }

  @Test func theServersReasonToCloseIsTold() throws {
    let error = try failure(.upgrade(), .bytes([0x88, 0x08, 0x03, 0xf0] + Array("no one".utf8)), .silence)
    guard case .connectionLost(_, .closedWebSocket(1008, "no one")) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func linesComeInSeveralFramesAndSeveralLinesInOne() throws {
    let info = Array(FakeServer.info.utf8)
    let inPieces = info.map { byte in FakeServer.Step.bytes([0x82, 1, byte]) }
    // What the client says is masked, so the script waits for none of it.
    let server = try FakeServer(
      [.upgrade()] + inPieces + [Self.frame(2, "+OK\r\nPING\r\nPONG\r\n+OK\r\n"), .silence])
    defer { server.stop() }
    let options = Connection.Options(
      [Endpoint(host: "127.0.0.1", port: server.port, transport: .webSocket(path: "/"))])
    let connection = try Connection.connect(options, limit: limit)
    #expect(connection.info.serverName == "fake")
    connection.close()
  }
}
