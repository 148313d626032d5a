/// What stands where a word of a command may begin.
public enum WordStart: Sendable, Equatable {
  case word
  /// The line ends; what follows may still go on with the command.
  case lineEnd
  /// A bracket that belongs to what surrounds the command, or the end of the file.
  case commandEnd
}

extension Lexer {
  /// Passes blanks and comments and tells what comes. `linesAreSpace` inside parentheses, where a line's end is a space.
  public mutating func wordStart(linesAreSpace: Bool) -> WordStart {
    while true {
      skipBlanks()
      if byte() == UInt8(ascii: "#") { skipComment() }
      if isAtEnd { return linesAreSpace ? .commandEnd : .lineEnd }
      guard isAtLineEnd else { break }
      guard linesAreSpace else { return .lineEnd }
      position += 1
    }
    switch byte() {
    case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: ")"), UInt8(ascii: "]"): return .commandEnd
    default: return .word
    }
  }

  /// Reads the bare letters of a word, as `skipBareText` passes them.
  public mutating func bareText(open: inout [UInt8]) -> String {
    let start = position
    skipBareText(open: &open)
    return file.text(Span(start, position))
  }

  /// Passes the bare letters of a word up to a quote, a dollar sign or the word's end. `open` holds the brackets that
  /// the word has opened and not yet closed.
  public mutating func skipBareText(open: inout [UInt8]) {
    scan: while position < count {
      switch bytes[position] {
      case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\""), UInt8(ascii: "'"),
        UInt8(ascii: "$"), UInt8(ascii: "\r"):
        break scan
      case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): open.append(bytes[position])
      case UInt8(ascii: ")"), UInt8(ascii: "]"), UInt8(ascii: "}"):
        if open.popLast() == nil { break scan }
      default: break
      }
      position += 1
    }
  }

  /// Whether a word ends where the lexer stands.
  public var isAtWordEnd: Bool {
    if isAtLineEnd { return true }
    switch byte() {
    case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: ")"), UInt8(ascii: "]"),
      UInt8(ascii: "}"):
      return true
    default: return false
    }
  }

  /// Refuses what would mean something to a shell, where the word that begins here has it bare.
  public func refuseShellSyntax() throws(SyntaxError) {
    let first = byte()
    switch first {
    case UInt8(ascii: "|"): throw problem(byte(1) == first ? .shellOr : .shellPipe, length: bareLength)
    case UInt8(ascii: "&"): throw problem(byte(1) == first ? .shellAnd : .shellBackground, length: bareLength)
    case UInt8(ascii: "<"), UInt8(ascii: ">"): throw problem(.shellRedirection, length: bareLength)
    case UInt8(ascii: ";"): throw problem(.semicolon, length: 1)
    case UInt8(ascii: "`"): throw problem(.shellSubstitution, length: 1)
    case UInt8(ascii: "0")...UInt8(ascii: "9") where byte(1) == UInt8(ascii: ">"):
      throw problem(.shellRedirection, length: bareLength)
    default: break
    }
  }

  /// Refuses a `;` at the end of a word that has been read, and a `\` at the end of its line, blanks behind it or not.
  public func refuseShellEnding() throws(SyntaxError) {
    switch byte(-1) {
    case UInt8(ascii: ";"): throw SyntaxError(.semicolon, Span(position - 1, position))
    case UInt8(ascii: "\\"):
      var behind = self
      behind.skipBlanks()
      if behind.isAtLineEnd { throw SyntaxError(.backslashAtLineEnd, Span(position - 1, position)) }
    default: break
    }
  }

  /// How far it is to the next white space.
  private var bareLength: Int {
    var end = position
    while end < count, bytes[end] > UInt8(ascii: " ") { end += 1 }
    return end - position
  }
}
