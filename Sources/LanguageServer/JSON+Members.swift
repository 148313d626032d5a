import Interpreter

/// Messages are read as values of the language: maps keep their order, and nothing is lost of a number.
extension Value {
  /// A member of an object; null if there is none.
  func member(_ name: String) -> Value {
    guard case .map(let map) = self else { return .null }
    return map[name] ?? .null
  }

  var asString: String? { if case .string(let text) = self { text } else { nil } }
  var asInt: Int? { if case .int(let number) = self { Int(exactly: number) } else { nil } }
  var asList: [Value] { if case .list(let elements) = self { elements } else { [] } }
  var isTrue: Bool { if case .bool(true) = self { true } else { false } }
  var isNull: Bool { if case .null = self { true } else { false } }
}
