import ValuesAndCommands

extension Value {
  package var isNull: Bool { if case .null = self { true } else { false } }

  /// The entries, if this is a map; else none.
  package var entries: ValueMap {
    if case .map(let map) = self { map } else { ValueMap() }
  }

  /// The number, if this is an int; else 0.
  package var amount: Int64 {
    switch self {
    case .int(let int): int
    case .size(let size): size.bytes
    case .float(let float): Int64(exactly: float.rounded()) ?? 0
    default: 0
    }
  }

  /// The elements, if this is a list; else none.
  package var all: [Value] { elements ?? [] }

  /// The text, if this is one and not empty.
  package var word: String? { asText.flatMap { $0.string.isEmpty ? nil : $0.string } }

  package var isTrue: Bool { if case .bool(true) = self { true } else { false } }

  /// What stands at the end of a path of keys, as `api.total`; null where it leads nowhere.
  package subscript(path path: String) -> Value {
    path.split(separator: ".").reduce(self) { $0[at: String($1)] ?? .null }
  }

  /// What a map holds under the key; nil for everything else.
  package subscript(at key: String) -> Value? {
    guard case .map(let map) = self else { return nil }
    return map[key]
  }
}

extension ValueMap {
  /// As `Value[path:]`.
  package subscript(path path: String) -> Value { Value.map(self)[path: path] }
}
