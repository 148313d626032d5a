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

  /// What a map holds under the key; nil for everything else.
  package subscript(at key: String) -> Value? {
    guard case .map(let map) = self else { return nil }
    return map[key]
  }
}
