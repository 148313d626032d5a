import Lexer

/// What becomes of types that are known before the run. What is written out wrongly is an error; where the type is
/// inferred it is only most likely one, and a lint.
extension Resolver {
  /// Checks the type of an expression against those that its place takes.
  mutating func expect(
    _ expression: Expression, _ type: InferredType, _ types: InferredType.Set, _ what: String, _ expected: String,
    _ advice: String
  ) {
    if type.mayBe(types) { return }
    let found = expression.writtenType ?? type.withArticle
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
    expect(expression, resolve(expression), .durations, what, "a duration", example)
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
    expect(expression, resolve(expression), .ints, what, "a whole number", example)
    if case .literal(.int(let number)) = expression.form, number < 1 {
      report(
        CheckProblem.wrongType(
          what: what, expected: "a whole number above 0", found: "\(number)", advice: example), expression.span)
    }
  }

  // MARK: Operators

  /// Checks an operand of `and`, `or` or `not`.
  mutating func checkOperand(_ type: InferredType, _ what: String, _ span: Span) {
    if type.mayBe(.conditions) { return }
    warn(
      CheckProblem.wrongType(
        what: what, expected: "a condition", found: type.withArticle, advice: Resolver.conditionAdvice), span)
  }

  mutating func joined(_ left: Expression, _ right: Expression, _ word: String) -> InferredType {
    let calls = self.calls
    checkOperand(resolve(left), "`\(word)`", left.span)
    checkOperand(resolve(right), "`\(word)`", right.span)
    if self.calls == calls { noteSame(left, right, word) }
    return .bool
  }

  mutating func negated(_ type: InferredType, _ span: Span) -> InferredType {
    guard type.isKnown else { return .unknown }
    do throws(ValueProblem) {
      return InferredType(of: try Value.negated(type.sample))
    } catch {
      warn(.mismatchedTypes(error.message, advice: error.advice), span)
      return .unknown
    }
  }

  mutating func applied(_ op: BinaryOperator, _ left: Expression, _ right: Expression, _ span: Span) -> InferredType {
    let calls = self.calls
    var first = resolve(left)
    let second = resolve(right)
    if op.isComparison, self.calls == calls { noteSame(left, right, op.rawValue) }
    // A pattern is looked at whatever it is held against.
    if op == .matches, !first.isKnown, right.isLiteral { first = .text }
    switch InferredType.applying(op, first, second, pattern: op == .matches ? right.literal : nil) {
    case .success(let type): return type
    case .failure(let problem):
      warn(.mismatchedTypes(problem.message, advice: problem.advice), span)
      return InferredType.result(op)
    }
  }

  private mutating func noteSame(_ left: Expression, _ right: Expression, _ op: String) {
    guard isLinting, unit.file.essence(of: left.span).elementsEqual(unit.file.essence(of: right.span)) else { return }
    warn(.sameOperands(op), left.span.joined(with: right.span))
  }

  // MARK: Parts of values

  mutating func element(of base: InferredType, at index: InferredType, _ span: Span) -> InferredType {
    guard base.isKnown, index.isKnown, base.base != .null else { return base.elementType }
    do throws(ValueProblem) {
      _ = try base.sample.element(at: index.sample)
    } catch {
      if error.kind == .wrong { warn(.mismatchedTypes(error.message, advice: error.advice), span) }
    }
    return base.elementType
  }

  mutating func field(_ name: FieldName, of expression: Expression) -> InferredType {
    let base = resolve(expression)
    guard base.isKnown else {
      noteConstant(expression, name)
      noteMember(name, of: expression)
      return .unknown
    }
    switch base.field(name.text) {
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
      !constant.fields.contains(field.text), !InferredType.map.has(field.text, arguments: 0, lambda: false)
    else { return }
    let suggestion = nearestSpelling(to: field.text, among: constant.fields)
    warn(
      .mismatchedTypes(
        "`\(constant.name)` has no key `\(field.text)`",
        advice: suggestion.map { "did you mean `\($0)`?" } ?? "its keys: \(constant.fields.joined(separator: ", "))"),
      field.span)
  }

  // MARK: Calls

  /// Resolves the arguments of a function of the language.
  mutating func call(of function: BuiltinFunction, _ arguments: [Call.Argument]) -> InferredType {
    var last = InferredType.unknown
    for (place, argument) in arguments.enumerated() {
      last = resolve(argument.value)
      let (types, expected): (InferredType.Set, String) =
        switch function {
        case .secret: (.written, "text")
        case .read, .exists: (.clusterNames, "a path")
        case .env where place == 0: (.clusterNames, "a name")
        case .random: (.ints, "ints")
        default: (.all, "")
        }
      if last.mayBe(types) { continue }
      warn(
        CheckProblem.wrongType(
          what: "`\(function.rawValue)`", expected: expected, found: last.withArticle, advice: function.help),
        argument.value.span)
    }
    switch function {
    case .secret, .read: return .text
    case .exists: return .bool
    case .env: return arguments.count < 2 ? .text : last.joined(with: .text)
    case .now: return InferredType(.time)
    case .random: return arguments.isEmpty ? InferredType(.float) : .int
    }
  }

  /// Checks an argument of a method that is no function.
  mutating func checkArgument(_ type: InferredType, of method: String, _ span: Span) {
    let (types, expected): (InferredType.Set, String) =
      switch method {
      case "take", "drop", "round": (.ints, "a whole number")
      case "join", "split", "replace", "starts_with", "ends_with": (.written, "text")
      case "quantile": (.numbers, "a number from 0 to 1")
      default: (.all, "")
      }
    if type.mayBe(types) { return }
    warn(.mismatchedTypes("`\(method)` takes \(expected), not \(type.withArticle)", advice: help(of: method)), span)
  }

  /// Checks what the function gives that is a method's argument.
  mutating func checkResult(_ type: InferredType, of method: String, _ body: Expression) {
    guard ["all", "any", "filter"].contains(method), !type.mayBe(.conditions) else { return }
    checkOperand(type, "`\(method)`", body.span)
  }

  mutating func type(ofMethod call: MethodCall, on base: InferredType, function: InferredType?) -> InferredType {
    let name = call.name.text
    guard base.isKnown, base.base != .null else { return .unknown }
    guard base.has(name, arguments: call.arguments.count, lambda: function != nil) else {
      let isKnown = Method.named(name).contains { $0.types.contains(base.sample.typeName) }
      let problem = isKnown ? "`\(name)` takes other arguments" : "\(base.withArticle) has no method `\(name)`"
      warn(.mismatchedTypes(problem, advice: help(of: name)), call.name.span)
      return .unknown
    }
    return function.map { base.result(of: name, body: $0) } ?? base.result(of: name)
  }

  private func help(of method: String) -> String? {
    ForeignWords.advice(onMember: method) ?? Method.named(method).first?.help
  }
}

extension InferredType {
  /// Of a recipe's parameter that has a default of this type: what a run gives it is made alike, or refused. One whose
  /// default is null takes anything.
  var ofParameter: InferredType { base == .null ? .unknown : InferredType(base) }
}

extension InferredType.Set {
  static let all = InferredType.Set(rawValue: .max)
}

extension BinaryOperator {
  /// Whether it compares its operands with each other.
  var isComparison: Bool {
    switch self {
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual: true
    default: false
    }
  }
}

extension BuiltinFunction {
  /// Whether it may give something else the next time.
  var mayChange: Bool {
    switch self {
    case .read, .exists, .now, .random: true
    case .secret, .env: false
    }
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
