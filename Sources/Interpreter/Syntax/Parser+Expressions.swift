import Lexer

extension Parser {
  /// Reads a whole expression, loosest first.
  mutating func expression() -> Expression {
    if isAt(.if) { return conditionalExpression() }
    return operation(above: 0)
  }

  private mutating func conditionalExpression() -> Expression {
    let start = token.span
    guard deepen(at: start) else { return missing() }
    advance()
    let condition = expression()
    if !isAt(.then) { reportUnexpected("`then`") }
    let value = conditionalExpression(condition, start)
    depth -= 1
    return value
  }

  /// Reads on behind the condition.
  mutating func conditionalExpression(_ condition: Expression, _ start: Span) -> Expression {
    guard take(.then) else { return condition }
    let yes = expression()
    guard take(.else) else {
      reportUnexpected("`else`")
      noteUnfinished(.choice)
      return node(.conditional(condition, yes, missing()), start, condition, yes)
    }
    let no = expression()
    return node(.conditional(condition, yes, no), start, condition, yes, no)
  }

  /// An operator between two operands, and how tightly it binds.
  private struct Infix {
    enum Form {
      case coalesce, or, and
      case binary(BinaryOperator)
    }
    let form: Form
    let strength: Int

    static let negation = 4
    static let comparison = 5
    static let range = 6
    static let sum = 7
    static let product = 8

    private init(_ form: Form, _ strength: Int) {
      self.form = form
      self.strength = strength
    }

    /// The operator that a token is, if the expression goes on with it.
    init?(_ token: Token, in nesting: Nesting) {
      if token.startsLine {
        switch nesting {
        case .parenthesis: break
        case .block where token.kind == .minus: break
        default: return nil
        }
      }
      switch token.kind {
      case .coalesce: self.init(.coalesce, 1)
      case .equal: self.init(.binary(.equal), Infix.comparison)
      case .notEqual: self.init(.binary(.notEqual), Infix.comparison)
      case .less: self.init(.binary(.less), Infix.comparison)
      case .lessOrEqual: self.init(.binary(.lessOrEqual), Infix.comparison)
      case .greater: self.init(.binary(.greater), Infix.comparison)
      case .greaterOrEqual: self.init(.binary(.greaterOrEqual), Infix.comparison)
      case .closedRange: self.init(.binary(.closedRange), Infix.range)
      case .halfOpenRange: self.init(.binary(.halfOpenRange), Infix.range)
      case .plus: self.init(.binary(.add), Infix.sum)
      case .minus: self.init(.binary(.subtract), Infix.sum)
      case .star: self.init(.binary(.multiply), Infix.product)
      case .slash: self.init(.binary(.divide), Infix.product)
      case .percent: self.init(.binary(.remainder), Infix.product)
      case .keyword:
        switch token.keyword {
        case .or: self.init(.or, 2)
        case .and: self.init(.and, 3)
        case .in: self.init(.binary(.isIn), Infix.comparison)
        case .matches: self.init(.binary(.matches), Infix.comparison)
        default: return nil
        }
      default: return nil
      }
    }
  }

  /// Reads operands joined by operators that bind more tightly than `strength`.
  private mutating func operation(above strength: Int) -> Expression {
    let start = token.span
    guard isAt(.not), strength < Infix.negation else { return operation(above: strength, from: prefix(), start) }
    guard deepen(at: start) else { return missing() }
    advance()
    let operand = operation(above: Infix.negation - 1)
    depth -= 1
    return operation(above: strength, from: node(.not(operand), start, operand), start)
  }

  /// Reads on behind the first operand.
  private mutating func operation(above strength: Int, from first: Expression, _ start: Span) -> Expression {
    var left = first
    while let infix = Infix(token, in: nesting), infix.strength > strength {
      advance()
      let right = operation(above: infix.strength)
      left =
        switch infix.form {
        case .coalesce: node(.coalesce(left, right), start, left, right)
        case .or: node(.or(left, right), start, left, right)
        case .and: node(.and(left, right), start, left, right)
        case .binary(let op): node(.binary(op, left, right), start, left, right)
        }
      if infix.strength == Infix.comparison, Infix(token, in: nesting)?.strength == Infix.comparison {
        report(.chainedComparison, token.span)
      }
    }
    if isOpenAtEnd { noteDue(.sign) }
    return left
  }

