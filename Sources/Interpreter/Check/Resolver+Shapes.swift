import Lexer

/// What is known before the run of what commands give.
extension Resolver {
  private func shape(of expression: Expression) -> Shape {
    switch expression.form {
    case .name(let symbol): return scope.shapes[symbol] ?? .unknown
    case .command(let call): return shape(of: call)
    case .field(let base, let field):
      let base = shape(of: base)
      if case .unknown = base.field(field.text) { return base.result(ofMethod: field.text) }
      return base.field(field.text)
    case .index(let base, let index):
      if case .literal(.string(let key)) = index.form { return shape(of: base).field(key) }
      return shape(of: base).element
    case .method(let call): return shape(of: call.base).result(ofMethod: call.name.text)
    default: return .unknown
    }
  }

  private func shape(of call: CommandCall) -> Shape {
    if call.words.contains(where: \.isSpread) { return .unknown }
    return vocabulary.command(call.symbol).gives(
      call.words.map { word in word.literal(in: unit.file).map { Text($0) } })
  }

  /// Remembers what a name holds that is just bound to what a command gives.
  mutating func noteShape(of variable: Variable, _ call: CommandCall) { note(shape(of: call), of: variable) }

  /// Remembers what a name holds that is just bound to a value.
  mutating func noteShape(of variable: Variable, _ value: Expression) { note(shape(of: value), of: variable) }

  /// Remembers what a name holds that is just bound to each element of a list.
  mutating func noteShape(of variables: [Variable], elementsOf list: Expression) {
    if variables.count == 1 { note(shape(of: list).element, of: variables[0]) }
  }

  private mutating func note(_ shape: Shape, of variable: Variable) {
    if case .unknown = shape { return }
    scope.shapes[variable.symbol] = shape
  }

  /// Of what a command gives, a field that it never has.
  mutating func noteMember(_ field: FieldName, of base: Expression) {
    guard isLinting, !isProbing, case .map(let fields) = shape(of: base), !fields.isOpen,
      !fields.all.contains(where: { $0.name == field.text }),
      !field.members.contains(where: { $0.belongs(to: .map) && $0.isWrittenBare })
    else { return }
    let known = fields.all.map(\.name)
    let name = fields.name.isEmpty ? title(of: base) : fields.name
    warn(
      .mismatchedTypes(
        "\(name) has no field `\(field.text)`",
        advice: nearestSpelling(to: field.text, among: known).map { "did you mean `\($0)`?" }
          ?? "its fields: \(known.joined(separator: ", "))"), field.span)
  }

  /// What to call a map that has no name of its own. The same however the recipe is laid out: no text of more than a token.
  private func title(of expression: Expression) -> String {
    switch expression.form {
    case .name: "`\(unit.file.text(expression.span))`"
    case .field(_, let field): "`\(field.text)`"
    case .command(let call): "what this `\(call.name)` gives"
    default: "this map"
    }
  }
}
