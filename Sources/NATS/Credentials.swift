/// How a client proves who it is.
public enum Credentials: Sendable {
  case none
  case user(String, password: String)
  case token(String)
  /// By a key that the server knows: the client signs what the server makes up for each connection.
  case nkey(seed: NKey, signer: any Signer)
  /// By a user's JWT, which an account has signed, and the key that it speaks of.
  case jwt(String, seed: NKey, signer: any Signer)

  /// The login in an error's text, as `of user js`.
  var described: String {
    switch self {
    case .none: "without a user"
    case .user(let name, _): "of user \(name)"
    case .token: "by token"
    case .nkey: "by nkey"
    case .jwt(let jwt, _, _):
      if let name = ClaimsToken.name(in: jwt) { "by the JWT of user \(name)" } else { "by JWT" }
    }
  }
}

/// Makes signatures and keys of the kind that NATS uses, Ed25519. This library has no cryptography of its own.
public protocol Signer: Sendable {
  /// The public key that belongs to a seed of 32 bytes.
  func publicKey(of seed: [UInt8]) throws -> [UInt8]
  /// 64 bytes.
  func signature(of message: [UInt8], by seed: [UInt8]) throws -> [UInt8]
}

extension Credentials {
  /// From the text of a `.creds` file, which holds a user's JWT and its seed.
  ///
  /// - Parameter place: where the text is from, for errors.
  public static func creds(
    _ text: String, from place: String, signer: any Signer
  ) throws(NATSError) -> Credentials {
    guard let jwt = block("NATS USER JWT", in: text), let seed = block("USER NKEY SEED", in: text) else {
      throw .credentialsMalformed(
        place: place,
        problem: "it lacks a block NATS USER JWT or USER NKEY SEED; a file as `nsc generate creds` makes it")
    }
    return try userJWT(jwt, seed: seed, from: place, signer: signer)
  }

  /// From a `.creds` file.
  public static func creds(file path: String, signer: any Signer) throws(NATSError) -> Credentials {
    try creds(try Files.text(of: path), from: path, signer: signer)
  }

  /// From a file with a user's seed.
  public static func nkey(file path: String, signer: any Signer) throws(NATSError) -> Credentials {
    try nkey(seedText: try Files.text(of: path), from: path, signer: signer)
  }

  /// From a user's JWT and its seed as text.
  public static func userJWT(
    _ jwt: String, seed: String, from place: String, signer: any Signer
  ) throws(NATSError) -> Credentials {
    .jwt(jwt, seed: try userSeed(seed, from: place), signer: signer)
  }

  /// From a user's seed, alone or in a file that holds it among other lines.
  public static func nkey(
    seedText text: String, from place: String, signer: any Signer
  ) throws(NATSError) -> Credentials {
    let seed = text.split(whereSeparator: \.isWhitespace).first { $0.hasPrefix("SU") }
    return .nkey(seed: try userSeed(seed.map(String.init) ?? text, from: place), signer: signer)
  }

  private static func userSeed(_ text: String, from place: String) throws(NATSError) -> NKey {
    guard let key = try? NKey(text), key.isSeed, key.kind == .user else {
      throw .credentialsMalformed(place: place, problem: "it holds no seed of a user, which begins with SU")
    }
    return key
  }

  /// What stands between `-----BEGIN NAME-----` and the next line of hyphens.
  private static func block(_ name: String, in text: String) -> String? {
    let lines = text.split(whereSeparator: \.isNewline)
    guard let begin = lines.firstIndex(where: { $0.contains("-BEGIN \(name)-") }) else { return nil }
    let inside = lines[(begin + 1)...].prefix { !$0.hasPrefix("--") }.joined().filter { !$0.isWhitespace }
    return inside.isEmpty ? nil : inside
  }
}
