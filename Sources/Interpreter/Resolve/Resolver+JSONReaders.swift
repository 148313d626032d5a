import Lexer

/// Finds the commands whose result is read as JSON, so that programs that can are asked for it:
/// `(kubectl get pods).json`, or `let pods = kubectl get pods` and `pods.json` further down.
extension Resolver {
  /// Remembers that a name holds what a command gives.
  mutating func noteCommand(of variable: Variable, _ value: Expression) {
    if let call = value.calledCommand { commandsByName[variable.span.start] = call }
  }

  /// Looks at a field that is read.
  func noteField(_ name: FieldName, of base: Expression) {
    guard name.text == "json" else { return }
    if let call = base.calledCommand {
      call.readsJSON = true
      return
    }
    // What `try` gives holds it in `.value`.
    var holder = base
    if case .field(let outcome, let field) = base.form, field.text == "value" { holder = outcome }
    guard case .name(let symbol) = holder.form, let binding = scope[symbol] else { return }
    commandsByName[binding.span.start]?.readsJSON = true
  }
}

extension Expression {
  /// The command whose result the expression is, or holds as an outcome.
  fileprivate var calledCommand: CommandCall? {
    switch form {
    case .command(let call): call
    case .attempt(let attempt): if case .expression(let operand) = attempt.body { operand.calledCommand } else { nil }
    case .field(let outcome, let name):
      if name.text == "value", case .attempt = outcome.form { outcome.calledCommand } else { nil }
    default: nil
    }
  }
}
