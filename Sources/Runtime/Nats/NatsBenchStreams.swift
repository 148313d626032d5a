import NATS
import SandboxSystem
import Synchronization
import ValuesAndCommands

/// `bench js …`: publishing into streams with the stream's word for each message, and reading from them.
extension NatsSubcommand {
  static let streamBenches: [NatsSubcommand] = [
    sub(
      "bench js pub sync", "How quickly a stream takes messages one after the other, and how long each takes", subject,
      flags: publishFlags + RatedLoad.flags, gives: Gives.bench,
      example: "nats bench js pub sync bench.orders --create --replicas 3 --cluster xr-js", isRated: true,
      run: publishSync),
    sub(
      "bench js pub async", "How quickly a stream takes messages of which --batch are on their way at once", subject,
      flags: [
        Flag("--batch", .number(1...100_000), "so many on their way at once; 500 if not given, with --rate 1000")
      ] + publishFlags + RatedLoad.flags,
      gives: Gives.bench,
      example: "nats bench js pub async bench.orders --create --rate 1000/s --duration 20s", isRated: true,
      run: publishAsync),
    sub(
      "bench js fetch", "How quickly a consumer reads from a stream, one batch after the other", flags: readFlags,
      gives: Gives.bench, example: "nats bench js fetch --stream benchstream --batch 500",
      run: { call throws(CommandFailure) in try read(call, inAdvance: false) }),
    sub(
      "bench js consume", "The same, the next batch asked for before the last has come", flags: readFlags,
      gives: Gives.bench, example: "nats bench js consume --stream benchstream",
      run: { call throws(CommandFailure) in try read(call, inAdvance: true) }),
  ]

  private static let benchStream = Flag("--stream", .text, "the stream; benchstream if not given", offers: .streams)
  private static let publishFlags =
    [
      benchStream,
      Flag("--dedup", .toggle, "every message has an identifier, and is sent again where no word comes"),
    ] + BenchStream.placementFlags + BenchLoad.publishFlags
  private static let readFlags =
    [
      benchStream,
      Flag("--consumer", .text, "the consumer's name, which is made for the bench; nats-bench if not given"),
      Flag("--batch", .number(1...100_000), "so many messages are asked for at once; 500 if not given"),
      Flag("--acks", .choice(["explicit", "none"]), "whether each message is acknowledged; explicit if not given"),
    ] + BenchLoad.flags

  /// How long a message without an identifier may wait for its stream's word.
  private static let patience = Duration.seconds(10)

  @Sendable private static func publishSync(_ call: NatsCall) throws(CommandFailure) -> Value {
    try publish(call, inFlight: 1, BenchLoad(call, messages: 10_000))
  }

  @Sendable private static func publishAsync(_ call: NatsCall) throws(CommandFailure) -> Value {
    try publish(call, inFlight: call.count("--batch", usual: 500), BenchLoad(call))
  }

  private static func publish(_ call: NatsCall, inFlight: Int, _ load: BenchLoad) throws(CommandFailure) -> Value {
    let subject = try call.name(Names.checkPublishSubject)
    let name = call.words.string("--stream") ?? BenchStream.usualName
    try call.checked { () throws(NATSError) in try Names.checkStream(name) }
    try BenchStream.prepare(name, subjects: [subject], call)
    try BenchStream.checkOwner(of: subject, is: name, call)
    let prefix = try call.jetStreamPrefix()
    let payload = load.payload
    let repeats = call.words.has("--dedup")
    let strangers = Strangers()
    if let rate = RatedLoad(call.words, messages: load.messages) {
      let value = try rated(
        rate, load, call, "acknowledgements of \(subject)",
        RatedOperation(
          subject: { _ in subject }, payload: payload,
          confirmation: .answer { answer, connection throws(NATSError) in
            let stream = try JetStream(connection, prefix: prefix).acknowledgement(in: answer, subject: subject).stream
            if stream != name { strangers.note(stream) }
            return nil
          }, repetition: repeats ? .identified : .never))
      if let stranger = strangers.first { throw BenchStream.takenElsewhere(subject, by: stranger, insteadOf: name) }
      return value
    }
    let figures = try BenchClients.run(load, call, "acknowledgements of \(subject)") { client throws(NATSError) in
      var figures = BenchFigures()
      let window = try PublishWindow(
        JetStream(client.connection, prefix: prefix), inFlight: inFlight, repetition: repeats ? .identified : .never,
        tryFor: repeats ? .milliseconds(250) : patience, limit: client.limit
      ) { acknowledged in
        figures.latency.add(acknowledged.took)
        if acknowledged.acknowledgement.stream != name { strangers.note(acknowledged.acknowledgement.stream) }
        client.note()
      }
      for _ in 0..<client.messages {
        try window.publish(subject, payload)
        if let pause = load.pause { try client.limit.sleep(pause, .sending, server: client.connection.server) }
      }
      try window.finish()
      figures.end = .now
      figures.messages = client.messages
      figures.bytes = client.messages * payload.count
      return figures
    }
    if let stranger = strangers.first { throw BenchStream.takenElsewhere(subject, by: stranger, insteadOf: name) }
    return benched(figures, load, call, "acknowledged messages on \(subject)")
  }

