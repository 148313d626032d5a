import Interpreter
import Lexer

/// A part of a release's values that knows where it stands, so that every problem names its place.
struct ChartValues {
  /// `config.cluster`; empty for the values as a whole.
  let path: String
  let map: ValueMap

  func place(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// Throws if a key is none of `known`. `elsewhere` says what to do about one that resembles none of them.
  func allowOnly(_ known: [String], elsewhere: String) throws(ChartProblem) {
    for key in map.keys where !known.contains(key) {
      let nearest = nearestSpelling(to: key, among: known)
      throw ChartProblem(
        "\(place(key)) is none of the values of chart nats/nats",
        advice: nearest.map { "did you mean \(place($0))?" } ?? elsewhere)
    }
  }

  /// What stands under the key; null is as good as nothing.
  subscript(key: String) -> Value? {
    if case .null? = map[key] { return nil }
    return map[key]
  }

  func bool(_ key: String, default standard: Bool) throws(ChartProblem) -> Bool {
    switch self[key] {
    case nil: return standard
    case .bool(let bool)?: return bool
    case let other?: throw wrongType(key, "true or false", other)
    }
  }

  func int(_ key: String, default standard: Int, in range: ClosedRange<Int>) throws(ChartProblem) -> Int {
    switch self[key] {
    case nil: return standard
    case .int(let int)?:
      guard let int = Int(exactly: int), range.contains(int) else {
        throw ChartProblem("\(place(key)) must be from \(range.lowerBound) to \(range.upperBound), not \(int)")
      }
      return int
    case let other?: throw wrongType(key, "a whole number", other)
    }
  }

  func port(_ standard: Int) throws(ChartProblem) -> Int { try int("port", default: standard, in: 1...65535) }

  /// Nil if it is not there or empty, which in the chart's values mean the same.
  func text(_ key: String) throws(ChartProblem) -> Text? {
    switch self[key] {
    case nil: return nil
    case .string?, .secret?, .cluster?, .record?:
      guard let text = self[key]?.asText, !text.string.isEmpty else { return nil }
      return text
    case let other?: throw wrongType(key, "a string", other)
    }
  }

  func section(_ key: String) throws(ChartProblem) -> ChartValues {
    switch self[key] {
    case nil: return ChartValues(path: place(key), map: ValueMap())
    case .map(let map)?: return ChartValues(path: place(key), map: map)
    case let other?: throw wrongType(key, "a map", other)
    }
  }

  /// A size as `nats.conf` takes it, without quotes; nil if it is not there.
  func size(_ key: String) throws(ChartProblem) -> Value? {
    guard let value = self[key] else { return nil }
    guard let spelled = ServerSize.spelled(value) else { throw wrongType(key, "a size such as 2Gi", value) }
    return ConfigurationText.raw(spelled)
  }

  /// `block` with `merge` laid over it and then `patch` applied.
  func mergedAndPatched(_ block: ValueMap) throws(ChartProblem) -> ValueMap {
    let merged = block.merged(with: try section("merge").map)
    guard let patch = self["patch"] else { return merged }
    guard let operations = patch.elements else { throw wrongType("patch", "a list of JSON patch operations", patch) }
    guard case .map(let patched) = try JSONPatch.apply(operations, to: .map(merged), place: place("patch")) else {
      throw ChartProblem("\(place("patch")) leaves no map", advice: "a patch may change the block, not replace it")
    }
    return patched
  }

  /// TLS needs certificates that cert-manager and Kubernetes secrets bring; here there are neither.
  func refuseTLS() throws(ChartProblem) {
    guard try section("tls").bool("enabled", default: false) else { return }
    throw ChartProblem(
      "\(place("tls.enabled")) is true, but the local target runs servers without TLS: their certificates live in "
        + "Kubernetes secrets",
      advice: "leave it out here, or run this recipe with --target k3d")
  }

  func wrongType(_ key: String, _ wanted: String, _ value: Value) -> ChartProblem {
    ChartProblem("\(place(key)) must be \(wanted), not \(value.typeWithArticle)")
  }
}
