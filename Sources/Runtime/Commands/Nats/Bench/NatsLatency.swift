import Interpreter
import NATS

/// `latency`: how long a message is on its way from one cluster to another.
extension NatsSubcommand {
  static let latencies: [NatsSubcommand] = [
    NatsSubcommand(
      CommandForm(
        "latency", "How long messages are on their way, from publishing in one cluster to a subscriber in another",
        positionals: [Positional("SUBJECT")],
        flags: [
          Flag("--to", .text, "the cluster whose servers the subscriber is with; the publisher's own if not given"),
          Flag("--server-b", .text, "the same by a server's URL, as nats://host:4222"),
          Flag("--as", .text, "the subject that the subscriber listens on, where servers map subjects"),
          Flag("--stream", .text, "through this stream: every message is acknowledged, and read by a consumer"),
          Flag("--msgs", .integer, "how many messages; 1000 if not given"),
          Flag("--size", .size, "how large each is; 128 bytes if not given"),
          Flag("--rate", .integer, "how many are sent in a second; 1000 if not given"),
          Flag("--wait", .duration, "how long to wait for the first and after the last; 5s if not given"),
        ] + Flag.ofConnection, example: "nats latency ping.c1 --to c2 --msgs 1000 on c1"),
      as: .jetStream, run: measureLatency)
  ]

  @Sendable private static func measureLatency(_ call: NatsCall) throws(CommandFailure) -> Value {
    let subject = try call.name(Names.checkPublishSubject)
    let heard = call.words.string("--as") ?? subject
    let stream = call.words.string("--stream")
    try call.checked { () throws(NATSError) in
      try Names.checkSubscribeSubject(heard)
      if let stream { try Names.checkStream(stream) }
    }
    let here = try call.destination()
    let there = try destination(of: call)
    let plan = LatencyProbe.Plan(
      subject: subject, heard: heard, stream: stream,
      prefix: stream == nil ? "" : try call.jetStreamPrefix(),
      messages: try BenchLoad.count("--msgs", 1000, 1_000_000, call),
      size: Int(min(max(call.words.size("--size") ?? 128, 0), 8 << 20)),
      pause: .nanoseconds(1_000_000_000 / (try BenchLoad.count("--rate", 1000, 1_000_000, call))),
      patience: call.words.duration("--wait")?.duration ?? NatsCall.patience)
    let progress = BenchProgress(call, "messages from \(here.name) to \(there.name)", total: plan.messages)
    defer { progress.end() }
    let found: LatencyProbe.Found
    do throws(NATSError) {
      let publisher = try Connection.connect(here.options, limit: call.limit(atMost: .seconds(10)))
      defer { publisher.close() }
      let subscriber = try Connection.connect(there.options, limit: call.limit(atMost: .seconds(10)))
      defer { subscriber.close() }
      found = try LatencyProbe(publisher, subscriber, plan, call.limit()).run(progress)
    } catch {
      throw call.failure(error)
    }
    let value = value(found, from: here.name, to: there.name, plan)
    call.show(Value.list([value]).displayed)
    return value
  }

  /// Quantiles are null where nothing arrived, or nothing was acknowledged.
  private static func value(
    _ found: LatencyProbe.Found, from: String, to: String, _ plan: LatencyProbe.Plan
  ) -> Value {
    var entries = ValueMap()
    entries["from"] = .string(from)
    entries["to"] = .string(to)
    entries["subject"] = .string(plan.subject)
    if let stream = plan.stream { entries["stream"] = .string(stream) }
    entries["msgs"] = .int(Int64(plan.messages))
    entries["received"] = .int(Int64(found.received))
    entries["latency"] = found.latency.value
    if plan.stream != nil {
      entries["acknowledged"] = .int(Int64(found.acknowledgement.count))
      entries["acknowledgement"] = found.acknowledgement.value
    }
    return .map(entries)
  }

  /// Where the subscriber is: with the same login, unless `--server-b` has its own.
  private static func destination(of call: NatsCall) throws(CommandFailure) -> NatsDestination {
    switch (call.words.string("--to"), call.words.string("--server-b")) {
    case (nil, nil): return try call.destination()
    case (let name?, nil):
      guard !call.words.isGiven("--server"), !call.words.isGiven("--context") else {
        throw CommandFailure(.misused, "`--to` names a cluster of this run", advice: "give --server-b nats://host:4222")
      }
      guard let cluster = call.call.clusters.first(where: { $0.name == name }) else {
        let known = call.call.clusters.map(\.name).joined(separator: ", ")
        throw CommandFailure(.misused, "\(name) is no cluster of this run", advice: "there are \(known)")
      }
      return try call.on(cluster).destination()
    case (nil, let url?):
      let here = try call.destination()
      do throws(NATSError) {
        let options = try Connection.Options(urls: url)
        var credentials = options.credentials
        if case .none = credentials { credentials = here.credentials }
        return NatsDestination(
          name: url.contains("@") ? "--server-b" : url, endpoints: options.endpoints, credentials: credentials,
          inboxPrefix: here.inboxPrefix)
      } catch {
        throw call.failure(error)
      }
    case (.some, .some):
      throw CommandFailure(
        .misused, "`--to` and `--server-b` say the same thing", advice: "leave one of them out")
    }
  }
}

extension NatsCall {
  /// The same call, as `on` that cluster.
  fileprivate func on(_ cluster: Cluster) -> NatsCall {
    var invocation = call
    invocation.cluster = cluster
    return NatsCall(
      words: words, call: invocation, subcommand: subcommand, target: target, accounts: accounts, contexts: contexts,
      connections: connections, signer: signer, silence: silence)
  }
}
