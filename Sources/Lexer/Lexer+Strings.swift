/// One part of a string or a word.
public enum TextPart: Sendable {
  case text(String)
  /// `$name`
  case variable(Symbol, Span)
  /// `${`: an expression and its `}` follow.
  case expressionStart(Span)
  case end
}

extension Lexer {
  /// Reads on in a string opened by `quote` at `opening`, up to its next interpolation or its end.
  public mutating func stringPart(_ quote: Token.Kind, opening: Span) throws(SyntaxError) -> TextPart {
    let tripled = quote == .tripleQuote || quote == .rawTripleQuote
    let raw = quote == .rawQuote || quote == .rawTripleQuote
    let mark = raw ? UInt8(ascii: "'") : UInt8(ascii: "\"")
    if !tripled, let plain = plainText(upTo: mark, raw: raw) { return .text(plain) }
    var text: [UInt8] = []
    while position < count {
      let next = bytes[position]
      switch next {
      case mark where !tripled || (byte(1) == mark && byte(2) == mark):
        if !text.isEmpty { return .text(String(decoding: text, as: UTF8.self)) }
        position += tripled ? 3 : 1
        return .end
      case UInt8(ascii: "\n") where !tripled: throw SyntaxError(.unclosedString(tripled: false), opening)
      case UInt8(ascii: "\r") where tripled && byte(1) == UInt8(ascii: "\n"): position += 1
      case UInt8(ascii: "\\") where !raw: text.append(contentsOf: try escape())
      case UInt8(ascii: "$") where !raw:
        if !text.isEmpty { return .text(String(decoding: text, as: UTF8.self)) }
        return try interpolation()
      default:
        text.append(next)
        position += 1
      }
    }
    throw SyntaxError(.unclosedString(tripled: tripled), opening)
  }

  /// The text up to the end of a string or its next dollar sign, taken as it stands; nil if there is none, if the line
  /// ends before, or if there are escapes in it.
  private mutating func plainText(upTo mark: UInt8, raw: Bool) -> String? {
    let start = position
    var end = position
    scan: while bytes[end] != mark {
      switch bytes[end] {
      case UInt8(ascii: "\n"), 0: return nil
      case UInt8(ascii: "\\") where !raw: return nil
      case UInt8(ascii: "$") where !raw: break scan
      default: end += 1
      }
    }
    guard end > start else { return nil }
    position = end
    return file.text(Span(start, end))
  }

  /// Reads `$name` or `${` where the lexer stands on a dollar sign.
  public mutating func interpolation() throws(SyntaxError) -> TextPart {
    let start = position
    if byte(1) == UInt8(ascii: "{") {
      position += 2
      return .expressionStart(Span(start, position))
    }
    position += 1
    guard let name = nameHere() else { throw SyntaxError(.dollarBeforeNothing, Span(start, start + 1)) }
    return .variable(name, Span(start + 1, position))
  }

  private mutating func escape() throws(SyntaxError) -> [UInt8] {
    let start = position
    position += 2
    switch byte(-1) {
    case UInt8(ascii: "n"): return [UInt8(ascii: "\n")]
    case UInt8(ascii: "t"): return [UInt8(ascii: "\t")]
    case UInt8(ascii: "r"): return [UInt8(ascii: "\r")]
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "$"), UInt8(ascii: "'"): return [byte(-1)]
    case UInt8(ascii: "u") where byte() == UInt8(ascii: "{"):
      var end = position + 1
      while end < count, Lexer.continuesName(bytes[end]) { end += 1 }
      let digits = file.text(Span(position + 1, end))
      let scalar = UInt32(digits, radix: 16).flatMap(Unicode.Scalar.init)
      guard let scalar, end < count, bytes[end] == UInt8(ascii: "}") else {
        throw SyntaxError(.badUnicodeEscape, Span(start, min(end + 1, count)))
      }
      position = end + 1
      return Array(String(scalar).utf8)
    default: throw SyntaxError(.unknownEscape, Span(start, min(start + 2, count)))
    }
  }
}
