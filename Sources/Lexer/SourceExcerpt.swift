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
    let markStart = min(start, lineRange.upperBound)
    let markEnd = min(max(Int(location.span.end), markStart), lineRange.upperBound)

    // A line of megabytes is cut around the place before anything is made of it.
    var shown = lineRange
    if shown.count > SourceExcerpt.widestLine * 4 {
      let from = max(shown.lowerBound, markStart - SourceExcerpt.leadingContext)
      shown = from..<min(shown.upperBound, from + SourceExcerpt.widestLine)
    }
    let masked = maskingSecretLiterals(in: file, shown)
    let before = SourceExcerpt.displayed(masked.prefix(max(0, markStart - shown.lowerBound)))
    let marked = SourceExcerpt.displayed(
      masked.dropFirst(max(0, markStart - shown.lowerBound)).prefix(max(0, min(markEnd, shown.upperBound) - markStart)))
    let cutAtStart = shown.lowerBound > lineRange.lowerBound ? "…" : ""
    let cutAtEnd = shown.upperBound < lineRange.upperBound ? "…" : ""
    let whole = cutAtStart + SourceExcerpt.displayed(masked[...]) + cutAtEnd
    text = whole.truncated(to: SourceExcerpt.widestLine + 2)
    markColumn = displayWidth(cutAtStart) + displayWidth(before)
    markWidth = max(1, min(displayWidth(marked), SourceExcerpt.widestLine - min(markColumn, SourceExcerpt.widestLine)))
  }

  /// Tabs become four blanks, other control characters a sign that can be seen, so that marks stand where they should.
  private static func displayed(_ bytes: some Sequence<UInt8>) -> String {
    var text = ""
    for scalar in String(decoding: Array(bytes), as: UTF8.self).unicodeScalars {
      switch scalar {
      case "\t": text += "    "
      case _ where scalar.value < 0x20: text.unicodeScalars.append(Unicode.Scalar(0x2400 + scalar.value) ?? "?")
      case "\u{7F}": text += "\u{2421}"
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text
  }
}

/// A stretch of the source in which the text of every `secret("…")` is covered, byte for byte, by `•`'s first byte's
/// worth of asterisks: the length of the line must not change, since marks are placed by it.
private func maskingSecretLiterals(in file: SourceFile, _ range: Range<Int>) -> [UInt8] {
  var shown = Array(file.bytes[range])
  let word = Array("secret".utf8)
  let bytes = file.bytes
  var index = 0
  while index + word.count < min(bytes.count, range.upperBound) {
    guard bytes[index] == word[0], bytes[index..<(index + word.count)].elementsEqual(word),
      index == 0 || !Lexer.continuesName(bytes[index - 1])
    else {
      index += 1
      continue
    }
    index += word.count
    while index < bytes.count, " \t(\r\n".utf8.contains(bytes[index]) { index += 1 }
    guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") || bytes[index] == UInt8(ascii: "'") else { continue }
    let quote = bytes[index]
    let tripled = index + 2 < bytes.count && bytes[index + 1] == quote && bytes[index + 2] == quote
    index += tripled ? 3 : 1
    while index < bytes.count {
      let next = bytes[index]
      if next == UInt8(ascii: "\n") && !tripled { break }
      if next == quote, !tripled || (index + 2 < bytes.count && bytes[index + 1] == quote && bytes[index + 2] == quote)
      {
        break
      }
      let width = next == UInt8(ascii: "\\") && quote == UInt8(ascii: "\"") ? 2 : 1
      for covered in index..<min(index + width, bytes.count) where range.contains(covered) && next != UInt8(ascii: "\n")
      {
        shown[covered - range.lowerBound] = UInt8(ascii: "*")
      }
      index += width
    }
  }
  return shown
}
