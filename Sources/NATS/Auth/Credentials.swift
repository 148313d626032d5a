/// How a client proves who it is.
public enum Credentials: Sendable {
  case none
  case user(String, password: String)
  case token(String)
  /// By a key that the server knows: the client signs what the server makes up for each connection.
  case nkey(seed: NKey, signer: any Signer)
  /// By a user's JWT, which an account has signed, and the key that it speaks of.
  case jwt(String, seed: NKey, signer: any Signer)

  /// The same for an error: without what is secret.
  var login: NATSError.Login {
    switch self {
    case .none: .nobody
    case .user(let name, _): .user(name)
    case .token: .token
    case .nkey: .nkey
    case .jwt(let jwt, _, _): .jwt(user: ClaimsToken.name(in: jwt))
    }
  }
}

/// Makes signatures and keys of the kind that NATS uses, Ed25519. This library has no cryptography of its own.
public protocol Signer: Sendable {
  /// The public key that belongs to a seed of 32 bytes.
  func publicKey(of seed: [UInt8]) throws(Problem) -> [UInt8]
  /// 64 bytes.
  func signature(of message: [UInt8], by seed: [UInt8]) throws(Problem) -> [UInt8]
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
        problem: .init(
          "it lacks a block NATS USER JWT or USER NKEY SEED", advice: "a file as `nsc generate creds` makes it"))
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

/// A JWT as NATS has it: a header, claims and a signature, each in base64url.
public enum ClaimsToken {
  private static let header = #"{"typ":"JWT","alg":"ed25519-nkey"}"#

  /// Signs claims, which are JSON.
  public static func signed(_ claims: [UInt8], by seed: NKey, signer: any Signer) throws(Problem) -> String {
    let text = "\(base64URL(Array(header.utf8))).\(base64URL(claims))"
    return "\(text).\(base64URL(try signer.signature(of: Array(text.utf8), by: seed.bytes)))"
  }

  /// The bytes of the claims, which are JSON. The signature is not looked at.
  public static func claims(of token: String) throws(NATSError) -> [UInt8] {
    let parts = token.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 3, let header = bytes(parts[0]), let claims = bytes(parts[1]), bytes(parts[2]) != nil,
      header.first == UInt8(ascii: "{"), claims.first == UInt8(ascii: "{")
    else {
      throw .credentialsMalformed(
        place: "the text", problem: "it is no JWT: three parts in base64url, with dots between")
    }
    return claims
  }

  /// The name in the claims, for an error's text.
  static func name(in token: String) -> String? {
    struct Name: Decodable { var name: String? }
    guard let claims = try? claims(of: token) else { return nil }
    return (try? Coding.value(Name.self, json: claims))?.name
  }

  static func base64URL(_ bytes: [UInt8]) -> String {
    let letters = Coding.base64(bytes).utf8.compactMap { letter -> UInt8? in
      switch letter {
      case UInt8(ascii: "+"): UInt8(ascii: "-")
      case UInt8(ascii: "/"): UInt8(ascii: "_")
      case UInt8(ascii: "="): nil
      default: letter
      }
    }
    return String(decoding: letters, as: UTF8.self)
  }

  private static func bytes(_ part: Substring) -> [UInt8]? {
    var letters = part.utf8.map { letter in
      switch letter {
      case UInt8(ascii: "-"): UInt8(ascii: "+")
      case UInt8(ascii: "_"): UInt8(ascii: "/")
      default: letter
      }
    }
    while letters.count % 4 != 0 { letters.append(UInt8(ascii: "=")) }
    return Coding.bytes(base64: String(decoding: letters, as: UTF8.self))
  }
}
