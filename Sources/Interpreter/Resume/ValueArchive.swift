/// Values as JSON and back, every one with its type. What holds a secret is not written.
enum ValueArchive {
  /// What stands in a file for a value that is not kept.
  static let heldBack: Value = ["t": "secret"]

  /// The value as JSON; nil if there is a secret in it, or it is too large to be kept.
  ///
  /// - Parameter secrets: the run's: text that holds one is held back even where nobody marked it.
  static func packed(_ value: Value, hiding secrets: SecretRegistry) -> Value? {
    value.hasMoreParts(than: mostParts) || value.isDeeper(than: deepest) ? nil : packedAll(value, secrets)
  }

  private static let mostParts = 1_000_000
  /// Each level takes two of the file's, and no more than `Value.deepest` are read.
  private static let deepest = 200

  private static func packedAll(_ value: Value, _ secrets: SecretRegistry) -> Value? {
    switch value {
    case .null, .bool: value
    case .string(let string): secrets.areCovered(in: string) ? nil : value
    case .int(let int): ["t": "int", "v": .string(String(int))]
    case .float(let float): ["t": "float", "v": .string(String(float))]
    case .duration(let duration):
      ["t": "duration", "v": .string(String(duration.nanoseconds)), "s": spelled(duration.spelling)]
    case .size(let size): ["t": "size", "v": .string(String(size.bytes)), "s": spelled(size.spelling)]
    case .time(let time): ["t": "time", "v": .string(String(time.nanoseconds))]
    case .cluster(let cluster): ["t": "cluster", "v": .string(cluster.name)]
    case .range(let range):
      ["t": "range", "v": .string(String(range.first)), "l": .string(String(range.last))]
    case .list(let elements): all(elements, secrets).map { .list($0) }
    case .map(let map):
      map.keys.contains(where: secrets.areCovered)
        ? nil
        : all(map.values, secrets).map { values in
          ["t": "map", "k": .list(map.keys.map(Value.string)), "v": .list(values)]
        }
    case .outcome(let outcome): packed(outcome, secrets)
    case .record(let record):
      isSecret(record.out, secrets) || isSecret(record.err, secrets)
        ? nil
        : [
          "t": "record", "v": .string(record.out.string), "e": .string(record.err.string),
          "c": .string(String(record.code)),
        ]
    case .secret, .later: nil
    }
  }

  private static func spelled(_ spelling: Spelling?) -> Value { spelling.map { .string($0.text) } ?? .null }

  private static func isSecret(_ text: Text?, _ secrets: SecretRegistry) -> Bool {
    text.map { $0.isSecret || secrets.areCovered(in: $0.string) } ?? false
  }

  private static func all(_ values: [Value], _ secrets: SecretRegistry) -> [Value]? {
    var packed: [Value] = []
    for value in values {
      guard let one = packedAll(value, secrets) else { return nil }
      packed.append(one)
    }
    return packed
  }

  private static func packed(_ outcome: Outcome, _ secrets: SecretRegistry) -> Value? {
    guard let value = packedAll(outcome.value, secrets) else { return nil }
    guard let error = outcome.error, let details = outcome.details else { return ["t": "ok", "v": value] }
    guard ![error, details.out, details.err].contains(where: { isSecret($0, secrets) }) else { return nil }
    return [
      "t": "failed", "v": .string(error.string), "k": .string(details.kind), "done": value,
      "c": details.code.map { .string(String($0)) } ?? .null, "o": details.out.map { .string($0.string) } ?? .null,
      "e": details.err.map { .string($0.string) } ?? .null,
    ]
  }

  /// The value of a file; nil if it was held back, or is none.
  static func unpacked(_ packed: Value, clusters: [Cluster]) -> Value? {
    switch packed {
    case .null, .bool, .string: return packed
    case .list(let elements):
      let values = elements.compactMap { unpacked($0, clusters: clusters) }
      return values.count == elements.count ? .list(values) : nil
    case .map(let map): return unpacked(map, clusters)
    default: return nil
    }
  }

  private static func unpacked(_ map: ValueMap, _ clusters: [Cluster]) -> Value? {
    func text(_ key: String) -> String? { map[key]?.asText?.string }
    func int(_ key: String) -> Int64? { text(key).flatMap { Int64($0) } }
    switch text("t") {
    case "int": return int("v").map(Value.int)
    case "float": return text("v").flatMap { Double($0) }.map(Value.float)
    case "duration": return int("v").map { .duration(DurationValue(nanoseconds: $0, spelling: text("s"))) }
    case "size": return int("v").map { .size(SizeValue(bytes: $0, spelling: text("s"))) }
    case "time": return int("v").map { .time(TimeValue(nanoseconds: $0)) }
    case "cluster": return clusters.first { $0.name == text("v") }.map(Value.cluster)
    case "range":
      guard let first = int("v"), let last = int("l") else { return nil }
      return .range(RangeValue(first: first, last: last))
    case "map":
      guard let keys = map["k"]?.elements, let values = map["v"]?.elements, keys.count == values.count else {
        return nil
      }
      let entries = zip(keys, values).compactMap { key, value -> (String, Value)? in
        guard let key = key.asText?.string, let value = unpacked(value, clusters: clusters) else { return nil }
        return (key, value)
      }
      return entries.count == keys.count ? .map(ValueMap(entries)) : nil
    case "ok": return map["v"].flatMap { unpacked($0, clusters: clusters) }.map { .outcome(Outcome(value: $0)) }
    case "failed":
      guard let error = text("v"), let value = map["done"].map({ unpacked($0, clusters: clusters) }) ?? .null else {
        return nil
      }
      let details = FailureDetails(
        text("k") ?? "failed", code: int("c").map(Int.init), out: text("o").map { Text($0) },
        err: text("e").map { Text($0) }, value: value)
      return .outcome(Outcome(error: Text(error), details: details))
    case "record":
      guard let out = text("v"), let error = text("e"), let code = int("c") else { return nil }
      return .record(ProgramRecord(out: Text(out), err: Text(error), code: Int(code)))
    default: return nil
    }
  }
}
