extension Lexer {
  /// Reads a number; a unit behind it makes it a duration or a size.
  mutating func number() throws(SyntaxError) -> Token.Kind {
    let start = position
    var kind = Token.Kind.integer
    skipDigits()
    if byte() == UInt8(ascii: "."), Lexer.isDigit(byte(1)) {
      kind = .float
      position += 1
      skipDigits()
    }
    if byte() | 0x20 == UInt8(ascii: "e"), hasExponent {
      kind = .float
      position += byte(1) == UInt8(ascii: "-") || byte(1) == UInt8(ascii: "+") ? 2 : 1
      skipDigits()
    }
    guard Lexer.startsName(byte()) else { return kind }
    while Lexer.continuesName(byte()) || (byte() == UInt8(ascii: ".") && Lexer.isDigit(byte(1))) { position += 1 }
    let span = Span(start, position)
    let text = file.text(span)
    switch Units.kind(of: text) {
    case .duration where Units.nanoseconds(in: text) != nil: return .duration
    case .size where Units.bytes(in: text) != nil: return .size
    case nil: throw SyntaxError(.unknownUnit(text.truncated(to: 40)), span)
    default: throw SyntaxError(.numberTooLarge(text.truncated(to: 40)), span)
    }
  }

  /// The whole number that stands at the span; nil if 64 bits do not hold it.
  public func integer(at span: Span) -> Int64? {
    var value: Int64 = 0
    for index in span.range where bytes[index] != UInt8(ascii: "_") {
      let (tens, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      let (sum, overflows) = tens.addingReportingOverflow(Int64(bytes[index] &- UInt8(ascii: "0")))
      if isTooLarge || overflows { return nil }
      value = sum
    }
    return value
  }

  private var hasExponent: Bool {
    let sign = byte(1) == UInt8(ascii: "-") || byte(1) == UInt8(ascii: "+")
    return Lexer.isDigit(byte(sign ? 2 : 1))
  }

  private mutating func skipDigits() {
    while Lexer.isDigit(byte()) || (byte() == UInt8(ascii: "_") && Lexer.isDigit(byte(1))) { position += 1 }
  }
}
