/// The text of one recipe and the name that people know it by.
public final class SourceFile: Sendable {
  /// The path as the user wrote it, or a name in angle brackets for text that is in no file.
  public let path: String
  public let bytes: [UInt8]

  public init(path: String, bytes: [UInt8]) {
    self.path = path
    self.bytes = bytes
  }

  public convenience init(path: String, text: String) {
    self.init(path: path, bytes: Array(text.utf8))
  }

  /// Where a byte lies. Lines end with a line feed or with a carriage return and a line feed; columns count
  /// graphemes, so that an emoji or a letter with its accent is one. Both begin at 1.
  public func position(of offset: Int) -> (line: Int, column: Int) {
    let offset = min(max(offset, 0), bytes.count)
    var line = 1
    var lineStart = 0
    for index in 0..<offset where bytes[index] == UInt8(ascii: "\n") {
      line += 1
      lineStart = index + 1
    }
    return (line, SourceFile.graphemes(in: bytes[lineStart..<offset]) + 1)
  }

  /// The bytes of the line that holds `offset`, without its end.
  public func lineRange(around offset: Int) -> Range<Int> {
    let offset = min(max(offset, 0), bytes.count)
    var start = offset
    while start > 0, bytes[start - 1] != UInt8(ascii: "\n") { start -= 1 }
    var end = offset
    while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
    if end > start, bytes[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return start..<end
  }

  public func text(_ span: Span) -> String {
    let range = span.range.clamped(to: 0..<bytes.count)
    return String(decoding: bytes[range], as: UTF8.self)
  }

  /// The first byte that is not part of well-formed UTF-8, if there is one.
  public var firstInvalidByte: Int? {
    if bytes.allSatisfy({ $0 < 0x80 }) || String(validating: bytes, as: UTF8.self) != nil { return nil }
    // Halving finds the longest well-formed prefix; a cut inside a character costs at most three bytes.
    var good = 0
    var bad = bytes.count
    while bad - good > 4 {
      let middle = good + (bad - good) / 2
      let cut = (0...3).first { String(validating: bytes[good..<(middle - $0)], as: UTF8.self) != nil }
      if let cut, middle - cut > good { good = middle - cut } else { bad = middle }
    }
    while good < bytes.count {
      let length = (1...4).first {
        good + $0 <= bytes.count && String(validating: bytes[good..<(good + $0)], as: UTF8.self) != nil
      }
      guard let length else { break }
      good += length
    }
    return good
  }

  private static func graphemes(in slice: ArraySlice<UInt8>) -> Int {
    if slice.allSatisfy({ $0 < 0x80 }) { return slice.count }
    return String(decoding: slice, as: UTF8.self).count
  }
}
