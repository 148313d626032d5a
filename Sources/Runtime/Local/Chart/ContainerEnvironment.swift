import Interpreter

/// The variables of a pod's container, put in where the configuration speaks of one as `<< $NAME >>`: the processes here
/// get no environment of their own.
struct ContainerEnvironment {
  /// Set by the chart itself. They are texts, which are read here, too.
  let own: [String: Text]
  /// `container.env`. A server reads a variable as if its text stood in the configuration: `123` is a number, `"123"` in
  /// quotes is a string. So that is how it is put in, and the server reads it itself.
  let given: [String: Text]

  init(own: [String: Text], values: ChartValues) throws(ChartProblem) {
    self.own = own
    var given: [String: Text] = [:]
    let variables = try values.section("container").section("env")
    for (name, value) in variables.map {
      switch value {
      case .null: continue
      case .string, .secret: given[name] = value.asText
      case .map:
        // What a secret or a field of Kubernetes holds is not known here: the server says that it misses it.
        given[name] = try variables.section(name).text("value")
      default: throw variables.wrongType(name, "a string or a map with value", value)
      }
    }
    self.given = given.filter { own[$0.key] == nil }
  }

  /// Variables that the configuration itself defines come first, as the server has it; unknown ones are left to it.
  func resolving(_ configuration: ValueMap) -> ValueMap {
    ValueMap(configuration.map { ($0, resolved($1, besides: configuration)) })
  }

  private func resolved(_ value: Value, besides configuration: ValueMap) -> Value {
    switch value {
    case .string(let string):
      guard let raw = ConfigurationText.unwrappedRaw(string), raw.hasPrefix("$") else { return value }
      let name = String(raw.dropFirst())
      guard configuration[name] == nil else { return value }
      if let text = own[name] { return Value(text) }
      return given[name].map { Value(ConfigurationText.rawText($0)) } ?? value
    case .list(let elements): return .list(elements.map { resolved($0, besides: configuration) })
    case .map(let map): return .map(ValueMap(map.map { ($0, resolved($1, besides: configuration)) }))
    default: return value
    }
  }
}
