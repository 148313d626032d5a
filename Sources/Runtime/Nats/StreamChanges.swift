import NATS
import SandboxSystem
import ValuesAndCommands

/// Making and changing streams, as `stream`, `kv` and `object` do it.
extension NatsCall {
  /// How long a stream may wait for JetStream to have a leader before it is made. Elections after the loss of a region took
  /// up to 6.5 s, after a start on a slow disk up to 35.
  static let readiness = Duration.seconds(60)

  /// Makes a stream; one that is there and just like it stays as it is.
  ///
  /// One that is there is not made once more: a cluster begins a stream with sources anew when it is asked to make it again,
  /// and answers nothing.
  func makeStream(_ name: String, _ configuration: ValueMap) throws(CommandFailure) -> Value {
    var (wasThere, wasAsked) = (false, false)
    let answer = try withJetStream { jetStream throws(NATSError) in
      try jetStream.requestWhenReady(
        "STREAM.CREATE.\(name)", NatsReply.document(.map(RelativeTimes.filled(configuration))),
        limit: limit(atMost: NatsCall.readiness), inFlight: limitInFlight
      ) { () throws(NATSError) in
        let info = try jetStream.streamInfo(name, limit: limit())
        wasThere = info.flatMap { try? Value.json($0) }?.entries["config"] != nil
        if !wasThere { wasAsked = true }
        return wasThere ? info : nil
      }
    }
    var present = try reply(answer).entries
    let made: Value? = wasThere ? nil : try made(name, configuration, answer)
    let after = (made?.entries ?? present)["config"]?.entries ?? ValueMap()
    if made == nil { try keepStream(name, configuration, like: after) }
    try Promises.checkMade(configuration, as: after, "stream \(name)", removal: "nats stream rm \(name) --force")
    if let made { return made }
    // A create of this call may have been answered too late.
    present["did_create"] = .bool(wasAsked)
    return NatsCall.streamInfo(try led(name, .map(present)))
  }

  /// Leaves a stream as it is.
  ///
  /// - Throws: what servers say where it is another one than is wanted.
  private func keepStream(
    _ name: String, _ configuration: ValueMap, like present: ValueMap
  ) throws(CommandFailure) {
    let wanted = try RelativeTimes.settled(configuration, like: present, of: "stream \(name)", refusal: 10058)
    if SameConfiguration.ofStream(wanted, present) { return }
    let hasSources = [wanted, present].contains { $0["sources"]?.elements?.isEmpty == false }
    let document = NatsReply.document(.map(SameConfiguration.ordered(wanted, like: present)))
    _ = try withJetStream { jetStream throws(NATSError) in
      let api = "STREAM.CREATE.\(name)"
      // Without sources nothing happens to it, and the server knows best what it takes for the same.
      guard hasSources else {
        return try jetStream.requestWhenReady(api, document, limit: limit(atMost: NatsCall.readiness))
      }
      throw .api(
        APIError(
          code: 400, errorCode: 10058, description: "stream name already in use with a different configuration",
          subject: "\(jetStream.prefix).\(api)", server: jetStream.connection.server))
    }
  }

  /// Lays `changes` over a stream's configuration.
  func editStream(_ name: String, _ changes: ValueMap) throws(CommandFailure) -> Value {
    let current = try ask("STREAM.INFO.\(name)").entries["config"]?.entries ?? ValueMap()
    try Promises.checkFixed(changes, of: "stream \(name)", as: current, .stream)
    let merged = RelativeTimes.merged(current, with: changes)
    let answer = try withJetStream { jetStream throws(NATSError) in
      try jetStream.requestWhenReady(
        "STREAM.UPDATE.\(name)", NatsReply.document(.map(merged)), limit: limit(atMost: NatsCall.readiness),
        inFlight: limitInFlight)
    }
    let made = try made(name, merged, answer)
    let after = made.entries["config"]?.entries ?? ValueMap()
    try Promises.check(RelativeTimes.filled(changes, like: current), before: current, after: after, of: name)
    return made
  }

  /// The stream that an answer to its making or changing tells of.
  func made(_ name: String, _ configuration: ValueMap, _ answer: [UInt8]) throws(CommandFailure) -> Value {
    let change = try reply(answer)
    guard change.entries["config"] != nil else { throw notMade(name, configuration, change) }
    let made = try led(name, change)
    waitUntilListed(name, made.entries)
    return NatsCall.streamInfo(made)
  }

  /// How long JetStream's leader may take to hear of a stream that it has had made.
  private static let longestUnlisted = Duration.seconds(5)

  /// Waits until JetStream's leader tells of a new stream. On a busy machine the stream's own server may have answered the
  /// create by then, and whoever asks for the stream next would hear from the leader that there is none.
  private func waitUntilListed(_ name: String, _ made: ValueMap) {
    guard made["cluster"]?.entries["leader"] != nil else { return }
    let subject = made["config"]?.entries["subjects"]?.elements?.first?.asText?.string
    let end = ContinuousClock.now + NatsCall.longestUnlisted
    // Who may not ask for names, or hears nothing, goes on without.
    while .now < end,
      let names = try? streamNames(named: name, subject: subject, within: end - .now), !names.contains(name)
    {
      Pause.sleep(.milliseconds(20))
    }
  }

