/// A key in the spelling of NATS: in base32 a letter for what it belongs to, 32 bytes, and a check sum.
///
/// Public keys begin with O (operator), A (account) or U (user), seeds with S and that letter.
public struct NKey: Sendable, Hashable {
  /// What a key belongs to; the raw value is the first byte of its public key.
  public enum Kind: UInt8, Sendable, CaseIterable {
    case `operator` = 112
    case account = 0
    case user = 160
    case server = 104
    case cluster = 16
    case curve = 184
  }

  /// What it belongs to.
  public let kind: Kind
  /// A seed is secret: whoever has it can sign.
  public let isSeed: Bool
  /// The public key, or the 32 bytes that the key pair is made from.
  public let bytes: [UInt8]

  /// A key of bytes that are there already.
  public init(kind: Kind, isSeed: Bool, bytes: [UInt8]) {
    self.kind = kind
    self.isSeed = isSeed
    self.bytes = bytes
  }

  /// A new seed, from the system's source of chance.
  public static func newSeed(_ kind: Kind) -> NKey {
    var source = SystemRandomNumberGenerator()
    return NKey(kind: kind, isSeed: true, bytes: (0..<32).map { _ in UInt8.random(in: 0...255, using: &source) })
  }

  /// Reads a key. What is wrong with one never shows the key, as it may be a seed.
  public init(_ text: String) throws(NATSError) {
    guard let all = Base32.decoded(text) else {
      throw .keyMalformed(problem: "it is spelled with other letters than A to Z and 2 to 7, or too short")
    }
    guard all.count > 4 else { throw .keyMalformed(problem: "it is too short") }
    let (body, sum) = (all.dropLast(2), Array(all.suffix(2)))
    guard CheckSum.crc16(body) == UInt16(sum[0]) | UInt16(sum[1]) << 8 else {
      throw .keyMalformed(problem: "its check sum is wrong, so that a letter of it is wrong or missing")
    }
    isSeed = body[0] & 0xf8 == NKey.seedPrefix
    let prefix = isSeed ? (body[0] & 7) << 5 | body[1] >> 3 : body[0]
    bytes = Array(body.dropFirst(isSeed ? 2 : 1))
    guard let kind = Kind(rawValue: prefix), bytes.count == 32 else {
      throw .keyMalformed(problem: "it is of a kind that nobody has")
    }
    self.kind = kind
  }

  /// The key as NATS spells it.
  public var text: String {
    let head =
      isSeed ? [NKey.seedPrefix | kind.rawValue >> 5, (kind.rawValue & 31) << 3] : [kind.rawValue]
    let body = head + bytes
    let sum = CheckSum.crc16(body[...])
    return Base32.encoded(body + [UInt8(sum & 255), UInt8(sum >> 8)])
  }

  /// The public key of a seed; a public key is its own.
  public func publicKey(_ signer: any Signer) throws(Problem) -> NKey {
    isSeed ? NKey(kind: kind, isSeed: false, bytes: try signer.publicKey(of: bytes)) : self
  }

  private static let seedPrefix: UInt8 = 144
}

/// Whoever writes a key out by accident shows no seed.
extension NKey: CustomStringConvertible, CustomDebugStringConvertible {
  /// The public key; of a seed only that it is one.
  public var description: String { isSeed ? "a seed" : text }
  /// As `description`: no seed gets into a log.
  public var debugDescription: String { description }
}

enum CheckSum {
  /// CRC-16/XMODEM.
  static func crc16(_ bytes: ArraySlice<UInt8>) -> UInt16 {
    var sum: UInt16 = 0
    for byte in bytes {
      sum ^= UInt16(byte) << 8
      for _ in 0..<8 { sum = sum & 0x8000 == 0 ? sum << 1 : sum << 1 ^ 0x1021 }
    }
    return sum
  }
}

/// RFC 4648's base32, without padding.
enum Base32 {
  private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".utf8)

  static func encoded(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    var (bits, count) = (0, 0)
    for byte in bytes {
      bits = bits << 8 | Int(byte)
      count += 8
      while count >= 5 {
        count -= 5
        text.append(letters[bits >> count & 31])
      }
      bits &= (1 << count) - 1
    }
    if count > 0 { text.append(letters[bits << (5 - count) & 31]) }
    return String(decoding: text, as: UTF8.self)
  }

  /// Nil for other letters, and where bits are left over that belong to no byte.
  static func decoded(_ text: String) -> [UInt8]? {
    var bytes: [UInt8] = []
    var (bits, count) = (0, 0)
    for letter in text.utf8 {
      guard let value = letters.firstIndex(of: letter) else { return nil }
      bits = bits << 5 | value
      count += 5
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(bits >> count & 255))
      }
      bits &= (1 << count) - 1
    }
    return count < 5 && bits == 0 ? bytes : nil
  }
}
