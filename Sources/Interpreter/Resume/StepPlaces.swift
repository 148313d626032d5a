import Lexer

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
