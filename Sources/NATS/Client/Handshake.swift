/// The first words with a server: its INFO, our CONNECT and PING, its PONG.
struct Handshake {
  let socket: Socket
  let parser: WireParser
  var info: ServerInfo

  /// Connects to `server` and logs in, within `limit`.
  init(with server: Endpoint, options: Connection.Options, limit: Limit) throws(NATSError) {
    socket = try Socket.connect(to: server, limit: limit)
    parser = WireParser(server: server)
    info = try Self.greeting(socket, parser, limit: limit)
    if info.requiresTLS { throw .tlsRequired(server: server) }
    // max_payload is the peer's own word, so it counts for no more than the 64 MiB that servers allow themselves.
    parser.messageLimit = 64 << 20 + min(max(info.maxPayload, 0), 64 << 20)
    let lines = try Array("CONNECT ".utf8) + Self.connectBody(info, options, server) + Array("\r\nPING\r\n".utf8)
    try socket.send(ByteBuffer(lines), .authenticating, limit: limit)
    try awaitPong(options, limit: limit)
  }

  private static func greeting(
    _ socket: Socket, _ parser: WireParser, limit: Limit
  ) throws(NATSError) -> ServerInfo {
    do throws(NATSError) {
      switch try nextEvent(socket, parser, .greeting, limit: limit) {
      case .info(let bytes): return try ServerInfo.decode(bytes, from: socket.server)
      case .error(let text): throw .connectionLost(server: socket.server, .refused(text: text))
      default: throw .protocolViolation(server: socket.server, .noInfo(line: "a message"))
      }
    } catch .protocolViolation(let server, .unknownOperation(let line)) {
      throw .protocolViolation(server: server, .noInfo(line: line))
    }
  }

  private mutating func awaitPong(_ options: Connection.Options, limit: Limit) throws(NATSError) {
    while true {
      switch try Self.nextEvent(socket, parser, .authenticating, limit: limit) {
      case .pong: return
      case .info(let bytes): info = try ServerInfo.decode(bytes, from: socket.server)
      case .error(let text): throw Self.refusal(text, server: socket.server, login: options.credentials.login)
      default: continue
      }
    }
  }

  /// What an `-ERR` that ends a connection means.
  static func refusal(_ text: String, server: Endpoint, login: NATSError.Login) -> NATSError {
    let lower = text.lowercased()
    if lower.contains("tls required") { return .tlsRequired(server: server) }
    // 'Authorization Violation', 'Authentication Timeout', 'User Authentication Expired', 'Account Authentication Expired' …
    if lower.contains("authorization") || lower.contains("authentication") {
      return .authorizationFailed(server: server, login: login, text: text)
    }
    return .connectionLost(server: server, .refused(text: text))
  }

  private static func nextEvent(
    _ socket: Socket, _ parser: WireParser, _ activity: NATSError.Activity, limit: Limit
  ) throws(NATSError) -> WireEvent {
    while true {
      if let event = try parser.next() { return event }
      try socket.waitUntilReadable(activity, limit: limit)
      _ = try parser.buffer.receive(socket.read)
    }
  }

  private static func connectBody(
    _ info: ServerInfo, _ options: Connection.Options, _ server: Endpoint
  ) throws(NATSError) -> [UInt8] {
    var body = ConnectBody(name: options.name)
    switch options.credentials {
    case .none: break
    case .user(let name, let password):
      body.user = name
      body.pass = password
    case .token(let token): body.token = token
    case .nkey(let seed, let signer):
      body.sig = try signature(info, seed, signer, server)
      do throws(Problem) {
        body.nkey = try seed.publicKey(signer).text
      } catch {
        throw .signingFailed(server: server, detail: error)
      }
    case .jwt(let jwt, let seed, let signer):
      body.sig = try signature(info, seed, signer, server)
      body.jwt = jwt
    }
    do {
      return try Coding.json(body)
    } catch {
      throw .signingFailed(server: server, detail: .init(decodingDetail(error)))
    }
  }
}

extension Handshake {
  /// The signature of what the server made up for this connection.
  private static func signature(
    _ info: ServerInfo, _ seed: NKey, _ signer: any Signer, _ server: Endpoint
  ) throws(NATSError) -> String {
    guard let nonce = info.nonce, !nonce.isEmpty else {
      throw .signingFailed(
        server: server,
        detail: .init("it sent none, as it knows no logins by key", advice: "log in by user and password"))
    }
    do throws(Problem) {
      return ClaimsToken.base64URL(try signer.signature(of: Array(nonce.utf8), by: seed.bytes))
    } catch {
      throw .signingFailed(server: server, detail: error)
    }
  }
}

/// The body of CONNECT.
private struct ConnectBody: Encodable {
  var name: String
  var verbose = false
  var pedantic = false
  var requiresTLS = false
  var lang = "swift"
  var version = "1.0.0"
  var `protocol` = 1
  var echo = true
  var headers = true
  var wantsNoResponders = true
  var user: String?
  var pass: String?
  var token: String?
  var nkey: String?
  var jwt: String?
  var sig: String?

  private enum CodingKeys: String, CodingKey {
    case name, verbose, pedantic, lang, version, `protocol`, echo, headers, user, pass, nkey, jwt, sig
    case requiresTLS = "tls_required"
    case wantsNoResponders = "no_responders"
    case token = "auth_token"
  }
}
