#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Asks an HTTP server to go on as a WebSocket.
enum WebSocketHandshake {
  private static let headLimit = 16 << 10

  /// Leaves the socket where the server's first frame begins.
  static func make(on socket: Socket, path: String, limit: WaitLimit) throws(NATSError) {
    var source = SystemRandomNumberGenerator()
    let key = Data((0..<16).map { _ in UInt8.random(in: 0...255, using: &source) }).base64EncodedString()
    let lines = [
      "GET \(path) HTTP/1.1", "Host: \(socket.server.authority)", "Upgrade: websocket", "Connection: Upgrade",
      "Sec-WebSocket-Key: \(key)", "Sec-WebSocket-Version: 13", "", "",
    ]
    var offset = 0
    try socket.send(Array(lines.joined(separator: "\r\n").utf8), from: &offset, .greeting, limit: limit)
    let head = try readHead(socket, limit: limit)
    if let problem = problem(with: head, key: key) {
      throw .protocolViolation(server: socket.server, .noWebSocket(detail: problem))
    }
  }

  /// What the server has to answer to a key.
  static func accepted(_ key: String) -> String {
    Data(SHA1.digest(of: Array("\(key)258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8))).base64EncodedString()
  }

  /// Up to the empty line and not a byte further: what follows are frames.
  private static func readHead(_ socket: Socket, limit: WaitLimit) throws(NATSError) -> String {
    var head: [UInt8] = []
    while head.count < headLimit {
      try socket.waitUntilReadable(.greeting, limit: limit)
      guard let next = try socket.peek(headLimit) else { continue }
      let all = head + next
      let from = max(0, head.count - 3)
      guard let end = all[from...].firstRange(of: Array("\r\n\r\n".utf8))?.upperBound else {
        if !"HTTP/1.1 101".utf8.starts(with: all.prefix(12)) {
          let line = all.prefix { $0 != 13 && $0 != 10 }
          throw .protocolViolation(server: socket.server, .noWebSocket(detail: "it says \"\(shown(line))\""))
        }
        head = all
        try socket.discard(next.count)
        continue
      }
      try socket.discard(end - head.count)
      return String(decoding: all[..<end], as: UTF8.self)
    }
    throw .protocolViolation(
      server: socket.server, .noWebSocket(detail: "its answer is longer than \(headLimit) bytes"))
  }

  /// Nil if the server agrees.
  private static func problem(with head: String, key: String) -> String? {
    let lines = head.split(whereSeparator: \.isNewline)
    let status = lines.first.map(String.init) ?? ""
    guard status.hasPrefix("HTTP/1.1 101") else { return "it answers \"\(shown(status.utf8))\"" }
    var fields: [String: String] = [:]
    for line in lines.dropFirst() {
      guard let colon = line.firstIndex(of: ":") else { continue }
      let value = line[line.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      fields[line[..<colon].lowercased()] = String(value.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
    }
    guard fields["upgrade"]?.lowercased() == "websocket", fields["connection"]?.lowercased().contains("upgrade") == true
    else { return "it does not say that it goes on as a WebSocket" }
    guard fields["sec-websocket-accept"] == accepted(key) else { return "its Sec-WebSocket-Accept is not the key's" }
    if fields["sec-websocket-extensions"] != nil { return "it wants an extension that was not asked for" }
    return nil
  }
}