  private mutating func prefix() -> Expression {
    let start = token.span
    if isAt(.minus) {
      if isTraced { trace.mark(.unary) }
      guard deepen(at: start) else { return missing() }
      defer { depth -= 1 }
      advance()
      if let least = leastInteger {
        advance()
        return postfix(Expression(.literal(.int(least)), span(from: start)), start)
      }
      let operand = prefix()
      return node(.negate(operand), start, operand)
    }
    if isAt(.try) {
      guard deepen(at: start) else { return missing() }
      defer { depth -= 1 }
      advance()
      return postfix(attempt(start), start)
    }
    return postfix(primary(), start)
  }

  /// The int of which there is no positive one, if its digits stand at the token, behind a minus.
  private var leastInteger: Int64? {
    guard isAt(.integer), lexer.integer(at: token.span) == nil else { return nil }
    return Int64("-" + lexer.file.text(token.span).filter { $0 != "_" })
  }

  /// Reads on behind a `try { … }` that has turned out to be an operand.
  mutating func expression(from attempt: Expression, _ start: Span) -> Expression {
    operation(above: 0, from: postfix(attempt, start), start)
  }

  private mutating func attempt(_ start: Span) -> Expression {
    noteDue(.value(mayBeCommand: true))
    if isAt(.leftBrace) {
      if isInLambda { report(.lambdaWithCommand, token.span) }
      let body = block()
      return Expression(.attempt(Attempt(body: .block(body), span: start)), span(from: start))
    }
    let operand = token.kind == .name && vocabulary.isCommand(token.symbol) ? command() : prefix()
    return node(.attempt(Attempt(body: .expression(operand), span: start)), start, operand)
  }

  private mutating func postfix(_ base: Expression, _ start: Span) -> Expression {
    var result = base
    while true {
      switch token.kind {
      case .dot where !token.startsLine || nesting == .parenthesis || nesting == .list:
        advance()
        noteDue(.field(of: result))
        guard token.kind == .name || token.kind == .keyword, !isBroken || !beginsStatement(token) else {
          reportUnexpected("a field's or a method's name")
          return result
        }
        let name = FieldName(lexer.names[token.symbol], token.span)
        advance()
        stretches.recast(.field)
        if token.kind == .leftParenthesis, !token.followsSpace {
          stretches.recast(.method)
          result = method(on: result, name, start)
        } else {
          result = node(.field(result, name), start, result)
        }
      case .leftBracket where !token.followsSpace:
        let opening = token.span
        let base = result
        result =
          bracketed(.parenthesis, .rightBracket, at: opening) { parser in
            parser.advance()
            let index = parser.expression()
            parser.noteOpen(.index(of: base))
            parser.close(.rightBracket, of: opening)
            return parser.node(.index(base, index), start, base, index)
          } ?? base
      default: return result
      }
    }
  }

  /// Passes the closing bracket, and in what is broken all that stands before it.
  private mutating func close(_ closing: Token.Kind, of opening: Span, _ what: String? = nil) {
    guard token.kind != closing, token.kind != .endOfFile else { return expectClosing(closing, of: opening, what) }
    reportUnexpected(what ?? closing.description)
    while hasBrokenElement(before: closing) {
      let value = broken { $0.expression() }
      brokenStatements.append(.expression(value))
    }
    expectClosing(closing, of: opening)
  }

  private mutating func method(on base: Expression, _ name: FieldName, _ start: Span) -> Expression {
    let opening = token.span
    let arguments: [MethodCall.Argument] =
      bracketed(.parenthesis, .rightParenthesis, at: opening) { parser in
        parser.advance()
        var arguments: [MethodCall.Argument] = []
        if parser.token.kind != .rightParenthesis {
          var first = parser.token
          repeat {
            first = parser.token
            if let lambda = parser.lambda() {
              arguments.append(.lambda(lambda))
            } else {
              arguments.append(.value(parser.expression()))
            }
          } while parser.hasNextElement(before: .rightParenthesis, of: opening, "`,` or `)`", since: first)
        }
        parser.noteOpen(.method)
        parser.expectClosing(.rightParenthesis, of: opening, "`,` or `)`")
        return arguments
      } ?? []
    var deepest = base.depth
    for argument in arguments {
      switch argument {
      case .value(let value): deepest = max(deepest, value.depth)
      case .lambda(let lambda): deepest = max(deepest, lambda.body.depth)
      }
    }
    return node(.method(MethodCall(base: base, name: name, arguments: arguments)), start, depth: deepest + 1)
  }

