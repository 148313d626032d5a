import Lexer

extension Unit {
  /// The parameters whose values may be secret: what a secret or a command is in the default of, and what is made of
  /// such a parameter.
  public var secretParameters: Set<String> {
    var secret: Set<Symbol> = []
    var names: Set<String> = []
    for parameter in parameters where parameter.value.mayBeSecret(secret) {
      secret.insert(parameter.variable.symbol)
      names.insert(parameter.name)
    }
    return names
  }
}

extension Expression {
  /// - Parameter names: those bound to secrets.
  fileprivate func mayBeSecret(_ names: Set<Symbol>) -> Bool {
    switch form {
    case .name(let symbol): return names.contains(symbol)
    case .call(let call):
      switch call.callee {
      case .function(.secret), .task: return true
      case .function, .unresolved: break
      }
    // What a command gives may be secret.
    case .command, .statement: return true
    case .comprehension(let node): if node.element.mayBeSecret(names) { return true }
    case .method(let call):
      for case .lambda(let lambda) in call.arguments where lambda.body.mayBeSecret(names) { return true }
    default: break
    }
    return parts.contains { $0.mayBeSecret(names) }
  }
}
