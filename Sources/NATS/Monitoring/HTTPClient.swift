/// What an HTTP server answered.
public struct HTTPResponse: Sendable, Equatable {
  /// A header.
  public struct Field: Sendable, Equatable {
    /// As it came, in whatever case.
    public var name: String
    /// What stands behind the colon.
    public var value: String

    /// A header by its name and value.
    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  /// Such as 200 or 503.
  public var status: Int
  /// In the order in which they came.
  public var headers: [Field]
  /// The bytes behind the headers.
  public var body: [UInt8]

  /// The body as text; bytes that are no UTF-8 show as U+FFFD.
  public var text: String { String(decoding: body, as: UTF8.self) }

  /// The first header of that name, in whatever case.
  public func header(_ name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }
}

/// GET and POST over HTTP/1.1, one connection each: enough for monitoring ports, and without TLS.
public struct HTTPClient: Sendable {
  /// The largest answer that is accepted, in bytes.
  public var sizeLimit = 64 << 20

  /// A client with the usual limit of size.
  public init() {}

  /// Gets `url`. Every status is an answer; only what is no answer throws. Redirections are not followed.
  public func get(
    _ url: String, headers: [HTTPResponse.Field] = [], limit: Limit
  ) throws(NATSError) -> HTTPResponse {
    try send("GET", url, headers, nil, limit)
  }

  /// Posts `body` to `url`.
  public func post(
    _ url: String, body: [UInt8], contentType: String = "application/json", headers: [HTTPResponse.Field] = [],
    limit: Limit
  ) throws(NATSError) -> HTTPResponse {
    try send("POST", url, headers + [.init(name: "Content-Type", value: contentType)], body, limit)
  }

  private func send(
    _ method: String, _ url: String, _ headers: [HTTPResponse.Field], _ body: [UInt8]?, _ limit: Limit
  ) throws(NATSError) -> HTTPResponse {
    let parts = try Self.parse(url)
    let shown = URLParts.redacted(url)
    let server = Endpoint(host: parts.host, port: parts.port ?? 80)
    let request = try Self.request(method, parts, server, headers, body)
    do throws(NATSError) {
      let socket = try Socket.connect(to: server, limit: limit)
      try socket.send(ByteBuffer(request), .http(url: shown), limit: limit)
      var reader = HTTPReader(socket: socket, url: shown, sizeLimit: sizeLimit, limit: limit)
      return try reader.response()
    } catch .connectionLost(_, let loss) {
      throw .httpFailed(url: shown, loss)
    } catch .unknownHost where parts.mayHideLogin, .timedOut(.resolving, _) where parts.mayHideLogin {
      // What was taken for its host may be a password.
      throw .invalidURL(url: shown, problem: .init("its host could not be looked up", advice: URLLogins.escaping))
    }
  }

  private static func parse(_ url: String) throws(NATSError) -> URLParts {
    let parts = try URLParts(url)
    switch parts.scheme {
    case "http": return parts
    case "https":
      throw .invalidURL(url: URLParts.redacted(url), problem: .init("nbx speaks no TLS", advice: "use http://"))
    case nil:
      throw .invalidURL(
        url: URLParts.redacted(url), problem: .init("it begins with no scheme", advice: "write http://…"))
    case .some(let scheme):
      throw .invalidURL(url: URLParts.redacted(url), problem: .init("\(scheme) is not HTTP", advice: "use http://"))
    }
  }

  private static func request(
    _ method: String, _ parts: URLParts, _ server: Endpoint, _ headers: [HTTPResponse.Field], _ body: [UInt8]?
  ) throws(NATSError) -> [UInt8] {
    var head = "\(method) \(parts.target) HTTP/1.1\r\nHost: \(server)\r\nConnection: close\r\nAccept: */*\r\n"
    if let user = parts.user {
      let login = Coding.base64("\(user):\(parts.password ?? "")".utf8)
      head += "Authorization: Basic \(login)\r\n"
    }
    for field in headers {
      let isBroken = (field.name + field.value).utf8.contains { $0 == 10 || $0 == 13 }
      if isBroken || field.name.isEmpty || field.name.utf8.contains(where: { $0 <= 32 || $0 == UInt8(ascii: ":") }) {
        throw .invalidName(.init(kind: .header, name: field.name, problem: "the header does not fit on one line"))
      }
      head += "\(field.name): \(field.value)\r\n"
    }
    if let body { head += "Content-Length: \(body.count)\r\n" }
    return Array((head + "\r\n").utf8) + (body ?? [])
  }
}

/// Reads one HTTP/1.1 answer from a socket, with bounds on everything.
struct HTTPReader {
  private let socket: Socket
  private let url: String
  private let sizeLimit: Int
  private let limit: Limit
  private let buffer = ByteBuffer()

  /// For a status line, a header or a chunk's size, in bytes.
  private static let lineLimit = 64 << 10
  private static let headerLimit = 1000

  init(socket: Socket, url: String, sizeLimit: Int, limit: Limit) {
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
    } else if let length = try length(of: response) {
      try take(length, into: &response.body)
    } else {
      response.body = try everything()
    }
    return response
  }

  private func malformed(_ detail: String) -> NATSError {
    .protocolViolation(server: socket.server, .malformedHTTP(detail: detail))
  }

  /// What two headers say of it differently is not to be trusted, as RFC 9112 has it in 6.3.
  private func length(of response: HTTPResponse) throws(NATSError) -> Int? {
    let said = Set(response.headers.filter { $0.name.lowercased() == "content-length" }.map(\.value)).sorted()
    guard let text = said.first else { return nil }
    guard said.count == 1, let length = Int(text), length >= 0 else {
      throw malformed("Content-Length is \(said.map { "\"\(shown($0.utf8))\"" }.joined(separator: " and "))")
    }
    return length
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
