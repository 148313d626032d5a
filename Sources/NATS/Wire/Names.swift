import Machine

/// Checks of names before they travel: a server would refuse them late, or not say why.
public enum Names {
  /// A subject to publish to: tokens between dots, none empty, no white space, no wildcard.
  public static func checkPublishSubject(_ subject: String) throws(NATSError) {
    try checkSubject(subject, allowsWildcards: false)
  }

  /// A subject to subscribe to: as for publishing, and `*` as a whole token, `>` as the whole last token.
  public static func checkSubscribeSubject(_ subject: String) throws(NATSError) {
    try checkSubject(subject, allowsWildcards: true)
  }

  /// A stream's name: no white space, dots, wildcards or slashes, at most 255 bytes (the server's own bound).
  public static func checkStream(_ name: String) throws(NATSError) { try checkPlain(name, .stream) }

  /// A consumer's name: the same rules as a stream's.
  public static func checkConsumer(_ name: String) throws(NATSError) { try checkPlain(name, .consumer) }

  /// A key-value or object bucket: letters, digits, `_` and `-`.
  public static func checkBucket(_ name: String) throws(NATSError) {
    try checkFilled(name, .bucket)
    try check(name, .bucket, "holds a character other than letters, digits, '_' and '-'") { isWordByte($0) }
  }

  /// A key of a bucket: letters, digits and `-/_=.`, with no dot at an end.
  public static func checkKey(_ name: String) throws(NATSError) {
    try checkFilled(name, .key)
    try check(name, .key, "holds a character other than letters, digits and '-/_=.'") {
      isWordByte($0) || $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "=") || $0 == UInt8(ascii: ".")
    }
    if name.hasPrefix(".") || name.hasSuffix(".") || name.contains("..") {
      throw invalid(.key, name, "has an empty part beside a dot", nil)
    }
  }

  /// What to watch in a bucket: a key, in which `*` may stand for a part between dots and `>` for all that follows.
  public static func checkKeyPattern(_ pattern: String) throws(NATSError) {
    do throws(NATSError) {
      try checkSubscribeSubject(pattern)
    } catch .invalidName(var invalid) {
      invalid.kind = .key
      throw .invalidName(invalid)
    }
    try check(pattern, .key, "holds a character other than letters, digits, '-/_=.', '*' and '>'") {
      isWordByte($0) || "/=.*>".utf8.contains($0)
    }
  }

  /// A name for a context's file: never one that leads out of its folder.
  public static func checkContext(_ name: String) throws(NATSError) {
    try checkFilled(name, .context)
    try check(name, .context, "holds a slash, a control character or white space") {
      $0 > 32 && $0 != 127 && $0 != UInt8(ascii: "/") && $0 != UInt8(ascii: "\\")
    }
    if name.contains("..") || name.hasPrefix(".") {
      throw invalid(.context, name, "begins with a dot or holds '..'", nil)
    }
  }

  /// What the client's own reply subjects begin with.
  static func checkInbox(_ prefix: String) throws(NATSError) {
    do throws(NATSError) {
      try checkPublishSubject(prefix)
    } catch .invalidName(var invalid) {
      invalid.kind = .inbox
      throw .invalidName(invalid)
    }
  }

  private static func checkSubject(_ subject: String, allowsWildcards: Bool) throws(NATSError) {
    var text = subject
    let failure: (String, Int)? = text.withUTF8 { bytes in firstProblem(in: bytes, allowsWildcards: allowsWildcards) }
    guard let (problem, offset) = failure else { return }
    throw invalid(.subject, subject, problem, subject.isEmpty ? nil : position(of: offset, in: subject))
  }

  private static func firstProblem(
    in bytes: UnsafeBufferPointer<UInt8>, allowsWildcards: Bool
  ) -> (problem: String, offset: Int)? {
    if bytes.isEmpty { return ("it is empty", 0) }
    var tokenStart = 0
    for index in 0...bytes.count {
      let byte = index < bytes.count ? bytes[index] : UInt8(ascii: ".")
      switch byte {
      case UInt8(ascii: "."):
        if index == tokenStart { return ("has an empty token", index) }
        tokenStart = index + 1
      case UInt8(ascii: "*"), UInt8(ascii: ">"):
        let endsToken = index + 1 == bytes.count || bytes[index + 1] == UInt8(ascii: ".")
        guard index == tokenStart, endsToken else { continue }
        if !allowsWildcards { return ("a wildcard can only be subscribed to", index) }
        if byte == UInt8(ascii: ">"), index + 1 < bytes.count { return ("'>' must be the last token", index) }
      case 0...32, 127:
        return ("holds white space or a control character", index)
      default:
        continue
      }
    }
    return nil
  }

  private static func checkPlain(_ name: String, _ kind: NATSError.InvalidName.Kind) throws(NATSError) {
    try checkFilled(name, kind)
    if name.utf8.count > 255 { throw invalid(kind, name, "is longer than 255 bytes", nil) }
    try check(name, kind, "holds white space, a dot, a wildcard or a slash") { byte in
      switch byte {
      case 0...32, 127, UInt8(ascii: "."), UInt8(ascii: "*"), UInt8(ascii: ">"): false
      case UInt8(ascii: "/"), UInt8(ascii: "\\"): false
      default: true
      }
    }
  }

  private static func checkFilled(_ name: String, _ kind: NATSError.InvalidName.Kind) throws(NATSError) {
    if name.isEmpty { throw invalid(kind, name, "it is empty", nil) }
  }

  private static func check(
    _ name: String, _ kind: NATSError.InvalidName.Kind, _ problem: String, _ accepts: (UInt8) -> Bool
  ) throws(NATSError) {
    for (offset, byte) in name.utf8.enumerated() where !accepts(byte) {
      throw invalid(kind, name, problem, position(of: offset, in: name))
    }
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"): true
    default: false
    }
  }

  private static func position(of offset: Int, in name: String) -> Int {
    let index = name.utf8.index(name.startIndex, offsetBy: min(offset, name.utf8.count))
    return name.distance(from: name.startIndex, to: index) + 1
  }

  private static func invalid(
    _ kind: NATSError.InvalidName.Kind, _ name: String, _ problem: String, _ position: Int?
  ) -> NATSError {
    .invalidName(.init(kind: kind, name: name, problem: problem, position: position))
  }
}

/// Names that no other client has: for inboxes and message identifiers.
enum UniqueID {
  private static let process = next()
  private static let lock = Lock()
  nonisolated(unsafe) private static var lastNumber = 0

  /// For one of many: chance once for the process, then counted. It is unique, and can be guessed by whoever saw another.
  static func nextInRow() -> String {
    lock.lock()
    lastNumber += 1
    let number = lastNumber
    lock.unlock()
    return "\(process)-\(number)"
  }

  private static let letters = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

  /// 22 letters and digits, about 131 bits of chance.
  static func next() -> String {
    var source = SystemRandomNumberGenerator()
    let bytes = (0..<22).map { _ in letters[Int.random(in: 0..<letters.count, using: &source)] }
    return String(decoding: bytes, as: UTF8.self)
  }
}
