/// The words that the language keeps for itself. None of them can be a name.
public enum Keyword: Int32, CaseIterable, Sendable {
  case recipe, clusters, param
  case `let`, `var`, `if`, then, `else`, foreach, `for`, `in`, parallel
  case step, on, within, with, retry, every
  case task, `return`, use, run
  case waitFor, assert, `try`, `defer`
  case print, fail, skip
  case and, or, not, matches
  case `true`, `false`, null

  /// The keyword as it is written.
  public var text: String { self == .waitFor ? "wait-for" : String(describing: self) }

  /// Which keyword a name is, if any: the table of names holds the keywords first, in this order.
  @inline(__always)
  init?(symbol: Symbol) {
    guard symbol.index < Keyword.count else { return nil }
    self.init(rawValue: symbol.index)
  }

  static let count = Int32(allCases.count)
}
