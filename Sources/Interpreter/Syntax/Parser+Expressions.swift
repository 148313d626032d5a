import Lexer

extension Parser {
  /// Reads a whole expression, loosest first.
  mutating func expression() throws(SyntaxError) -> Expression {
    if isAt(.if) { return try conditionalExpression() }
    return try operation(above: 0)
  }

  private mutating func conditionalExpression() throws(SyntaxError) -> Expression {
    let start = token.span
    try deepen(at: start)
    defer { depth -= 1 }
    try advance()
    let condition = try expression()
    guard isAt(.then) else { throw unexpected("`then`") }
    return try conditionalExpression(condition, start)
  }

  /// Reads on behind the condition.
  mutating func conditionalExpression(_ condition: Expression, _ start: Span) throws(SyntaxError) -> Expression {
    try expect(.keyword)
    let yes = try expression()
    guard try take(.else) else { throw unexpected("`else`") }
    let no = try expression()
    return try node(.conditional(condition, yes, no), start, condition, yes, no)
  }

  /// An operator between two operands, and how tightly it binds.
  private struct Infix {
    enum Form {
      case coalesce, or, and
      case binary(BinaryOperator)
    }
    let form: Form
    let strength: Int

    init(_ form: Form, _ strength: Int) {
      self.form = form
      self.strength = strength
    }
  }

  private static let negation = 4
  private static let comparison = 5
  private static let range = 6
  private static let sum = 7
  private static let product = 8

  /// Reads operands joined by operators that bind more tightly than `strength`.
  private mutating func operation(above strength: Int) throws(SyntaxError) -> Expression {
    let start = token.span
    guard isAt(.not), strength < Parser.negation else {
      return try operation(above: strength, from: try prefix(), start)
    }
    try deepen(at: start)
    defer { depth -= 1 }
    try advance()
    let operand = try operation(above: Parser.negation - 1)
    return try operation(above: strength, from: try node(.not(operand), start, operand), start)
  }

  /// Reads on behind the first operand.
  private mutating func operation(
    above strength: Int, from first: Expression, _ start: Span
  ) throws(SyntaxError) -> Expression {
    var left = first
    while let infix = infixHere, infix.strength > strength {
      try advance()
      let right = try operation(above: infix.strength)
      left =
        switch infix.form {
        case .coalesce: try node(.coalesce(left, right), start, left, right)
        case .or: try node(.or(left, right), start, left, right)
        case .and: try node(.and(left, right), start, left, right)
        case .binary(let op): try node(.binary(op, left, right), start, left, right)
        }
      if infix.strength == Parser.comparison, infixHere?.strength == Parser.comparison {
        throw SyntaxError(.chainedComparison, token.span)
      }
    }
    return left
  }

  /// The operator at the token, if the expression goes on with it.
  private var infixHere: Infix? {
    if token.startsLine {
      switch nesting {
      case .parenthesis: break
      case .block where token.kind == .minus: break
      default: return nil
      }
    }
    switch token.kind {
    case .coalesce: return Infix(.coalesce, 1)
    case .equal: return Infix(.binary(.equal), Parser.comparison)
    case .notEqual: return Infix(.binary(.notEqual), Parser.comparison)
    case .less: return Infix(.binary(.less), Parser.comparison)
    case .lessOrEqual: return Infix(.binary(.lessOrEqual), Parser.comparison)
    case .greater: return Infix(.binary(.greater), Parser.comparison)
    case .greaterOrEqual: return Infix(.binary(.greaterOrEqual), Parser.comparison)
    case .closedRange: return Infix(.binary(.closedRange), Parser.range)
    case .halfOpenRange: return Infix(.binary(.halfOpenRange), Parser.range)
    case .plus: return Infix(.binary(.add), Parser.sum)
    case .minus: return Infix(.binary(.subtract), Parser.sum)
    case .star: return Infix(.binary(.multiply), Parser.product)
    case .slash: return Infix(.binary(.divide), Parser.product)
    case .percent: return Infix(.binary(.remainder), Parser.product)
    case .keyword:
      switch token.keyword {
      case .or: return Infix(.or, 2)
      case .and: return Infix(.and, 3)
      case .in: return Infix(.binary(.isIn), Parser.comparison)
      case .matches: return Infix(.binary(.matches), Parser.comparison)
      default: return nil
      }
    default: return nil
    }
  }

  private mutating func prefix() throws(SyntaxError) -> Expression {
    let start = token.span
    if isAt(.minus) {
      if isTraced { trace.mark(.unary) }
      try deepen(at: start)
      defer { depth -= 1 }
      try advance()
      if let least = leastInteger {
        try advance()
        return try postfix(Expression(.literal(.int(least)), span(from: start)), start)
      }
      let operand = try prefix()
      return try node(.negate(operand), start, operand)
    }
    if isAt(.try) {
      try deepen(at: start)
      defer { depth -= 1 }
      try advance()
      return try postfix(try attempt(start), start)
    }
    return try postfix(try primary(), start)
  }

