#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What an HTTP server answered.
public struct HTTPResponse: Sendable, Equatable {
  public struct Field: Sendable, Equatable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
      self.name = name
      self.value = value
    }
  }

  public var status: Int
  /// In the order in which they came.
  public var headers: [Field]
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

  public init() {}

  /// Gets `url`. Every status is an answer; only what is no answer throws. Redirections are not followed.
  public func get(
    _ url: String, headers: [HTTPResponse.Field] = [], limit: WaitLimit
  ) throws(NATSError) -> HTTPResponse {
    try send("GET", url, headers, nil, limit)
  }

  /// Posts `body` to `url`.
  public func post(
    _ url: String, body: [UInt8], contentType: String = "application/json", headers: [HTTPResponse.Field] = [],
    limit: WaitLimit
  ) throws(NATSError) -> HTTPResponse {
    try send("POST", url, headers + [.init(name: "Content-Type", value: contentType)], body, limit)
  }

  private func send(
    _ method: String, _ url: String, _ headers: [HTTPResponse.Field], _ body: [UInt8]?, _ limit: WaitLimit
  ) throws(NATSError) -> HTTPResponse {
    let parts = try Self.parse(url)
    let shown = URLParts.redacted(url)
    let server = Endpoint(host: parts.host, port: parts.port ?? 80)
    let request = try Self.request(method, parts, server, headers, body)
    do throws(NATSError) {
      let socket = try Socket.connect(to: server, limit: limit)
      var offset = 0
      try socket.send(request, from: &offset, .http(url: shown), limit: limit)
      var reader = HTTPReader(socket: socket, url: shown, sizeLimit: sizeLimit, limit: limit)
      return try reader.response()
    } catch .connectionLost(_, let loss) {
      throw .httpFailed(url: shown, loss)
    } catch .unknownHost where parts.mayHideLogin, .timedOut(.resolving, _) where parts.mayHideLogin {
      // What was taken for its host may be a password.
      throw .invalidURL(url: shown, problem: "its host could not be looked up; \(URLLogins.escaping)")
    }
  }

  private static func parse(_ url: String) throws(NATSError) -> URLParts {
    let parts = try URLParts(url)
    switch parts.scheme {
    case "http": return parts
    case "https": throw .invalidURL(url: URLParts.redacted(url), problem: "nbx speaks no TLS; use http://")
    case nil: throw .invalidURL(url: URLParts.redacted(url), problem: "it begins with no scheme; write http://…")
    case .some(let scheme):
      throw .invalidURL(url: URLParts.redacted(url), problem: "\(scheme) is not HTTP; use http://")
    }
  }

  private static func request(
    _ method: String, _ parts: URLParts, _ server: Endpoint, _ headers: [HTTPResponse.Field], _ body: [UInt8]?
  ) throws(NATSError) -> [UInt8] {
    var head = "\(method) \(parts.target) HTTP/1.1\r\nHost: \(server)\r\nConnection: close\r\nAccept: */*\r\n"
    if let user = parts.user {
      let login = Data("\(user):\(parts.password ?? "")".utf8).base64EncodedString()
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