  private static func read(_ call: NatsCall, inAdvance: Bool) throws(CommandFailure) -> Value {
    let load = try BenchLoad(call)
    let batch = call.count("--batch", usual: 500)
    let stream = call.words.string("--stream") ?? BenchStream.usualName
    let consumer = call.words.string("--consumer") ?? "nats-bench"
    try call.checked { () throws(NATSError) in
      try Names.checkStream(stream)
      try Names.checkConsumer(consumer)
    }
    let acknowledges = call.words.string("--acks") != "none"
    let configuration: Value = [
      "stream_name": .string(stream),
      "config": [
        "name": .string(consumer), "deliver_policy": "all", "ack_policy": .string(acknowledges ? "explicit" : "none"),
        "max_ack_pending": .int(Int64(max(1000, 2 * batch * load.clients))),
        // Whatever happens to this run, it is not left behind.
        "inactive_threshold": .int(60_000_000_000),
      ],
    ]
    let prefix = try call.withJetStream { jetStream throws(NATSError) in
      _ = try jetStream.requestWhenReady(
        "CONSUMER.CREATE.\(stream).\(consumer)", NatsReply.document(configuration),
        limit: call.limit(atMost: .seconds(30)))
      return jetStream.prefix
    }
    defer {
      _ = try? call.withJetStream { jetStream throws(NATSError) in
        try jetStream.request("CONSUMER.DELETE.\(stream).\(consumer)", limit: .within(NatsCall.patience))
      }
    }
    let figures = try BenchClients.run(load, call, "messages of \(stream)") { client throws(NATSError) in
      let reader = try BatchReader(
        client, pull: "\(prefix).CONSUMER.MSG.NEXT.\(stream).\(consumer)", batch: batch, inAdvance: inAdvance,
        acknowledges: acknowledges)
      return try reader.read()
    }
    return benched(figures, load, call, "readers of \(stream)")
  }
}

/// Another stream than the one that is measured, if one has taken a message: a mapping of subjects may lead there.
private final class Strangers: Sendable {
  private let name = Mutex<String?>(nil)

  var first: String? { name.withLock { $0 } }
  func note(_ stream: String) { name.withLock { $0 = $0 ?? stream } }
}

/// `bench kv …`: putting into a bucket and getting from it, one key after the other.
extension NatsSubcommand {
  static let bucketBenches: [NatsSubcommand] = [
    sub(
      "bench kv put", "How long puts take; the keys are the numbers from 0 to below --msgs",
      flags: [benchBucket] + BenchStream.placementFlags + BenchLoad.publishFlags + RatedLoad.flags, gives: Gives.bench,
      example: "nats bench kv put --create --replicas 3 --msgs 1000", isRated: true, run: put),
    sub(
      "bench kv get", "How long gets take, of keys that `bench kv put` has put",
      flags: [
        benchBucket,
        Flag("--randomize", .positive, "keys by chance, among the first so many; else one after the other"),
      ] + BenchLoad.flags + RatedLoad.flags, gives: Gives.bench, example: "nats bench kv get --msgs 1000",
      isRated: true, run: get),
  ]

  private static let benchBucket = Flag(
    "--bucket", .text, "the bucket; benchbucket if not given", offers: .buckets)

  private static func bucketName(_ call: NatsCall) throws(CommandFailure) -> String {
    let name = call.words.string("--bucket") ?? "benchbucket"
    try call.checked { () throws(NATSError) in try Names.checkBucket(name) }
    return name
  }

