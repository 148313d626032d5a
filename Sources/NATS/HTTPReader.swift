/// Reads one HTTP/1.1 answer from a socket, with bounds on everything.
struct HTTPReader {
  private let socket: Socket
  private let url: String
  private let sizeLimit: Int
  private let limit: WaitLimit
  private let buffer = ReceiveBuffer()

  /// For a status line, a header or a chunk's size, in bytes.
  private static let lineLimit = 64 << 10
  private static let headerLimit = 1000

  init(socket: Socket, url: String, sizeLimit: Int, limit: WaitLimit) {
    self.socket = socket
    self.url = url
    self.sizeLimit = sizeLimit
    self.limit = limit
  }

  mutating func response() throws(NATSError) -> HTTPResponse {
    var status = try statusLine()
    var headers = try fields()
    // 1xx are interim words before the answer itself.
    while (100..<200).contains(status) {
      status = try statusLine()
      headers = try fields()
    }
    var response = HTTPResponse(status: status, headers: headers, body: [])
    if status == 204 || status == 304 { return response }
    if let coding = response.header("Transfer-Encoding"), coding.lowercased().hasSuffix("chunked") {
      response.body = try chunks()
    } else if let text = response.header("Content-Length") {
      guard let length = Int(text), length >= 0 else { throw malformed("Content-Length is \"\(shown(text.utf8))\"") }
      try take(length, into: &response.body)
    } else {
      response.body = try everything()
    }
    return response
  }

  private func malformed(_ detail: String) -> NATSError {
    .protocolViolation(server: socket.server, .malformedHTTP(detail: detail))
  }

  private mutating func receive() throws(NATSError) {
    try socket.waitUntilReadable(.http(url: url), limit: limit)
    _ = try buffer.receive(socket.read)
  }

  private mutating func line() throws(NATSError) -> String {
    while true {
      let bytes = buffer.bytes
      if let end = bytes.prefix(Self.lineLimit).firstIndex(of: 10) {
        let line = bytes[..<end]
        let text = String(decoding: line.last == 13 ? line.dropLast() : line, as: UTF8.self)
        buffer.consume(end + 1)
        return text
      }
      if bytes.count >= Self.lineLimit { throw malformed("a line of more than \(Self.lineLimit) bytes") }
      try receive()
    }
  }

  private mutating func statusLine() throws(NATSError) -> Int {
    let text = try line()
    let words = text.split(separator: " ", maxSplits: 2)
    guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]), (100..<1000).contains(status)
    else { throw malformed("it begins with \"\(shown(text.utf8))\"") }
    return status
  }

  private mutating func fields() throws(NATSError) -> [HTTPResponse.Field] {
    var fields: [HTTPResponse.Field] = []
    while true {
      let text = try line()
      if text.isEmpty { return fields }
      guard let colon = text.firstIndex(of: ":") else { throw malformed("a header \"\(shown(text.utf8))\"") }
      let value = text[text.index(after: colon)...].drop { $0 == " " || $0 == "\t" }
      fields.append(.init(name: String(text[..<colon]), value: String(value)))
      if fields.count > Self.headerLimit { throw malformed("more than \(Self.headerLimit) headers") }
    }
  }

  private mutating func take(_ count: Int, into body: inout [UInt8]) throws(NATSError) {
    guard count <= sizeLimit - body.count else { throw .httpTooLarge(url: url, limit: sizeLimit) }
    var left = count
    while left > 0 {
      if buffer.count == 0 { try receive() }
      let part = min(left, buffer.count)
      body.append(contentsOf: buffer.bytes[..<part])
      buffer.consume(part)
      left -= part
    }
  }

  private mutating func chunks() throws(NATSError) -> [UInt8] {
    var body: [UInt8] = []
    while true {
      let text = try line()
      let digits = text.prefix { $0 != ";" && $0 != " " }
      guard let size = Int(digits, radix: 16), size >= 0 else { throw malformed("a chunk \"\(shown(text.utf8))\"") }
      if size == 0 {
        _ = try fields()
        return body
      }
      try take(size, into: &body)
      guard try line().isEmpty else { throw malformed("a chunk that does not end where it said") }
    }
  }

  /// Without a length the body ends with the connection.
  private mutating func everything() throws(NATSError) -> [UInt8] {
    var body: [UInt8] = []
    while true {
      try take(buffer.count, into: &body)
      do throws(NATSError) {
        try receive()
      } catch .connectionLost(_, .closedByServer) {
        return body
      }
    }
  }
}
