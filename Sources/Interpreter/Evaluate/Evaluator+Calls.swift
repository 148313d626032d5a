import Lexer

/// Tasks, functions and methods.
extension Evaluator {
  func call(_ call: Call, _ span: Span, _ frame: inout Frame) throws(Failure) -> Value {
    switch call.callee {
    case .task(let task): return try self.call(task, call, &frame)
    case .function(let function):
      var values: [Value] = []
      for argument in call.arguments { values.append(try evaluate(argument.value, &frame)) }
      return try self.call(function, values, span, frame)
    case .unresolved: return .null
    }
  }

  /// - Parameter point: where an earlier run left the task; nil for from its start.
  func call(
    _ task: Task, _ call: Call, _ frame: inout Frame, from point: ResumePoint? = nil
  ) throws(Failure) -> Value {
    try checkGoingOn(call.nameSpan, frame)
    try checkStack(call.nameSpan, frame)
    var place = frame.place
    place.unit = program.units[task.unit]
    place.isFileLevel = false
    place.mayMeetStepAfter = false
    var inner = Frame(size: task.frameSize, place: place)
    let stored = point?.frameLocals
    for (slot, value) in (stored?.values ?? []).enumerated() where slot < inner.locals.count {
      inner.locals[slot] = value
    }
    // What an earlier run has kept is not evaluated again.
    func isDue(_ slot: Int) -> Bool { stored?.heldBack.contains(slot) ?? true }
    var given: Set<Int> = []
    for (index, argument) in call.arguments.enumerated() {
      let parameter =
        argument.label.flatMap { label in task.parameters.firstIndex { $0.variable.symbol == label } } ?? index
      let slot = task.parameters[parameter].variable.slot
      if isDue(slot) { inner.locals[slot] = try evaluate(argument.value, &frame) }
      given.insert(parameter)
    }
    if place.unit.nameSpace != frame.place.unit.nameSpace {
      inner.outer = try library(place.unit, frame.place)
    } else {
      inner.outer = frame.place.isFileLevel ? frame.locals : frame.outer
    }
    for (index, parameter) in task.parameters.enumerated() where !given.contains(index) {
      if let value = parameter.value, isDue(parameter.variable.slot) {
        inner.locals[parameter.variable.slot] = try evaluate(value, &inner)
      }
    }
    if let point, let stored { try reread(task.body, at: point, stored.heldBack, &inner) }
    let value: Value
    do throws(Failure) {
      if let plan {
        value = try plan.enterTask { () throws(Failure) in try execute(task.body, &inner, from: point).value }
      } else {
        value = try execute(task.body, &inner, from: point).value
      }
    } catch {
      throw error.leavingStatement { .task($0) }
    }
    return inner.mayHaveReturned ? .knownLater : value
  }

  private func call(
    _ function: BuiltinFunction, _ values: [Value], _ span: Span, _ frame: borrowing Frame
  ) throws(Failure) -> Value {
    if plan != nil, values.contains(where: \.isLater) || function.isKnownLater { return .knownLater }
    switch function {
    case .secret:
      guard let text = values[0].asText else {
        throw failure(.value, "`secret` takes text, not \(values[0].typeWithArticle)", span, frame)
      }
      let secret = Text.secret(text.string)
      secrets.add(secret)
      return Value(secret)
    case .now: return .time(.now)
    case .random: return try random(values, span, frame)
    case .env: return try environment(values, span, frame)
    case .exists:
      let path = try path(values[0], span, frame)
      return .bool(host.shippedFile(normalized(path)) != nil || Paths.exist(path))
    case .read:
      let path = try path(values[0], span, frame)
      let shipped = host.shippedFile(normalized(path))
      let bytes = try applied(span, frame) { () throws(ValueProblem) in
        if let shipped { shipped } else { try FileReader.bytes(of: path) }
      }
      guard let bytes else {
        // A command before may be the one that writes it.
        if let plan, plan.plannedCount > 0 { return .knownLater }
        let reason =
          Paths.exist(path) ? "it is a folder, or may not be read" : "there is no such file"
        throw failure(
          .missing, "can't read \(values[0].printed): \(reason)", span, frame,
          advice: "paths start from the recipe's folder")
      }
      guard let text = String(validating: bytes, as: UTF8.self) else {
        throw failure(.value, "\(values[0].printed) is not UTF-8 text", span, frame)
      }
      return .string(text)
    }
  }

