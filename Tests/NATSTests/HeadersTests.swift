import NATS
import TestSupport
import Testing

@Suite(.mayWait) struct HeadersTests {
  @Test func namesMayComeTwiceAndKeepTheirOrder() {
    var headers: Headers = ["A": "1", "B": "2"]
    headers.add("A", "3")
    #expect(headers["A"] == "1")
    #expect(headers["a"] == nil)
    #expect(headers.values("A") == ["1", "3"])
    #expect(headers.fields.map(\.name) == ["A", "B", "A"])
    headers["A"] = "4"
    #expect(headers.fields.map(\.value) == ["2", "4"])
    headers["B"] = nil
    #expect(headers.values("B") == [])
  }

  @Test(
    arguments: [
      ("NATS/1.0 503\r\n\r\n", 503, nil), ("NATS/1.0 100 Idle Heartbeat\r\n\r\n", 100, "Idle Heartbeat"),
      ("NATS/1.0\r\nA: b\r\n\r\n", nil, nil),
    ] as [(Named<String>, Int?, String?)])
  func theStatusIsRead(_ block: Named<String>, _ status: Int?, _ text: String?) throws {
    let headers = try received(block.value)
    #expect(headers.status == status)
    #expect(headers.statusText == text)
  }

  @Test func valuesLoseTheSpaceAroundThem() throws {
    let headers = try received("NATS/1.0\r\nA:  b c \r\nB:\r\nC:x:y\r\njunk\r\n\r\n")
    #expect(headers["A"] == "b c")
    #expect(headers["B"] == "")
    #expect(headers["C"] == "x:y")
    #expect(headers.fields.count == 3)
  }

  @Test(arguments: [("A\r\nB", "x"), ("A", "x\r\nB: y"), ("A:", "x"), ("", "x"), ("A b", "x")])
  func nothingBreaksOutOfItsLine(_ name: Named<String>, _ value: Named<String>) throws {
    let server = try FakeServer(FakeServer.greeting + [.silence])
    defer { server.stop() }
    let options = Connection.Options([Endpoint(host: "127.0.0.1", port: server.port)])
    let connection = try Connection.connect(options, limit: .within(patience))
    defer { connection.close() }
    #expect(throws: NATSError.self) { try connection.publish("a", headers: [name.value: value.value]) }
  }

  /// The headers of a message that a server sends with this block.
  private func received(_ block: String) throws -> Headers {
    let size = block.utf8.count
    let server = try FakeServer(
      FakeServer.greeting + [.await("SUB a"), .say("HMSG a 2 \(size) \(size)\r\n\(block)\r\n"), .silence])
    defer { server.stop() }
    let options = Connection.Options([Endpoint(host: "127.0.0.1", port: server.port)])
    let connection = try Connection.connect(options, limit: .within(patience))
    defer { connection.close() }
    let message = try connection.subscribe("a").next(limit: .within(patience))
    return try #require(message?.headers)
  }
}
