extension SourceFile {
  /// The bytes of a stretch of the source, with blanks, line ends and comments only as one blank between two words: what is
  /// written alike but for those has the same.
  public func essence(of span: Span) -> Essence { Essence(self, span.range.clamped(to: 0..<bytes.count)) }

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
          let partsWords = hasPassedBlanks && Lexer.continuesName(last) && Lexer.continuesName(byte)
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
