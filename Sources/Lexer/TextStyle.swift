/// Whether text goes to a terminal that shows colours, and which mean what.
public struct TextStyle: Sendable {
  private let marks: Bool

  public static let plain = TextStyle(marks: false)
  /// With marks in place of a terminal's sequences. `fitForTerminal` makes those of them, and lets no others through: so
  /// what is styled may be text from anywhere.
  public static let marked = TextStyle(marks: true)

  public func strong(_ text: String) -> String { wrapped(text, .strong) }
  public func quiet(_ text: String) -> String { wrapped(text, .quiet) }
  public func good(_ text: String) -> String { wrapped(text, .good) }
  public func bad(_ text: String) -> String { wrapped(text, .bad) }
  public func attention(_ text: String) -> String { wrapped(text, .attention) }

  func mark(_ text: String, _ severity: Diagnostic.Severity) -> String {
    severity == .error ? bad(text) : attention(text)
  }

  private func wrapped(_ text: String, _ attribute: StyleMark.Attribute) -> String {
    guard marks else { return text }
    let (start, end) = (StyleMark(attribute, isStart: true), StyleMark(attribute, isStart: false))
    return "\(start.character)\(text)\(end.character)"
  }
}

/// Where a style begins or ends: one of the characters that Unicode promises never to use, so that no text has a meaning
/// for it. Should one come from outside, a colour is all that comes of it.
struct StyleMark {
  enum Attribute: UInt32 { case strong, quiet, good, bad, attention }

  let attribute: Attribute
  let isStart: Bool

  /// Noncharacters, from U+FDD0 to U+FDEF.
  private static let starts: UInt32 = 0xfdd0
  private static let ends: UInt32 = 0xfde0

  init(_ attribute: Attribute, isStart: Bool) {
    self.attribute = attribute
    self.isStart = isStart
  }

  /// Nil if the character is no mark.
  init?(_ scalar: Unicode.Scalar) {
    guard scalar.value >= StyleMark.starts else { return nil }
    isStart = scalar.value < StyleMark.ends
    let first = isStart ? StyleMark.starts : StyleMark.ends
    guard let attribute = Attribute(rawValue: scalar.value - first) else { return nil }
    self.attribute = attribute
  }

  var character: Character {
    let value = (isStart ? StyleMark.starts : StyleMark.ends) + attribute.rawValue
    return Character(Unicode.Scalar(value) ?? "\u{FFFD}")
  }

  /// Select Graphic Rendition, ECMA-48 section 8.3.117. Only the attribute itself is taken back, so that styles nest.
  var sequence: String {
    let (start, end) =
      switch attribute {
      case .strong: ("1", "22")
      case .quiet: ("2", "22")
      case .good: ("32", "39")
      case .bad: ("31", "39")
      case .attention: ("33", "39")
      }
    return "\u{1B}[\(isStart ? start : end)m"
  }
}
