import NATS
import SandboxSystem
import ValuesAndCommands

/// How the flags and the document of `consumer add` and `consumer edit` make a consumer's configuration.
enum ConsumerFlags {
  static let all: [Flag] =
    [
      Flag("--config", .text, "a JSON file with its configuration, as `info --json` gives it"),
      Flag(
        "--filter", .text, "only these subjects, with commas between; repeated: all of them", aliases: ["--filters"]),
      Flag(
        "--deliver", .text,
        "where it begins: all, new, last, subject (the last of each), a sequence, a time, or 1h ago",
        aliases: ["--start"]),
      Flag("--ephemeral", .toggle, "goes when nobody uses it"),
      Flag("--pull", .toggle, "messages are asked for; without --target it is so anyway"),
      Flag("--target", .text, "the subject that messages are sent to, unasked"),
      Flag("--backoff", .text, "how long to wait before each further try, as 1s,5s,30s; or linear, or none"),
      Flag("--backoff-steps", .integer, "with linear: how many"),
      Flag("--backoff-min", .duration, "with linear: the first"),
      Flag("--backoff-max", .duration, "with linear: the last"),
      Flag("--pause", .text, "hands out nothing until a time, or for so long"),
    ] + ConfigurationKeys.consumer.flags

  /// The file, with the document over it, with the flags over both; behind them what a new one has in any case.
  ///
  /// - Parameters:
  ///   - name: that of a new one, if it is told before the document.
  ///   - existing: that of one that is changed.
  static func configuration(
    _ call: NatsCall, name: String?, of existing: String? = nil
  ) throws(CommandFailure) -> ValueMap {
    var configuration = try StreamFlags.base(call, .consumer, of: name ?? existing)
    try checkNames(call)
    try ConfigurationKeys.consumer.set(in: &configuration, call.words)
    if let name {
      configuration["name"] = .string(name)
      configuration["durable_name"] = call.words.has("--ephemeral") ? nil : .string(name)
    }
    if let target = call.words.string("--target") {
      guard !call.words.has("--pull") else {
        throw .misused("`--pull` and `--target` do not go together", advice: "leave one of them out")
      }
      try call.checked { () throws(NATSError) in try Names.checkPublishSubject(target) }
      configuration["deliver_subject"] = .string(target)
    }
    try setFilters(in: &configuration, call)
    try setStart(in: &configuration, call)
    try setBackoff(in: &configuration, call)
    if let pause = call.words.string("--pause") { configuration["pause_until"] = try momentToCome(pause, "--pause") }
    return configuration
  }

  /// A document may tell names, too: they say the same, or one of them would be passed over.
  private static func checkNames(_ call: NatsCall) throws(CommandFailure) {
    guard let document = call.call.document?.entries, let durable = document["durable_name"]?.asText else { return }
    if let name = document["name"]?.asText, name.string != durable.string {
      throw .misused(
        "`name` and `durable_name` are two names, \(name.masked) and \(durable.masked)", advice: "leave `name` out")
    }
    if call.words.has("--ephemeral") {
      throw .misused("`--ephemeral` and `durable_name` do not go together", advice: "leave one of them out")
    }
  }

  private static func setFilters(in configuration: inout ValueMap, _ call: NatsCall) throws(CommandFailure) {
    // An empty one is the nats CLI's word for: everything.
    let isEverything = call.words.all("--filter").map(\.string) == [""]
    let filters = isEverything ? [""] : try StreamFlags.list("--filter", call, Names.checkSubscribeSubject)
    if !filters.isEmpty {
      configuration["filter_subject"] = filters.count == 1 ? .string(filters[0]) : nil
      configuration["filter_subjects"] = filters.count == 1 ? nil : .list(filters.map(Value.string))
    }
    let all = [configuration["filter_subject"] ?? ""] + (configuration["filter_subjects"]?.elements ?? [])
    for case .string(let filter) in all where !filter.isEmpty {
      try call.checked { () throws(NATSError) in try Names.checkSubscribeSubject(filter) }
    }
  }

  private static func setStart(in configuration: inout ValueMap, _ call: NatsCall) throws(CommandFailure) {
    guard let start = call.words.string("--deliver") else { return }
    switch start {
    case "all", "new", "last": configuration["deliver_policy"] = .string(start)
    case "subject", "last-per-subject", "last_per_subject":
      configuration["deliver_policy"] = "last_per_subject"
      // The server wants to be told of which subjects, even if it is of all.
      let filter = configuration["filter_subject"]?.asText?.string ?? ""
      if filter.isEmpty, configuration["filter_subjects"] == nil { configuration["filter_subject"] = ">" }
    default:
      if let sequence = Int64(start) {
        guard sequence > 0 else { throw .misused("sequences are numbers from 1 on, not \(start)") }
        configuration["deliver_policy"] = "by_start_sequence"
        configuration["opt_start_seq"] = .int(sequence)
      } else {
        configuration["deliver_policy"] = "by_start_time"
        configuration["opt_start_time"] = try moment(start, "--deliver")
      }
    }
  }

  private static func setBackoff(in configuration: inout ValueMap, _ call: NatsCall) throws(CommandFailure) {
    guard let mode = call.words.string("--backoff"), mode != "none" else { return }
    guard mode == "linear" else {
      let steps = StreamFlags.parts(mode).map { DurationValue(parsing: $0) }
      configuration["backoff"] = .list(
        try steps.map { step throws(CommandFailure) in
          guard let step else {
            throw .misused("`\(mode)` is no row of durations", advice: "--backoff 1s,5s,30s")
          }
          return .duration(step)
        })
      return
    }
    let steps = call.words.integer("--backoff-steps") ?? 10
    let first = call.words.duration("--backoff-min")?.nanoseconds ?? 60_000_000_000
    let last = call.words.duration("--backoff-max")?.nanoseconds ?? 1_200_000_000_000
    guard (2...100).contains(steps), first <= last else {
      throw .misused(
        "a linear backoff has 2 to 100 steps and grows",
        advice: "--backoff linear --backoff-steps 5 --backoff-min 1s --backoff-max 30s")
    }
    configuration["backoff"] = .list(
      (0..<steps).map { .duration(DurationValue(nanoseconds: first + (last - first) / (steps - 1) * $0)) })
  }

  /// A time as servers read it, or how far from now it is: see `RelativeTimes`.
  /// A pause that is over is none, and a server says nothing of it.
  static func momentToCome(_ text: String, _ flag: String) throws(CommandFailure) -> Value {
    let moment = try moment(text, flag)
    let isPast =
      if case .duration(let distance) = moment { distance.nanoseconds <= 0 } else {
        TimeValue(rfc3339: text).map { $0 <= .now } ?? false
      }
    guard !isPast else { throw .misused("`\(flag)` is `\(text)`, which is past", advice: "as 1h, or a time to come") }
    return moment
  }

  static func moment(_ text: String, _ flag: String) throws(CommandFailure) -> Value {
    if TimeValue(rfc3339: text) != nil { return .string(text) }
    guard let duration = DurationValue(parsing: text) else {
      throw .misused("`\(flag)` takes a time or a duration, not `\(text)`", advice: "as 2026-11-22T12:00:00Z, or 1h")
    }
    return .duration(duration)
  }
}
