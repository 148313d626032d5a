import Interpreter
import NATS

/// Times that a recipe tells from now on, as `--deliver 1h`; in a configuration they stand as durations. They mean another
/// moment each time that it runs, so a consumer or a stream that is there keeps the moment that it was made with: the words
/// for it stand in its metadata, and the same words are the same configuration.
enum RelativeTimes {
  /// Whether the field tells how long ago or in how long.
  private static let fields: [(name: String, isPast: Bool)] = [("opt_start_time", true), ("pause_until", false)]
  private static let start = "opt_start_time"

  /// What the keys in the metadata begin with; behind it stands the field.
  private static let mark = "nbx."

  static func areIn(_ configuration: ValueMap) -> Bool { !words(in: configuration).isEmpty }

  /// The configuration of what is there already, with its moments in their place.
  ///
  /// - Parameters:
  ///   - what: for messages, as `stream ORDERS`.
  ///   - refusal: the number by which servers refuse another configuration.
  /// - Throws: where it was made with other words, or with none.
  static func settled(
    _ configuration: ValueMap, like present: ValueMap, of what: String, refusal: Int
  ) throws(CommandFailure) -> ValueMap {
    let kept = marks(of: present)
    for (field, words) in words(in: configuration) where kept[field] != words {
      throw other(what, field, asked: words, kept: kept[field], present, refusal)
    }
    var settled = filled(configuration, like: present)
    var metadata = settled["metadata"]?.entries ?? ValueMap()
    for (field, words) in kept where metadata[mark + field] == nil { metadata[mark + field] = .string(words) }
    if !metadata.isEmpty { settled["metadata"] = .map(metadata) }
    return settled
  }

  /// The configuration with moments in their place, and the words for them in its metadata: the moments of what is there
  /// if it was made with the same words, else as seen from now.
  ///
  /// - Parameter isPausedAnew: whether a pause begins now, whatever was before.
  static func filled(
    _ configuration: ValueMap, like present: ValueMap? = nil, isPausedAnew: Bool = false
  ) -> ValueMap {
    let words = words(in: configuration)
    guard !words.isEmpty else { return configuration }
    let kept = marks(of: present)
    func isKept(_ field: String) -> Bool {
      kept[field] != nil && kept[field] == words.first { $0.field == field }?.words
    }
    var filled = configuration
    for (name, isPast) in fields {
      guard case .duration(let distance)? = configuration[name] else { continue }
      // One that is there and has no pause was woken: it is not put to sleep again.
      let moment = moment(distance, isPast: isPast)
      filled[name] = isKept(name) && (isPast || !isPausedAnew) ? present?[name] : moment
    }
    if case .map(let mirror)? = configuration["mirror"] {
      filled["mirror"] = origin(mirror, like: isKept("mirror") ? present?["mirror"]?.entries : nil)
    }
    if case .list(let sources)? = configuration["sources"] {
      let there = isKept("sources") ? present?["sources"]?.elements ?? [] : []
      filled["sources"] = .list(
        sources.map { source in
          origin(source.entries, like: there.first { name(of: $0) == name(of: source) }?.entries)
        })
    }
    var metadata = configuration["metadata"]?.entries ?? ValueMap()
    for (field, words) in words { metadata[mark + field] = .string(words) }
    filled["metadata"] = .map(metadata)
    return filled
  }

  /// What is there with the changes laid over it; the words for a moment go with it.
  static func merged(_ present: ValueMap, with changes: ValueMap) -> ValueMap {
    var merged = present.merged(with: filled(changes, like: present))
    let words = words(in: changes)
    var metadata = merged["metadata"]?.entries ?? ValueMap()
    for field in marks(of: present).keys where !words.contains(where: { $0.field == field }) {
      guard let change = changes[field], !SameConfiguration.isSame(change, present[field]) else { continue }
      metadata[mark + field] = nil
    }
    if merged["metadata"] != nil { merged["metadata"] = .map(metadata) }
    return merged
  }

  private static func origin(_ origin: ValueMap, like present: ValueMap?) -> Value {
    guard case .duration(let distance)? = origin[start] else { return .map(origin) }
    var filled = origin
    filled[start] = present?[start] ?? moment(distance, isPast: true)
    return .map(filled)
  }

  private static func moment(_ distance: DurationValue, isPast: Bool) -> Value {
    let now = TimeValue.now.nanoseconds
    return .string(
      Timestamp.rfc3339(nanoseconds: isPast ? now - distance.nanoseconds : now + distance.nanoseconds))
  }

  /// The relative times of each field, in one spelling for the same time.
  private static func words(in configuration: ValueMap) -> [(field: String, words: String)] {
    func text(_ duration: DurationValue) -> String { DurationValue(nanoseconds: duration.nanoseconds).text }
    var all: [(field: String, words: String)] = []
    for (name, _) in fields {
      if case .duration(let distance)? = configuration[name] { all.append((name, text(distance))) }
    }
    if case .duration(let distance)? = configuration["mirror"]?.entries[start] {
      all.append(("mirror", text(distance)))
    }
    let sources = (configuration["sources"]?.elements ?? []).compactMap { source -> String? in
      guard case .duration(let distance)? = source.entries[start] else { return nil }
      return "\(name(of: source)) \(text(distance))"
    }
    if !sources.isEmpty { all.append(("sources", sources.sorted().joined(separator: ", "))) }
    return all
  }

  /// What tells a source from the others.
  private static func name(of source: Value) -> String {
    [source.entries["name"], source.entries["filter_subject"]].compactMap { $0?.asText?.string }
      .filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// The words that something was made with, by field.
  private static func marks(of present: ValueMap?) -> [String: String] {
    var marks: [String: String] = [:]
    for (key, value) in present?["metadata"]?.entries ?? ValueMap() where key.hasPrefix(mark) {
      marks[String(key.dropFirst(mark.count))] = value.asText?.string
    }
    return marks
  }

  private static func other(
    _ what: String, _ field: String, asked: String, kept: String?, _ present: ValueMap, _ refusal: Int
  ) -> CommandFailure {
    let reason: String
    var advice = "take it away and make it anew, or name it otherwise"
    if let kept {
      reason = "\(what) was made with `\(kept)` for its `\(field)`, not with `\(asked)`"
      if field == "pause_until" { advice = "pause it: nats consumer pause; or \(advice)" }
    } else if let there = present[field], !SameConfiguration.isSame(there, nil) {
      reason =
        "\(what) is there already, and nothing says whether its `\(field)` was `\(asked)` when it was made"
      advice = "give the times that `info` shows; or \(advice)"
    } else {
      reason = "\(what) is there already, made without `\(field)` and not with `\(asked)`"
    }
    return CommandFailure(
      .failed, "\(reason) (\(refusal))", advice: advice, details: FailureDetails("refused", code: refusal))
  }
}
