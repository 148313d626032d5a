/// What is a secret by its looks, whoever wrote it and wherever it stands: the seed of an nkey, a JWT, a private key, the
/// login in a URL. It has to be sure, as people need to read what is no secret.
public enum EvidentSecrets {
  /// 32 bytes, two of prefix and two of checksum, in base32.
  private static let seedLength = 58
  /// Operator, account, user, server, cluster, curve: what the second letter of a seed says.
  private static let seedKinds = Set("OAUNCX".utf8)
  private static let shortestToken = 40
  private static let tokenStart = Array("eyJ".utf8)
  private static let schemeEnd = Array("://".utf8)
  private static let keyStart = Array("-----BEGIN ".utf8)
  private static let keyEnd = Array("-----END".utf8)

  /// Where they lie, in order and apart from each other.
  public static func ranges(in bytes: some Sequence<UInt8>) -> [Range<Int>] {
    let bytes = Array(bytes)
    var found: [Range<Int>] = []
    var position = 0
    while position < bytes.count {
      guard let range = range(in: bytes, at: position) else {
        position += 1
        continue
      }
      found.append(range)
      position = range.upperBound
    }
    return found
  }

  private static func range(in bytes: [UInt8], at position: Int) -> Range<Int>? {
    let isWordStart = position == 0 || !isPlain(bytes[position - 1])
    switch bytes[position] {
    case UInt8(ascii: "S") where isWordStart: return seed(in: bytes, at: position)
    // One look at all that hangs together: whoever looks from each word in it looks without end.
    case UInt8(ascii: "e") where position == 0 || !isOfToken(bytes[position - 1]): return token(in: bytes, at: position)
    case UInt8(ascii: ":"): return login(in: bytes, at: position)
    case UInt8(ascii: "-"): return privateKey(in: bytes, at: position)
    default: return nil
    }
  }

  private static func seed(in bytes: [UInt8], at start: Int) -> Range<Int>? {
    let end = start + seedLength
    guard end <= bytes.count, seedKinds.contains(bytes[start + 1]), end == bytes.count || !isPlain(bytes[end]),
      bytes[start..<end].allSatisfy({ (0x41...0x5a).contains($0) || (0x32...0x37).contains($0) })
    else { return nil }
    return start..<end
  }

  private static func token(in bytes: [UInt8], at start: Int) -> Range<Int>? {
    guard bytes[start...].starts(with: tokenStart) else { return nil }
    let word = bytes[start...].prefix(while: isOfToken)
    let parts = word.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    return word.count >= shortestToken && parts.count == 3 ? start..<word.endIndex : nil
  }

  private static func login(in bytes: [UInt8], at colon: Int) -> Range<Int>? {
    guard bytes[colon...].starts(with: schemeEnd) else { return nil }
    let start = colon + schemeEnd.count
    var end = start
    while end < bytes.count, bytes[end] > 0x20, !"\"'`<>".utf8.contains(bytes[end]),
      !bytes[end...].starts(with: schemeEnd)
    {
      end += 1
    }
    // A name in it says nothing yet, and is what one wants to read.
    guard let at = bytes[start..<end].lastIndex(of: UInt8(ascii: "@")), at > start,
      !bytes[start..<at].contains(UInt8(ascii: "$"))
    else { return nil }
    return start..<at
  }

  private static func privateKey(in bytes: [UInt8], at start: Int) -> Range<Int>? {
    guard bytes[start...].starts(with: keyStart) else { return nil }
    let rest = bytes[(start + keyStart.count)...]
    let title = String(decoding: rest.prefix { $0 != UInt8(ascii: "-") && $0 >= 0x20 }, as: UTF8.self)
    guard title.contains("PRIVATE KEY") || title.contains("SEED") else { return nil }
    let inside = start + keyStart.count + title.utf8.count
    let end = bytes[inside...].indices.first { bytes[$0...].starts(with: keyEnd) } ?? bytes.count
    return inside < end ? inside..<end : nil
  }

  private static func isOfToken(_ byte: UInt8) -> Bool {
    isPlain(byte) || byte == UInt8(ascii: "-") || byte == UInt8(ascii: ".")
  }

  private static func isPlain(_ byte: UInt8) -> Bool { Letters.continuesName(byte) }
}

extension EvidentSecrets {
  /// The ends of names, in small letters, whose values are secrets: `--password`, `PGPASSWORD`, `auth.token`.
  static let namesEnd = ["password", "passwd", "passphrase", "token"].map { Array($0.utf8) }
  /// What programs are told a user's name and password by, as curl and smbclient.
  public static let loginFlags: Set<String> = ["-u", "--user", "-U", "--proxy-user"]

  /// Where a word of a command is a secret by what names it: the next word behind `--password`, what follows the `=` of
  /// `PGPASSWORD=…`, the password of `-u USER:PASSWORD`, `--user=USER:PASSWORD` and `-U USER%PASSWORD`; nil if it is none.
  public static func range(inWord word: String, behind former: String) -> Range<Int>? {
    if former.hasPrefix("--"), isNamed(former), !word.isEmpty, !word.hasPrefix("-") { return 0..<word.utf8.count }
    let name = word.firstIndex(of: "=").map { String(word[..<$0]) }
    let value = word.dropFirst(name.map { $0.count + 1 } ?? 0)
    let secret: Substring?
    if loginFlags.contains(former) {
      secret = password(ofLogin: word[...])
    } else if let name, loginFlags.contains(name) {
      secret = password(ofLogin: value)
    } else {
      // What is all digits is a count.
      secret = name.map(isNamed) == true && !value.utf8.allSatisfy(isDigit) ? value : nil
    }
    return secret.map { word.utf8.count - $0.utf8.count..<word.utf8.count }
  }

  private static func isNamed(_ name: String) -> Bool {
    let small = Array(name.lowercased().utf8)
    return namesEnd.contains { small.suffix($0.count).elementsEqual($0) }
  }

  /// Two numbers are a user's and a group's, as docker takes them.
  private static func password(ofLogin login: Substring) -> Substring? {
    guard let sign = login.firstIndex(of: ":") ?? login.firstIndex(of: "%") else { return nil }
    let password = login[login.index(after: sign)...]
    let isOfNumbers = login[..<sign].utf8.allSatisfy(isDigit) && password.utf8.allSatisfy(isDigit)
    return password.isEmpty || isOfNumbers ? nil : password
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}

extension String {
  /// The text with `•••` in place of what is a secret by its looks.
  public var coveringEvidentSecrets: String {
    let bytes = Array(utf8)
    let ranges = EvidentSecrets.ranges(in: bytes)
    guard !ranges.isEmpty else { return self }
    var shown: [UInt8] = []
    var position = 0
    for range in ranges {
      shown += bytes[position..<range.lowerBound]
      shown += "•••".utf8
      position = range.upperBound
    }
    return String(decoding: shown + bytes[position...], as: UTF8.self)
  }
}
