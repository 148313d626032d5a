import Interpreter

/// The variables of a pod's container, put in where the configuration speaks of one as `<< $NAME >>`: the processes here
/// get no environment of their own.
struct ContainerEnvironment {
  private let variables: [String: Text]

  init(_ variables: [String: Text]) { self.variables = variables }

  /// Variables that the configuration itself defines come first, as the server has it; unknown ones are left to it.
  func resolving(_ configuration: ValueMap) -> ValueMap {
    let own = ContainerEnvironment(variables.filter { configuration[$0.key] == nil })
    return ValueMap(configuration.map { ($0, own.resolved($1)) })
  }

  private func resolved(_ value: Value) -> Value {
    switch value {
    case .string(let string):
      guard let raw = ConfigurationText.unwrappedRaw(string), raw.hasPrefix("$"),
        let text = variables[String(raw.dropFirst())]
      else { return value }
      // The server reads a variable's text as if it stood there: digits are a number, a plain word is a string.
      let isBare = Int64(text.string) != nil || ["true", "false"].contains(text.string)
      return isBare ? ConfigurationText.raw(text.string) : Value(text)
    case .list(let elements): return .list(elements.map(resolved))
    case .map(let map): return .map(ValueMap(map.map { ($0, resolved($1)) }))
    default: return value
    }
  }
}
