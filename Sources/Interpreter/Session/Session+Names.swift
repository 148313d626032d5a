import Lexer

/// A name that a session knows.
public struct SessionName: Sendable {
  public enum Kind: String, Sendable { case `let`, `var`, task }

  public let name: String
  public let kind: Kind
  /// Null for a task.
  public let value: Value
  /// Of a task: how it is called.
  public let call: String
}

extension Session {
  /// What the inputs have bound, by name.
  public var boundNames: [SessionName] {
    let locals = frame?.locals ?? []
    var found: [SessionName] = scope.scope.symbols.compactMap { symbol in
      guard let binding = scope.scope[symbol], !binding.isGiven, binding.slot < locals.count else { return nil }
      return SessionName(
        name: names[symbol], kind: binding.isVar ? .var : .let, value: locals[binding.slot], call: "")
    }
    for task in scope.tasks.compactMap({ $0 }) {
      let parameters = task.parameters.map { parameter in
        names[parameter.variable.symbol] + (parameter.value == nil ? "" : " = …")
      }
      found.append(
        SessionName(
          name: task.name, kind: .task, value: .null, call: "\(task.name)(\(parameters.joined(separator: ", ")))"))
    }
    return found.sorted { $0.name < $1.name }
  }
}
