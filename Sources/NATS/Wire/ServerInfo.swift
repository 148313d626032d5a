/// What a server says of itself in INFO.
public struct ServerInfo: Sendable, Decodable {
  /// The server's key, another one after each start.
  public var serverID: String
  /// What its configuration calls it.
  public var serverName: String
  /// The server's version, such as `2.11.4`.
  public var version: String
  /// The server's cluster, nil outside of one.
  public var cluster: String?
  /// The JetStream domain, nil for the default one.
  public var domain: String?
  /// The largest payload in bytes that the server takes.
  public var maxPayload: Int
  /// Whether messages may have headers.
  public var supportsHeaders: Bool
  /// Whether clients must speak TLS.
  public var requiresTLS: Bool
  /// Whether it has JetStream itself.
  public var hasJetStream: Bool
  /// What a client signs that logs in by key.
  public var nonce: String?
  /// The connection's number on the server.
  public var clientID: UInt64?
  /// The server is about to stop and lets its clients go.
  public var isLameDuck: Bool

  private enum CodingKeys: String, CodingKey {
    case serverID = "server_id"
    case serverName = "server_name"
    case maxPayload = "max_payload"
    case supportsHeaders = "headers"
    case requiresTLS = "tls_required"
    case hasJetStream = "jetstream"
    case clientID = "client_id"
    case isLameDuck = "ldm"
    case version, cluster, domain, nonce
  }

  /// Reads the JSON of INFO.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    serverID = try values.decode(String.self, forKey: .serverID)
    serverName = try values.decodeIfPresent(String.self, forKey: .serverName) ?? serverID
    version = try values.decodeIfPresent(String.self, forKey: .version) ?? ""
    cluster = try values.decodeIfPresent(String.self, forKey: .cluster)
    domain = try values.decodeIfPresent(String.self, forKey: .domain)
    maxPayload = try values.decodeIfPresent(Int.self, forKey: .maxPayload) ?? 1 << 20
    supportsHeaders = try values.decodeIfPresent(Bool.self, forKey: .supportsHeaders) ?? false
    requiresTLS = try values.decodeIfPresent(Bool.self, forKey: .requiresTLS) ?? false
    hasJetStream = try values.decodeIfPresent(Bool.self, forKey: .hasJetStream) ?? false
    nonce = try values.decodeIfPresent(String.self, forKey: .nonce)
    clientID = try values.decodeIfPresent(UInt64.self, forKey: .clientID)
    isLameDuck = try values.decodeIfPresent(Bool.self, forKey: .isLameDuck) ?? false
  }

  static func decode(_ bytes: [UInt8], from server: Endpoint) throws(NATSError) -> ServerInfo {
    do {
      return try Coding.value(json: bytes)
    } catch {
      throw .protocolViolation(server: server, .malformedInfo(detail: decodingDetail(error)))
    }
  }
}

/// A decoder's complaint in a few words; its own description spans many lines.
func decodingDetail(_ error: any Error) -> String {
  switch error as? DecodingError {
  case .keyNotFound(let key, _): "\(key.stringValue) is missing"
  case .typeMismatch(_, let context), .valueNotFound(_, let context):
    "\(pathText(context.codingPath)) is of another type than expected"
  default: "it is no valid JSON"
  }
}

/// The name of a field with those that it is in; of the whole answer there is none.
private func pathText(_ path: [any CodingKey]) -> String {
  path.isEmpty ? "it" : path.map(\.stringValue).joined(separator: ".")
}
