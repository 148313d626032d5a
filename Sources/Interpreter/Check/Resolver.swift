import Lexer

/// Finds out what every name of a file means, gives it its place in a frame, and checks all that can be known before
/// the run. Errors do not stop it: it reports everything at once.
struct Resolver {
  var unit: Unit
  let vocabulary: Vocabulary
  let names: NameTable
  var scope: Scope
  /// The tasks that a call may mean: the file's own, and those of the libraries that it uses.
  private(set) var tasks: [Task?]
  var diagnostics: [Diagnostic] = []
  var graph: TaskGraph
  /// The task whose body is being resolved.
  var currentTask: Task?
  var isInDefer = false
  /// Whether a block is being resolved whose value an expression uses.
  var isInOperand = false
  /// Whether what is missing is made up for, by `??`.
  var isProbing = false
  /// The grammars of the commands that have been met, by the commands' places in the vocabulary.
  var grammars: [CommandGrammar?]
  /// The commands whose results names hold, by where the name is bound.
  var commandsByName: [UInt32: CommandCall] = [:]
  /// The parameter whose default is being resolved.
  var currentParameter: Parameter?
  /// Of an input of a session: what earlier inputs have left.
  let earlier: SessionScope?
  /// The names of earlier inputs that this one binds anew.
  var boundAnew: Set<Symbol> = []

  /// Names that may be bound where the parser could not read: nothing is said of them.
  var unreadNames: Set<String> = []

  // What most likely is a mistake, see `LintProblem`.
  let isLinting: Bool
  var lints: [(problem: LintProblem, span: Span)] = []
  /// How many commands, tasks and functions whose value may change have been met so far.
  var calls = 0
  /// Which tasks are called, by their symbols.
  var calledTasks: [Bool]

  init(
    _ unit: Unit, vocabulary: Vocabulary, names: NameTable, isLinting: Bool = false,
    continuing earlier: SessionScope? = nil
  ) {
    self.unit = unit
    self.vocabulary = vocabulary
    self.names = names
    self.isLinting = isLinting
    self.earlier = earlier
    scope = earlier?.scope ?? Scope(names: names.count)
    scope.grow(to: names.count)
    graph = TaskGraph(unit.tasks + (earlier?.kept(beside: unit) ?? []))
    tasks = earlier?.tasks ?? []
    tasks += Array(repeating: nil, count: names.count - tasks.count)
    calledTasks = Array(repeating: false, count: isLinting ? names.count : 0)
    grammars = Array(repeating: nil, count: vocabulary.commandNames.count)
  }

  mutating func resolve() {
    bindGivenNames()
    checkClusterNames()
    for (index, task) in unit.tasks.enumerated() {
      task.unit = unit.index
      task.index = index
      register(task, at: task.nameSpan)
    }
    for parameter in unit.parameters {
      currentParameter = parameter
      let before = lints.count
      let type = resolve(parameter.value)
      holdsInNoRun(parameter, lintsFrom: before)
      currentParameter = nil
      parameter.variable.slot = bind(parameter.variable, as: .recipeParameter, type.ofParameter)
    }
    resolve(unit.body, opening: false)
    unit.frameSize = scope.frameSize
    for task in unit.tasks { resolve(task) }
    resolveEarlierTasks()
    for problem in graph.problems(names) { report(problem.problem, problem.span) }
    if isLinting { closeFile() }
  }

  private mutating func bindGivenNames() {
    for name in ["clusters"] + vocabulary.constants.map(\.name) {
      guard let symbol = names.find(name) else {
        // The file never mentions it.
        continue
      }
      let type = name == "clusters" ? ValueType.clusters : .unknown
      let slot = scope[symbol]?.slot ?? scope.bind(symbol, Span(0, 0), as: .given, type)
      unit.given.append((name, slot))
    }
  }

  private mutating func checkClusterNames() {
    var seen: Set<String> = []
    for name in unit.clusters {
      if !Cluster.isValid(name: name) { report(.badClusterName(name), unit.titleSpan ?? Span(0, 0)) }
      if !seen.insert(name).inserted { report(.repeatedCluster(name), unit.titleSpan ?? Span(0, 0)) }
    }
  }

  mutating func register(_ task: Task, at span: Span) {
    if let other = self.task(task.symbol), !isEarlier(other) {
      return report(.hidesName(task.name, firstBound: place(of: other)), span)
    }
    if earlier != nil, let binding = scope[task.symbol], !binding.isGiven {
      return report(.hidesName(task.name, firstBound: place(of: binding)), span)
    }
    tasks[Int(task.symbol.index)] = task
  }

  /// The task that a call of the name means.
  func task(_ symbol: Symbol) -> Task? { tasks[Int(symbol.index)] }

  var taskNames: [String] { tasks.compactMap { $0?.name } }

  mutating func resolve(_ task: Task) {
    currentTask = task
    scope.openTask()
    for parameter in task.parameters {
      if let value = parameter.value { resolve(value) }
      parameter.variable.slot = bind(parameter.variable, as: .taskParameter)
    }
    resolve(task.body)
    task.frameSize = scope.frameSize
    note(scope.closeTask())
    currentTask = nil
  }

  // MARK: Names

  /// Binds a new name, which must not hide another.
  mutating func bind(_ variable: Variable, as role: Binding.Role, _ type: ValueType = .unknown) -> Int {
    if let other = scope[variable.symbol] {
      if mayBindAnew(variable.symbol, other) { return bindAnew(variable, as: role, type, other) }
      report(.hidesName(names[variable.symbol], firstBound: place(of: other)), variable.span)
    } else if let task = task(variable.symbol) {
      report(.hidesName(task.name, firstBound: place(of: task)), variable.span)
    }
    return scope.bind(variable.symbol, variable.span, as: role, type)
  }

  private func place(of binding: Binding) -> String {
    if binding.isGiven { return "the start of every recipe" }
    return isEarlier(binding) ? "an earlier line of this session" : place(of: binding.span)
  }

  func place(of task: Task) -> String {
    isEarlier(task) ? "an earlier line of this session" : place(of: task.nameSpan)
  }

  func place(of span: Span) -> String { "line \(unit.file.position(of: Int(span.start)).line)" }

  mutating func report(_ problem: CheckProblem, _ span: Span) {
    switch problem {
    case .unknownName(let name, _), .unknownFunction(let name, _): if unreadNames.contains(name) { return }
    default: break
    }
    diagnostics.append(problem.diagnostic(at: Location(unit.file, span)))
  }

  /// Suggestions look at every name there is, so only the first problems get one.
  private static let mostSuggestions = 50

  func suggestion(for name: String) -> String? {
    guard diagnostics.count < Resolver.mostSuggestions else { return nil }
    let known = scope.symbols.map { names[$0] } + taskNames + vocabulary.commands.keys
    return nearestSpelling(to: name, among: known)
  }
}