  /// Reads `x => …` or `(a, b) => …` if one begins here.
  private mutating func lambda() -> Lambda? {
    let start = token
    var parameters: [Variable] = []
    if isAt(.name) {
      advance()
      guard isAt(.arrow) else {
        rewind(to: start)
        return nil
      }
      rewind(to: start)
      parameters = [boundName()]
    } else if isAt(.leftParenthesis) {
      guard let names = lambdaParameters() else {
        rewind(to: start)
        return nil
      }
      parameters = names
    } else {
      return nil
    }
    expect(.arrow)
    let outer = isInLambda
    isInLambda = true
    let body = expression()
    isInLambda = outer
    noteOpen(.names(parameters))
    return Lambda(parameters: parameters, body: body, span: span(from: start.span))
  }

  private mutating func lambdaParameters() -> [Variable]? {
    var names: [Variable] = []
    repeat {
      advance()
      guard isAt(.name) else { return nil }
      names.append(Variable(token.symbol, token.span))
      advance()
      stretches.recast(.name, isBinding: true)
    } while isAt(.comma)
    guard isAt(.rightParenthesis) else { return nil }
    advance()
    return isAt(.arrow) ? names : nil
  }

  // MARK: Nodes

  /// Makes a node that ends where the token before the current one does, and watches its depth.
  mutating func node(_ form: Expression.Form, _ start: Span, _ parts: Expression...) -> Expression {
    var deepest = 0
    for part in parts { deepest = max(deepest, part.depth) }
    return node(form, start, depth: deepest + 1)
  }

  mutating func node(_ form: Expression.Form, _ start: Span, depth: Int) -> Expression {
    let span = span(from: start)
    guard depth <= Parser.deepestExpression else {
      report(.tooDeep(limit: Parser.deepestExpression), span)
      return Expression(.missing, span)
    }
    return Expression(form, span, depth: depth)
  }

  // MARK: Operands

  /// Reads a literal, a name, a call, or what stands in brackets.
  private mutating func primary() -> Expression {
    let start = token
    switch token.kind {
    case .integer, .float, .duration, .size:
      let value = number(token)
      advance()
      return value.map { Expression(.literal($0), start.span) } ?? Expression(.missing, start.span)
    case .quote, .rawQuote, .tripleQuote, .rawTripleQuote: return string()
    case .name: return name()
    case .keyword: return keywordOperand(start)
    case .leftParenthesis: return parenthesized()
    case .leftBracket: return list()
    case .leftBrace: return map()
    case .rightParenthesis, .rightBracket, .rightBrace:
      if nesting == .block, token.kind != .rightBrace {
        report(.unmatchedClosing(lexer.file.text(token.span)), token.span)
      } else {
        reportUnexpected("a value")
      }
    case .arrow: report(.lambdaElsewhere, token.span)
    default:
      noteDue(.value(mayBeCommand: false))
      reportUnexpected("a value")
    }
    return missing()
  }

  private mutating func keywordOperand(_ start: Token) -> Expression {
    switch token.keyword {
    case .true: return constant(.bool(true))
    case .false: return constant(.bool(false))
    case .null: return constant(.null)
    case .clusters:
      advance()
      return Expression(.name(start.symbol), start.span)
    case .if: return expression()
    case .foreach, .parallel, .step, .retry, .during:
      if isInLambda { report(.lambdaWithCommand, token.span) }
      return isOver || (isBroken && beginsStatement(start)) ? missing() : statementOperand(start)
    default:
      reportUnexpected("a value")
      return missing()
    }
  }

  private mutating func constant(_ value: Value) -> Expression {
    let span = token.span
    advance()
    return Expression(.literal(value), span)
  }

  private mutating func statementOperand(_ start: Token) -> Expression {
    let statement: Statement
    switch token.keyword {
    case .foreach: statement = .foreach(foreach())
    case .step: statement = .step(step())
    case .retry: statement = .retry(retry())
    case .during:
      guard let during = during() else { return missing() }
      statement = .during(during)
    default:
      advance()
      noteDue(.unknown)
      statement = .parallel(block(), span(from: start.span))
    }
    noteUnfinished(.statement(start.keyword))
    return Expression(.statement(statement), span(from: start.span))
  }

