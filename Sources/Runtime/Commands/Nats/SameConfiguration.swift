import Interpreter

/// Whether what is there is what is wanted, as servers see it: what is not said is as usual, and what has no order may come
/// in any.
enum SameConfiguration {
  /// - Parameters:
  ///   - wanted: without what servers add.
  ///   - present: as INFO gives it.
  static func ofStream(_ wanted: ValueMap, _ present: ValueMap) -> Bool {
    let (wanted, present) = (plain(.map(wanted)).entries, plain(.map(present)).entries)
    return everyKey(of: wanted, present, .stream).allSatisfy { key in
      let (one, other) = (wanted[key] ?? .null, present[key] ?? .null)
      if key == "metadata" { return isSame(.map(own(one)), .map(own(other)), nil) }
      // A mirror takes what its origin has stored: servers drop a window in which it would know messages again.
      if key == "duplicate_window", !isUnset(wanted["mirror"] ?? .null), isUnset(other) { return true }
      return isSame(one, other, keys(behind: key, .stream)) || isUnset(one) && isUsual(other, key, wanted)
    }
  }

  /// Whether two values of a field are the same to a server.
  static func isSame(_ one: Value?, _ other: Value?) -> Bool { isSame(plain(one ?? .null), plain(other ?? .null), nil) }

  /// The configuration with its lists in the order of those that are there, where that is no difference: servers take it
  /// for one.
  static func ordered(_ wanted: ValueMap, like present: ValueMap) -> ValueMap {
    var ordered = wanted
    for (key, value) in wanted {
      switch (value, present[key]) {
      case (.list, .list(let there)?) where !hasOrder(key) && isSame(value, .list(there)): ordered[key] = .list(there)
      case (.map(let parts), .map(let there)?): ordered[key] = .map(Self.ordered(parts, like: there))
      default: break
      }
    }
    return ordered
  }

  /// Of several changes of a subject the first that fits is made, and tries wait one after the other.
  private static func hasOrder(_ key: String) -> Bool { ["subject_transforms", "backoff"].contains(key) }

  /// Numbers, texts and times in the one spelling that they have for servers.
  private static func plain(_ value: Value) -> Value { NatsReply.plain(NatsReply.value(NatsReply.plain(value))) }

  /// What nbx knows or asked for: servers add what is their own, as the name of a source's index.
  private static func everyKey(of wanted: ValueMap, _ present: ValueMap, _ known: ConfigurationKeys?) -> [String] {
    wanted.keys
      + present.keys.filter { key in wanted[key] == nil && (known.map { $0.kind(of: key) != nil } ?? true) }
  }

  private static func keys(behind key: String, _ known: ConfigurationKeys?) -> ConfigurationKeys? {
    if case .map(let keys)? = known?.kind(of: key) { keys } else { nil }
  }

  private static func isSame(_ one: Value, _ other: Value, _ known: ConfigurationKeys?, hasOrder: Bool = false) -> Bool
  {
    switch (one, other) {
    case (.map, _), (_, .map):
      let (one, other) = (one.entries, other.entries)
      return everyKey(of: one, other, known).allSatisfy { key in
        let (part, there) = (one[key] ?? .null, other[key] ?? .null)
        // Servers take every subject for a source of changes that is not said.
        return isSame(part, there, keys(behind: key, known), hasOrder: Self.hasOrder(key))
          || key == "src" && isUnset(part) && there.asText?.string == ">"
      }
    case (.list(let elements), .list(var rest)):
      guard elements.count == rest.count else { return false }
      for element in elements {
        guard let place = rest.firstIndex(where: { isSame(element, $0, known) }), !hasOrder || place == 0 else {
          return false
        }
        rest.remove(at: place)
      }
      return true
    default: return isUnset(one) && isUnset(other) || one.shown() == other.shown()
    }
  }

  private static func isUnset(_ value: Value) -> Bool {
    switch value {
    case .null, .bool(false), .int(0), .int(-1), .string(""): true
    case .list(let elements): elements.isEmpty
    case .map(let map): map.values.allSatisfy(isUnset)
    default: false
    }
  }

  /// What servers make of a field of a stream that is not said.
  private static func isUsual(_ value: Value, _ key: String, _ wanted: ValueMap) -> Bool {
    let text = value.asText?.string
    switch key {
    case "retention": return text == "limits"
    case "storage": return text == "file"
    case "discard": return text == "old"
    case "compression": return text == "none"
    case "persist_mode": return text == "default"
    case "num_replicas": return value.amount == 1
    case "subjects": return isUnset(wanted["sources"] ?? .null) && isSame(value, wanted["name"].map { .list([$0]) })
    case "duplicate_window":
      let (usual, age) = (Int64(120_000_000_000), wanted["max_age"]?.amount ?? 0)
      return value.amount == (age > 0 ? min(usual, age) : usual)
    case "allow_rollup_hdrs", "allow_msg_ttl": return !isUnset(wanted["subject_delete_marker_ttl"] ?? .null)
    default: return false
    }
  }

  /// Notes without those of servers.
  private static func own(_ metadata: Value) -> ValueMap {
    ValueMap(metadata.entries.filter { !$0.0.hasPrefix("_nats.") })
  }
}
