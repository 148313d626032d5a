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
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if Units.nanoseconds(in: text) != nil { return .duration }
    if Units.bytes(in: text) != nil { return .size }
    throw SyntaxError(.unknownUnit(text), Span(start, position))
  }

  private var hasExponent: Bool {
    let sign = byte(1) == UInt8(ascii: "-") || byte(1) == UInt8(ascii: "+")
    return Lexer.isDigit(byte(sign ? 2 : 1))
  }

  private mutating func skipDigits() {
    while Lexer.isDigit(byte()) || (byte() == UInt8(ascii: "_") && Lexer.isDigit(byte(1))) { position += 1 }
  }
}
