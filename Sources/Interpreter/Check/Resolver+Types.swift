import Lexer

/// What becomes of types that are known before the run. What is written out wrongly is an error; where the type is
/// inferred it is only most likely one, and a lint.
extension Resolver {
  /// Checks the type of an expression against those that its place takes.
  mutating func expect(
    _ expression: Expression, _ type: ValueType, _ types: ValueKinds, _ what: String, _ expected: String,
    _ advice: String
  ) {
    if type.mayBe(types) { return }
    let found = expression.writtenType ?? type.kind.withArticle
    let problem = CheckProblem.wrongType(what: what, expected: expected, found: found, advice: advice)
    if expression.writtenType != nil { report(problem, expression.span) } else { warn(problem, expression.span) }
  }

  private static let conditionAdvice = "conditions are bools or outcomes: compare with `==`, or ask `.count > 0`"

  /// Resolves and checks a condition.
  mutating func condition(_ expression: Expression, _ what: String) {
    let type = resolve(expression)
    expect(expression, type, .conditions, what, "a condition", Resolver.conditionAdvice)
    if isLinting, case .literal(.bool(let value)) = expression.form {
      warn(.constantCondition(value), expression.span)
    }
  }

  /// Resolves and checks a length of time.
  mutating func duration(_ expression: Expression, _ what: String) {
    let example = "30s, 5m or 500ms"
    expect(expression, resolve(expression), [.duration], what, "a duration", example)
    if case .negate(let operand) = expression.form, case .literal(.duration(let amount)) = operand.form,
      amount.nanoseconds > 0
    {
      report(
        CheckProblem.wrongType(
          what: what, expected: "a duration from 0s on", found: "-\(amount.text)", advice: example), expression.span)
    }
  }

  /// Resolves and checks how often something is done, or how much of it at once.
  mutating func count(_ expression: Expression, _ what: String, _ example: String) {
    expect(expression, resolve(expression), [.int], what, "a whole number", example)
    if case .literal(.int(let number)) = expression.form, number < 1 {
      report(
        CheckProblem.wrongType(
          what: what, expected: "a whole number above 0", found: "\(number)", advice: example), expression.span)
    }
  }

  // MARK: Operators

  /// Checks an operand of `and`, `or` or `not`.
  mutating func checkOperand(_ type: ValueType, _ what: String, _ span: Span) {
    if type.mayBe(.conditions) { return }
    warn(
      CheckProblem.wrongType(
        what: what, expected: "a condition", found: type.kind.withArticle, advice: Resolver.conditionAdvice), span)
  }

  mutating func joined(_ left: Expression, _ right: Expression, _ word: String) -> ValueType {
    let calls = self.calls
    checkOperand(resolve(left), "`\(word)`", left.span)
    checkOperand(resolve(right), "`\(word)`", right.span)
    if self.calls == calls { noteSame(left, right, word) }
    return .bool
  }

  mutating func negated(_ type: ValueType, _ span: Span) -> ValueType {
    guard type.isKnown else { return .unknown }
    do throws(ValueProblem) {
      return ValueType(of: try Value.negated(type.sample))
    } catch {
      warn(.mismatchedTypes(error.message, advice: error.advice), span)
      return .unknown
    }
  }

  mutating func applied(_ op: BinaryOperator, _ left: Expression, _ right: Expression, _ span: Span) -> ValueType {
    let calls = self.calls
    var first = resolve(left)
    let second = resolve(right)
    if op.isComparison, self.calls == calls { noteSame(left, right, op.rawValue) }
    // A pattern is looked at whatever it is held against.
    if op == .matches, !first.isKnown, right.isLiteral { first = .string }
    switch ValueType.applying(op, first, second, pattern: op == .matches ? right.literal : nil) {
    case .success(let type): return type
    case .failure(let problem):
      warn(.mismatchedTypes(problem.message, advice: problem.advice), span)
      return ValueType.result(op)
    }
  }

  private mutating func noteSame(_ left: Expression, _ right: Expression, _ op: String) {
    guard isLinting, unit.file.essence(of: left.span).elementsEqual(unit.file.essence(of: right.span)) else { return }
    warn(.sameOperands(op), left.span.joined(with: right.span))
  }

  // MARK: Parts of values

  mutating func element(of base: ValueType, at index: ValueType, _ span: Span) -> ValueType {
    guard base.isKnown, index.isKnown, base.kind != .null else { return base.element }
    do throws(ValueProblem) {
      _ = try base.sample.element(at: index.sample)
    } catch {
      if error.kind == .wrong { warn(.mismatchedTypes(error.message, advice: error.advice), span) }
    }
    return base.element
  }

  mutating func field(_ name: FieldName, of expression: Expression) -> ValueType {
    let base = resolve(expression)
    guard base.isKnown else {
      noteConstant(expression, name)
      noteMember(name, of: expression)
      return .unknown
    }
    switch base.field(name.text, name.members) {
    case .success(let type): return type
    case .failure(let problem):
      warn(.mismatchedTypes(problem.message, advice: problem.advice), name.span)
      return .unknown
    }
  }

  /// A constant of the host's, such as `target`, always has the same keys.
  private mutating func noteConstant(_ expression: Expression, _ field: FieldName) {
    guard isLinting, case .name(let symbol) = expression.form, let binding = scope[symbol], binding.isGiven,
      let constant = vocabulary.constants.first(where: { $0.name == names[symbol] }), !constant.fields.isEmpty,
      !constant.fields.contains(field.text), field.members.bare(of: .map) == nil
    else { return }
    let suggestion = nearestSpelling(to: field.text, among: constant.fields)
    warn(
      .mismatchedTypes(
        "`\(constant.name)` has no key `\(field.text)`",
        advice: suggestion.map { "did you mean `\($0)`?" } ?? "its keys: \(constant.fields.joined(separator: ", "))"),
      field.span)
  }

  // MARK: Calls

  /// Checks an argument against what the ways of calling something take in its place.
  mutating func checkArgument(
    _ type: ValueType, at place: Int, of name: String, _ ways: some Collection<Signature>, _ span: Span
  ) {
    guard type.isKnown else { return }
    let parameters = ways.compactMap { place < $0.parameters.count ? $0.parameters[place] : nil }
    guard let first = parameters.first, !parameters.contains(where: { type.mayBe($0.kinds) }) else { return }
    let help = Signature.help(of: Array(ways))
    let problem = CheckProblem.wrongType(
      what: "`\(name)`", expected: first.expected, found: type.kind.withArticle, advice: help)
    warn(problem, span)
  }

  /// Resolves the arguments of a function of the language.
  mutating func call(of function: BuiltinFunction, _ arguments: [Call.Argument]) -> ValueType {
    var last = ValueType.unknown
    for (place, argument) in arguments.enumerated() {
      last = resolve(argument.value)
      checkArgument(last, at: place, of: function.rawValue, function.signatures, argument.value.span)
    }
    return function.gives(arguments.count, last)
  }
}

extension Expression {
  /// The type of what is written out, with its article; nil if it takes more than a look to know it.
  var writtenType: String? {
    switch form {
    case .literal(let value): value.typeWithArticle
    case .text: "a string"
    case .list, .comprehension, .binary(.closedRange, _, _), .binary(.halfOpenRange, _, _): "a list"
    case .map: "a map"
    default: nil
    }
  }
}
