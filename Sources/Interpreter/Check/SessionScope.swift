import Lexer

/// What the inputs of a session have bound so far, for the check of the next one.
struct SessionScope {
  var scope: Scope
  /// By symbol: what a call of the name means, a library's tasks included.
  var tasks: [Task?]
  /// The tasks that inputs have defined themselves, each with its file.
  var own: [Symbol: (task: Task, unit: Unit)] = [:]

  init() {
    scope = Scope(names: 0)
    tasks = []
  }

  init(_ scope: Scope, tasks: [Task?], own: [Symbol: (task: Task, unit: Unit)]) {
    self.scope = scope
    self.tasks = tasks
    self.own = own
  }

  /// The tasks to look at again beside those of a new input, in a fixed order: none, unless the input defines one of
  /// them anew. A new name can't be called by what was there before.
  func kept(beside unit: Unit) -> [Task] {
    let new = Set(unit.tasks.map(\.symbol))
    guard new.contains(where: { own[$0] != nil }) else { return [] }
    let kept = own.values.map(\.task).filter { !new.contains($0.symbol) }.sorted { $0.symbol.index < $1.symbol.index }
    for (place, task) in kept.enumerated() { task.index = unit.tasks.count + place }
    return kept
  }

  /// Takes a task away.
  mutating func remove(_ task: Task) {
    own[task.symbol] = nil
    tasks[Int(task.symbol.index)] = nil
  }
}

extension Scope {
  /// Makes room for names that have come up since.
  mutating func grow(to names: Int) {
    if bindings.count < names { bindings += Array(repeating: nil, count: names - bindings.count) }
  }

  /// Binds a name of the session anew: it keeps its place, so that tasks see its new value.
  mutating func bindAnew(
    _ symbol: Symbol, _ span: Span, as role: Binding.Role, _ type: ValueType, slot: Int
  ) {
    bindings[Int(symbol.index)] = Binding(slot: slot, role: role, type: type, span: span, lanes: 0, isOfTask: false)
  }

  /// Takes over what a name means in another scope.
  mutating func adopt(_ symbol: Symbol, from other: Scope) {
    if let binding = other[symbol], Int(symbol.index) < bindings.count { bindings[Int(symbol.index)] = binding }
  }
}

/// The inputs of a session: each is a file of its own, in the scope that the ones before have left.
extension Resolver {
  /// What the input leaves, if all of it is run.
  var sessionScope: SessionScope {
    var own = earlier?.own ?? [:]
    for task in unit.tasks { own[task.symbol] = (task, unit) }
    for symbol in own.keys where tasks[Int(symbol.index)] !== own[symbol]?.task { own[symbol] = nil }
    var scope = scope
    scope.frameSize = unit.frameSize
    return SessionScope(scope, tasks: tasks, own: own)
  }

  /// Whether a task was known before this input, which may define it anew.
  func isEarlier(_ task: Task) -> Bool {
    guard let earlier, Int(task.symbol.index) < earlier.tasks.count else { return false }
    return earlier.tasks[Int(task.symbol.index)] === task
  }

  func isEarlier(_ binding: Binding) -> Bool { earlier.map { binding.slot < $0.scope.frameSize } ?? false }

  /// A session's names may be bound anew, by one input each once: nobody gets a line right the first time.
  func mayBindAnew(_ symbol: Symbol, _ binding: Binding) -> Bool {
    !binding.isGiven && !binding.isOfTask && isEarlier(binding) && scope.isAtTopLevel && !boundAnew.contains(symbol)
  }

  mutating func bindAnew(
    _ variable: Variable, as role: Binding.Role, _ type: ValueType, _ binding: Binding
  ) -> Int {
    boundAnew.insert(variable.symbol)
    scope.bindAnew(variable.symbol, variable.span, as: role, type, slot: binding.slot)
    return binding.slot
  }

  /// Looks at the tasks that were there before, once one of them is defined anew: they may call it, and so be part of a
  /// loop. What else is wrong with them now is looked after when the input has run.
  mutating func resolveEarlierTasks() {
    guard let earlier else { return }
    let known = diagnostics
    for task in earlier.kept(beside: unit) {
      guard let home = earlier.own[task.symbol]?.unit else { continue }
      resolve(task, of: home)
    }
    diagnostics = known
  }

  private mutating func resolve(_ task: Task, of home: Unit) {
    let own = unit
    unit = home
    resolve(task)
    unit = own
  }

  /// The session's tasks that do not fit what it has bound by now, and what is wrong with each: they have been taken out
  /// of the scope that comes with them.
  static func tasksThatNoLongerFit(
    _ session: SessionScope, vocabulary: Vocabulary, names: NameTable
  ) -> (fitting: SessionScope, gone: [(task: Task, problems: [Diagnostic])]) {
    var fitting = session
    var gone: [(Task, [Diagnostic])] = []
    var isStable = false
    while !isStable {
      isStable = true
      let own = fitting.own.values.sorted { $0.task.symbol.index < $1.task.symbol.index }
      for (place, entry) in own.enumerated() { entry.task.index = place }
      for (task, unit) in own {
        var resolver = Resolver(unit, vocabulary: vocabulary, names: names, continuing: fitting)
        // Loops are found before anything is run: here the graph only has to take down calls.
        resolver.graph = TaskGraph(own.map(\.task))
        resolver.resolve(task)
        guard !resolver.diagnostics.isEmpty else { continue }
        gone.append((task, resolver.diagnostics))
        fitting.remove(task)
        isStable = false
      }
    }
    return (fitting, gone)
  }
}
