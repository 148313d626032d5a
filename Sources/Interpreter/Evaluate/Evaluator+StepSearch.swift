import Lexer
import Synchronization

/// `--from STEP` and `--only STEP`: names are bound as always, since the step may need them; all else is passed over
/// until the step is met. Behind a step that alone is run names are bound only for another of its name.
extension Evaluator {
  func searchAll(_ block: Block, _ frame: inout Frame, wantsValue: Bool) throws(Failure) -> Completion {
    var last = Completion.value(.null)
    var index = 0
    do throws(Failure) {
      while index < block.statements.count {
        last = try search(block, at: index, &frame)
        if case .returned = last { return last }
        index += 1
      }
      return last
    } catch {
      throw wantsValue ? error.with(trail: .lost) : error.leavingBlock(at: index, frame.locals)
    }
  }

  /// Runs a statement if it is due, goes into it if the step is in it, else passes it over.
  func search(_ block: Block, at index: Int, _ frame: inout Frame) throws(Failure) -> Completion {
    let statement = block.statements[index]
    guard let search = frame.place.search else { return try execute(statement, &frame) }
    if search.isOver { return try found(statement, &frame) }
    switch statement {
    case .return where search.isPast: return .returned(.null)
    case .bind, .assign, .use, .return:
      // A step whose value is bound is run with the binding, as always.
      if statement.namesStep(search.name) {
        search.markFound()
      } else if search.isPast, !mayBeNeeded(statement, in: block, at: index, search, frame) {
        return .value(.null)
      }
      return try found(statement, &frame)
    case .step(let node):
      if node.name.mayRead(search.name), try sentence(node.name, &frame).masked == search.name {
        search.markFound()
        return try found(statement, &frame)
      }
      guard statement.mayHoldStepWithin(search.name) else { return .value(.null) }
    case .during(let node) where node.variable != nil && !statement.mayHoldStep(search.name):
      // It binds a name, as `let` does.
      guard !search.isPast || mayBeNeeded(statement, in: block, at: index, search, frame) else { return .value(.null) }
      return try found(statement, &frame)
    case .run(let node):
      if node.unit?.answers(to: search.name, path: node.path) ?? false {
        search.markFound()
        return try found(statement, &frame)
      }
    default: break
    }
    guard statement.mayHoldStep(search.name) else { return .value(.null) }
    let around = frame.place.mayMeetStepAfter
    defer { frame.place.mayMeetStepAfter = around }
    frame.place.mayMeetStepAfter =
      around || statement.isRepeated || block.mayHoldStep(search.name, after: index)
    return try execute(statement, &frame)
  }

  /// Whether a step of that name may come that sees what the statement binds.
  private func mayBeNeeded(
    _ statement: Statement, in block: Block, at index: Int, _ search: StepSearch, _ frame: borrowing Frame
  ) -> Bool {
    if case .assign = statement, frame.place.mayMeetStepAfter { return true }
    return block.mayHoldStep(search.name, after: index)
  }

  private func found(_ statement: Statement, _ frame: inout Frame) throws(Failure) -> Completion {
    let search = frame.place.search
    frame.place.search = nil
    defer { frame.place.search = search }
    return try execute(statement, &frame)
  }
}

extension Unit {
  /// Whether a step named so means this recipe: by its title, its path as it is written, or its file's name.
  func answers(to name: String, path: String) -> Bool {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    return [title, path, file, file.hasSuffix(".nbx") ? String(file.dropLast(4)) : file].contains(name)
  }

  /// The names of all steps that can be told before a run: of this recipe, of those that it runs, and of its tasks.
  var stepNames: [String] {
    var seen: Set<ObjectIdentifier> = []
    return body.statements.flatMap { $0.stepNames(&seen) }
  }
}

extension Statement {
  /// Whether a step of that name may be in it, here or in what it calls.
  func mayHoldStep(_ name: String) -> Bool {
    var seen: Set<ObjectIdentifier> = []
    return mayHoldStep(name, &seen)
  }

  /// - Parameter seen: the tasks and recipes that were looked through without finding it.
  private func mayHoldStep(_ name: String, _ seen: inout Set<ObjectIdentifier>) -> Bool {
    switch self {
    case .step(let node):
      if node.name.mayRead(name) { return true }
    case .run(let node):
      guard let unit = node.unit else { return false }
      if unit.answers(to: name, path: node.path) { return true }
    default: break
    }
    return innerStatements(&seen).contains { $0.mayHoldStep(name, &seen) }
  }

  fileprivate func mayHoldStepWithin(_ name: String) -> Bool {
    var seen: Set<ObjectIdentifier> = []
    return innerStatements(&seen).contains { $0.mayHoldStep(name, &seen) }
  }

  /// Whether it may be run several times on the same frame.
  fileprivate var isRepeated: Bool {
    switch self {
    case .foreach(let node): if case .oneByOne = node.order { true } else { false }
    case .retry: true
    default: false
    }
  }

  /// Whether a step of that name is written out in it.
  func namesStep(_ name: String) -> Bool {
    var seen: Set<ObjectIdentifier> = []
    return stepNames(&seen).contains(name)
  }

