extension Text {
  /// The words of a command as one line, for people.
  public init(words: [Text]) {
    self.init("")
    for (index, word) in words.enumerated() {
      if index > 0 { append(" ") }
      append(word.asWord)
    }
  }

  /// The word as a line of words shows it: in quotes if there are blanks or quotes in it, or nothing.
  var asWord: Text {
    // What stands for a value has blanks, but the value may have none.
    let known = isKnownLater ? string.replacing(Text.knownLater.string, with: "x") : string
    let isPlain = !known.isEmpty && known.utf8.allSatisfy { $0 > 0x20 && $0 != 0x27 && $0 != 0x22 }
    if isPlain { return self }
    var quoted: Text = "'"
    quoted.append(self)
    quoted.append("'")
    return quoted
  }
}