  /// Servers answer the create of a stream that none of them has room for as the removal of what they began with, a success.
  private func notMade(_ name: String, _ configuration: ValueMap, _ answer: Value) -> CommandFailure {
    let wantsMemory = configuration["storage"]?.asText?.string == "memory"
    return CommandFailure(
      .failed, "JetStream did not make \(name): it answers without a configuration", said: Text(answer.shown()),
      advice: (wantsMemory
        ? "the servers may have no memory storage: try --storage file" : "see what servers have room for")
        + "; first take away what is left of it: nats stream rm \(name) --force")
  }

  /// The reply to a change, with the state and the cluster as they are once the stream has a leader: right after a create
  /// the reply may name none, and the next publish would find nobody.
  private func led(_ name: String, _ change: Value) throws(CommandFailure) -> Value {
    guard let cluster = change.entries["cluster"]?.entries else { return change }
    if let leader = cluster["leader"]?.asText?.string, !leader.isEmpty { return change }
    let info = try withJetStream { jetStream throws(NATSError) in
      try jetStream.waitForLeader(ofStream: name, limit: limit())
    }
    return .map(change.entries.merged(with: try reply(info).entries))
  }

  /// What a reply says about a stream, without what it says about itself.
  static func streamInfo(_ reply: Value) -> Value {
    var entries = reply.entries
    // Total, offset and limit are of the page that a long list of subjects would come in.
    for key in ["type", "total", "offset", "limit"] { entries[key] = nil }
    return .map(entries)
  }

  /// Shows lines, or the value as JSON where `--json` is given, if the call is a statement.
  ///
  /// - Parameter text: the lines; nil for each leaf of the value in a line.
  func present(_ value: Value, _ text: @autoclosure () -> String? = nil) -> Value {
    let isJSON = words.has("--json")
    show(isJSON ? NatsReply.plain(value).json(indented: true).masked : text() ?? NatsDetails.text(value))
    return value
  }
}

/// Whether making or changing a stream or consumer did what it was to do. Servers pass over what they cannot change and what
/// they do not know, and answer as if it were done.
enum Promises {
  /// Refuses changes that servers take and do not make.
  ///
  static func checkFixed(
    _ asked: ValueMap, of what: String, as present: ValueMap, _ keys: ConfigurationKeys
  ) throws(CommandFailure) {
    for (key, value) in asked {
      let setting = keys.settings.first { $0.key == key }
      guard let advice = setting?.insteadOfChange, !SameConfiguration.isSame(value, present[key]) else { continue }
      throw .misused("\(what) has its `\(key)` from its beginning: it can't be changed", advice: advice)
    }
  }

  /// - Parameters:
  ///   - asked: the fields that were to change.
  ///   - before: the configuration before that.
  ///   - after: the one behind it.
  static func check(
    _ asked: ValueMap, before: ValueMap, after: ValueMap, of what: String
  ) throws(CommandFailure) {
    for (key, value) in asked {
      // A part of a map may change by itself; what a list of maps becomes is the servers' to say.
      if case .map(let parts) = value {
        try check(
          parts, before: before[key]?.entries ?? ValueMap(), after: after[key]?.entries ?? ValueMap(), of: what)
        continue
      }
      if case .list(let elements) = value, elements.contains(where: { !$0.entries.isEmpty }) {
        guard SameConfiguration.isSame(before[key], after[key]), !SameConfiguration.isSame(value, after[key]) else {
          continue
        }
        throw notDone(what, key, plain(value), before: plain(before[key]))
      }
      let (wanted, old, new) = (plain(value), plain(before[key]), plain(after[key]))
      // An empty value asks for what is usual, whatever that is; but what is on and is to be off is nothing usual.
      guard wanted != old, old == new, !usual.contains(wanted) || wanted == "false" && old == "true" else { continue }
      throw notDone(what, key, wanted, before: old)
    }
  }

  /// Refuses what was made without a part of what was asked: servers before 2.12 pass over the fields that they do not know.
  ///
  /// - Parameters:
  ///   - asked: as it was sent.
  ///   - present: what servers say there is.
  ///   - what: for messages, as `stream ORDERS`.
  ///   - removal: the command that takes it away.
  static func checkMade(
    _ asked: ValueMap, as present: ValueMap, _ what: String, removal: String
  ) throws(CommandFailure) {
    for (key, value) in asked where present[key] == nil && !usual.contains(plain(value)) {
      // Of a mirror servers drop the window in which it would know messages again.
      if key == "duplicate_window", asked["mirror"] != nil { continue }
      throw .failed(
        "\(what) is there, but without its \(key): its servers do not know that",
        advice: "take newer servers, or leave it out; to take away what was made: \(removal)",
        details: FailureDetails("refused"))
    }
  }

  private static func notDone(_ what: String, _ key: String, _ wanted: String, before old: String) -> CommandFailure {
    CommandFailure(
      .failed, "\(what) keeps its \(key): \(old == "null" ? "none" : old), not \(wanted)",
      advice: "that cannot be changed; take it away and make it anew", details: FailureDetails("refused"))
  }

  private static let usual: Set = ["null", "0", "-1", "\"\"", "false", "[]", "{ }", "{}"]

  /// Without what servers leave out of a text, as the sign of `50%`.
  private static func plain(_ value: Value?) -> String {
    let value = NatsReply.plain(value ?? .null)
    if case .string(let text) = value, text.hasSuffix("%") { return Value.string(String(text.dropLast())).shown() }
    return value.shown()
  }
}

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
