/// Values as JSON and back, every one with its type. What holds a secret is not written, and all that is written stays
/// within a bound: values may be made of so many that they would fill the disk, and take their time.
struct ValueArchive {
  /// What stands in a file for a value that is not kept.
  static let heldBack: Value = ["t": "secret"]

  /// Each level takes two of the file's, and no more than `Value.deepest` are read.
  private static let deepest = 200
  /// Roughly what the marks of a type take.
  private static let bytesOfType = 24
  private static let valuesBetweenLooks = 1_000

  /// How many bytes there is room for.
  private var room = Resumption.mostBytes
  private var valuesUntilLook = ValueArchive.valuesBetweenLooks
  private let secrets: SecretRegistry
  private let isStopped: () -> Bool

  /// - Parameters:
  ///   - secrets: the run's: text that holds one is held back even where nobody marked it.
  ///   - isStopped: asked again and again.
  init(hiding secrets: SecretRegistry = SecretRegistry(), unless isStopped: @escaping () -> Bool = { false }) {
    self.secrets = secrets
    self.isStopped = isStopped
  }

  /// Takes room for something that is written.
  mutating func take(_ bytes: Int) throws(Resumption.Obstacle) {
    room -= bytes
    if room < 0 { throw .tooLarge }
    valuesUntilLook -= 1
    guard valuesUntilLook <= 0 else { return }
    valuesUntilLook = ValueArchive.valuesBetweenLooks
    if isStopped() { throw .stopped }
  }

  /// The value as JSON; nil if there is a secret in it, or it is nested too deeply to be kept.
  mutating func packed(_ value: Value) throws(Resumption.Obstacle) -> Value? { try packed(value, depth: 0) }

  private mutating func packed(_ value: Value, depth: Int) throws(Resumption.Obstacle) -> Value? {
    guard depth <= ValueArchive.deepest else { return nil }
    switch value {
    case .null, .bool:
      try take(6)
      return value
    case .string(let string):
      try take(string.utf8.count + 3)
      return secrets.areCovered(in: string) ? nil : value
    case .list(let elements):
      try take(2)
      return try all(elements, depth).map { .list($0) }
    case .map(let map):
      try take(ValueArchive.bytesOfType)
      for key in map.keys {
        try take(key.utf8.count + 3)
        if secrets.areCovered(in: key) { return nil }
      }
      return try all(map.values, depth).map { values in
        ["t": "map", "k": .list(map.keys.map(Value.string)), "v": .list(values)]
      }
    case .outcome(let outcome): return try packed(outcome, depth)
    case .record(let record):
      try take(ValueArchive.bytesOfType + record.out.string.utf8.count + record.err.string.utf8.count)
      guard !isSecret(record.out), !isSecret(record.err) else { return nil }
      return [
        "t": "record", "v": .string(record.out.string), "e": .string(record.err.string),
        "c": .string(String(record.code)),
      ]
    default:
      guard let packed = ValueArchive.packedPlain(value) else { return nil }
      try take(ValueArchive.bytesOfType)
      return packed
    }
  }

  /// What is made of no other values.
  private static func packedPlain(_ value: Value) -> Value? {
    switch value {
    case .int(let int): ["t": "int", "v": .string(String(int))]
    case .float(let float): ["t": "float", "v": .string(String(float))]
    case .duration(let duration):
      ["t": "duration", "v": .string(String(duration.nanoseconds)), "s": spelled(duration.spelling)]
    case .size(let size): ["t": "size", "v": .string(String(size.bytes)), "s": spelled(size.spelling)]
    case .time(let time): ["t": "time", "v": .string(String(time.nanoseconds))]
    case .cluster(let cluster): ["t": "cluster", "v": .string(cluster.name)]
    case .range(let range):
      ["t": "range", "v": .string(String(range.first)), "l": .string(String(range.last))]
    default: nil
    }
  }

  private static func spelled(_ spelling: Spelling?) -> Value { spelling.map { .string($0.text) } ?? .null }

  private func isSecret(_ text: Text) -> Bool { text.isSecret || secrets.areCovered(in: text.string) }

  private mutating func all(_ values: [Value], _ depth: Int) throws(Resumption.Obstacle) -> [Value]? {
    var packed: [Value] = []
    for value in values {
      guard let one = try self.packed(value, depth: depth + 1) else { return nil }
      packed.append(one)
    }
    return packed
  }

  private mutating func packed(_ outcome: Outcome, _ depth: Int) throws(Resumption.Obstacle) -> Value? {
    try take(ValueArchive.bytesOfType)
    guard let value = try packed(outcome.value, depth: depth + 1) else { return nil }
    guard let error = outcome.error, let details = outcome.details else { return ["t": "ok", "v": value] }
    let texts = [error, details.out, details.err].compactMap { $0 }
    for text in texts { try take(text.string.utf8.count + 3) }
    guard !texts.contains(where: isSecret) else { return nil }
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
