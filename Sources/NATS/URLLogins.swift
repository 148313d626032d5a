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
