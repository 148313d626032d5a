/// A stretch of one source text, as byte offsets: `start` is its first byte, `end` the byte after its last.
@frozen
public struct Span: Hashable, Sendable {
  public let start: UInt32
  public let end: UInt32

  @inlinable
  public init(_ start: Int, _ end: Int) {
    self.start = UInt32(clamping: start)
    self.end = UInt32(clamping: end)
  }

  /// The shortest span that covers both.
  public func joined(with other: Span) -> Span {
    Span(Int(min(start, other.start)), Int(max(end, other.end)))
  }

  public var range: Range<Int> { Int(start)..<Int(max(start, end)) }
}

/// A span together with the text that it lies in.
public struct Location: Sendable {
  public let file: SourceFile
  public let span: Span

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
