import Lexer

/// Calls of tasks, functions, methods and commands.
extension Resolver {
  mutating func call(_ call: Call) -> ValueType {
    if let task = task(call.name) {
      for argument in call.arguments { resolve(argument.value) }
      calls += 1
      noteCall(of: task)
      call.callee = .task(task)
      refuseInDefault(call.nameSpan)
      if graph.holds(task) {
        graph.addCall(to: task, from: currentTask, at: call.nameSpan, boundSlots: scope.frameSize)
      }
      checkArguments(of: task, call)
      return .unknown
    }
    let name = names[call.name]
    guard let function = BuiltinFunction(rawValue: name) else {
      for argument in call.arguments { resolve(argument.value) }
      let known = taskNames + BuiltinFunction.allCases.map(\.rawValue)
      report(.unknownFunction(name, suggestion: nearestSpelling(to: name, among: known)), call.nameSpan)
      return .unknown
    }
    if function.mayChange { calls += 1 }
    call.callee = .function(function)
    let type = self.call(of: function, call.arguments)
    if let named = call.arguments.first(where: { $0.label != nil }) {
      report(.namedFunctionArgument(name), named.span)
    }
    if !function.signatures.contains(where: { $0.count == call.arguments.count }) {
      report(.wrongArgumentCount(of: name, help: function.help), call.nameSpan)
    }
    return type
  }

  private mutating func checkArguments(of task: Task, _ call: Call) {
    let unnamed = call.arguments.prefix { $0.label == nil }.count
    if unnamed > task.parameters.count {
      let span = call.arguments[task.parameters.count].span
      return report(.tooManyArguments(of: task.name, most: task.parameters.count), span)
    }
    func isGiven(_ place: Int, before end: Int) -> Bool {
      place < unnamed || call.arguments[unnamed..<end].contains { $0.label == task.parameters[place].variable.symbol }
    }
    var hasUnknown = false
    for (place, argument) in call.arguments.enumerated().dropFirst(unnamed) {
      guard let label = argument.label else { continue }
      guard let parameter = task.parameters.firstIndex(where: { $0.variable.symbol == label }) else {
        let known = task.parameters.map { names[$0.variable.symbol] }
        let suggestion = nearestSpelling(to: names[label], among: known) ?? known.joined(separator: "`, `")
        report(.unknownArgument(names[label], of: task.name, suggestion: suggestion), argument.span)
        hasUnknown = true
        continue
      }
      if isGiven(parameter, before: place) { report(.repeatedArgument(names[label]), argument.span) }
    }
    // The one that is missing is most likely the one that was misspelt.
    if hasUnknown { return }
    for (place, parameter) in task.parameters.enumerated()
    where parameter.value == nil && !isGiven(place, before: call.arguments.count) {
      report(.missingArgument(names[parameter.variable.symbol], of: task.name), call.nameSpan)
    }
  }

  mutating func method(_ call: MethodCall) -> ValueType {
    let base = resolve(call.base)
    let isKnown = base.isKnown && base.kind != .null
    let count = call.arguments.count
    let fitting = call.name.members.filter {
      !$0.isField && $0.signature.count == count && (!isKnown || $0.belongs(to: base.kind))
    }
    var hasLambda = false
    /// Of the last argument, or of what the function gives.
    var last = ValueType.unknown
    for (place, argument) in call.arguments.enumerated() {
      switch argument {
      case .value(let value):
        last = resolve(value)
        checkArgument(last, at: place, of: call.name.text, fitting.lazy.map(\.signature), value.span)
      case .lambda(let lambda):
        hasLambda = true
        scope.open()
        bindParameters(of: lambda, base)
        noteShape(of: lambda.parameters, elementsOf: call.base)
        last = resolve(lambda.body)
        if fitting.contains(where: \.signature.takesCondition) {
          checkOperand(last, "`\(call.name.text)`", lambda.body.span)
        }
        excuseCompanions(lambda.parameters)
        closeScope()
      }
    }
    let isFit = fitting.allSatisfy { $0.signature.takesFunction == hasLambda }
    let ways = isFit ? fitting : fitting.filter { $0.signature.takesFunction == hasLambda }
    if ways.isEmpty { noteUnfit(call, isKnown ? base.kind : nil, hasLambda: hasLambda) }
    return base.result(of: ways, last)
  }