  @Sendable private static func put(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try bucketName(call)
    let load = try BenchLoad(call, messages: 10_000)
    try BenchStream.prepare(
      "KV_\(name)", subjects: ["$KV.\(name).>"], call,
      more: [
        "max_msgs_per_subject": 1, "discard": "new", "allow_rollup_hdrs": true, "deny_delete": true,
        "allow_direct": true,
      ])
    let prefix = try call.jetStreamPrefix()
    let payload = load.payload
    if let rate = RatedLoad(call.words, messages: load.messages) {
      return try rated(
        rate, load, call, "puts into \(name)",
        RatedOperation(
          subject: { "$KV.\(name).\($0)" }, payload: payload,
          confirmation: .answer { answer, connection throws(NATSError) in
            _ = try JetStream(connection, prefix: prefix).acknowledgement(in: answer, subject: "$KV.\(name)")
            return nil
          }, repetition: .identified))
    }
    let figures = try BenchClients.run(load, call, "puts into \(name)") { client throws(NATSError) in
      let jetStream = JetStream(client.connection, prefix: prefix)
      var key = client.firstKey(load)
      return try BenchFigures(of: client, load) { () throws(NATSError) in
        let sent = ContinuousClock.now
        _ = try jetStream.publish("$KV.\(name).\(key)", payload, tryFor: .seconds(2), limit: client.limit)
        key += 1
        return (payload.count, sent.duration(to: .now))
      }
    }
    return benched(figures, load, call, "puts into \(name)")
  }

  @Sendable private static func get(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try bucketName(call)
    let load = try BenchLoad(call, messages: 10_000)
    let info = try call.ask("STREAM.INFO.KV_\(name)")
    let randomly = call.words.integer("--randomize").map { Int($0) }
    let prefix = try call.jetStreamPrefix()
    if let rate = RatedLoad(call.words, messages: load.messages) {
      let chance = UInt64.random(in: 0 ... .max)
      let present = max(1, Int(info.entries[path: "state.messages"].amount))
      return try rated(
        rate, load, call, "gets from \(name)",
        RatedOperation(
          subject: { number in
            let mixed = (UInt64(number) &+ chance) &* 0x9E37_79B9_7F4A_7C15
            let key = randomly.map { Int((mixed >> 32) % UInt64($0)) } ?? number % present
            return "\(prefix).DIRECT.GET.KV_\(name).$KV.\(name).\(key)"
          }, payload: [],
          confirmation: .answer { answer, connection throws(NATSError) in
            if answer.saysNoResponders { throw .noResponders(server: connection.server, subject: "$KV.\(name)") }
            return answer.headers?.status.map { $0 == 404 ? "not-found" : "refused" }
          }, repetition: .harmless))
    }
    let missing = Counter()
    let figures = try BenchClients.run(load, call, "gets from \(name)") { client throws(NATSError) in
      var next = client.firstKey(load)
      return try BenchFigures(of: client, load) { () throws(NATSError) in
        let key = randomly.map { Int.random(in: 0..<$0) } ?? next
        next += 1
        let subject = "\(prefix).DIRECT.GET.KV_\(name).$KV.\(name).\(key)"
        let sent = ContinuousClock.now
        let answer = try client.connection.request(subject, limit: client.limit.atMost(NatsCall.patience))
        if answer.headers?.status != nil { missing.add(1) }
        return (answer.payload.count, sent.duration(to: answer.receivedAt))
      }
    }
    guard missing.value == 0 else {
      throw .failed(
        "\(Figures.grouped(Int64(missing.value))) keys are not in \(name)",
        advice: "put as many first: nats bench kv put --create --bucket \(name) --msgs \(load.messages)")
    }
    return benched(figures, load, call, "gets from \(name)")
  }
}

extension BenchClient {
  /// Keys are numbered through, client by client.
  fileprivate func firstKey(_ load: BenchLoad) -> Int { (0..<number).reduce(0) { $0 + load.share(of: $1) } }
}

/// The stream of a bench: which one, and how it is made if the call asks for that.
enum BenchStream {
  static let usualName = "benchstream"

  /// How `--create` makes it.
  static let placementFlags =
    [
      Flag("--create", .toggle, "makes it if it is not there"),
      Flag("--purge", .toggle, "takes away what is in it before"),
    ] + ConfigurationKeys.benchStream.flags

  /// Makes it and empties it, as far as the flags say. One that is not there and is not to be made is a failure at once:
  /// publishes would be tried again until the limit.
  static func prepare(
    _ name: String, subjects: [String], _ call: NatsCall, more: Value = [:]
  ) throws(CommandFailure) {
    if call.words.has("--create") {
      var configuration = ValueMap([
        ("name", .string(name)), ("subjects", .list(subjects.map(Value.string))), ("num_replicas", 1),
        ("storage", "file"),
      ])
      try ConfigurationKeys.benchStream.set(in: &configuration, call.words)
      configuration = configuration.merged(with: more.entries)
      try make(name, configuration, call)
    } else {
      _ = try call.ask("STREAM.INFO.\(name)")
    }
    if call.words.has("--purge") { _ = try call.ask("STREAM.PURGE.\(name)") }
  }

