import Lexer

/// The end of a text at which somebody types: what the grammar has due there, and what surrounds it.
struct TypingPlace {
  enum Due {
    /// A statement; behind another one, its endings may still come.
    case statement(isFirst: Bool)
    case value(mayBeCommand: Bool)
    /// The argument of a call.
    case argument
    /// What goes on behind a value: an operator, or the next part of the statement.
    case sign
    case field(of: Expression)
    /// A name that is bound anew, a key, or anything else that nobody can guess.
    case unknown
    /// `in`, of a loop.
    case loopSource
    /// What follows `else`.
    case alternative
    /// A word, and where it begins.
    case word(Int)
    /// The inside of a string, from its last interpolation on.
    case string(Token.Kind, start: Int)
  }

  /// What has begun and not ended, from the inside out.
  enum Surrounding {
    case block
    /// `labels` are those that have been given.
    case call(Symbol, labels: [Symbol])
    /// Another pair of parentheses, or `${…}`.
    case parenthesis
    case method, taskParameters, list, map
    /// Behind what stands before the bracket.
    case index(of: Expression)
    case command(Symbol, words: [Word])
    /// `clusters a b`
    case clusterNames
    /// `run "other.nbx" a=1`
    case arguments(path: String, words: [Word])
    case ending(Keyword)
    /// A conditional expression without its `else`.
    case choice
    /// The path of `use` or `run`.
    case path
    case binding(Variable)
    /// What the function or the comprehension binds that is being read.
    case names([Variable])
    case statement(Keyword?)
    case task

    /// Whether it is a bracket.
    var isBracket: Bool {
      switch self {
      case .block, .call, .parenthesis, .method, .taskParameters, .list, .map, .index: true
      default: false
      }
    }
  }

  /// A text that leaves the same open, for whoever reads on in the next line; nil if that takes more than brackets in
  /// which a statement, an element or an entry comes next, and perhaps the quotes of a string.
  var opening: String? {
    var text = ""
    var value = "x = "
    for surrounding in surroundings.reversed() where surrounding.isBracket {
      switch surrounding {
      case .block:
        text += (value == "x = " ? "defer" : value + "try") + " {\n"
        value = "x = "
      case .list:
        text += value + "[\n"
        value = ""
      case .map:
        text += value + "{\n"
        value = "x: "
      default: return nil
      }
    }
    switch (due, surroundings.first { $0.isBracket }) {
    case (.statement, .block), (.value(mayBeCommand: false), .list), (.unknown, .map): return text
    case (.string(.tripleQuote, _), _): return text + value + "\"\"\"\n"
    case (.string(.rawTripleQuote, _), _): return text + value + "\'\'\'\n"
    default: return nil
    }
  }

  private(set) var due: Due?
  private(set) var surroundings: [Surrounding] = []

  /// What comes first is what is due: it has been asked for where nothing was left.
  mutating func note(_ due: Due) { if self.due == nil { self.due = due } }
  mutating func note(_ surrounding: Surrounding) { surroundings.append(surrounding) }
}

extension Parser {
  /// Notes what is due, if this is where somebody types.
  mutating func noteDue(_ due: @autoclosure () -> TypingPlace.Due) {
    if isTyped, isAtEnd { typing.note(due()) }
  }

  /// Notes a bracket that is still open, if this is where somebody types.
  mutating func noteOpen(_ surrounding: @autoclosure () -> TypingPlace.Surrounding) {
    if isTyped, isAtEnd { typing.note(surrounding()) }
  }

  /// Notes what is not over yet, if this is where somebody types and no new line has ended it.
  mutating func noteUnfinished(_ surrounding: @autoclosure () -> TypingPlace.Surrounding) {
    if isOpenAtEnd { typing.note(surrounding()) }
  }

  /// Notes what the string belongs to in which somebody types.
  mutating func noteOpenString(_ surrounding: @autoclosure () -> TypingPlace.Surrounding) {
    if isTyped, lexer.isAtEnd, case .string = typing.due { typing.note(surrounding()) }
  }

  /// Whether somebody types here, in what has been read last.
  var isOpenAtEnd: Bool {
    isTyped && isAtEnd && (typing.due != nil || nesting == .parenthesis || !endsOnNewLine)
  }

  /// Whether a line ends between what was read last and the end of the file.
  var endsOnNewLine: Bool {
    lexer.file.bytes[min(Int(previousEnd), lexer.file.bytes.count)...].contains(UInt8(ascii: "\n"))
  }

  /// Whether the file ends in a comment.
  var endsInComment: Bool {
    let rest = lexer.file.bytes[min(Int(previousEnd), lexer.file.bytes.count)...]
    let line = rest.lastIndex(of: UInt8(ascii: "\n")).map { rest[$0...] } ?? rest
    return isAtEnd && line.contains(UInt8(ascii: "#"))
  }

  /// Where the word begins that is being typed at the end of the file: the last one, if nothing follows it.
  func typedWord(_ last: Word?) -> Int {
    let end = lexer.file.bytes.count
    guard let last, Int(last.span.end) == end else { return end }
    return Int(last.span.start)
  }
}
