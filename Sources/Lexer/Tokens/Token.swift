/// One token of an expression. Words of commands are not made of tokens: the parser asks for their parts itself.
@frozen
public struct Token: Sendable {
  /// What a token is.
  @frozen
  public enum Kind: UInt8, Sendable {
    case endOfFile, name, keyword
    case integer, float, duration, size
    /// The opening quote of a string; its parts are asked for one by one.
    case quote, rawQuote, tripleQuote, rawTripleQuote
    case leftParenthesis, rightParenthesis, leftBracket, rightBracket, leftBrace, rightBrace
    case comma, colon, dot, assign, arrow
    case equal, notEqual, less, lessOrEqual, greater, greaterOrEqual
    case plus, minus, star, slash, percent, coalesce, closedRange, halfOpenRange
  }

  /// What it is.
  public let kind: Kind
  /// Where it stands.
  public let span: Span
  /// Whether a line ended between the token before and this one.
  public let startsLine: Bool
  /// Whether white space, a comment or a line's end stands before it.
  public let followsSpace: Bool
  /// The name; of a keyword too.
  public let symbol: Symbol

  /// A token as a lexer has read it.
  @inlinable
  public init(kind: Kind, span: Span, startsLine: Bool, followsSpace: Bool, symbol: Symbol) {
    self.kind = kind
    self.span = span
    self.startsLine = startsLine
    self.followsSpace = followsSpace
    self.symbol = symbol
  }

  /// Which keyword it is; nil for anything else.
  @inlinable
  public var keyword: Keyword? { kind == .keyword ? Keyword(symbol: symbol) : nil }

  /// Whether it is that keyword.
  @inlinable
  public func isKeyword(_ keyword: Keyword) -> Bool { kind == .keyword && symbol.index == keyword.rawValue }
}

extension Token.Kind {
  /// How a message speaks of the token.
  public var description: String {
    switch self {
    case .endOfFile: "the end of the file"
    case .name: "a name"
    case .keyword: "a keyword"
    case .integer, .float: "a number"
    case .duration: "a duration"
    case .size: "a size"
    case .quote, .rawQuote, .tripleQuote, .rawTripleQuote: "a string"
    case .leftParenthesis: "`(`"
    case .rightParenthesis: "`)`"
    case .leftBracket: "`[`"
    case .rightBracket: "`]`"
    case .leftBrace: "`{`"
    case .rightBrace: "`}`"
    case .comma: "`,`"
    case .colon: "`:`"
    case .dot: "`.`"
    case .assign: "`=`"
    case .arrow: "`=>`"
    case .equal: "`==`"
    case .notEqual: "`!=`"
    case .less: "`<`"
    case .lessOrEqual: "`<=`"
    case .greater: "`>`"
    case .greaterOrEqual: "`>=`"
    case .plus: "`+`"
    case .minus: "`-`"
    case .star: "`*`"
    case .slash: "`/`"
    case .percent: "`%`"
    case .coalesce: "`??`"
    case .closedRange: "`..`"
    case .halfOpenRange: "`..<`"
    }
  }
}

/// The words that the language keeps for itself. None of them can be a name.
@frozen
public enum Keyword: Int32, CaseIterable, Sendable {
  case recipe, clusters, param
  case `let`, `var`, `if`, then, `else`, foreach, `for`, `in`, parallel
  case step, on, within, with, retry, every, during
  case task, `return`, use, run
  case waitFor, assert, `try`, `defer`
  case print, fail, skip
  case and, or, not, matches
  case `true`, `false`, null

  /// The keyword as it is written.
  public var text: String { Keyword.texts[Int(rawValue)] }

  /// In the order of the cases.
  private static let texts = [
    "recipe", "clusters", "param", "let", "var", "if", "then", "else", "foreach", "for", "in", "parallel", "step", "on",
    "within", "with", "retry", "every", "during", "task", "return", "use", "run", "wait-for", "assert", "try", "defer",
    "print",
    "fail", "skip", "and", "or", "not", "matches", "true", "false", "null",
  ]

  /// Which keyword a name is, if any: the table of names holds the keywords first, in this order.
  @inlinable
  init?(symbol: Symbol) {
    guard symbol.index < Keyword.count else { return nil }
    self.init(rawValue: symbol.index)
  }

  /// `null` is the last.
  @usableFromInline static let count: Int32 = 37
}