  private static func make(_ name: String, _ configuration: ValueMap, _ call: NatsCall) throws(CommandFailure) {
    let limit = call.limit(atMost: .seconds(60))
    let answer = try call.withJetStream { jetStream throws(NATSError) -> [UInt8]? in
      do throws(NATSError) {
        return try jetStream.requestWhenReady(
          "STREAM.CREATE.\(name)", NatsReply.document(.map(configuration)), limit: limit)
      } catch {
        // 10058: it is there already, in another shape. As in the nats CLI that one serves as well.
        guard case .api(let refusal) = error, refusal.errorCode == 10058 else { throw error }
        _ = try jetStream.waitForLeader(ofStream: name, limit: limit)
        return nil
      }
    }
    if let answer { _ = try call.made(name, configuration, answer) }
    try checkShape(name, configuration, call)
  }

  /// The stream that is there has to be what the flags say, or the figures would be another stream's.
  private static func checkShape(
    _ name: String, _ wanted: ValueMap, _ call: NatsCall
  ) throws(CommandFailure) {
    let present = try call.ask("STREAM.INFO.\(name)").entries
    for (flag, key) in [
      ("--replicas", "num_replicas"), ("--storage", "storage"), ("--max-bytes", "max_bytes"),
      ("--cluster", "placement.cluster"), ("--tag", "placement.tags"),
    ] where call.words.isGiven(flag) {
      let (asked, found) = (wanted[path: key], present[path: "config.\(key)"])
      guard NatsReply.plain(asked).shown() != NatsReply.plain(found).shown() else { continue }
      throw .failed(
        "\(name) is there already, with \(key) \(found.shown()) instead of \(asked.shown())",
        advice: "leave out \(flag); or take it away first: nats stream rm \(name) --force")
    }
  }

  /// What is published on the subject has to come to the stream that is measured.
  static func checkOwner(of subject: String, is name: String, _ call: NatsCall) throws(CommandFailure) {
    let owners = try call.streamNames(subject: subject)
    if let owner = owners.first, !owners.contains(name) { throw takenElsewhere(subject, by: owner, insteadOf: name) }
  }

  static func takenElsewhere(_ subject: String, by owner: String, insteadOf name: String) -> CommandFailure {
    CommandFailure(
      .failed, "\(owner) takes \(subject), not \(name)",
      advice: "measure that one: --stream \(owner); or publish on a subject of \(name): nats stream info \(name)")
  }
}

extension NatsCall {
  /// What JetStream's subjects begin with for this call's login.
  func jetStreamPrefix() throws(CommandFailure) -> String {
    try withJetStream { jetStream throws(NATSError) in jetStream.prefix }
  }
}

/// Reads a client's share of a stream's messages in batches that it asks for.
struct BatchReader {
  private let client: BenchClient
  private let pull: String
  private let batch: Int
  /// Asks for the next batch when half of the last has come, else when it is over.
  private let inAdvance: Bool
  private let acknowledges: Bool
  private let inbox: String
  private let subscription: Subscription

  init(
    _ client: BenchClient, pull: String, batch: Int, inAdvance: Bool, acknowledges: Bool
  ) throws(NATSError) {
    self.client = client
    self.pull = pull
    self.batch = min(batch, client.messages)
    self.inAdvance = inAdvance
    self.acknowledges = acknowledges
    inbox = client.connection.newInbox()
    subscription = try client.connection.subscribe(inbox)
  }

  /// Reads until the share is whole, or the limit is over.
  func read() throws(NATSError) -> BenchFigures {
    defer { subscription.unsubscribe() }
    let server = client.connection.server
    var figures = BenchFigures()
    // Those that were asked for and have not come.
    var due = 0
    while figures.messages < client.messages {
      let left = client.messages - figures.messages - due
      if left > 0, inAdvance ? due <= batch / 2 : due == 0 {
        let next = min(batch, left)
        // The server gives up a question that is as old as this; it is asked again then.
        try client.connection.publish(
          pull, Array(#"{"batch":\#(next),"expires":5000000000}"#.utf8), reply: inbox, limit: client.limit)
        due += next
      }
      for message in try subscription.nextBatch(limit: client.limit) {
        if let status = message.headers?.status, message.payload.isEmpty {
          // 503: nobody serves the consumer; 404, 408, 409: the question is over, the rest of its batch does not come.
          if status == 503 { throw .noResponders(server: server, subject: pull) }
          if status != 100 { due = 0 }
          continue
        }
        if acknowledges, let reply = message.reply {
          try client.connection.publish(reply, BatchReader.acknowledgement, limit: client.limit)
        }
        due = max(0, due - 1)
        figures.messages += 1
        figures.bytes += message.payload.count
        client.note()
      }
    }
    figures.end = .now
    try client.connection.flush(publishedOn: nil, since: figures.start, limit: client.limit)
    return figures
  }

  private static let acknowledgement = Array("+ACK".utf8)
}