  /// The names of steps in it, as far as they can be told.
  fileprivate func stepNames(_ seen: inout Set<ObjectIdentifier>) -> [String] {
    var names: [String] = []
    switch self {
    case .step(let node): if case .literal(let literal) = node.name.form { names.append(literal.printed) }
    case .run(let node): if let unit = node.unit { names.append(unit.title ?? node.path) }
    default: break
    }
    for inner in innerStatements(&seen) { names += inner.stepNames(&seen) }
    return names
  }

  /// The statements within it, and those of the task or the recipe that it calls, if that was not looked through yet.
  func innerStatements(_ seen: inout Set<ObjectIdentifier>) -> [Statement] {
    if let task = calledTask { return seen.insert(ObjectIdentifier(task)).inserted ? task.body.statements : [] }
    switch self {
    case .expression, .bind, .assign, .return:
      guard case .statement(let inner)? = value?.form else { return [] }
      return [inner]
    case .run(let node):
      guard let unit = node.unit, seen.insert(ObjectIdentifier(unit)).inserted else { return [] }
      return unit.body.statements
    default: return blocks.flatMap(\.statements)
    }
  }

  /// What it evaluates, if that is all that it does but for binding or giving it.
  private var value: Expression? {
    switch self {
    case .expression(let expression): expression
    case .bind(let node): node.value
    case .assign(let node): node.value
    case .return(let value, _): value
    default: nil
    }
  }

  /// The task whose value that is.
  var calledTask: Task? {
    guard case .call(let call)? = value?.form, case .task(let task) = call.callee else { return nil }
    return task
  }
}

extension Block {
  /// Whether a step of that name may be in the statements behind one.
  func mayHoldStep(_ name: String, after index: Int) -> Bool {
    statements[(index + 1)...].contains { $0.mayHoldStep(name) }
  }
}

extension Expression {
  /// Whether it may be that text, as far as can be told from how it begins and ends.
  func mayRead(_ text: String) -> Bool {
    switch form {
    case .literal(let literal): return literal.printed == text
    case .text(let pieces):
      var ends = ["", ""]
      if case .text(let first)? = pieces.first { ends[0] = first }
      if pieces.count > 1, case .text(let last)? = pieces.last { ends[1] = last }
      return text.utf8.count >= ends[0].utf8.count + ends[1].utf8.count && text.hasPrefix(ends[0])
        && text.hasSuffix(ends[1])
    default: return true
    }
  }
}

/// The step that `--from` or `--only` names, while it is looked for. Every lane looks for itself.
final class StepSearch: Sendable {
  let name: String
  /// Whether nothing but the step is run; else all that follows is too.
  let isOnly: Bool
  private let around: StepSearch?
  private let found = Atomic<Bool>(false)

  init(_ name: String, isOnly: Bool, around: StepSearch? = nil) {
    self.name = name
    self.isOnly = isOnly
    self.around = around
  }

  func inLane() -> StepSearch {
    let search = StepSearch(name, isOnly: isOnly, around: self)
    if isFound { search.markFound() }
    return search
  }

  var isFound: Bool { found.load(ordering: .relaxed) }
  /// Whether everything is run again from here on.
  var isOver: Bool { isFound && !isOnly }
  /// Whether nothing more is run.
  var isPast: Bool { isFound && isOnly }

  func markFound() {
    found.store(true, ordering: .relaxed)
    around?.markFound()
  }
}

/// A step as it is written, wherever a recipe leads to it.
struct StepPlace: Sendable {
  let location: Location
  /// What it is called; nil if the name is made up on the way.
  let name: String?
}

extension Program {
  /// The steps of that name: those that are named so, else those whose names, made up on the way, may be that.
  func steps(named name: String) -> [StepPlace] {
    var seen: Set<ObjectIdentifier> = []
    let places = main.body.statements.flatMap { $0.stepPlaces(name, in: main, of: self, &seen) }
    let named = places.filter { $0.name != nil }
    return named.isEmpty ? places : named
  }
}

extension Statement {
  /// - Parameter seen: the tasks and recipes that were looked through.
  fileprivate func stepPlaces(
    _ name: String, in unit: Unit, of program: Program, _ seen: inout Set<ObjectIdentifier>
  ) -> [StepPlace] {
    var places: [StepPlace] = []
    var inside = unit
    switch self {
    case .step(let node) where node.name.mayRead(name):
      let written = if case .literal(let literal) = node.name.form { literal.printed } else { String?.none }
      places.append(StepPlace(location: Location(unit.file, node.name.span), name: written))
    case .run(let node):
      guard let recipe = node.unit else { break }
      if recipe.answers(to: name, path: node.path) {
        places.append(StepPlace(location: Location(unit.file, node.span), name: name))
      }
      inside = recipe
    default: if let task = calledTask { inside = program.units[task.unit] }
    }
    for inner in innerStatements(&seen) { places += inner.stepPlaces(name, in: inside, of: program, &seen) }
    return places
  }
}
