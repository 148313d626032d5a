import Lexer

/// What kind of value an expression has, as far as its text tells.
indirect enum Guess: Sendable {
  case unknown
  /// A value that is known: a literal, or one of a session.
  case value(Value)
  /// A type by the name that methods know it by, and the fields of such a value.
  case type(String, fields: [String] = [])
  /// A list of such elements.
  case list(Guess)
  case map([(key: String, value: Guess)])
  /// What a command gives.
  case shape(Shape)

  static let cluster = Guess.type("cluster", fields: ["name", "index", "context"])
  static let outcome = Guess.type("outcome", fields: Outcome.fields)
  static let record = Guess.shape(.record)
  static let text = Guess.type("string")

  /// The type's name for the table of methods; nil if it is unknown.
  var methodType: String? {
    switch self {
    case .unknown: nil
    case .value(.record): "string"
    case .value(let value): value.typeName
    case .type(let name, _): name
    case .shape(let shape): shape.methodType
    case .list: "list"
    case .map: "map"
    }
  }

  var fields: [(name: String, detail: String)] {
    switch self {
    case .unknown, .list: []
    case .value(.cluster): Guess.cluster.fields
    case .value(.outcome): Guess.outcome.fields
    case .value(.record): Guess.record.fields
    case .value(.map(let map)): map.map { ($0.0, SessionText.of($0.1)) }
    case .value: []
    case .type(let name, let fields): fields.map { ($0, "a field of the \(name)") }
    case .shape(let shape):
      shape.fields.map { ($0.name, $0.help.isEmpty ? $0.shape.summary : "\($0.shape.summary): \($0.help)") }
    case .map(let entries): entries.map { ($0.key, $0.value.methodType.map { "a \($0)" } ?? "") }
    }
  }

  func field(_ name: String) -> Guess {
    switch self {
    case .value(.map(let map)):
      if let value = map[name] { return .value(value) }
    case .value(let value):
      if let inner = try? value.field(name) { return .value(inner) }
    case .map(let entries):
      if let entry = entries.last(where: { $0.key == name }) { return entry.value }
    case .type("cluster", _):
      switch name {
      case "name", "context": return .text
      case "index": return .type("int")
      default: break
      }
    case .shape(let shape):
      for found in [shape.field(name), shape.result(ofMethod: name)] {
        if case .unknown = found { continue }
        return .shape(found)
      }
    default: break
    }
    return result(ofMethod: name)
  }

  /// An element of the list.
  var element: Guess {
    switch self {
    case .list(let element): element
    case .value(.list(let elements)): elements.first.map { .value($0) } ?? .unknown
    case .value(.range): .type("int")
    case .shape(let shape): .shape(shape.element)
    default: .unknown
    }
  }

  /// What a method gives.
  func result(ofMethod name: String) -> Guess {
    switch name {
    case "count", "index_of", "round", "floor", "ceil", "bytes", "int": return .type("int")
    case "float", "seconds", "milliseconds", "unix": return .type("float")
    case "lower", "upper", "trim", "replace", "join", "base64", "base64_decoded": return .text
    case "lines", "keys", "split": return .list(.text)
    case "entries": return .list(.type("map", fields: ["key", "value"]))
    case "contains", "starts_with", "ends_with", "all", "any": return .type("bool")
    case "duration", "size": return .type(name)
    case "json": return methodType == "string" || methodType == nil ? .unknown : .text
    case "first", "last": return element
    case "min", "max": return element
    case "take", "drop", "reverse", "unique", "sort", "filter", "without": return self
    case "map", "flatten", "values": return .list(.unknown)
    case "group_by": return .type("map")
    default: return .unknown
    }
  }
}
