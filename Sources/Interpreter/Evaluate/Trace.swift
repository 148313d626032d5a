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

extension Expression {
  /// The expressions that this one is made of, as far as each is evaluated once for it.
  var parts: [Expression] {
    switch form {
    case .literal, .name, .statement, .missing: []
    case .text(let pieces): pieces.compactMap { if case .expression(let part) = $0 { part } else { nil } }
    case .list(let elements): elements
    case .map(let entries): entries.map(\.value)
    case .comprehension(let node): [node.source]
    case .negate(let operand), .not(let operand): [operand]
    case .and(let a, let b), .or(let a, let b), .coalesce(let a, let b), .binary(_, let a, let b), .index(let a, let b):
      [a, b]
    case .conditional(let condition, let yes, let no): [condition, yes, no]
    case .field(let base, _): [base]
    case .method(let call):
      [call.base] + call.arguments.compactMap { if case .value(let value) = $0 { value } else { nil } }
    case .call(let call):
      // What a secret is made of is secret too.
      if case .function(.secret) = call.callee { [] } else { call.arguments.map(\.value) }
    case .command: []
    case .attempt(let attempt): if case .expression(let operand) = attempt.body { [operand] } else { [] }
    }
  }
}
