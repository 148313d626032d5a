import NATS
import TestSupport
import Testing

@Suite(.mayWait) struct MisbehavingServerTests {
  /// The error of a connection attempt to a server with this script.
  private func failure(_ script: [FakeServer.Step], within limit: Duration = patience) throws -> NATSError? {
    let server = try FakeServer(script)
    defer { server.stop() }
    var options = Connection.Options([Endpoint(host: "127.0.0.1", port: server.port)])
    options.connectTime = limit
    do throws(NATSError) {
      let connection = try Connection.connect(options, limit: .within(limit))
      connection.close()
      return nil
    } catch {
      #expect(error.description.contains("127.0.0.1:\(server.port)"), "the text names the server: \(error)")
      return error
    }
  }

  @Test func garbageIsNamed() throws {
    let error = try failure([.say("SSH-2.0-OpenSSH_9.2\r\n"), .silence])
    guard case .protocolViolation(_, .noInfo("SSH-2.0-OpenSSH_9.2")) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func binaryGarbageIsShownHarmless() throws {
    let error = try failure([.say("\u{1b}[2J\u{7}\u{0}\n"), .silence])
    guard case .protocolViolation(_, .noInfo(let line)) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(line.unicodeScalars.allSatisfy { $0.value >= 32 && $0.value < 127 })
  }

  @Test(arguments: ["", "INFO {\"server", "INF"])
  func silenceTimesOut(_ words: String) throws {
    // On a busy machine the connecting may take all of the time.
    try eventually {
      try failure([.say(words), .silence], within: .milliseconds(300))
    } where: {
      if case .timedOut(.greeting, _) = $0 { true } else { false }
    }
  }

  @Test func silenceAfterInfoTimesOut() throws {
    try eventually {
      try failure([.say(FakeServer.info), .silence], within: .milliseconds(300))
    } where: {
      if case .timedOut(.authenticating, _) = $0 { true } else { false }
    }
  }

  @Test func closingAtOnceIsSaid() throws {
    let error = try failure([])
    guard case .connectionLost(_, _) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func anEndlessLineIsCutOff() throws {
    let error = try failure([.flood(100 << 20, UInt8(ascii: "x")), .silence])
    guard case .protocolViolation(_, .lineTooLong(64 << 10)) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func anEndlessInfoIsCutOff() throws {
    let error = try failure([.say("INFO {"), .flood(100 << 20, UInt8(ascii: " ")), .silence])
    guard case .protocolViolation(_, .lineTooLong(1 << 20)) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(arguments: [
    ("INFO {}\r\n", "server_id is missing"),
    ("INFO {\"server_id\": 1}\r\n", "server_id is of another type than expected"),
    ("INFO []\r\n", "it is of another type than expected"), ("INFO [\r\n", "it is no valid JSON"),
    ("INFO \r\n", "it is no valid JSON"),
  ])
  func aBrokenInfoIsNamed(_ line: Named<String>, _ why: String) throws {
    let error = try failure([.say(line.value), .silence])
    guard case .protocolViolation(_, .malformedInfo(why)) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func tlsIsRefusedClearly() throws {
    let error = try failure([
      .say("INFO {\"server_id\":\"X\",\"tls_required\":true,\"max_payload\":1048576}\r\n"), .silence,
    ])
    guard case .tlsRequired = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(error?.description.contains("TLS") == true)
  }

  @Test func anErrorInsteadOfAPongIsSaid() throws {
    let error = try failure([
      .say(FakeServer.info), .await("PING\r\n"), .say("-ERR 'Maximum Connections Exceeded'\r\n"),
    ])
    guard case .connectionLost(_, .refused("Maximum Connections Exceeded")) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test(arguments: [
    "MSG\r\n", "MSG a b c\r\n", "MSG a 1 -5\r\n", "MSG a 1 99999999999999999999\r\n", "HMSG a 1 10 5\r\nxxxxx\r\n",
    "MSG a 1 2\r\nabcdef\r\n", "MSG a 1 r 5 6\r\n", "NONSENSE\r\n", "MSG a 1 200000000\r\n", "INFO x\r\n", "\r\n",
  ])
  func garbageLaterEndsTheWait(_ words: Named<String>) throws {
    let server = try FakeServer(FakeServer.greeting + [.await("HELLO"), .say(words.value), .silence])
    defer { server.stop() }
    var options = Connection.Options([Endpoint(host: "127.0.0.1", port: server.port)])
    options.reconnectRounds = 0
    let connection = try Connection.connect(options, limit: .within(patience))
    defer { connection.close() }
    do throws(NATSError) {
      _ = try connection.request("HELLO", limit: .within(patience))
      Issue.record("an answer came from nowhere")
    } catch {
      guard case .protocolViolation = error else {
        Issue.record("\(error)")
        return
      }
    }
  }

  @Test func silenceAfterTheLoginIsNoticed() throws {
    let server = try FakeServer(FakeServer.greeting + [.silence])
    defer { server.stop() }
    var options = Connection.Options([Endpoint(host: "127.0.0.1", port: server.port)])
    options.reconnectRounds = 0
    options.pingInterval = .milliseconds(50)
    let connection = try Connection.connect(options, limit: .within(patience))
    defer { connection.close() }
    // On a busy machine it may be noticed before somebody waits.
    #expect(throws: NATSError.connectionLost(server: connection.server, .silent)) {
      _ = try connection.subscribe("x").next(limit: .within(patience))
    }
  }

  @Test func everyEndpointThatFailedIsNamed() throws {
    let first = try FakeServer([.say("HTTP/1.1 400 Bad Request\r\n")])
    let second = try FakeServer([.say("junk\r\n")])
    defer {
      first.stop()
      second.stop()
    }
    let options = Connection.Options([first, second].map { Endpoint(host: "127.0.0.1", port: $0.port) })
    let text = message { _ = try Connection.connect(options, limit: .within(patience)) }
    #expect(text.contains("127.0.0.1:\(first.port)"))
    #expect(text.contains("127.0.0.1:\(second.port)"))
  }

  @Test func anInterruptEndsConnecting() throws {
    let server = try FakeServer([.silence])
    defer { server.stop() }
    let options = Connection.Options([Endpoint(host: "127.0.0.1", port: server.port)])
    // On a busy machine it may still be connecting.
    try eventually(is: "interrupted") {
      let limit = Limit.within(patience, stop: .after(.milliseconds(50)))
      do throws(NATSError) {
        return try Connection.connect(options, limit: limit).info.serverName
      } catch {
        return error == .cancelled(.greeting, server: options.endpoints[0]) ? "interrupted" : "\(error)"
      }
    }
  }

  @Test func subscriptionsAndWaitingPublishesComeBack() throws {
    let server = try FakeServer(
      FakeServer.greeting + [.await("SUB orders.>")],
      FakeServer.greeting + [.await("PUB while.away"), .say("MSG orders.new 2 5\r\nhello\r\n"), .silence])
    defer { server.stop() }
    let endpoint = Endpoint(host: "127.0.0.1", port: server.port)
    let events = Events()
    var options = Connection.Options([endpoint])
    options.onEvent = { event in
      // Published on the reading thread while the connection is away for certain.
      if case .lost = event { events.lost() }
    }
    let connection = try Connection.connect(options, limit: .within(patience))
    defer { connection.close() }
    events.onLost = { try? connection.publish("while.away") }
    defer { events.onLost = {} }
    let orders = try connection.subscribe("orders.>")
    let message = try orders.next(limit: .within(patience))
    #expect(message?.text == "hello")
    #expect(server.transcript.components(separatedBy: "SUB orders.> 2").count == 3)
  }
}

/// Lets a test hang something on an event of a connection that does not exist yet.
private final class Events: @unchecked Sendable {
  var onLost: () -> Void = {}

  func lost() { onLost() }
}
