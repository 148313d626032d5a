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
    _ symbol: Symbol, _ span: Span, as role: Binding.Role, _ type: InferredType, slot: Int
  ) {
    bindings[Int(symbol.index)] = Binding(slot: slot, role: role, type: type, span: span, lanes: 0, isOfTask: false)
  }

  /// Takes over what a name means in another scope.
  mutating func adopt(_ symbol: Symbol, from other: Scope) {
    if let binding = other[symbol], Int(symbol.index) < bindings.count { bindings[Int(symbol.index)] = binding }
  }
}
