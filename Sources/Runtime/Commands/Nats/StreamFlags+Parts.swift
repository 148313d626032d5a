import Interpreter
import NATS

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Parts of a stream's configuration that buckets have as well.
extension StreamFlags {
  static let placement = [
    Flag("--cluster", .text, "the NATS cluster that it lies in"),
    Flag("--tag", .text, "a tag that its servers have, as az:c1; repeated: all of them", aliases: ["--tags"]),
  ]

  static let republish = [
    Flag("--republish-source", .text, "which of its subjects are published once more; > if only the target is given"),
    Flag("--republish-destination", .text, "under which subject that is"),
    Flag("--republish-headers", .toggle, "without the messages' bodies"),
  ]

  static let metadata = Flag("--metadata", .text, "a note of one's own, as owner=me; repeated: several")

  /// The values of a flag that may be repeated and may hold several with commas between, each as it was written but for
  /// blanks around it: without those inside it would be another name.
  static func list(
    _ flag: String, _ call: NatsCall, _ check: (String) throws(NATSError) -> Void
  ) throws(CommandFailure) -> [String] {
    let values = call.words.all(flag).flatMap { parts($0.string) }
    for value in values { try call.checked { () throws(NATSError) in try check(value) } }
    return values
  }

  /// What stands between commas, without the blanks around it.
  static func parts(_ text: String) -> [String] {
    text.split(separator: ",", omittingEmptySubsequences: false).map { part in
      String(part.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
  }

  /// The field that a flag sets, if it is given.
  static func value(of flag: Flag, _ words: ParsedWords) -> Value? {
    guard words.isGiven(flag.name) else { return nil }
    switch flag.kind {
    case .toggle: return .bool(words.has(flag.name))
    case .integer: return words.integer(flag.name).map(Value.int)
    case .duration: return words.duration(flag.name).map(Value.duration)
    case .size: return words.size(flag.name).map(Value.int)
    case .text, .cluster, .rate, .percent, .port, .assignment, .choice: return words.text(flag.name).map { Value($0) }
    }
  }

  static func setPlacement(in configuration: inout ValueMap, _ call: NatsCall) {
    var placement = configuration["placement"]?.entries ?? ValueMap()
    if let cluster = call.words.string("--cluster") { placement["cluster"] = .string(cluster) }
    let tags = call.words.all("--tag").flatMap { parts($0.string) }.filter { !$0.isEmpty }
    if !tags.isEmpty { placement["tags"] = .list(tags.map(Value.string)) }
    if !placement.isEmpty { configuration["placement"] = .map(placement) }
  }

  static func setRepublish(in configuration: inout ValueMap, _ call: NatsCall) throws(CommandFailure) {
    let source = call.words.string("--republish-source")
    guard let destination = call.words.string("--republish-destination") else {
      guard source == nil, !call.words.isGiven("--republish-headers") else {
        throw CommandFailure(
          .misused, "what is published once more needs a subject", advice: "add --republish-destination SUBJECT")
      }
      return
    }
    var republish: ValueMap = ValueMap([("src", .string(source ?? ">")), ("dest", .string(destination))])
    if call.words.has("--republish-headers") { republish["headers_only"] = true }
    configuration["republish"] = .map(republish)
  }

  static func setMetadata(in configuration: inout ValueMap, _ call: NatsCall) throws(CommandFailure) {
    let given = call.words.all("--metadata")
    guard !given.isEmpty else { return }
    var metadata = configuration["metadata"]?.entries ?? ValueMap()
    for word in given {
      let parts = word.string.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[0].isEmpty else {
        throw CommandFailure(
          .misused, "`\(word.masked)` is no note: it has no =", advice: "write --metadata owner=me")
      }
      metadata[String(parts[0])] = .string(String(parts[1]))
    }
    configuration["metadata"] = .map(metadata)
  }

  /// A JSON file. A path that is not absolute counts from the recipe's folder.
  private static func file(_ path: String, _ call: NatsCall, _ keys: ConfigurationKeys) throws(CommandFailure)
    -> ValueMap
  {
    let place = call.call.path(path)
    guard let bytes = StateFile.bytes(of: place) else {
      throw CommandFailure(.failed, "\(place) can't be read", advice: "check --config")
    }
    let parsed: Value
    do throws(JSONProblem) {
      parsed = try Value.json(bytes)
    } catch {
      throw CommandFailure(
        .failed, "\(place) does not hold \(keys.name): \(error.message) (byte \(error.offset))")
    }
    guard case .map(let map) = parsed else {
      throw CommandFailure(.failed, "\(place) does not hold \(keys.name): it is no map")
    }
    // What `info --json` gives has the configuration in it, beside the state.
    if case .map(let configuration)? = map["config"] { return try keys.read(configuration, from: place) }
    return try keys.read(map, from: place)
  }

  /// The file that `--config` names, with the document over it.
  ///
  /// - Parameter name: of the stream or the consumer, as the words say it; a document has no other, a file may.
  static func base(
    _ call: NatsCall, _ keys: ConfigurationKeys, of name: String?
  ) throws(CommandFailure) -> ValueMap {
    var configuration = ValueMap()
    if let path = call.words.string("--config") { configuration = try file(path, call, keys) }
    guard let document = call.call.document else { return configuration }
    guard case .map(let map) = document else {
      throw CommandFailure(
        .misused, "`with` brings `\(call.words.path)` a map, not \(document.typeWithArticle)",
        advice: "for example: with { \(call.words.form.path[0] == "consumer" ? "ack_wait: 30s" : "max_age: 1h") }")
    }
    let read = try keys.read(map)
    for key in ["name", "durable_name"] {
      guard let name, let other = read[key]?.asText, other.string != name else { continue }
      throw CommandFailure(
        .misused, "the words name \(name), and `\(key)` behind `with` names \(other.masked)",
        advice: "leave `\(key)` out: nothing is renamed")
    }
    return configuration.merged(with: read)
  }
}