  private mutating func number(_ token: Token) -> Value? {
    if token.kind == .integer, let int = lexer.integer(at: token.span) { return .int(int) }
    let text = lexer.file.text(token.span)
    switch token.kind {
    case .integer: break
    case .float:
      if let float = Double(text.filter { $0 != "_" }), float.isFinite { return .float(float) }
    case .duration:
      if let duration = DurationValue(parsing: text) { return .duration(duration) }
    default:
      if let size = SizeValue(parsing: text) { return .size(size) }
    }
    report(.numberTooLarge(text), token.span)
    return nil
  }

  private mutating func name() -> Expression {
    let start = token
    if vocabulary.isCommand(token.symbol) {
      report(.bareCommandInExpression(lexer.names[token.symbol]), token.span)
      return beginsStatement(start) ? missing() : command()
    }
    advance()
    if token.kind == .leftParenthesis, !token.followsSpace { return call(start) }
    if vocabulary.isFunction(start.symbol) { stretches.recast(.function) }
    if token.kind == .arrow { report(.lambdaElsewhere, start.span.joined(with: token.span)) }
    return Expression(.name(start.symbol), start.span)
  }

  private mutating func call(_ name: Token) -> Expression {
    let isFunction = vocabulary.isFunction(name.symbol)
    stretches.recast(isFunction ? .function : .task)
    if isInLambda, !isFunction { report(.lambdaWithCommand, name.span) }
    let opening = token.span
    let arguments = bracketed(.parenthesis, .rightParenthesis, at: opening) { $0.callArguments(name, opening) } ?? []
    let deepest = arguments.map(\.value.depth).max() ?? 0
    return node(
      .call(Call(name: name.symbol, nameSpan: name.span, arguments: arguments)), name.span, depth: deepest + 1)
  }

  private mutating func callArguments(_ callee: Token, _ opening: Span) -> [Call.Argument] {
    var arguments: [Call.Argument] = []
    advance()
    if token.kind != .rightParenthesis {
      var first = token
      repeat {
        first = token
        noteDue(.argument)
        var label: Symbol?
        if isAt(.name) {
          advance()
          if isAt(.colon) {
            label = first.symbol
            stretches.recast(.label)
            advance()
          } else {
            rewind(to: first)
          }
        }
        if label == nil, arguments.last?.label != nil { report(.positionalAfterNamed, first.span) }
        let value = expression()
        arguments.append(Call.Argument(label: label, value: value, span: span(from: first.span)))
      } while hasNextElement(before: .rightParenthesis, of: opening, "`,` or `)`", since: first)
    }
    noteOpen(.call(callee.symbol, labels: arguments.compactMap(\.label)))
    expectClosing(.rightParenthesis, of: opening, "`,` or `)`")
    return arguments
  }

  private mutating func parenthesized() -> Expression {
    let opening = token.span
    return bracketed(.parenthesis, .rightParenthesis, at: opening) { parser in
      parser.advance()
      let inner = parser.boundValue()
      parser.noteOpen(.parenthesis)
      parser.close(.rightParenthesis, of: opening)
      // The parentheses belong to the expression, so that messages show them.
      return Expression(inner.form, parser.span(from: opening), depth: inner.depth)
    } ?? missing()
  }

  // MARK: Lists and maps

  private mutating func list() -> Expression {
    let opening = token.span
    return bracketed(.list, .rightBracket, at: opening) { parser in
      parser.advance()
      guard parser.token.kind != .rightBracket else {
        parser.advance()
        return Expression(.literal(.list([])), parser.span(from: opening))
      }
      var start = parser.token
      let first = parser.expression()
      if parser.take(.for) { return parser.comprehension(of: first, opening) }
      var elements = [first]
      while parser.takeSeparator(before: .rightBracket, opening, since: start) {
        start = parser.token
        elements.append(parser.expression())
      }
      parser.noteOpen(.list)
      parser.expectClosing(.rightBracket, of: opening, "`,` or `]`")
      return parser.node(.list(elements), opening, depth: (elements.map(\.depth).max() ?? 0) + 1)
    } ?? missing()
  }