  /// The int of which there is no positive one, if its digits stand at the token, behind a minus.
  private var leastInteger: Int64? {
    guard isAt(.integer), lexer.integer(at: token.span) == nil else { return nil }
    return Int64("-" + lexer.file.text(token.span).filter { $0 != "_" })
  }

  /// Reads on behind a `try { … }` that has turned out to be an operand.
  mutating func expression(from attempt: Expression, _ start: Span) throws(SyntaxError) -> Expression {
    try operation(above: 0, from: try postfix(attempt, start), start)
  }

  private mutating func attempt(_ start: Span) throws(SyntaxError) -> Expression {
    if isAt(.leftBrace) {
      if isInLambda { throw SyntaxError(.lambdaWithCommand, token.span) }
      let body = try block()
      return Expression(.attempt(Attempt(.block(body), start)), span(from: start))
    }
    let operand =
      token.kind == .name && vocabulary.isCommand(token.symbol) ? try command() : try prefix()
    return try node(.attempt(Attempt(.expression(operand), start)), start, operand)
  }

  private mutating func postfix(_ base: Expression, _ start: Span) throws(SyntaxError) -> Expression {
    var result = base
    while true {
      switch token.kind {
      case .dot where !token.startsLine || nesting == .parenthesis || nesting == .list:
        try advance()
        guard token.kind == .name || token.kind == .keyword else { throw unexpected("a field's or a method's name") }
        let name = FieldName(text: lexer.names[token.symbol], span: token.span)
        try advance()
        if token.kind == .leftParenthesis, !token.followsSpace {
          result = try method(on: result, name, start)
        } else {
          result = try node(.field(result, name), start, result)
        }
      case .leftBracket where !token.followsSpace:
        let opening = token.span
        let base = result
        result = try nested(.parenthesis, at: opening) { parser throws(SyntaxError) in
          try parser.advance()
          let index = try parser.expression()
          try parser.expectClosing(.rightBracket, of: opening)
          return try parser.node(.index(base, index), start, base, index)
        }
      default: return result
      }
    }
  }

  private mutating func method(
    on base: Expression, _ name: FieldName, _ start: Span
  ) throws(SyntaxError) -> Expression {
    let opening = token.span
    let arguments = try nested(.parenthesis, at: opening) { parser throws(SyntaxError) in
      try parser.advance()
      var arguments: [MethodCall.Argument] = []
      while parser.token.kind != .rightParenthesis {
        if let lambda = try parser.lambda() {
          arguments.append(.lambda(lambda))
        } else {
          arguments.append(.value(try parser.expression()))
        }
        if try !parser.take(.comma) { break }
      }
      try parser.expectClosing(.rightParenthesis, of: opening, "`,` or `)`")
      return arguments
    }
    var deepest = base.depth
    for argument in arguments {
      switch argument {
      case .value(let value): deepest = max(deepest, value.depth)
      case .lambda(let lambda): deepest = max(deepest, lambda.body.depth)
      }
    }
    return try node(
      .method(MethodCall(base: base, name: name, arguments: arguments)), start, depth: deepest + 1)
  }

  /// Reads `x => …` or `(a, b) => …` if one begins here.
  private mutating func lambda() throws(SyntaxError) -> Lambda? {
    let start = token
    var parameters: [Variable] = []
    if isAt(.name) {
      try advance()
      guard isAt(.arrow) else {
        rewind(to: start)
        return nil
      }
      rewind(to: start)
      parameters = [try boundName()]
    } else if isAt(.leftParenthesis) {
      guard let names = try lambdaParameters() else {
        rewind(to: start)
        return nil
      }
      parameters = names
    } else {
      return nil
    }
    try expect(.arrow)
    let outer = isInLambda
    isInLambda = true
    defer { isInLambda = outer }
    let body = try expression()
    return Lambda(parameters: parameters, body: body, span: span(from: start.span))
  }

  private mutating func lambdaParameters() throws(SyntaxError) -> [Variable]? {
    var names: [Variable] = []
    repeat {
      try advance()
      guard isAt(.name) else { return nil }
      names.append(Variable(token.symbol, token.span))
      try advance()
    } while isAt(.comma)
    guard isAt(.rightParenthesis) else { return nil }
    try advance()
    return isAt(.arrow) ? names : nil
  }

  // MARK: Nodes

  /// Makes a node that ends where the token before the current one does, and watches its depth.
  mutating func node(_ form: Expression.Form, _ start: Span, _ parts: Expression...) throws(SyntaxError) -> Expression {
    var deepest = 0
    for part in parts { deepest = max(deepest, part.depth) }
    return try node(form, start, depth: deepest + 1)
  }

  mutating func node(_ form: Expression.Form, _ start: Span, depth: Int) throws(SyntaxError) -> Expression {
    let span = span(from: start)
    guard depth <= Parser.deepestExpression else {
      throw SyntaxError(.tooDeep(limit: Parser.deepestExpression), span)
    }
    return Expression(form, span, depth: depth)
  }
}