  private func path(_ value: Value, _ span: Span, _ frame: borrowing Frame) throws(Failure) -> String {
    guard let path = value.asText?.string else {
      throw failure(.value, "a path is text, not \(value.typeWithArticle)", span, frame)
    }
    if path.isEmpty { throw failure(.value, "a path is not empty", span, frame) }
    return joined(frame.place.unit.folder, path)
  }

  private func environment(_ values: [Value], _ span: Span, _ frame: borrowing Frame) throws(Failure) -> Value {
    guard let name = values[0].asText?.string else {
      throw failure(.value, "`env` takes a name, not \(values[0].typeWithArticle)", span, frame)
    }
    if let value = ownEnvironment[name] { return .string(value) }
    if values.count > 1 { return values[1] }
    let shown = values[0].printed
    throw failure(
      .missing, "the environment has no \(shown)", span, frame,
      advice: "set it, or give a default: env(\"\(shown)\", \"\")")
  }

  private func random(_ values: [Value], _ span: Span, _ frame: borrowing Frame) throws(Failure) -> Value {
    if values.isEmpty { return .float(Double.random(in: 0..<1)) }
    var bounds: [Int64] = []
    for value in values {
      guard case .int(let bound) = value else {
        throw failure(.value, "`random` takes ints, not \(value.typeWithArticle)", span, frame)
      }
      bounds.append(bound)
    }
    let (first, last) = bounds.count == 1 ? (0, max(bounds[0], 0) - 1) : (bounds[0], bounds[1])
    guard first <= last else { throw failure(.value, "`random` has nothing to choose from", span, frame) }
    return .int(Int64.random(in: first...last))
  }

  // MARK: Methods

  func method(_ call: MethodCall, _ span: Span, _ frame: inout Frame) throws(Failure) -> Value {
    let base = try evaluate(call.base, &frame)
    if base.isLater {
      // Commands may stand among the arguments.
      for case .value(let argument) in call.arguments { _ = try evaluate(argument, &frame) }
      plan?.noteUnknown()
      return .knownLater
    }
    if case .lambda(let lambda) = call.arguments.first { return try each(base, call, lambda, &frame) }
    var values: [Value] = []
    for case .value(let argument) in call.arguments { values.append(try evaluate(argument, &frame)) }
    let members = call.name.members
    let method = members.method(of: base.kind, taking: values.count, function: false)
    if plan != nil, let later = base.later(method?.needs ?? .whole, values) { return later }
    guard let method else {
      let own = members.filter { $0.belongs(to: base.kind) && !$0.isField && !$0.signature.takesFunction }
      if own.isEmpty { throw failure(Member.noMethod(call.name.text, of: base.kind), call.name.span, frame) }
      throw failure(
        .value, "`\(call.name.text)` takes other arguments", call.name.span, frame,
        advice: Signature.help(of: own.map(\.signature)))
    }
    return try applied(span, frame) { () throws(ValueProblem) in try method.apply(to: base, values) }
  }

  private func each(_ base: Value, _ call: MethodCall, _ lambda: Lambda, _ frame: inout Frame) throws(Failure) -> Value
  {
    guard let method = call.name.members.method(of: base.kind, taking: 1, function: true) else {
      throw failure(Member.noMethod(call.name.text, of: base.kind), call.name.span, frame)
    }
    let elements = try applied(call.name.span, frame) { () throws(ValueProblem) in try base.loopElements() }
    let trace = frame.trace
    frame.trace = nil
    defer { frame.trace = trace }
    var results: [Value] = []
    results.reserveCapacity(elements.count)
    for (pass, element) in elements.enumerated() {
      if pass % Evaluator.passesBetweenChecks == 0 { try checkGoingOn(call.name.span, frame) }
      try bind(element, to: lambda.parameters, lambda.span, &frame)
      results.append(try evaluate(lambda.body, &frame))
    }
    if plan != nil, method.needs == .whole, results.contains(where: \.holdsLater) { return .knownLater }
    return try applied(call.name.span, frame) { () throws(ValueProblem) in try method.combine(elements, results) }
  }

  /// Binds an element to one name, or its parts to several.
  func bind(_ element: Value, to variables: [Variable], _ span: Span, _ frame: inout Frame) throws(Failure) {
    if variables.count == 1 {
      frame.locals[variables[0].slot] = element
      return
    }
    if element.isLater {
      for variable in variables { frame.locals[variable.slot] = .knownLater }
      return
    }
    guard element.elementCount == variables.count, let parts = element.elements else {
      throw failure(
        .value, "\(variables.count) names for \(element.typeWithArticle)", span, frame,
        advice: "several names take the entries of a map, or the elements of lists of as many")
    }
    for (variable, part) in zip(variables, parts) { frame.locals[variable.slot] = part }
  }
}
