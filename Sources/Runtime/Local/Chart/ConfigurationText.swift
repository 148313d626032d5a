import Interpreter

/// Strings that the chart writes without quotes: those between `<<` and `>>`, each with a blank inside.
enum ConfigurationText {
  static func raw(_ text: String) -> Value { .string("<< \(text) >>") }

  static func rawText(_ text: Text) -> Text {
    var raw = Text("<< ")
    raw.append(text)
    raw.append(" >>")
    return raw
  }

  /// What stands between `<<` and `>>`; nil if the string is an ordinary one.
  static func unwrappedRaw(_ string: String) -> String? {
    let blanks: Set<Character> = [" ", "\t", "\n"]
    guard string.utf8.count >= 6, string.hasPrefix("<<"), string.hasSuffix(">>") else { return nil }
    let inner = string.dropFirst(2).dropLast(2)
    guard let first = inner.first, let last = inner.last, blanks.contains(first), blanks.contains(last) else {
      return nil
    }
    let trimmed = inner.drop { blanks.contains($0) }
    return String(trimmed.prefix(trimmed.count - trimmed.reversed().prefix { blanks.contains($0) }.count))
  }

  /// A whole number, be it written as one or between `<<` and `>>`.
  static func wholeNumber(_ value: Value) -> Int? {
    if case .int(let int) = value { return Int(exactly: int) }
    guard let text = value.asText?.string else { return nil }
    return Int(unwrappedRaw(text) ?? text)
  }
}
