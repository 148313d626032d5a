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
    for key in Key.allCases {
      switch values[key.rawValue] {
      case nil, .null, .string: break
      default: throw .contextMalformed(path: path, detail: "`\(key.rawValue)` is no text")
      }
    }
  }

  /// A text; empty if the file has none.
  public subscript(key: Key) -> String {
    get { if case .string(let text) = values[key.rawValue] { text } else { "" } }
    set { values[key.rawValue] = .string(newValue) }
  }

  /// Whose it is; nil: its user's.
  public var mark: ContextMark? {
    get { ContextMark(values["nbx"]) }
    set { values["nbx"] = newValue?.value }
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

  /// How to connect.
  ///
  /// - Parameter signer: signs for logins by key, whose files are read here.
  /// - Throws: `contextUnsupported` for what asks for TLS: nothing may travel in clear that was not meant to.
  public func connectionOptions(signer: any Signer) throws(NATSError) -> Connection.Options {
    let asksForTLS = beginsWithTLS || [Key.cert, .key, .ca].contains { !self[$0].isEmpty }
    if asksForTLS { throw .contextUnsupported(path: path, detail: "it asks for TLS, which nbx does not speak") }
    if !self[.socksProxy].isEmpty {
      throw .contextUnsupported(
        path: path,
        detail: "its way goes through a SOCKS proxy, which nbx does not speak; use a context without socks_proxy")
    }
    if !self[.nsc].isEmpty {
      throw .contextUnsupported(
        path: path, detail: "it takes its login from nsc; write that out with `nsc generate creds`, and use creds")
    }
    let url = self[.url].isEmpty ? "nats://127.0.0.1:4222" : self[.url]
    var options = try Connection.Options(urls: url)
    if let login = try credentials(signer) { options.credentials = login }
    if !self[.inboxPrefix].isEmpty { options.inboxPrefix = self[.inboxPrefix] }
    return options
  }

  /// The context's login; nil if it leaves that to the URL.
  private func credentials(_ signer: any Signer) throws(NATSError) -> Credentials? {
    if !self[.user].isEmpty { return .user(self[.user], password: self[.password]) }
    if !self[.creds].isEmpty { return try .creds(file: self[.creds], signer: signer) }
    if !self[.nkey].isEmpty { return try .nkey(file: self[.nkey], signer: signer) }
    if !self[.userJWT].isEmpty {
      return try .userJWT(self[.userJWT], seed: self[.userSeed], from: "user_seed of \(path)", signer: signer)
    }
    return self[.token].isEmpty ? nil : .token(self[.token])
  }

  /// The JetStream that this context means, over a connection made with it.
  public func jetStream(over connection: Connection) -> JetStream {
    if !self[.jetStreamAPIPrefix].isEmpty { return JetStream(connection, prefix: self[.jetStreamAPIPrefix]) }
    return JetStream(connection, domain: self[.jetStreamDomain].isEmpty ? nil : self[.jetStreamDomain])
  }
}
