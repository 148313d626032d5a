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
