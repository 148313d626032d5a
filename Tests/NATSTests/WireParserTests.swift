import TestSupport
import Testing

@testable import NATS

@Suite(.mayWait) struct WireParserTests {
  private let server = Endpoint(host: "127.0.0.1", port: 4222)

  private let stream =
    [
      "INFO {\"server_id\":\"X\"}\r\n", "PING\r\n", "+OK\r\n", "MSG a.b 7 5\r\nhello\r\n",
      "MSG a.b 7 _INBOX.x.1 0\r\n\r\n",
      "HMSG a 8 23 27\r\nNATS/1.0\r\nK: v\r\nL:w\r\n\r\nbody\r\n",
    ].joined() + "-ERR 'Slow Consumer'\r\nMSG\ta.c  9   12 \r\nline\r\nMSG x \r\nPONG\r\n"

  /// What the parser makes of `pieces`, one text an event.
  private func read(_ pieces: [ArraySlice<UInt8>]) throws(NATSError) -> [String] {
    let parser = WireParser(server: server)
    var events: [String] = []
    for piece in pieces {
      var rest = piece
      while !rest.isEmpty {
        _ = try parser.buffer.receive { room in
          let count = min(room.count, rest.count)
          room.copyBytes(from: rest.prefix(count))
          rest = rest.dropFirst(count)
          return count
        }
        while let event = try parser.next() { events.append(Self.text(event)) }
      }
    }
    return events
  }

  private static func text(_ event: WireEvent) -> String {
    switch event {
    case .message(let id, let message):
      let headers = message.headers?.fields.map { "\($0.name)=\($0.value)" } ?? []
      return "\(id) \(message.subject) \(message.reply ?? "-") \(headers) \(message.text)"
    case .ping: return "ping"
    case .pong: return "pong"
    case .ok: return "ok"
    case .info(let bytes): return "info \(String(decoding: bytes, as: UTF8.self))"
    case .error(let text): return "error \(text)"
    }
  }

  @Test(arguments: [1, 2, 3, 7, 1000])
  func piecesOfAnySizeGiveTheSameEvents(_ size: Int) throws {
    let bytes = Array(stream.utf8)
    let pieces = stride(from: 0, to: bytes.count, by: size).map { bytes[$0..<min($0 + size, bytes.count)] }
    #expect(
      try read(pieces) == [
        "info {\"server_id\":\"X\"}", "ping", "ok", "7 a.b - [] hello", "7 a.b _INBOX.x.1 [] ",
        "8 a - [\"K=v\", \"L=w\"] body", "error Slow Consumer", "9 a.c - [] line\r\nMSG x ", "pong",
      ])
  }

  @Test func whateverComesIsReadOrRefused() {
    var source = Repeatable(state: 42)
    let bytes = Array(stream.utf8)
    var refused = 0
    for _ in 0..<20_000 {
      var broken = bytes
      for _ in 0..<Int.random(in: 1...4, using: &source) {
        let place = Int.random(in: 0..<broken.count, using: &source)
        switch Int.random(in: 0..<3, using: &source) {
        case 0: broken[place] = UInt8.random(in: 0...255, using: &source)
        case 1: broken.remove(at: place)
        default: broken.insert(UInt8(ascii: "9"), at: place)
        }
      }
      do throws(NATSError) {
        _ = try read([broken[...]])
      } catch {
        refused += 1
      }
    }
    #expect(refused > 1000)
  }

  @Test func aLargeMessageIsHeldWithinItsLimit() throws {
    let payload = [UInt8](repeating: 120, count: 20 << 20)
    let bytes = Array("MSG a 1 \(payload.count)\r\n".utf8) + payload + [13, 10]
    #expect(try read([bytes[...]]).first?.utf8.count == payload.count + "1 a - [] ".utf8.count)
    #expect(throws: NATSError.protocolViolation(server: server, .messageTooLarge(bytes: 67_108_865, limit: 64 << 20))) {
      _ = try read([Array("MSG a 1 67108865\r\n".utf8)[...]])
    }
  }

  @Test(arguments: [0, 9, 10, 11, 99, 100, 12_345, 1_048_576])
  func sizesAreWrittenInDecimal(_ size: Int) {
    let buffer = ByteBuffer()
    buffer.appendPublish(subject: "a", reply: "r", headers: nil, payload: [UInt8](repeating: 1, count: size))
    #expect(buffer.bytes.starts(with: "PUB a r \(size)\r\n".utf8))
    #expect(buffer.count == "PUB a r \(size)\r\n".utf8.count + size + 2)
  }
}

/// Chance that is the same in every run, so that a failure can be looked at again.
private struct Repeatable: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}
