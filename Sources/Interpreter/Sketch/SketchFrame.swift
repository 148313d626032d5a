import Lexer

/// What surrounds the place that a sketch has come to: brackets, strings, words and commands that are not closed yet.
struct SketchFrame {
  enum Kind: Equatable {
    /// Statements between braces, or all of the file.
    case block
    case parenthesis
    /// The arguments of a task or a function.
    case call(Symbol)
    case method, taskParameters
    case list, index, map
    /// `${…}`
    case interpolation
    case string(Token.Kind)
    case word
    /// The words of a command, by its place among the commands.
    case command(Int)
  }

  let kind: Kind
  let opening: Int
  /// Of a string, where the piece being read begins; else where it opens.
  var start: Int
  /// How many names were bound and how many references had no meaning when it opened.
  let firstBound: Int
  let firstUnresolved: Int
  /// How many marks there were.
  let firstMark: Int

  /// Whether a value comes next, not an operator.
  var operandDue = true
  /// Whether a bare command may come next.
  var commandMayFollow = false
  /// Whether `{` opens a block next, whatever else is due.
  var blockFollows = false
  /// Whether the statement has had a block.
  var hasBlock = false
  var isBehindDot = false
  /// Whether a key or a parameter's name comes next.
  var isKeyDue: Bool
  /// How many `then` wait for their `else`.
  var thens = 0
  var hasFor = false
  /// The name in front of an opening parenthesis.
  var callee: Symbol?
  var parametersFollow = false

  /// The keyword that the statement began with.
  var statement: Keyword?
  var statementStart = 0
  var hasStatement = false
  /// Whether what has been read of the statement could be followed by nothing but more of it.
  var isUnfinished = false
  /// The name that the statement binds at its end.
  var binding: Int32 = -1
  /// The names that the next block binds.
  var blockNames: Range<Int> = 0..<0
  /// The step or task whose block opens next, or whose block this is.
  var nextPart = -1
  var part = -1
  /// The last command of the statement, to which endings belong, and the ending that is being read.
  var command = -1
  var ending: Keyword?
  /// The brackets that a word has opened.
  var open: [UInt8] = []

  init(_ kind: Kind, start: Int, bound: Int, unresolved: Int, marks: Int) {
    self.kind = kind
    opening = start
    self.start = start
    firstBound = bound
    firstUnresolved = unresolved
    firstMark = marks
    isKeyDue = kind == .map || kind == .taskParameters
  }

  /// Whether a line's end is a space in it.
  var linesAreSpace: Bool {
    switch kind {
    case .parenthesis, .call, .method, .taskParameters, .index, .interpolation: true
    default: false
    }
  }

  /// The closing bracket.
  var closing: Token.Kind? {
    switch kind {
    case .block, .map, .interpolation: .rightBrace
    case .parenthesis, .call, .method, .taskParameters: .rightParenthesis
    case .list, .index: .rightBracket
    case .string, .word, .command: nil
    }
  }
}
