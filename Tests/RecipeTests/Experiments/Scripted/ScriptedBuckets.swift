import Interpreter

/// `nats kv`: a bucket is a stream that keeps the last few messages of each key.
enum ScriptedBuckets {
  static let forms: [String: ScriptedNats.Form] = [
    "kv add": add, "kv status": status, "kv ls": keys, "kv put": put, "kv create": create, "kv update": update,
    "kv del": delete, "kv get": get, "kv history": history, "kv watch": watch,
  ]

  private static func stream(_ call: ScriptedCall) -> String { "KV_\(call.word(0))" }
  private static func subject(_ call: ScriptedCall) -> String { "$KV.\(call.word(0)).\(call.word(1))" }

  // MARK: Buckets

  @Sendable private static func add(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes("--replicas", "--history", "--marker-ttl", "--cluster", "--tag", "--description")
    return try ScriptedNats.make(
      ScriptedStream.Configuration(
        name: stream(call), subjects: ["$KV.\(call.word(0)).>"],
        replicas: Int(call.words.integer("--replicas") ?? 1), cluster: call.words.string("--cluster") ?? "",
        tag: call.words.string("--tag"), keptPerSubject: Int(call.words.integer("--history") ?? 1)), call)
  }

  @Sendable private static func status(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes()
    let name = stream(call)
    return try call.ask { world throws(CommandFailure) -> Value? in
      let index = try world.find(name)
      return world.streams[index].leader != nil || world.jetStreamHasLeader(seenFrom: call.region)
        ? ScriptedNats.info(of: index, in: world) : nil
    }
  }

  @Sendable private static func keys(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes()
    let prefix = "$KV.\(call.word(0))."
    return try call.askLeader(of: stream(call)) { world, index in
      let stream = world.streams[index]
      let subjects = Set(stream.messages.map(\.subject)).filter { stream.last(of: $0)?.operation == "PUT" }
      return .list(subjects.sorted().map { .string(String($0.dropFirst(prefix.count))) })
    }
  }

  // MARK: Writing

  @Sendable private static func put(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes()
    return try write(call, call.word(2))
  }

  @Sendable private static func create(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes("--ttl")
    return try write(call, call.word(2), lifetime: call.words.duration("--ttl")) { last throws(CommandFailure) in
      guard let last, last.operation == "PUT" else { return }
      throw wrong(call, last, "exists already, at revision \(last.sequence)")
    }
  }

  @Sendable private static func update(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes()
    let revision = Int(call.word(3))
    return try write(call, call.word(2)) { last throws(CommandFailure) in
      guard let last, last.sequence != revision else { return }
      throw wrong(call, last, "is at revision \(last.sequence), not \(call.word(3))")
    }
  }

  @Sendable private static func delete(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes("--force")
    return try write(call, "", operation: "DEL")
  }

  private static func wrong(_ call: ScriptedCall, _ last: ScriptedStream.Message, _ problem: String) -> CommandFailure {
    CommandFailure(
      .failed,
      "key \"\(call.word(1))\" of bucket \(call.word(0)) \(problem): wrong last sequence: \(last.sequence) (10071)")
  }

  private static func write(
    _ call: ScriptedCall, _ value: String, operation: String = "PUT", lifetime: DurationValue? = nil,
    unless check: (ScriptedStream.Message?) throws(CommandFailure) -> Void = { _ in }
  ) throws(CommandFailure) -> Value {
    let subject = subject(call)
    return try call.askLeader(of: stream(call), patience: .seconds(10), isChange: true) {
      world, index throws(CommandFailure) -> Value? in
      try check(world.streams[index].last(of: subject))
      let revision = world.streams[index].store(subject, value, operation: operation, lifetime: lifetime)
      return ["revision": .int(Int64(revision))]
    }
  }

  // MARK: Reading

  @Sendable private static func get(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes("--raw", "--direct")
    let (name, subject, key) = (stream(call), subject(call), call.word(1))
    let isDirect = call.words.has("--direct")
    let message = try call.ask(vain: "\(name) has no leader") {
      world throws(CommandFailure) -> ScriptedStream.Message? in
      let found = world.streams[try world.find(name)]
      let answers =
        isDirect
        ? found.copies.contains { world.isRunning($0) && world.links.join(call.region, world.region(of: $0)) }
        : world.isLed(found, seenFrom: call.region)
      guard answers else { return nil }
      guard let last = found.last(of: subject), last.operation == "PUT" else {
        throw CommandFailure(.failed, "key not found: bucket \(name.dropFirst(3)) has no \(key)")
      }
      return last
    }
    return call.words.has("--raw") ? .string(message.data) : entry(message, key: key)
  }

  @Sendable private static func history(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes()
    let (subject, key) = (subject(call), call.word(1))
    return try call.askLeader(of: stream(call)) { world, index in
      .list(world.streams[index].messages.filter { $0.subject == subject }.map { entry($0, key: key) })
    }
  }

  /// Until so many have come; what has come when the time is over is the value, too.
  @Sendable private static func watch(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes("--history", "--count", "--wait")
    let pattern = subject(call)
    let prefix = "$KV.\(call.word(0))."
    let count = Int(call.words.integer("--count") ?? 1)
    let (keepsAll, name) = (call.words.has("--history"), stream(call))
    var (seen, told): (Int, [Value]) = (0, [])
    _ = try call.askLeader(of: name) { _, _ in true }
    let end = ContinuousClock.now.advanced(by: call.words.duration("--wait")?.duration ?? .seconds(600))
    while told.count < count, ContinuousClock.now < end {
      let came = try call.askLeader(of: name) { world, index -> [ScriptedStream.Message]? in
        let stream = world.streams[index]
        return stream.messages.filter { message in
          message.sequence > seen && ScriptedStream.matches(message.subject, pattern)
            && (keepsAll || stream.last(of: message.subject)?.sequence == message.sequence)
        }
      }
      seen = came.last?.sequence ?? seen
      told += came.map { entry($0, key: String($0.subject.dropFirst(prefix.count))) }
      if call.call.stop.request >= .windDown { throw CommandFailure(.interrupted, "stopped") }
      if ContinuousClock.now >= call.call.deadline { throw CommandFailure(.timedOut, "waiting for entries") }
      Pause.sleep(.milliseconds(1))
    }
    return .list(Array(told.prefix(count)))
  }

  private static func entry(_ message: ScriptedStream.Message, key: String) -> Value {
    [
      "key": .string(key), "value": .string(message.data), "revision": .int(Int64(message.sequence)),
      "created": .time(message.time), "operation": .string(message.operation),
    ]
  }
}
