/// The line that a message shows: cut to what fits, tabs widened, secrets masked.
struct SourceExcerpt {
  let line: Int
  let column: Int
  let text: String
  /// Where the mark begins, in columns of the terminal, and how many it takes.
  let markColumn: Int
  let markWidth: Int

  private static let widestLine = 160
  private static let leadingContext = 60

  init(_ location: Location) {
    let file = location.file
    let start = Int(location.span.start)
    (line, column) = file.position(of: start)
    let lineRange = file.lineRange(around: start)
    let markStart = min(max(start, lineRange.lowerBound), lineRange.upperBound)
    let markEnd = min(max(Int(location.span.end), markStart), lineRange.upperBound)

    // A line of megabytes is cut around the place before anything is made of it.
    var shown = lineRange
    if shown.count > SourceExcerpt.widestLine * 4 {
      let from = max(shown.lowerBound, markStart - SourceExcerpt.leadingContext)
      shown = from..<min(shown.upperBound, from + SourceExcerpt.widestLine)
    }
    let secrets = file.secretLiterals
    let masked = file.displayed(shown, secrets)
    let before = file.displayed(shown.lowerBound..<max(shown.lowerBound, markStart), secrets)
    let marked = file.displayed(markStart..<max(markStart, min(markEnd, shown.upperBound)), secrets)
    let cutAtStart = shown.lowerBound > lineRange.lowerBound ? "…" : ""
    let cutAtEnd = shown.upperBound < lineRange.upperBound ? "…" : ""
    text = (cutAtStart + masked + cutAtEnd).truncated(to: SourceExcerpt.widestLine + 2)
    markColumn = displayWidth(cutAtStart) + displayWidth(before)
    markWidth = max(1, min(displayWidth(marked), SourceExcerpt.widestLine - min(markColumn, SourceExcerpt.widestLine)))
  }
}

extension SourceFile {
  /// A stretch of the source as messages show it: on one line, and with the literals in `secret("…")` masked.
  public func shownText(_ span: Span) -> String {
    // Whoever completes a name is told a line of each that there is: by scalars that is quick.
    displayed(span.range.clamped(to: 0..<bytes.count), secretLiterals).unicodeScalars
      .split { $0.isASCII ? $0 == " " : $0.properties.isWhitespace }.map { String($0) }.joined(separator: " ")
  }

  /// Tabs become four blanks, what a terminal would obey a sign that can be seen, so that marks stand where they
  /// should;
  /// a secret literal, or the part of one, becomes `•••`.
  func displayed(_ range: Range<Int>, _ secrets: [Range<Int>]) -> String {
    var text = ""
    var position = range.lowerBound
    // The first that ends behind the start.
    var next = 0
    var beyond = secrets.count
    while next < beyond {
      let middle = (next + beyond) / 2
      if secrets[middle].upperBound <= range.lowerBound { next = middle + 1 } else { beyond = middle }
    }
    for secret in secrets[next...].prefix(while: { $0.lowerBound < range.upperBound }) where secret.overlaps(range) {
      text += SourceFile.visible(bytes[position..<max(position, secret.lowerBound)])
      text += "•••"
      position = min(secret.upperBound, range.upperBound)
    }
    return text + SourceFile.visible(bytes[position..<max(position, range.upperBound)])
  }

  private static func visible(_ bytes: ArraySlice<UInt8>) -> String {
    let plain = String(decoding: bytes, as: UTF8.self)
    if bytes.allSatisfy({ $0 >= 0x20 && $0 < 0x7f }) { return plain }
    var text = ""
    for scalar in plain.unicodeScalars {
      switch scalar {
      case "\t": text += "    "
      case "\n", "\r": text += " "
      default: text.unicodeScalars.append(scalar.standIn ?? scalar)
      }
    }
    return text
  }

