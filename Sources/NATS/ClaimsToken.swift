#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A JWT as NATS has it: a header, claims and a signature, each in base64url.
public enum ClaimsToken {
  private static let header = #"{"typ":"JWT","alg":"ed25519-nkey"}"#

  /// Signs claims, which are JSON.
  public static func signed(_ claims: [UInt8], by seed: NKey, signer: any Signer) throws -> String {
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
    return (try? JSONDecoder().decode(Name.self, from: Data(claims)))?.name
  }

  static func base64URL(_ bytes: [UInt8]) -> String {
    let letters = Data(bytes).base64EncodedString().utf8.compactMap { letter -> UInt8? in
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
    return Data(base64Encoded: Data(letters)).map(Array.init)
  }
}
