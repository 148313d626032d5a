extension Text {
  /// What its secret parts are known by in what programs print: they themselves, and the lines of those that have several.
  public var knownSecrets: [String] { secrets.flatMap { [$0] + SecretLines.of($0) } }
}

/// What a secret of several lines, as a private key, is known by where a program prints it line by line.
private enum SecretLines {
  /// Shorter lines stand in too much innocent text.
  private static let shortestLine = 8
  /// A key in a document is at least this long.
  private static let shortestKey = 24

  /// Its lines without the blanks around them; none if the secret is one line.
  ///
  /// Most lines of a manifest and the like stand in other documents, too, whose values would be taken for secrets: there it
  /// is what looks like a key.
  static func of(_ secret: String) -> [String] {
    guard secret.contains(where: \.isNewline) else { return [] }
    let lines = secret.split(whereSeparator: \.isNewline).map(trimmed).filter { !$0.isEmpty }
    if isDocument(lines) { return keys(in: secret) }
    // As files end, a secret of one line may end with its line.
    if lines.count == 1 { return lines }
    // The frame of a PEM document says what it is and no more.
    return lines.filter { $0.utf8.count >= shortestLine && !$0.hasPrefix("-----") }
  }

  private static func isDocument(_ lines: [String]) -> Bool {
    guard let first = lines.first else { return false }
    return first.hasPrefix("{") || first.hasPrefix("[") || lines.contains { $0.hasPrefix("apiVersion:") }
  }

  /// Words of the alphabets of base64 with small letters, large ones and digits. The lines of a key in JSON are parted by
  /// escapes.
  private static func keys(in document: String) -> [String] {
    let words = document.replacing("\\n", with: "\n").split { character in
      !(character.isASCII && (character.isLetter || character.isNumber) || "+/=-_".contains(character))
    }
    return words.filter { word in
      word.utf8.count >= shortestKey && word.contains(where: \.isNumber) && word.contains(where: \.isUppercase)
        && word.contains(where: \.isLowercase)
    }.map(String.init)
  }

  private static func trimmed(_ line: Substring) -> String {
    let start = line.drop(while: \.isWhitespace)
    return String(start.dropLast(start.reversed().prefix(while: \.isWhitespace).count))
  }
}
