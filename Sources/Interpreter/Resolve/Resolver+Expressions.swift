import Lexer

extension Resolver {
  mutating func resolve(_ expression: Expression) {
    switch expression.form {
    case .literal: break
    case .text(let pieces): resolve(pieces)
    case .name(let symbol): name(symbol, expression)
    case .list(let elements): for element in elements { resolve(element) }
    case .map(let entries):
      for entry in entries {
        if case .text(let key) = entry.key { resolve(key) }
        resolve(entry.value)
      }
    case .comprehension(let node):
      resolve(node.source)
      scope.open()
      for variable in node.variables { variable.slot = bind(variable) }
      if let condition = node.condition {
        resolve(condition)
        checkCondition(condition, "`if`")
      }
      resolve(node.element)
      scope.close()
    case .negate(let operand), .not(let operand): resolve(operand)
    case .and(let left, let right), .or(let left, let right), .coalesce(let left, let right),
      .binary(_, let left, let right), .index(let left, let right):
      resolve(left)
      resolve(right)
    case .conditional(let condition, let yes, let no):
      resolve(condition)
      checkCondition(condition, "`if`")
      resolve(yes)
      resolve(no)
    case .field(let base, let name):
      noteField(name, of: base)
      resolve(base)
    case .method(let call): method(call)
    case .call(let call): self.call(call)
    case .command(let call): command(call)
    case .attempt(let attempt):
      switch attempt.body {
      case .expression(let operand): resolve(operand)
      case .block(let block): inOperand { $0.resolve(block) }
      }
    case .statement(let statement): inOperand { $0.resolve(statement) }
    }
  }

  private mutating func inOperand(_ resolve: (inout Resolver) -> Void) {
    let outer = isInOperand
    isInOperand = true
    resolve(&self)
    isInOperand = outer
  }

  private mutating func resolve(_ pieces: [TextPiece]) {
    for case .expression(let expression) in pieces {
      resolve(expression)
      switch expression.form {
      case .literal(.list), .list, .comprehension: report(.listInWord("a list"), expression.span)
      case .literal(.map), .map: report(.listInWord("a map"), expression.span)
      case .literal(.null): report(.listInWord("null"), expression.span)
      case .attempt: report(.listInWord("an outcome"), expression.span)
      default: break
      }
    }
  }

  mutating func resolve(_ word: Word) {
    if word.isBare { return }
    let pieces = word.pieces(in: unit.file)
    guard word.isSpread, let list = pieces.first?.expression else { return resolve(pieces) }
    resolve(list)
    checkLiteral(list, "`...`", is: ["list"], "a list", "...$list")
  }

  private mutating func name(_ symbol: Symbol, _ expression: Expression) {
    guard let binding = scope[symbol] else {
      let name = names[symbol]
      if let kind = vocabulary.reservedKind(symbol) {
        let hint = kind == "a function" ? "call it: \(name)(…)" : "put it in parentheses: (\(name) …)"
        return report(.notAValue(name, kind: kind, advice: hint), expression.span)
      }
      if task(symbol) != nil {
        return report(.notAValue(name, kind: "a task", advice: "call it: \(name)(…)"), expression.span)
      }
      return report(.unknownName(name, suggestion: suggestion(for: name)), expression.span)
    }
    let isOutside = scope.isOutside(binding)
    expression.slot = isOutside ? -1 - binding.slot : binding.slot
    if isOutside, !binding.isGiven, let task = currentTask {
      graph.addRead(of: binding.slot, named: symbol, by: task)
    }
  }

  // MARK: Calls

  private mutating func call(_ call: Call) {
    for argument in call.arguments { resolve(argument.value) }
    let name = names[call.name]
    if let task = task(call.name) {
      call.callee = .task(task)
      refuseInDefault(call.nameSpan)
      if graph.holds(task) {
        graph.addCall(to: task, from: currentTask, at: call.nameSpan, boundSlots: scope.frameSize)
      }
      return checkArguments(of: task, call)
    }
    guard let function = BuiltinFunction(rawValue: name) else {
      let known = taskNames + BuiltinFunction.allCases.map(\.rawValue)
      return report(.unknownFunction(name, suggestion: nearestSpelling(to: name, among: known)), call.nameSpan)
    }
    call.callee = .function(function)
    if let named = call.arguments.first(where: { $0.label != nil }) {
      report(.namedFunctionArgument(name), named.span)
    }
    if !function.arguments.contains(call.arguments.count) {
      report(.wrongArgumentCount(of: name, help: function.help), call.nameSpan)
    }
  }

