import NATS
import SandboxSystem
import ValuesAndCommands

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// How the flags and the document of `stream add` and `stream edit` make a stream's configuration.
enum StreamFlags {
  static let all = of(ConfigurationKeys.stream.flags)
  /// Those of `stream edit`: without what a stream has from its beginning.
  static let ofEdit = of(ConfigurationKeys.stream.flagsOfEdit)

  /// - Parameter plain: those that set one key each.
  private static func of(_ plain: [Flag]) -> [Flag] {
    [
      Flag("--subjects", .text, "what it takes, with commas between; repeated: all of them", aliases: ["--subject"]),
      Flag(
        "--mirror", .text,
        "the stream that it is a copy of: its name, or JSON with name, start (a sequence, a time, or how long ago) and filter",
        offers: .streams),
      Flag(
        "--source", .text, "a stream that it takes messages from, as --mirror; repeated: several",
        aliases: ["--sources"], offers: .streams),
      Flag("--config", .text, "a JSON file with its configuration, as `info --json` gives it"),
      Flag("--ack", .toggle, "it confirms what it has stored"),
    ] + plain
  }

  /// Flags of `stream edit` that take a part of the configuration away, and those that would set it.
  static let removals: [(flag: Flag, field: String, setters: [String])] = [
    (Flag("--no-mirror", .toggle, "it is a copy no more"), "mirror", ["--mirror"]),
    (
      Flag("--no-republish", .toggle, "its messages are published once more no longer"), "republish",
      ["--republish-source", "--republish-destination", "--republish-headers"]
    ),
    (
      Flag("--no-transform", .toggle, "its subjects are changed no longer"), "subject_transform",
      ["--transform-source", "--transform-destination"]
    ),
  ]

  /// The file, with the document over it, with the flags over both.
  static func configuration(_ call: NatsCall, name: String) throws(CommandFailure) -> ValueMap {
    var configuration = try base(call, .stream, of: name)
    configuration["name"] = .string(name)
    try ConfigurationKeys.stream.set(in: &configuration, call.words)
    if ["work", "workq"].contains(configuration["retention"]?.asText?.string) {
      configuration["retention"] = "workqueue"
    }
    if call.words.duration("--dupe-window")?.nanoseconds == 0 {
      call.warn("--dupe-window 0s is no window to servers: they take 2m, or --max-age where that is less")
    }
    if call.words.isGiven("--ack") { configuration["no_ack"] = .bool(!call.words.has("--ack")) }
    try setSubjects(in: &configuration, call)
    try setOrigins(in: &configuration, call)
    for removal in removals where call.words.has(removal.flag.name) {
      if let setter = removal.setters.first(where: call.words.isGiven) {
        throw .misused("`\(removal.flag.name)` and `\(setter)` do not go together", advice: "leave one of them out")
      }
      configuration[removal.field] = .null
    }
    return configuration
  }

  private static func setSubjects(in configuration: inout ValueMap, _ call: NatsCall) throws(CommandFailure) {
    if call.words.isGiven("--subjects") {
      let subjects = try list("--subjects", call, Names.checkSubscribeSubject)
      configuration["subjects"] = .list(subjects.map(Value.string))
    }
    for subject in configuration["subjects"]?.elements ?? [] {
      let subject = subject.asText?.string ?? ""
      try call.checked { () throws(NATSError) in try Names.checkSubscribeSubject(subject) }
    }
  }

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

  /// A JSON file. A path that is not absolute counts from the recipe's folder.
  private static func file(_ path: String, _ call: NatsCall, _ keys: ConfigurationKeys) throws(CommandFailure)
    -> ValueMap
  {
    let place = call.call.path(path)
    guard let bytes = Paths.bytes(at: place) else {
      throw .failed("\(place) can't be read", advice: "check --config")
    }
    let parsed: Value
    do throws(JSONProblem) {
      parsed = try Value.json(bytes)
    } catch {
      throw .failed("\(place) does not hold \(keys.name): \(error.message) (byte \(error.offset))")
    }
    guard case .map(let map) = parsed else {
      throw .failed("\(place) does not hold \(keys.name): it is no map")
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
      throw .misused(
        "`with` brings `\(call.words.path)` a map, not \(document.typeWithArticle)",
        advice: "for example: with { \(call.words.form.path[0] == "consumer" ? "ack_wait: 30s" : "max_age: 1h") }")
    }
    let read = try keys.read(map)
    for key in ["name", "durable_name"] {
      guard let name, let other = read[key]?.asText, other.string != name else { continue }
      throw .misused(
        "the words name \(name), and `\(key)` behind `with` names \(other.masked)",
        advice: "leave `\(key)` out: nothing is renamed")
    }
    return configuration.merged(with: read)
  }
}

/// Where a stream's messages come from, if it is a copy of others.
extension StreamFlags {
  static func setOrigins(in configuration: inout ValueMap, _ call: NatsCall) throws(CommandFailure) {
    if let mirror = call.words.string("--mirror") { configuration["mirror"] = .map(try origin(mirror)) }
    var sources: [Value] = []
    for word in call.words.all("--source") {
      // A map as JSON has commas of its own.
      let names = word.string.hasPrefix("{") ? [word.string] : parts(word.string)
      for name in names { sources.append(.map(try origin(name))) }
    }
    if !sources.isEmpty { configuration["sources"] = .list(sources) }
    for field in ["mirror", "sources"] {
      if let origins = configuration[field] { configuration[field] = try completed(origins, call) }
    }
  }

  /// A stream's name, or a map as JSON that holds it.
  private static func origin(_ written: String) throws(CommandFailure) -> ValueMap {
    guard written.hasPrefix("{") else { return ValueMap([("name", .string(written))]) }
    guard case .map(let map)? = try? Value.json(Array(written.utf8)) else {
      throw .misused(
        "`\(written)` is no JSON", advice: #"write --source '{"name":"ORDERS","start":5,"filter":"orders.eu"}'"#)
    }
    return try ConfigurationKeys.origin.read(map)
  }

  /// The origins with the servers' own keys in place of `start` and `filter`, and with names that can be.
  private static func completed(_ origins: Value, _ call: NatsCall) throws(CommandFailure) -> Value {
    switch origins {
    case .list(let all):
      return .list(try all.map { origin throws(CommandFailure) in try completed(origin, call) })
    case .map(var origin):
      let name = origin["name"]?.asText?.string ?? ""
      try call.checked { () throws(NATSError) in try Names.checkStream(name) }
      if let filter = origin["filter"] {
        origin["filter"] = nil
        origin["filter_subject"] = filter
      }
      if let filter = origin["filter_subject"]?.asText?.string, !filter.isEmpty {
        try call.checked { () throws(NATSError) in try Names.checkSubscribeSubject(filter) }
      }
      if let start = origin["start"] {
        origin["start"] = nil
        try setStart(start, in: &origin)
      }
      return .map(origin)
    default: return origins
    }
  }

  private static func setStart(_ start: Value, in origin: inout ValueMap) throws(CommandFailure) {
    switch start {
    case .int(let sequence) where sequence > 0: origin["opt_start_seq"] = start
    case .time, .duration: origin["opt_start_time"] = start
    case .string(let text):
      if let sequence = Int64(text), sequence > 0 {
        origin["opt_start_seq"] = .int(sequence)
      } else {
        origin["opt_start_time"] = try ConsumerFlags.moment(text, "start")
      }
    default:
      throw .misused(
        "`start` of a mirror or a source is a sequence from 1 on, a time or a duration, not `\(start.printed)`",
        advice: "as 5, 2026-11-22T12:00:00Z, or 1h for an hour ago")
    }
  }
}
