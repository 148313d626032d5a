import Lexer

/// What of a session went well, in its order: what a recipe made of it holds.
struct GoodStatements {
  enum Form {
    case statement(Statement)
    case parameter(Parameter)
    case task(Task)
  }

  struct Part {
    let unit: Unit
    let form: Form
    /// The session's own tasks when it was run.
    let tasks: [Symbol: (task: Task, unit: Unit)]
  }

  private(set) var title: String?
  private(set) var parts: [Part] = []
  /// The tasks among the parts.
  private(set) var tasks: [Symbol: Task] = [:]
  /// Whether a name has meant several tasks, or one that is no more.
  private(set) var haveTasksChanged = false

  mutating func addHead(of unit: Unit) {
    title = unit.title ?? title
    parts += unit.parameters.map { Part(unit: unit, form: .parameter($0), tasks: [:]) }
  }

  mutating func add(_ statement: Statement, of unit: Unit, in scope: SessionScope) {
    parts.append(Part(unit: unit, form: .statement(statement), tasks: scope.own))
  }

  /// A task that is defined anew takes the place of the one before.
  mutating func addTasks(of unit: Unit) {
    for task in unit.tasks {
      if let former = tasks[task.symbol] { remove(former) }
      parts.append(Part(unit: unit, form: .task(task), tasks: [:]))
      tasks[task.symbol] = task
    }
  }

  mutating func remove(_ task: Task) {
    haveTasksChanged = true
    parts.removeAll { if case .task(let other) = $0.form { other === task } else { false } }
    if tasks[task.symbol] === task { tasks[task.symbol] = nil }
  }
}