  /// Says why no method can be called so.
  ///
  /// - Parameter kind: of what it is called on, if that is known.
  private mutating func noteUnfit(_ call: MethodCall, _ kind: ValueKind?, hasLambda: Bool) {
    let name = call.name.text
    let all = call.name.members.filter { !$0.isField }
    let own = all.filter { member in kind.map(member.belongs) ?? true }
    let help = Signature.help(of: (own.isEmpty ? all : own).map(\.signature))
    if all.isEmpty {
      report(.unknownMethod(name, suggestion: nearestSpelling(to: name, among: Member.allNames)), call.name.span)
    } else if !all.contains(where: { $0.signature.count == call.arguments.count }) {
      report(.wrongArgumentCount(of: name, help: help), call.name.span)
    } else if hasLambda, !all.contains(where: \.signature.takesFunction) {
      report(.noLambdaExpected(method: name, help: help), call.name.span)
    } else if !hasLambda, all.allSatisfy(\.signature.takesFunction) {
      report(.lambdaExpected(method: name, help: help), call.name.span)
    } else if let kind, own.isEmpty {
      let problem = Member.noMethod(name, of: kind)
      warn(.mismatchedTypes(problem.message, advice: problem.advice), call.name.span)
    } else {
      warn(.mismatchedTypes("`\(name)` takes other arguments", advice: help), call.name.span)
    }
  }

  private mutating func refuseInDefault(_ span: Span) {
    if let currentParameter { report(.commandInDefault(currentParameter.name), span) }
  }

  /// - Parameter goesOn: it goes on for the length of a block.
  mutating func command(_ call: CommandCall, goesOn: Bool = false) {
    calls += 1
    refuseInDefault(call.nameSpan)
    for word in call.words { resolve(word) }
    if let document = call.document { resolve(document) }
    if let cluster = call.cluster { on(cluster) }
    if let limit = call.limit { duration(limit, "`within`") }
    if call.words.contains(where: \.isSpread) { return }
    let grammar = grammar(of: call.symbol)
    switch grammar {
    case .anyWords: return
    case .program(let program) where program.hasKnownFlagsAlone(call.words, in: unit.file): return
    case .program, .forms: break
    }
    let words = call.words.map { word in word.literal(in: unit.file).map { Text($0) } }
    do throws(WordProblem) {
      if case .program(let program) = grammar {
        if let problem = program.problem(with: words, of: call.name) { throw problem }
        return
      }
      let hasDocument = call.document != nil
      guard let parsed = try grammar.parse(words, of: call.name, hasDocument: hasDocument) else { return }
      unit.namedClusters += parsed.namedClusters.map { ($0.name, call.words[$0.word].span) }
      if let document = call.document, parsed.form.document == nil {
        report(.noDocument(([call.name] + parsed.form.path).joined(separator: " ")), document.span)
      }
      if let document = call.document, let problem = parsed.form.documentRule?(words, document.foreseen) {
        report(.word(problem.message, advice: problem.advice), document.span)
      }
      let endsEarly = parsed.form.endsEarlyWith.map(parsed.isGiven) ?? false
      if parsed.form.goesOn != goesOn, !(goesOn && endsEarly) {
        let name = ([call.name] + parsed.form.path).joined(separator: " ")
        report(goesOn ? .endsByItself(name) : .goesOn(name), call.nameSpan)
      }
    } catch {
      let span = error.index.map { call.words[$0].span } ?? call.nameSpan
      report(.word(error.message, advice: error.advice), span)
    }
  }

  /// Which words a command takes. It may be made anew each time that the command is asked for it.
  private mutating func grammar(of command: Symbol) -> CommandGrammar {
    let place = vocabulary.place(of: command)
    if let known = grammars[place] { return known }
    let grammar = vocabulary.command(command).grammar
    grammars[place] = grammar
    return grammar
  }

  /// The cluster that a command or a step works on.
  mutating func on(_ cluster: Expression) {
    expect(cluster, resolve(cluster), .clusterNames, "`on`", "a cluster or its name", "on c2, or on \"c2\"")
  }
}

extension ProgramGrammar {
  /// Whether the words begin with a form's path, and all that looks like a flag is one of the form's as it is spelt. So it
  /// is nearly always, and telling that takes a fraction of what reading the words takes.
  fileprivate func hasKnownFlagsAlone(_ words: [Word], in file: SourceFile) -> Bool {
    guard let form = form(chosenBy: words, in: file) else { return false }
    for word in words[form.path.count...] {
      let start = Int(word.span.start)
      switch file.bytes[start] {
      case UInt8(ascii: "-"):
        let name = file.bytes[word.span.range].prefix { $0 != UInt8(ascii: "=") }
        guard let flag = spellings.find(Span(start, name.endIndex), in: file), form.flags[Int(flag.index)] else {
          return false
        }
      case UInt8(ascii: "\""), UInt8(ascii: "'"):
        if word.literal(in: file)?.utf8.first == UInt8(ascii: "-") { return false }
      default: break
      }
    }
    return true
  }

  /// The form with whose path the words begin.
  private func form(chosenBy words: [Word], in file: SourceFile) -> SpeltForm? {
    guard let word = words.first, let first = spellings.find(word.span, in: file) else { return nil }
    return spelt[Int(first.index)].first { form in
      form.path.count <= words.count
        && form.path.indices.dropFirst().allSatisfy { spellings.find(words[$0].span, in: file) == form.path[$0] }
    }
  }
}