  /// What nobody is to read in a message: literals in `secret("…")`, passwords behind the flags that take one, and what is a
  /// secret by its looks.
  func findSecretLiterals() -> [Range<Int>] {
    let all = literalsInSecrets() + passwords() + logins() + EvidentSecrets.ranges(in: bytes)
    var merged: [Range<Int>] = []
    for range in all.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, range.lowerBound < last.upperBound {
        merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
      } else {
        merged.append(range)
      }
    }
    return merged
  }

  /// What is written out behind a name that says that it is a secret: `--password hunter2`, `PGPASSWORD=hunter2`,
  /// `password: "hunter2"`.
  private func passwords() -> [Range<Int>] {
    var found: [Range<Int>] = []
    var quotes = OpenQuotes()
    var position = 0
    while position < bytes.count {
      let first = padded[position] | 0x20
      guard let name = EvidentSecrets.namesEnd.first(where: { $0[0] == first && isName($0, at: position) }) else {
        position += 1
        continue
      }
      let isFlag = isBehindHyphens(position)
      position += name.count
      guard let word = passwordWord(behind: position, isFlag: isFlag, &quotes) else { continue }
      if !word.isEmpty, !bytes[word].contains(UInt8(ascii: "$")) { found.append(word) }
      position = max(position, word.upperBound)
    }
    return found
  }

  /// The passwords of `-u USER:PASSWORD`, `--user="USER:PASSWORD"`.
  private func logins() -> [Range<Int>] {
    func endsWord(_ byte: UInt8) -> Bool { byte <= 0x20 || "\"'()".utf8.contains(byte) }
    func text(_ word: ArraySlice<UInt8>) -> String { String(decoding: word, as: UTF8.self) }
    var found: [Range<Int>] = []
    func note(_ word: ArraySlice<UInt8>, behind flag: String) {
      guard let range = EvidentSecrets.range(inWord: text(word), behind: flag), !word.contains(UInt8(ascii: "$")) else {
        return
      }
      found.append(word.startIndex + range.lowerBound..<word.startIndex + range.upperBound)
    }
    var position = 0
    // Flags are few among the words.
    while let start = bytes[position...].firstIndex(of: UInt8(ascii: "-")) {
      let flag = bytes[start...].prefix { !endsWord($0) }
      position = flag.endIndex
      guard start == 0 || endsWord(bytes[start - 1]) else { continue }
      note(flag, behind: "")
      // The equals sign of `--user="…"` stands before the quotes.
      let name = text(flag.last == UInt8(ascii: "=") ? flag.dropLast() : flag)
      guard EvidentSecrets.loginFlags.contains(name) else { continue }
      note(bytes[position...].drop(while: endsWord).prefix { !endsWord($0) }, behind: name)
    }
    return found
  }

  /// Whether the name ends here, in small letters or large ones.
  private func isName(_ name: [UInt8], at position: Int) -> Bool {
    name.indices.allSatisfy { padded[position + $0] | 0x20 == name[$0] }
      && !Letters.continuesName(padded[position + name.count])
  }

  /// Whether the word begins with two hyphens in which a name ends that begins here. No flag is longer than a line.
  private func isBehindHyphens(_ position: Int) -> Bool {
    var start = position
    while start > max(0, position - 100), bytes[start - 1] > 0x20 { start -= 1 }
    return bytes[start...].starts(with: [UInt8(ascii: "-"), UInt8(ascii: "-")])
  }

  private func passwordWord(behind end: Int, isFlag: Bool, _ quotes: inout OpenQuotes) -> Range<Int>? {
    var position = end
    // A key's own quotes.
    if [UInt8(ascii: "\""), UInt8(ascii: "'")].contains(padded[position]) { position += 1 }
    let isAttached = padded[position] == UInt8(ascii: "=")
    while [UInt8(ascii: " "), UInt8(ascii: "="), UInt8(ascii: ":")].contains(padded[position]) { position += 1 }
    guard position > end else { return nil }
    if padded[position] == UInt8(ascii: "\"") || padded[position] == UInt8(ascii: "'") {
      // The quotes of a text that ends here are none that open one.
      return quotes.isOpen(padded[position], at: position, of: bytes) ? nil : literal(openedAt: position)
    }
    guard isAttached || isFlag && padded[position - 1] == UInt8(ascii: " ") else { return nil }
    var wordEnd = position
    while wordEnd < bytes.count, padded[wordEnd] > 0x20, padded[wordEnd] != UInt8(ascii: ")") { wordEnd += 1 }
    return position..<wordEnd
  }

  /// Which quotes of a line are open at a place; asked for one place behind the other, it looks at each byte once.
  private struct OpenQuotes {
    private var position = 0
    private var open: Set<UInt8> = []

    mutating func isOpen(_ quote: UInt8, at place: Int, of bytes: [UInt8]) -> Bool {
      for byte in bytes[min(position, place)..<place] {
        switch byte {
        case UInt8(ascii: "\n"): open = []
        case UInt8(ascii: "\""), UInt8(ascii: "'"): open.formSymmetricDifference([byte])
        default: break
        }
      }
      position = max(position, place)
      return open.contains(quote)
    }
  }

  private func literalsInSecrets() -> [Range<Int>] {
    var found: [Range<Int>] = []
    var position = 0
    let word = Array("secret".utf8)
    while let start = next(word, from: position) {
      position = start + word.count
      guard start == 0 || !Letters.continuesName(padded[start - 1]) else { continue }
      while padded[position] == UInt8(ascii: " ") || padded[position] == UInt8(ascii: "\t") { position += 1 }
      guard padded[position] == UInt8(ascii: "(") else { continue }
      var open = 0
      repeat {
        switch padded[position] {
        case UInt8(ascii: "("): open += 1
        case UInt8(ascii: ")"): open -= 1
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
          let literal = literal(openedAt: position)
          if !literal.isEmpty { found.append(literal) }
          // A tripled quote closes with three.
          position = literal.upperBound + (literal.lowerBound > position + 1 ? 2 : 0)
        default: break
        }
        position += 1
      } while open > 0 && position < bytes.count
    }
    return found
  }

  private func next(_ word: [UInt8], from start: Int) -> Int? {
    var position = start
    while position + word.count <= bytes.count {
      if padded[position] == word[0], (0..<word.count).allSatisfy({ padded[position + $0] == word[$0] }) {
        return position
      }
      position += 1
    }
    return nil
  }

  /// The text between the quotes.
  func literal(openedAt opening: Int) -> Range<Int> {
    let quote = padded[opening]
    let tripled = padded[opening + 1] == quote && padded[opening + 2] == quote
    let start = opening + (tripled ? 3 : 1)
    var end = start
    while end < bytes.count {
      if padded[end] == quote, !tripled || (padded[end + 1] == quote && padded[end + 2] == quote) { break }
      if padded[end] == UInt8(ascii: "\n"), !tripled { break }
      end += padded[end] == UInt8(ascii: "\\") && quote == UInt8(ascii: "\"") ? 2 : 1
    }
    return start..<min(end, bytes.count)
  }
}