  /// Passes what separates elements: a comma, a line's end, or both. Tells whether an element follows.
  private mutating func takeSeparator(before closing: Token.Kind, _ opening: Span, since start: Token) -> Bool {
    let hasComma = take(.comma)
    if token.kind == closing { return false }
    if token.kind == .endOfFile {
      if hasComma || endsOnNewLineHere { noteDue(closing == .rightBrace ? .unknown : .value(mayBeCommand: false)) }
      reportUnclosed(lexer.file.text(opening), opening)
      return false
    }
    if isBroken { return goesOnInBroken(before: closing, since: start) }
    if hasComma || token.startsLine {
      if isTraced { trace.mark(.element) }
      return true
    }
    report(.missingComma, token.span)
    return goesOnInBroken(before: closing, since: start)
  }

  /// The same, where somebody types.
  private var endsOnNewLineHere: Bool { isTyped && isAtEnd && endsOnNewLine }

  private mutating func comprehension(of element: Expression, _ opening: Span) -> Expression {
    let variables = loopVariables()
    let source = expression()
    let condition = take(.if) ? expression() : nil
    noteOpen(.names(variables))
    noteOpen(.list)
    close(.rightBracket, of: opening, "`if` or `]`")
    let form = Expression.Form.comprehension(
      Comprehension(element: element, variables: variables, source: source, condition: condition))
    return node(form, opening, depth: max(element.depth, source.depth, condition?.depth ?? 0) + 1)
  }

  private mutating func map() -> Expression {
    let opening = token.span
    return bracketed(.list, .rightBrace, at: opening) { parser in
      parser.advance()
      guard parser.token.kind != .rightBrace else {
        parser.advance()
        return Expression(.literal(.map(ValueMap())), parser.span(from: opening))
      }
      var entries: [MapEntry] = []
      var start = parser.token
      repeat {
        start = parser.token
        if let entry = parser.mapEntry() { entries.append(entry) }
      } while parser.takeSeparator(before: .rightBrace, opening, since: start)
      parser.noteOpen(.map)
      parser.expectClosing(.rightBrace, of: opening, "`,` or `}`")
      parser.reportRepeatedKeys(entries)
      return parser.node(.map(entries), opening, depth: (entries.map(\.value.depth).max() ?? 0) + 1)
    } ?? missing()
  }

  private mutating func reportRepeatedKeys(_ entries: [MapEntry]) {
    guard entries.count > 1, !isBroken else { return }
    var paths: Set<[TextKey]> = []
    for entry in entries {
      if case .path(let path) = entry.key, !paths.insert(path.map(TextKey.init)).inserted {
        return report(.repeatedKey(path.joined(separator: ".")), entry.keySpan)
      }
    }
  }

  /// Reads a key and its value; in what is broken a value may stand alone.
  private mutating func mapEntry() -> MapEntry? {
    let start = token
    noteDue(.unknown)
    let key: MapEntry.Key
    if isString(token) {
      let text = string()
      if case .literal(.string(let plain)) = text.form { key = .path([plain]) } else { key = .text(text) }
    } else {
      guard let path = keyPath(start) else {
        brokenStatements.append(.expression(expression()))
        return nil
      }
      key = .path(path)
    }
    let keySpan = span(from: start.span)
    guard isAt(.colon) else {
      noteDue(.unknown)
      reportUnexpected("`:` behind the key")
      // What looked like a key begins the statement below a map that is never closed.
      if beginsStatement(start) {
        rewind(to: start)
        hold(start)
      }
      return nil
    }
    advance()
    return MapEntry(key: key, keySpan: keySpan, value: expression())
  }

  /// Reads a key of names; nil if there is none.
  private mutating func keyPath(_ start: Token) -> [String]? {
    var path: [String] = []
    repeat {
      guard isAt(.name) || token.kind == .keyword else {
        let isHyphenated = isAt(.minus) && !path.isEmpty
        if isHyphenated || isAt(.integer) {
          report(.badKey("`\(lexer.file.text(token.span))`"), token.span)
        } else {
          reportUnexpected("a key")
        }
        return nil
      }
      path.append(lexer.names[token.symbol])
      advance()
      stretches.recast(.key)
    } while take(.dot)
    guard isAt(.minus) else { return path }
    report(.badKey("a name with a hyphen"), start.span.joined(with: token.span))
    return nil
  }
}