  private mutating func checkArguments(of task: Task, _ call: Call) {
    var given: Set<Symbol> = []
    var hasUnknown = false
    for (place, argument) in call.arguments.enumerated() {
      if let label = argument.label {
        guard task.parameters.contains(where: { $0.variable.symbol == label }) else {
          let known = task.parameters.map { names[$0.variable.symbol] }
          let suggestion = nearestSpelling(to: names[label], among: known) ?? known.joined(separator: "`, `")
          report(.unknownArgument(names[label], of: task.name, suggestion: suggestion), argument.span)
          hasUnknown = true
          continue
        }
        if !given.insert(label).inserted { report(.repeatedArgument(names[label]), argument.span) }
      } else if place < task.parameters.count {
        given.insert(task.parameters[place].variable.symbol)
      } else {
        return report(.tooManyArguments(of: task.name, most: task.parameters.count), argument.span)
      }
    }
    // The one that is missing is most likely the one that was misspelt.
    if hasUnknown { return }
    for parameter in task.parameters where parameter.value == nil && !given.contains(parameter.variable.symbol) {
      report(.missingArgument(names[parameter.variable.symbol], of: task.name), call.nameSpan)
    }
  }

  private mutating func method(_ call: MethodCall) {
    resolve(call.base)
    let candidates = Method.named(call.name.text)
    if candidates.isEmpty {
      let suggestion = nearestSpelling(to: call.name.text, among: Method.allNames)
      report(.unknownMethod(call.name.text, suggestion: suggestion), call.name.span)
    }
    for argument in call.arguments {
      switch argument {
      case .value(let value): resolve(value)
      case .lambda(let lambda):
        scope.open()
        for parameter in lambda.parameters { parameter.slot = bind(parameter) }
        resolve(lambda.body)
        scope.close()
      }
    }
    guard let first = candidates.first else { return }
    if !candidates.contains(where: { $0.arguments.contains(call.arguments.count) }) {
      return report(.wrongArgumentCount(of: call.name.text, help: first.help), call.name.span)
    }
    let hasLambda = call.arguments.contains { if case .lambda = $0 { true } else { false } }
    if hasLambda, !candidates.contains(where: { $0.takesLambda != .never }) {
      report(.noLambdaExpected(method: call.name.text, help: first.help), call.name.span)
    } else if !hasLambda, !call.arguments.isEmpty, candidates.allSatisfy({ $0.takesLambda == .always }) {
      report(.lambdaExpected(method: call.name.text, help: first.help), call.name.span)
    }
  }

  // MARK: Commands

  private mutating func refuseInDefault(_ span: Span) {
    if let currentParameter { report(.commandInDefault(currentParameter.name), span) }
  }

  /// - Parameter goesOn: it goes on for the length of a block.
  mutating func command(_ call: CommandCall, goesOn: Bool = false) {
    refuseInDefault(call.nameSpan)
    for word in call.words { resolve(word) }
    if let document = call.document { resolve(document) }
    if let cluster = call.cluster {
      resolve(cluster)
      checkLiteral(cluster, "`on`", is: ["string", "cluster"], "a cluster or its name", "on c2, or on \"c2\"")
    }
    if let limit = call.limit { duration(limit, "`within`") }
    let command = vocabulary.command(call.symbol)
    guard case .forms = command.grammar, !call.words.contains(where: \.isSpread) else { return }
    do throws(WordProblem) {
      let words = call.words.map { word in word.literal(in: unit.file).map { Text($0) } }
      guard let parsed = try command.grammar.parse(words, of: command.name) else { return }
      if let document = call.document, parsed.form.document == nil {
        report(.noDocument(([command.name] + parsed.form.path).joined(separator: " ")), document.span)
      }
      if parsed.form.goesOn != goesOn {
        let name = ([command.name] + parsed.form.path).joined(separator: " ")
        report(goesOn ? .endsByItself(name) : .goesOn(name), call.nameSpan)
      }
    } catch {
      let span = error.index.map { call.words[$0].span } ?? call.nameSpan
      report(.word(error.message, advice: error.advice), span)
    }
  }
}
