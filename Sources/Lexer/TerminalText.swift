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
