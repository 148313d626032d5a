#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A login under a name, as the nats CLI keeps it in a file. What this library does not know is kept as it is.
public struct Context: Sendable, Equatable {
  public let name: String
  /// The file, for errors; empty until it is stored.
  public internal(set) var path = ""
  private var values: [String: JSONValue]

  /// The keys that the CLI writes. Those with a text value are read and set with a subscript.
  public enum Key: String, Sendable, CaseIterable {
    case description, url, user, password, token, creds, nkey, cert, key, ca, nsc
    case userJWT = "user_jwt"
    case userSeed = "user_seed"
    case socksProxy = "socks_proxy"
    case jetStreamDomain = "jetstream_domain"
    case jetStreamAPIPrefix = "jetstream_api_prefix"
    case jetStreamEventPrefix = "jetstream_event_prefix"
    case inboxPrefix = "inbox_prefix"
    case colorScheme = "color_scheme"
  }

  public init(name: String) throws(NATSError) {
    try Names.checkContext(name)
    self.name = name
    // The CLI writes every key, so that one sees what can be set.
    values = Dictionary(uniqueKeysWithValues: Key.allCases.map { ($0.rawValue, JSONValue.string("")) })
    values["tls_first"] = .bool(false)
  }

  init(name: String, path: String, parsing bytes: [UInt8]) throws(NATSError) {
    self.name = name
    self.path = path
    do {
      values = try JSONDecoder().decode([String: JSONValue].self, from: Data(bytes))
    } catch {
      throw .contextMalformed(path: path, detail: decodingDetail(error))
    }
  }

  /// A text; empty if the file has none.
  public subscript(key: Key) -> String {
    get { if case .string(let text) = values[key.rawValue] { text } else { "" } }
    set { values[key.rawValue] = .string(newValue) }
  }

  /// Whether TLS comes before the server's first word.
  public var beginsWithTLS: Bool {
    get { values["tls_first"] == .bool(true) }
    set { values["tls_first"] = .bool(newValue) }
  }

  /// The file's bytes, its keys in alphabetical order.
  func encoded() throws(NATSError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      return try Array(encoder.encode(values)) + [10]
    } catch {
      throw .contextMalformed(path: path, detail: decodingDetail(error))
    }
  }

  /// How to connect. Throws `contextUnsupported` for logins by key, which need signatures: give those as `Credentials.jwt`.
  public func connectionOptions() throws(NATSError) -> Connection.Options {
    if beginsWithTLS { throw .contextUnsupported(path: path, detail: "it asks for TLS, which nbx does not speak") }
    for key in [Key.creds, .nkey, .nsc, .userSeed] where !self[key].isEmpty {
      throw .contextUnsupported(
        path: path, detail: "it logs in by \(key.rawValue), which nbx cannot; use a context with user and password")
    }
    let url = self[.url].isEmpty ? "nats://127.0.0.1:4222" : self[.url]
    var options = try Connection.Options(urls: url)
    if !self[.user].isEmpty {
      options.credentials = .user(self[.user], password: self[.password])
    } else if !self[.token].isEmpty {
      options.credentials = .token(self[.token])
    }
    if !self[.inboxPrefix].isEmpty { options.inboxPrefix = self[.inboxPrefix] }
    return options
  }

  /// The JetStream that this context means, over a connection made with it.
  public func jetStream(over connection: Connection) -> JetStream {
    if !self[.jetStreamAPIPrefix].isEmpty { return JetStream(connection, prefix: self[.jetStreamAPIPrefix]) }
    return JetStream(connection, domain: self[.jetStreamDomain].isEmpty ? nil : self[.jetStreamDomain])
  }
}
