import Lexer

extension Text {
  /// The words of a command as one line, for people: as a shell would take them, secrets masked, and of a word that nobody
  /// reads to its end the middle left out.
  public init(words: [Text]) {
    self.init("")
    for (index, word) in words.enumerated() {
      if index > 0 { append(" ") }
      append(word.inShell.excerpt(upTo: Text.longestWord))
      isKnownLater = isKnownLater || word.isKnownLater
    }
  }

  private static let longestWord = 400

  /// The word as a shell reads it, secrets masked.
  var inShell: String {
    // What stands for a value has blanks, but the value may have none.
    let known = isKnownLater ? string.replacing(Text.knownLater.string, with: "x") : string
    let shown = masked
    return known.isOneShellWord && !known.isEmpty ? shown : shown.inQuotesOfShell
  }
}

extension String {
  /// As a shell reads it as one word.
  public var inShell: String { isOneShellWord && !isEmpty ? self : inQuotesOfShell }

  /// Whether nothing in it means something to a shell; what is beyond ASCII never does.
  fileprivate var isOneShellWord: Bool {
    let plain = "-_./:=@%+,".utf8
    return utf8.allSatisfy {
      $0 >= 0x80 || ($0 | 0x20) >= 97 && ($0 | 0x20) <= 122 || $0 >= 48 && $0 <= 57 || plain.contains($0)
    }
  }

  fileprivate var inQuotesOfShell: String { "'\(replacing("'", with: "'\\''"))'" }
}
