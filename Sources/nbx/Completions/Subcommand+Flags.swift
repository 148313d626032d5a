extension Subcommand {
  /// What it does: the first sentence of its help.
  static var summary: String {
    let sentence = help.prefix { $0 != "\n" }
    return String(sentence.hasSuffix(".") || sentence.hasSuffix(":") ? sentence.dropLast() : sentence)
  }

  /// The flags that its help names, each with what it says of it.
  static var flags: [(word: String, help: String)] {
    var found: [(word: String, help: String)] = []
    for line in help.split(separator: "\n") {
      let words = line.split(whereSeparator: { !isPartOfFlag($0) }).map(String.init)
      for word in words where word.hasPrefix("--") && word.count > 2 {
        let text = line.drop { $0 == " " }
        // A line that begins with one flag and some blanks explains it.
        let rest = text.hasPrefix(word + "  ") ? String(text.dropFirst(word.count).drop { $0 == " " }) : ""
        if let place = found.firstIndex(where: { $0.word == word }) {
          if found[place].help.isEmpty { found[place].help = rest }
        } else {
          found.append((word, rest))
        }
      }
    }
    if !found.contains(where: { $0.word == "--help" }) { found.append(("--help", "")) }
    return found
  }

  private static func isPartOfFlag(_ letter: Character) -> Bool { letter.isLetter || letter == "-" }
}
