import Lexer

/// What of a session went well, in its order: what a recipe made of it holds.
struct GoodStatements {
  enum Part {
    case statement(Statement)
    case parameter(Parameter)
    case task(Task)
  }

  private(set) var title: String?
  private(set) var parts: [(unit: Unit, part: Part)] = []

  mutating func addHead(of unit: Unit) {
    title = unit.title ?? title
    parts += unit.parameters.map { (unit, .parameter($0)) }
  }

  mutating func add(_ statement: Statement, of unit: Unit) { parts.append((unit, .statement(statement))) }

  /// A task that is defined anew takes the place of the one before.
  mutating func addTasks(of unit: Unit) {
    for task in unit.tasks {
      parts.removeAll { if case .task(let other) = $0.part { other.symbol == task.symbol } else { false } }
      parts.append((unit, .task(task)))
    }
  }

  mutating func remove(_ task: Task) {
    parts.removeAll { if case .task(let other) = $0.part { other === task } else { false } }
  }
}
