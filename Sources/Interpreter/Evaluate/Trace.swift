import Lexer

/// The values of an expression's parts, kept while it is evaluated, so that a failed assertion can show them.
final class Trace: @unchecked Sendable {
  private enum Seen {
    case value(Value)
    case failed(String)
  }

  private var seen: [ObjectIdentifier: Seen] = [:]

  func note(_ expression: Expression, _ value: Value) { seen[ObjectIdentifier(expression)] = .value(value) }
  /// What was seen before stays: of a wait, a later look may have failed.
  func note(_ expression: Expression, failed failure: Failure) {
    if case .value = seen[ObjectIdentifier(expression)] { return }
    seen[ObjectIdentifier(expression)] = .failed(failure.title.masked)
  }

  private static let longestValue = 90
  private static let longestExpression = 60

  /// Every part of the expression with its value, a part below what it is part of.
  func values(of expression: Expression, in file: SourceFile) -> [Diagnostic.ShownValue] {
    var shown: [Diagnostic.ShownValue] = []
    for part in expression.parts { add(part, depth: 0, file, to: &shown) }
    if shown.isEmpty { add(expression, depth: 0, file, to: &shown) }
    return shown
  }

  private func add(_ part: Expression, depth: Int, _ file: SourceFile, to shown: inout [Diagnostic.ShownValue]) {
    if case .literal = part.form { return }
    let text = file.shownText(part.span)
    let value: String
    switch seen[ObjectIdentifier(part)] {
    case .value(let found): value = found.shown(limit: Trace.longestValue, isExact: true)
    case .failed(let why): value = "failed: \(why.truncated(to: Trace.longestValue))"
    case nil: value = "not reached"
    }
    shown.append(.init(depth: depth, expression: text.truncated(to: Trace.longestExpression), value: value))
    for inner in part.parts where !isTold(inner, by: part) { add(inner, depth: depth + 1, file, to: &shown) }
  }

  /// Of `a.b.c` the value of the whole tells enough, if there is one: `a` may be a large map.
  private func isTold(_ part: Expression, by whole: Expression) -> Bool {
    guard case .field = whole.form, case .value = seen[ObjectIdentifier(whole)] else { return false }
    switch part.form {
    case .name: return true
    case .field(let base, _): return isTold(base, by: part)
    default: return false
    }
  }
}
