import Interpreter
import NATS

/// `bench kv …`: putting into a bucket and getting from it, one key after the other.
extension NatsSubcommand {
  static let bucketBenches: [NatsSubcommand] = [
    NatsSubcommand(
      CommandForm(
        "bench kv put", "How long puts take; the keys are the numbers from 0 to below --msgs",
        flags: [benchBucket] + BenchStream.placementFlags + BenchLoad.publishFlags + Flag.ofConnection,
        example: "nats bench kv put --create --replicas 3 --msgs 1000"), as: .jetStream, run: put),
    NatsSubcommand(
      CommandForm(
        "bench kv get", "How long gets take, of keys that `bench kv put` has put",
        flags: [
          benchBucket,
          Flag("--randomize", .integer, "keys by chance, among the first so many; else one after the other"),
        ] + BenchLoad.flags + Flag.ofConnection, example: "nats bench kv get --msgs 1000"), as: .jetStream, run: get),
  ]

  private static let benchBucket = Flag("--bucket", .text, "the bucket; benchbucket if not given")

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
    _ = try call.ask("STREAM.INFO.KV_\(name)")
    let randomly = call.words.isGiven("--randomize") ? try BenchLoad.count("--randomize", 1, .max, call) : nil
    let prefix = try call.jetStreamPrefix()
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
      throw CommandFailure(
        .failed, "\(ServerTables.grouped(Int64(missing.value))) keys are not in \(name)",
        advice: "put as many first: nats bench kv put --create --bucket \(name) --msgs \(load.messages)")
    }
    return benched(figures, load, call, "gets from \(name)")
  }
}

extension BenchClient {
  /// Keys are numbered through, client by client.
  fileprivate func firstKey(_ load: BenchLoad) -> Int { (0..<number).reduce(0) { $0 + load.share(of: $1) } }
}
