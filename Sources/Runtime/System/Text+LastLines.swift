import ValuesAndCommands

extension Text {
  /// More of a program's output than that helps nobody who reads an error.
  private static let longestExcerpt = 16 << 10

  /// The last lines that hold more than blanks; of long ones, what stands at the end.
  package func lastLines(_ count: Int) -> Text {
    let all = string.utf8
    guard let last = all.lastIndex(where: { $0 > 0x20 }) else { return "" }
    let end = all.distance(from: all.startIndex, to: last) + 1
    let bytes = Array(all[...last].suffix(Text.longestExcerpt))
    var start = bytes.count
    var lines = 0
    while start > 0 {
      if bytes[start - 1] == 0x0a {
        lines += 1
        if lines == count { break }
      }
      start -= 1
    }
    // No letter is cut in two.
    while start < bytes.count, bytes[start] & 0xc0 == 0x80 { start += 1 }
    return slice((end - bytes.count + start)..<end)
  }
}
