import Interpreter
import NATS

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// How the flags and the document of `stream add` and `stream edit` make a stream's configuration.
enum StreamFlags {
  static let all: [Flag] =
    [
      Flag("--subjects", .text, "what it takes, with commas between; repeated: all of them", aliases: ["--subject"]),
      Flag("--replicas", .integer, "on how many servers it lies"),
      Flag("--cluster", .text, "the NATS cluster that it lies in"),
      Flag("--tag", .text, "a tag that its servers have, as az:c1; repeated: all of them", aliases: ["--tags"]),
      Flag("--mirror", .text, "the stream that it is a copy of"),
      Flag("--source", .text, "a stream that it takes messages from; repeated: several", aliases: ["--sources"]),
      Flag("--config", .text, "a JSON file with its configuration"),
    ] + plain.map(\.flag)

  /// Flags that set one field each.
  private static let plain: [(flag: Flag, field: String)] = [
    (Flag("--description", .text, "what it is for"), "description"),
    (Flag("--storage", .choice(["file", "memory"]), "where messages lie"), "storage"),
    (Flag("--retention", .choice(["limits", "interest", "workqueue"]), "how long messages stay"), "retention"),
    (Flag("--discard", .choice(["old", "new"]), "which messages go when it is full"), "discard"),
    (Flag("--compression", .choice(["none", "s2"]), "how messages are packed"), "compression"),
    (Flag("--max-msgs", .integer, "at most so many messages; -1: no bound"), "max_msgs"),
    (Flag("--max-msgs-per-subject", .integer, "the same for each subject"), "max_msgs_per_subject"),
    (Flag("--max-bytes", .size, "at most so large; -1: no bound"), "max_bytes"),
    (Flag("--max-msg-size", .size, "at most so large a message; -1: no bound"), "max_msg_size"),
    (Flag("--max-consumers", .integer, "at most so many consumers; -1: no bound"), "max_consumers"),
    (Flag("--max-age", .duration, "messages go after so long; 0s: never"), "max_age"),
    (Flag("--dupe-window", .duration, "how long it knows a message again by its Nats-Msg-Id"), "duplicate_window"),
    (Flag("--allow-direct", .toggle, "every replica answers reads, not the leader alone"), "allow_direct"),
    (Flag("--allow-mirror-direct", .toggle, "as a mirror it answers reads of its origin"), "mirror_direct"),
    (Flag("--allow-rollup", .toggle, "a message may take the place of all before it"), "allow_rollup_hdrs"),
    (Flag("--deny-delete", .toggle, "no message is deleted by hand"), "deny_delete"),
    (Flag("--deny-purge", .toggle, "it can't be purged"), "deny_purge"),
  ]

  /// The file, with the document over it, with the flags over both.
  static func configuration(_ call: NatsCall, name: String) throws(CommandFailure) -> ValueMap {
    var configuration = ValueMap()
    if let path = call.words.string("--config") { configuration = try file(path, call) }
    if let document = call.call.document {
      guard case .map(let map) = document else {
        throw CommandFailure(
          .misused, "`with` brings `stream \(call.words.form.path[1])` a map, not \(document.typeWithArticle)",
          advice: "for example: with { max_age: 1h }")
      }
      configuration = configuration.merged(with: map)
    }
    configuration["name"] = .string(name)
    for (flag, field) in plain {
      if let value = value(of: flag, call.words) { configuration[field] = value }
    }
    if let replicas = call.words.integer("--replicas") { configuration["num_replicas"] = .int(replicas) }
    try setSubjects(in: &configuration, call)
    try setOrigins(in: &configuration, call)
    setPlacement(in: &configuration, call)
    return configuration
  }

  private static func value(of flag: Flag, _ words: ParsedWords) -> Value? {
    guard words.isGiven(flag.name) else { return nil }
    switch flag.kind {
    case .toggle: return .bool(words.has(flag.name))
    case .integer: return words.integer(flag.name).map(Value.int)
    case .duration: return words.duration(flag.name).map(Value.duration)
    case .size: return words.size(flag.name).map(Value.int)
    case .text, .choice: return words.text(flag.name).map { Value($0) }
    }
  }

  private static func list(_ flag: String, _ words: ParsedWords) -> [String] {
    words.all(flag).flatMap { $0.string.split(separator: ",").map { String($0.filter { $0 != " " }) } }
  }

  private static func setSubjects(in configuration: inout ValueMap, _ call: NatsCall) throws(CommandFailure) {
    if call.words.isGiven("--subjects") {
      configuration["subjects"] = .list(list("--subjects", call.words).map(Value.string))
    }
    for subject in configuration["subjects"]?.elements ?? [] {
      let subject = subject.asText?.string ?? ""
      try call.checked { () throws(NATSError) in try Names.checkSubscribeSubject(subject) }
    }
  }

  private static func setOrigins(in configuration: inout ValueMap, _ call: NatsCall) throws(CommandFailure) {
    let mirror = call.words.string("--mirror")
    let sources = list("--source", call.words)
    for name in sources + (mirror.map { [$0] } ?? []) {
      try call.checked { () throws(NATSError) in try Names.checkStream(name) }
    }
    if let mirror { configuration["mirror"] = ["name": .string(mirror)] }
    if !sources.isEmpty { configuration["sources"] = .list(sources.map { ["name": .string($0)] }) }
  }

  private static func setPlacement(in configuration: inout ValueMap, _ call: NatsCall) {
    var placement = configuration["placement"]?.entries ?? ValueMap()
    if let cluster = call.words.string("--cluster") { placement["cluster"] = .string(cluster) }
    let tags = list("--tag", call.words)
    if !tags.isEmpty { placement["tags"] = .list(tags.map(Value.string)) }
    if !placement.isEmpty { configuration["placement"] = .map(placement) }
  }

  /// A path that is not absolute counts from the recipe's folder.
  private static func file(_ path: String, _ call: NatsCall) throws(CommandFailure) -> ValueMap {
    let place = path.hasPrefix("/") ? path : "\(call.call.folder)/\(path)"
    guard let data = try? Data(contentsOf: URL(fileURLWithPath: place)) else {
      throw CommandFailure(.failed, "\(place) can't be read", advice: "check --config")
    }
    let problem: String
    do throws(JSONProblem) {
      if case .map(let map) = try Value.json(Array(data)) { return map }
      problem = "it is no map"
    } catch {
      problem = "\(error.message) (byte \(error.offset))"
    }
    throw CommandFailure(.failed, "\(place) holds no stream's configuration: \(problem)")
  }
}
