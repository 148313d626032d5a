/// Whether text goes to a terminal that shows colours, and which mean what.
public struct TextStyle: Sendable {
  private let marks: Bool

  /// Without any colour.
  public static let plain = TextStyle(marks: false)
  /// With marks in place of a terminal's sequences. `fitForTerminal` makes those of them, and lets no others through: so
  /// what is styled may be text from anywhere.
  public static let marked = TextStyle(marks: true)

  /// What is to be seen first.
  public func strong(_ text: String) -> String { wrapped(text, .strong) }
  /// What may be passed over.
  public func quiet(_ text: String) -> String { wrapped(text, .quiet) }
  /// What went well.
  public func good(_ text: String) -> String { wrapped(text, .good) }
  /// What went wrong.
  public func bad(_ text: String) -> String { wrapped(text, .bad) }
  /// What should be looked at.
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

extension Unicode.Scalar {
  /// What is shown in place of a character that a terminal would obey, or that turns the direction of the text around it
  /// or cannot be seen: a sign one column wide. Nil for all others, a tab and a line feed among them.
  public var standIn: Unicode.Scalar? {
    switch value {
    case 0x09, 0x0a: nil
    // The pictures of control characters.
    case 0..<0x20: Unicode.Scalar(0x2400 + value)
    case 0x7f: "\u{2421}"
    case 0x80...0x9f,  // ECMA-48's C1: ESC and a letter in one
      0x061c, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069,  // Unicode's annex 9: directions
      0x2028, 0x2029,  // separators of lines and paragraphs
      0x2060...0x2065, 0x206a...0x206f, 0xfeff, 0xfff9...0xfffb:  // unseen
      "\u{FFFD}"
    default: nil
    }
  }
}

extension String {
  /// The text as a terminal may be sent it, whoever wrote it: nothing in it is obeyed but line feeds, tabs, and the marks of
  /// `TextStyle.marked`, which become sequences. Of sequences that colour nothing is left; of others it shows that they
  /// are there.
  public var fitForTerminal: String {
    if utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f || $0 == 0x09 || $0 == 0x0a }) { return self }
    var fit = String.UnicodeScalarView()
    var open = 0
    var rest = unicodeScalars[...]
    while let scalar = rest.popFirst() {
      if scalar == "\u{1B}", let colour = rest.colourLength {
        rest.removeFirst(colour)
      } else if let mark = StyleMark(scalar) {
        open += mark.isStart ? 1 : -1
        fit.append(contentsOf: mark.sequence.unicodeScalars)
      } else if scalar != "\r" || rest.first != "\n" {
        fit.append(scalar.standIn ?? scalar)
      }
    }
    // What was cut may have lost the end of its style.
    return String(fit) + (open > 0 ? "\u{1B}[0m" : "")
  }

  /// The same on one line, with a blank for each line feed and tab: for what has to know its width.
  public var fitForTerminalLine: String {
    fitForTerminal.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\t" }.joined(separator: " ")
  }
}

extension Substring.UnicodeScalarView {
  /// How long what follows an ESC is, if the two are a Select Graphic Rendition.
  fileprivate var colourLength: Int? {
    guard first == "[" else { return nil }
    let digits = dropFirst().prefix { ("0"..."9").contains($0) || $0 == ";" || $0 == ":" }
    return dropFirst(1 + digits.count).first == "m" ? digits.count + 2 : nil
  }
}

/// How many columns of a terminal a text takes, shown by `fitForTerminal`: nothing for a combining mark, two for a wide
/// character.
public func displayWidth(_ text: some StringProtocol) -> Int {
  if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return text.utf8.count }
  return text.reduce(0) { $0 + displayWidth($1) }
}

/// How many columns one character takes.
public func displayWidth(_ character: Character) -> Int {
  guard let first = character.unicodeScalars.first, StyleMark(first) == nil else { return 0 }
  if first.standIn != nil, character != "\r\n" { return 1 }
  if first.properties.generalCategory == .control { return 0 }
  if first.properties.generalCategory == .nonspacingMark || first.properties.generalCategory == .format { return 0 }
  if first.properties.isEmojiPresentation || character.unicodeScalars.contains("\u{FE0F}") { return 2 }
  // The ranges that Unicode's EastAsianWidth.txt calls wide or full-width, joined where only unassigned lies between.
  switch first.value {
  case 0x1100...0x115f, 0x2e80...0x303e, 0x3041...0x33ff, 0x3400...0x4dbf, 0x4e00...0x9fff, 0xa000...0xa4cf,
    0xac00...0xd7a3, 0xf900...0xfaff, 0xfe30...0xfe6f, 0xff00...0xff60, 0xffe0...0xffe6, 0x20000...0x3fffd:
    return 2
  default: return 1
  }
}

extension String {
  /// The text with blanks behind it, so that it takes `width` columns.
  public func padded(to width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - displayWidth(self)))
  }

  /// The text cut to `width` columns, an ellipsis in place of what is cut.
  public func truncated(to width: Int) -> String {
    if utf8.count <= width || displayWidth(self) <= width { return self }
    var kept = ""
    var used = 0
    for character in self {
      let next = displayWidth(character)
      if used + next > width - 1 { break }
      kept.append(character)
      used += next
    }
    return kept + "…"
  }

  /// The text in lines of so many columns, parted at blanks where there are some.
  ///
  /// - Parameter isStopped: asked while a long text is gone through; nil is given as soon as it says so.
  public func wrapped(to width: Int, unless isStopped: () -> Bool = { false }) -> [String]? {
    var lines: [String] = []
    var line = ""
    var taken = 0
    for character in self {
      line.append(character)
      taken += displayWidth(character)
      guard taken > width else { continue }
      if lines.count.isMultiple(of: 1024), isStopped() { return nil }
      let cut = line.lastIndex(of: " ").flatMap { $0 > line.startIndex ? $0 : nil }
      if let cut {
        lines.append(String(line[..<cut]))
        line = String(line[line.index(after: cut)...])
      } else {
        lines.append(String(line.dropLast()))
        line = String(character)
      }
      taken = displayWidth(line)
    }
    return lines + [line]
  }
}
