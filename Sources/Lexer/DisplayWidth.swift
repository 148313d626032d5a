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
