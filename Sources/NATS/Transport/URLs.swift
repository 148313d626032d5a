import Machine

/// A URL taken apart: `scheme://user:password@host:port/path?query`.
///
/// Errors quote nothing of what did not parse: it may be part of a password.
public struct URLParts: Sendable, Equatable {
  /// In lower case; nil if the text names none, as in `host:4222`.
  public var scheme: String?
  /// Without percent signs; nil if there is none.
  public var user: String?
  /// Without percent signs; nil if there is none.
  public var password: String?
  /// A name or an address; IPv6 without brackets.
  public var host: String
  /// Nil if the text names none.
  public var port: UInt16?
  /// Path and query as they stand in a request line; `/` when the URL has none.
  public var target: String
  /// Whether an `@` stands behind the host: in the path, or behind a `/`, `?` or `#` of a user or password, a part of which
  /// then is taken for the host.
  let mayHideLogin: Bool

  /// Takes `text` apart. Throws `invalidURL`, whose text never shows the user and password.
  public init(_ text: String) throws(NATSError) {
    let shown = URLParts.redacted(text)
    var rest = Substring(text)
    if let bad = text.unicodeScalars.first(where: { $0.value <= 32 || $0.value == 127 }) {
      throw .invalidURL(url: shown, problem: bad == " " ? "it holds a space" : "it holds a control character")
    }
    if let mark = rest.firstRange(of: "://") {
      guard rest[..<mark.lowerBound].allSatisfy(URLLogins.mayBeInScheme) else {
        throw .invalidURL(url: shown, problem: "what stands before its :// is no scheme")
      }
      scheme = rest[..<mark.lowerBound].lowercased()
      rest = rest[mark.upperBound...]
    }
    let whole = rest
    if let fragment = rest.firstIndex(of: "#") { rest = rest[..<fragment] }
    let authorityEnd = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
    let tail = rest[authorityEnd...]
    target = tail.hasPrefix("/") ? String(tail) : "/" + tail
    var authority = rest[..<authorityEnd]
    mayHideLogin = whole[authorityEnd...].contains("@")
    if let at = authority.lastIndex(of: "@") {
      let login = authority[..<at].split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
      user = try Self.decoded(login[0], in: shown)
      password = login.count > 1 ? try Self.decoded(login[1], in: shown) : nil
      authority = authority[authority.index(after: at)...]
    }
    let portText: Substring?
    (host, portText) = try Self.hostAndPort(authority, in: shown)
    if host.isEmpty { throw .invalidURL(url: shown, problem: "it names no host") }
    if let portText {
      guard let number = UInt16(portText), number > 0 else {
        throw .invalidURL(
          url: shown,
          problem: .init(
            "its port is no number from 1 to 65535", advice: mayHideLogin ? URLLogins.escaping : nil))
      }
      port = number
    }
  }

  /// The URL, or a list of some, with users and passwords blotted out.
  static func redacted(_ text: String) -> String { URLLogins.covered(in: text, isURL: true) }

  private static func hostAndPort(
    _ authority: Substring, in shown: String
  ) throws(NATSError) -> (host: String, port: Substring?) {
    if authority.hasPrefix("[") {
      guard let close = authority.firstIndex(of: "]") else {
        throw .invalidURL(url: shown, problem: "the bracket around its address is not closed")
      }
      let after = authority[authority.index(after: close)...]
      guard after.isEmpty || after.hasPrefix(":") else {
        throw .invalidURL(url: shown, problem: "what follows the bracket is no port")
      }
      return (String(authority.dropFirst()[..<close]), after.isEmpty ? nil : after.dropFirst())
    }
    guard let colon = authority.lastIndex(of: ":") else { return (String(authority), nil) }
    if authority[..<colon].contains(":") {
      throw .invalidURL(url: shown, problem: "an IPv6 address stands in brackets: [::1]:4222")
    }
    return (String(authority[..<colon]), authority[authority.index(after: colon)...])
  }

  private static func decoded(_ text: Substring, in shown: String) throws(NATSError) -> String {
    guard let plain = text.percentDecoded else {
      throw .invalidURL(
        url: shown, problem: "a '%' in its user or password is not followed by two hexadecimal digits")
    }
    return plain
  }
}

/// Where URLs hold a user and a password, or a token. A URL that cannot be read may hold them anywhere, since a password
/// may have any character that parts a URL: so all that stands before its last `@` counts as one.
public enum URLLogins {
  /// Behind these a URL begins among others.
  private static let separators: Set<Character> = [",", ";", "\"", "'", "`", "(", "[", "{", "<", "=", "|"]
  /// Those that begin a URL even within what would else be a password.
  private static let schemes: Set<String> = ["nats", "tls", "ws", "wss", "http", "https"]

  /// How a login is written that no URL can hold as it is.
  public static let escaping = "in a user or password / ? # @ % and , are written %2F %3F %23 %40 %25 and %2C"

  /// The stretches of a text that hold them, in order.
  ///
  /// - Parameter isURL: whether the text is a URL, or a list of some, so that one without a scheme counts, too:
  ///   `user:password@host`.
  public static func ranges(in text: String, isURL: Bool) -> [Range<String.Index>] {
    let starts = starts(in: text, isURL: isURL)
    return starts.indices.compactMap { place in
      let end = place + 1 < starts.count ? starts[place + 1] : text.endIndex
      guard let at = text[starts[place]..<end].lastIndex(of: "@"), at > starts[place] else { return nil }
      return starts[place]..<at
    }
  }

  /// The text with `•••` in place of them.
  public static func covered(in text: String, isURL: Bool) -> String {
    var shown = text
    for range in ranges(in: text, isURL: isURL).reversed() { shown.replaceSubrange(range, with: "•••") }
    return shown
  }

  /// Where in the text URLs go on behind their scheme.
  private static func starts(in text: String, isURL: Bool) -> [String.Index] {
    var starts: [String.Index] = []
    var rest = text[...]
    while let mark = rest.firstRange(of: "://") {
      let scheme = text[..<mark.lowerBound].reversed().prefix(while: mayBeInScheme)
      let begin = text.index(mark.lowerBound, offsetBy: -scheme.count)
      let isApart = begin == text.startIndex || isSeparator(text[text.index(before: begin)])
      if starts.isEmpty {
        // In a URL that begins otherwise this is part of a password.
        starts.append(isURL && !isApart ? text.startIndex : mark.upperBound)
      } else if isApart, schemes.contains(String(scheme.reversed()).lowercased()) {
        starts.append(mark.upperBound)
      }
      rest = text[mark.upperBound...]
    }
    return starts.isEmpty && isURL ? [text.startIndex] : starts
  }

  /// RFC 3986, section 3.1.
  static func mayBeInScheme(_ character: Character) -> Bool {
    character.isASCII && (character.isLetter || character.isNumber) || "+-.".contains(character)
  }

  private static func isSeparator(_ character: Character) -> Bool {
    character.isWhitespace || separators.contains(character)
  }
}
