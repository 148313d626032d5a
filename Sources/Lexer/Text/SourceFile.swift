import Synchronization

/// The text of one recipe and the name that people know it by.
public final class SourceFile: @unchecked Sendable {
  /// The path as the user wrote it, or a name in angle brackets for text that is in no file.
  public let path: String
  /// The text as it lies in the file.
  public let bytes: [UInt8]
  /// The number of its first line: that of a session's input counts the lines before it.
  public let firstLine: Int
  /// The same bytes with zeros behind them, so that a lexer may look some bytes ahead without asking for the end.
  /// Nothing writes to them after `init`, and they live as long as the file does.
  @usableFromInline let padded: UnsafePointer<UInt8>
  /// More than any lexer looks ahead at once.
  private static let padding = 32
  /// Where each line begins, once somebody has asked: many messages may be about one file.
  private let lineStarts = Mutex<[UInt32]>([])
  /// Where the text lies that messages mask, the same.
  private let maskedText = Mutex<[Range<Int>]?>(nil)

  /// A text of bytes, which are copied.
  public init(path: String, bytes: [UInt8], firstLine: Int = 1) {
    self.path = path
    self.firstLine = firstLine
    self.bytes = bytes
    let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: bytes.count + SourceFile.padding)
    bytes.withUnsafeBufferPointer { source in
      if let start = source.baseAddress { copy.initialize(from: start, count: source.count) }
    }
    (copy + bytes.count).initialize(repeating: 0, count: SourceFile.padding)
    padded = UnsafePointer(copy)
  }

  deinit { padded.deallocate() }

  /// A text from memory.
  public convenience init(path: String, text: String) {
    self.init(path: path, bytes: Array(text.utf8))
  }

  /// Where a byte lies. Lines end with a line feed or with a carriage return and a line feed; columns count
  /// graphemes, so that an emoji or a letter with its accent is one. Both begin at 1.
  public func position(of offset: Int) -> (line: Int, column: Int) {
    let (line, start) = line(of: offset)
    return (line, SourceFile.graphemes(in: bytes[start..<max(start, min(offset, bytes.count))]) + 1)
  }

  /// The number of the line that holds a byte, and where that line begins.
  public func line(of offset: Int) -> (number: Int, start: Int) {
    let offset = UInt32(clamping: min(max(offset, 0), bytes.count))
    return lineStarts.withLock { starts in
      if starts.isEmpty { starts = findLineStarts() }
      // The last line that begins no later.
      var low = 0
      var high = starts.count
      while high - low > 1 {
        let middle = (low + high) / 2
        if starts[middle] <= offset { low = middle } else { high = middle }
      }
      return (firstLine + low, Int(starts[low]))
    }
  }

  private func findLineStarts() -> [UInt32] {
    var starts: [UInt32] = [hasByteOrderMark ? 3 : 0]
    for index in 0..<bytes.count where padded[index] == UInt8(ascii: "\n") { starts.append(UInt32(index + 1)) }
    return starts
  }

  /// Where the text lies that messages do not show, in order.
  var secretLiterals: [Range<Int>] {
    maskedText.withLock { known in
      if let known { return known }
      let found = findSecretLiterals()
      known = found
      return found
    }
  }

  /// The bytes of the line that holds `offset`, without its end.
  public func lineRange(around offset: Int) -> Range<Int> {
    let offset = min(max(offset, 0), bytes.count)
    var start = offset
    while start > 0, padded[start - 1] != UInt8(ascii: "\n") { start -= 1 }
    if start == 0, hasByteOrderMark { start = min(3, offset) }
    var end = offset
    while end < bytes.count, padded[end] != UInt8(ascii: "\n") { end += 1 }
    if end > start, padded[end - 1] == UInt8(ascii: "\r") { end -= 1 }
    return start..<end
  }

  /// A byte order mark says nothing about UTF-8, and is no part of the first line.
  var hasByteOrderMark: Bool { padded[0] == 0xef && padded[1] == 0xbb && padded[2] == 0xbf }

  /// The text of a stretch; bytes that are no UTF-8 show as U+FFFD.
  public func text(_ span: Span) -> String {
    let range = span.range.clamped(to: 0..<bytes.count)
    return String(decoding: UnsafeBufferPointer(start: padded + range.lowerBound, count: range.count), as: UTF8.self)
  }

  /// The first byte that is not part of well-formed UTF-8, if there is one.
  public var firstInvalidByte: Int? {
    if isASCII || String(validating: bytes, as: UTF8.self) != nil { return nil }
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

  /// Whether a zero stands among the bytes: the lexer takes one as the end.
  public var holdsZero: Bool {
    var found: UInt8 = 0
    for index in 0..<bytes.count { found |= padded[index] == 0 ? 1 : 0 }
    return found > 0
  }

  private var isASCII: Bool {
    var seen: UInt8 = 0
    for index in 0..<bytes.count { seen |= padded[index] }
    return seen < 0x80
  }

  private static func graphemes(in slice: ArraySlice<UInt8>) -> Int {
    if slice.allSatisfy({ $0 < 0x80 }) { return slice.count }
    return String(decoding: slice, as: UTF8.self).count
  }
}

extension SourceFile {
  /// The bytes of a stretch of the source, with blanks, line ends and comments only as one blank between two words: what is
  /// written alike but for those has the same.
  public func essence(of span: Span) -> Essence { Essence(self, span.range.clamped(to: 0..<bytes.count)) }

  /// The bytes of a stretch that count, one after the other.
  public struct Essence: Sequence, IteratorProtocol {
    private let file: SourceFile
    private var position: Int
    private let end: Int
    /// Where the string ends that is being gone through: all of it counts.
    private var stringEnd = 0
    private var last: UInt8 = 0
    private var hasPassedBlanks = false

    fileprivate init(_ file: SourceFile, _ range: Range<Int>) {
      self.file = file
      position = range.lowerBound
      end = range.upperBound
    }

    /// The next of them; nil behind the last.
    public mutating func next() -> UInt8? {
      while position < end {
        let byte = file.padded[position]
        if position >= stringEnd {
          switch byte {
          case 0x20, 0x09, 0x0a, 0x0d:
            hasPassedBlanks = true
            position += 1
            continue
          case UInt8(ascii: "#"):
            while position < end, file.padded[position] != 0x0a { position += 1 }
            hasPassedBlanks = true
            continue
          case UInt8(ascii: "\""), UInt8(ascii: "'"):
            let inner = file.literal(openedAt: position)
            stringEnd = inner.upperBound + inner.lowerBound - position
          default: break
          }
          let partsWords = hasPassedBlanks && Letters.continuesName(last) && Letters.continuesName(byte)
          hasPassedBlanks = false
          if partsWords {
            last = 0x20
            return last
          }
        }
        position += 1
        last = byte
        return byte
      }
      return nil
    }
  }
}

/// A stretch of one source text, as byte offsets: `start` is its first byte, `end` the byte after its last.
@frozen
public struct Span: Hashable, Sendable {
  /// The offset of the first byte.
  public let start: UInt32
  /// The offset of the byte after the last.
  public let end: UInt32

  /// A stretch from `start` up to and without `end`.
  @inlinable
  public init(_ start: Int, _ end: Int) {
    self.start = UInt32(clamping: start)
    self.end = UInt32(clamping: end)
  }

  /// The shortest span that covers both.
  public func joined(with other: Span) -> Span {
    Span(Int(min(start, other.start)), Int(max(end, other.end)))
  }

  /// The offsets; empty where `end` lies before `start`.
  public var range: Range<Int> { Int(start)..<Int(max(start, end)) }
}

/// A span together with the text that it lies in.
public struct Location: Sendable {
  /// The text.
  public let file: SourceFile
  /// The stretch of it.
  public let span: Span

  /// A stretch of that text.
  public init(_ file: SourceFile, _ span: Span) {
    self.file = file
    self.span = span
  }

  /// `path:line:column`, as editors and terminals recognise it.
  public var description: String {
    let place = file.position(of: Int(span.start))
    return "\(file.path):\(place.line):\(place.column)"
  }
}
