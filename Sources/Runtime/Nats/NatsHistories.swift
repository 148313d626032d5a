import NATS
import SandboxSystem
import Synchronization
import ValuesAndCommands
import Verdicts

/// `history …`: what clients did and were told, and what that shows.
extension NatsSubcommand {
  static let histories: [NatsSubcommand] = [
    sub(
      "history record stream",
      "Clients publish values into a stream, each of them once, and read along; in the end every replica is read",
      subject,
      flags: [
        Flag("--stream", .text, "the stream that takes the subject", offers: .streams),
        Flag("--readers", .number(0...64), "how many clients read along; one in each region if not given"),
      ] + HistoryRecording.flags, gives: Gives.history,
      example: "nats history record stream orders.new --stream ORDERS --rate 500/s --duration 30s --save orders.jsonl",
      needsOneOf: ["--stream"], changes: true, endsEarlyWith: "--rate", run: recordStream),
    sub(
      "history record kv",
      "Clients put, read, and compare and set new keys of a bucket; in the end every key is read, and every replica",
      bucket,
      flags: [
        Flag("--keys", .number(1...10_000), "how many keys; 5 if not given"),
        Flag("--direct", .toggle, "read from the nearest replica, which may be a moment behind"),
      ] + HistoryRecording.flags, gives: Gives.history,
      example: "nats history record kv settings --keys 20 --rate 200/s --duration 30s", changes: true,
      endsEarlyWith: "--rate", run: recordKeyValue),
    sub(
      "history record queue",
      "Clients publish work into a stream, each piece once, and others take it from a consumer and say that it is done",
      stream, Positional("CONSUMER", offers: .consumers),
      flags: [
        Flag("--subject", .text, "what is published to; the stream's own subject if not given"),
        Flag("--workers", .number(1...256), "how many clients work; as many as there are others if not given"),
      ] + HistoryRecording.flags, gives: Gives.history,
      example: "nats history record queue WORK workers --rate 200/s --duration 30s", changes: true,
      endsEarlyWith: "--rate", run: recordQueue),
    sub(
      "history judge",
      "What a history shows: whether each promise holds, is broken, or can't be decided, and the least that proves it",
      Positional("FILE", optional: true, help: "a file that `--save` has written"),
      flags: [
        Flag(
          "--steps", .positive,
          "how many steps the search for an order of a key's operations may take; 2000000 if not given"
        )
      ], document: "what `nats history record` gives, or the lines of a history", gives: .list(Gives.judgement),
      example: "nats history judge orders.jsonl", isConnected: false, run: judge),
  ]

  @Sendable private static func recordStream(_ call: NatsCall) throws(CommandFailure) -> Value {
    let subject = try call.name(Names.checkPublishSubject)
    let stream = call.words.string("--stream") ?? ""
    try call.checked { () throws(NATSError) in try Names.checkStream(stream) }
    let recording = try HistoryRecording(call, .stream, stream: stream)
    let first = try call.nextSequence(of: stream)
    let writers = try recording.connect(recording.clientCount, called: "")
    var clients = writers.map { client in (client, recording.writer(subject)) }
    let readers = try recording.connect(call.count("--readers", usual: recording.regionCount), called: "reader")
    clients += readers.map { client in (client, recording.reader(from: first)) }
    return try recording.run(clients, from: first)
  }

  @Sendable private static func recordKeyValue(_ call: NatsCall) throws(CommandFailure) -> Value {
    let bucket = try call.name(Names.checkBucket)
    let stream = KeyValue.streamPrefix + bucket
    let recording = try HistoryRecording(call, .kv, stream: stream)
    let first = try call.nextSequence(of: stream)
    let keys = (0..<call.count("--keys", usual: 5)).map { "$KV.\(bucket).\(recording.mark)-\($0)" }
    let from: JetStream.ReadFrom = call.words.has("--direct") ? .anyReplica : .leader
    let clients = try recording.connect(recording.clientCount, called: "")
    return try recording.run(
      clients.map { client in (client, recording.keyUser(keys, from)) }, from: first,
      afterwards: { client in for key in keys { recording.read(key, .leader, client) } })
  }

  @Sendable private static func recordQueue(_ call: NatsCall) throws(CommandFailure) -> Value {
    let stream = try call.name(Names.checkStream)
    let consumer = call.words.positional(1)?.string ?? ""
    try call.checked { () throws(NATSError) in try Names.checkConsumer(consumer) }
    let info = try call.ask("STREAM.INFO.\(stream)").entries
    let subjects = (info["config"]?.entries["subjects"]?.elements ?? []).compactMap { $0.asText?.string }
    guard let subject = call.words.string("--subject") ?? subjects.first,
      (try? Names.checkPublishSubject(subject)) != nil
    else {
      throw .misused(
        "the stream \(stream) takes \(subjects.joined(separator: ", ")), which is no subject to publish to",
        advice: "say which one: --subject")
    }
    let recording = try HistoryRecording(call, .queue, stream: stream)
    let first = try call.nextSequence(of: stream)
    let writers = try recording.connect(recording.clientCount, called: "")
    let workers = try recording.connect(call.count("--workers", usual: recording.clientCount), called: "worker")
    return try recording.run(
      writers.map { client in (client, recording.writer(subject)) }
        + workers.map { client in (client, recording.worker(stream, consumer)) },
      from: first)
  }

  @Sendable private static func judge(_ call: NatsCall) throws(CommandFailure) -> Value {
    let history = try call.givenHistory()
    let limit = call.limit()
    let steps = call.count("--steps", usual: RegisterSearch.Bound.usualSteps)
    let verdicts = history.verdicts(within: .init(steps: steps) { limit.isOver })
    if limit.isStopped { throw CommandFailure(.interrupted, "stopped") }
    if limit.hasPassed { throw CommandFailure(.timedOut, "the time was over") }
    let values = verdicts.map(\.asValue)
    let table = ValueTable(
      "\(history.workload.rawValue) \(history.name)", none: "",
      [("Promise", "name"), ("Verdict", "verdict"), ("What was seen", "says")])
    call.show(table.text(values))
    for verdict in verdicts where !verdict.proof.isEmpty {
      call.show("\(verdict.name):")
      for operation in verdict.proof { call.show("  \(operation)") }
    }
    return .list(values)
  }
}

extension NatsCall {
  /// The sequence that the next message of the stream gets.
  fileprivate func nextSequence(of stream: String) throws(CommandFailure) -> UInt64 {
    let state = try ask("STREAM.INFO.\(stream)").entries["state"]?.entries
    return UInt64(clamping: (state?["last_seq"]?.amount ?? 0) + 1)
  }

  /// What the word, or `with`, brings to judge.
  fileprivate func givenHistory() throws(CommandFailure) -> History {
    let word = words.positional(0)?.string
    let path: String?
    let bytes: [UInt8]
    switch (word, call.document) {
    case (nil, nil):
      throw .misused(
        "`nats history judge` needs a history", advice: "nats history judge FILE, or nats history judge with HISTORY")
    case (.some, .some):
      throw .misused("`nats history judge` has two histories", advice: "leave the file or what is behind `with` out")
    case (let file?, nil):
      path = call.path(file)
      bytes = try read(call.path(file))
    case (nil, let document?):
      if let text = document.asText?.string ?? document.entries["lines"]?.asText?.string {
        path = nil
        bytes = Array(text.utf8)
      } else if let file = document.entries["file"]?.asText?.string {
        path = file
        bytes = try read(file)
      } else {
        throw .misused("this is no history", advice: "give what `nats history record` gives, or the lines of a history")
      }
    }
    do throws(HistoryProblem) {
      return try History(lines: bytes)
    } catch {
      throw .failed(
        "line \(error.line) of \(path ?? "the history") is none of a history: \(error.reason)",
        details: FailureDetails("wrong-value"))
    }
  }

  private func read(_ path: String) throws(CommandFailure) -> [UInt8] {
    guard let bytes = Paths.bytes(at: path) else { throw .failed("\(path): \(errorText(errno))") }
    return bytes
  }
}

/// What each kind of client does.
extension HistoryRecording {
  /// Publishes one value after the other.
  func writer(_ subject: String) -> @Sendable (HistoryClient) -> Void {
    { client in
      var number = 0
      while isTurn(), client.isThere(until: { isOver }) {
        number += 1
        let value = "\(mark)-\(client.name).\(number)"
        client.note(client.operation(.write, subject, value)) { operation throws(NATSError) in
          operation.sequence = try client.publish(subject, value).sequence
        }
      }
    }
  }

  /// Reads the stream from that sequence on, in order, until the recording is over and nothing comes any more.
  func reader(from first: UInt64) -> @Sendable (HistoryClient) -> Void {
    { client in
      var next = first
      while !isReadToTheEnd, client.isThere(until: { isReadToTheEnd }) {
        do throws(NATSError) {
          let reader = try StreamReader(
            client.jetStream, stream: stream, .init(start: .sequence(next)), limit: readingLimit.atMost(.seconds(10)))
          defer { reader.end() }
          while let message = try reader.next(limit: readingLimit) {
            let now = client.log.now
            client.log.add(
              History.Operation(
                .read, client: client.name, region: client.region, begin: now, end: now, key: message.subject,
                value: String(decoding: message.payload, as: UTF8.self), sequence: message.sequence,
                by: client.connection.info.serverName))
            next = message.sequence + 1
          }
        } catch {
          // While the stream has no leader, or its server is away, it tries again from where it was.
          Pause.sleep(.milliseconds(20))
        }
      }
    }
  }

  /// Reads, puts, and compares and sets keys: nine, five and six of twenty times.
  func keyUser(_ keys: [String], _ from: JetStream.ReadFrom) -> @Sendable (HistoryClient) -> Void {
    { client in
      var number = 0
      /// The revision at which this client has seen each key last.
      var seen: [String: UInt64] = [:]
      while isTurn(), client.isThere(until: { isOver }) {
        let (place, choice) = Int.random(in: 0..<keys.count * 20).quotientAndRemainder(dividingBy: 20)
        let key = keys[place]
        number += 1
        let value = "\(mark)-\(client.name).\(number)"
        let done: History.Operation
        if choice < 5 {
          done = client.note(client.operation(.write, key, value)) { operation throws(NATSError) in
            operation.sequence = try client.publish(key, value).sequence
          }
        } else if choice < 11, let revision = seen[key] {
          var operation = client.operation(.cas, key, value)
          operation.expected = revision
          done = client.note(operation) { operation throws(NATSError) in
            let headers: Headers = ["Nats-Expected-Last-Subject-Sequence": "\(revision)"]
            operation.sequence = try client.publish(key, value, headers: headers).sequence
          }
        } else {
          done = read(key, from, client)
        }
        if done.told == .ok { seen[key] = done.sequence ?? 0 }
      }
    }
  }

  @discardableResult
  func read(_ key: String, _ from: JetStream.ReadFrom, _ client: HistoryClient) -> History.Operation {
    client.note(client.operation(.read, key)) { operation throws(NATSError) in
      let message = try client.jetStream.storedMessage(.last(subject: key), in: stream, from: from, limit: client.limit)
      operation.value = message.map { String(decoding: $0.payload, as: UTF8.self) }
      operation.sequence = message?.sequence
    }
  }

  /// Takes work, and says that it is done, until the recording is over and there is none left.
  func worker(_ stream: String, _ consumer: String) -> @Sendable (HistoryClient) -> Void {
    { client in
      let limit = Limit(until: nil, stop: client.stop, leastRequest: .kill)
      while true {
        let wasOver = isOver
        guard client.isThere(until: { isOver }) else { return }
        let begin = client.log.now
        let batch = try? client.jetStream.fetch(10, from: consumer, of: stream, wait: .milliseconds(300), limit: limit)
        let end = client.log.now
        guard let messages = batch?.messages, !messages.isEmpty else {
          if wasOver { return }
          if batch == nil { Pause.sleep(.milliseconds(20)) }
          continue
        }
        let by = client.connection.info.serverName
        for work in messages {
          var operation = client.operation(.consume, work.message.subject)
          operation.value = String(decoding: work.message.payload, as: UTF8.self)
          operation.sequence = work.message.sequence
          operation.deliveries = work.deliveries
          (operation.begin, operation.end, operation.by) = (begin, end, by)
          client.log.add(operation)
        }
        for work in messages {
          var operation = client.operation(.ack, work.message.subject)
          operation.value = String(decoding: work.message.payload, as: UTF8.self)
          operation.sequence = work.message.sequence
          operation.deliveries = work.deliveries
          client.note(operation) { (_) throws(NATSError) in
            try client.jetStream.tell(.acknowledge, aboutReply: work.reply, limit: client.limit)
          }
        }
      }
    }
  }
}

extension Verdict {
  /// `name`, `verdict`, `says` and `proof`, for recipes.
  fileprivate var asValue: Value {
    var map = ValueMap()
    map["name"] = .string(name)
    map["verdict"] = .string(finding.rawValue)
    map["says"] = .string(says)
    map["proof"] = .list(proof.map(\.asValue))
    return .map(map)
  }
}

extension History.Operation {
  /// As in the file, but that times are durations.
  fileprivate var asValue: Value {
    func number(_ number: UInt64?) -> Value? { number.map { .int(Int64(clamping: $0)) } }
    func text(_ text: String?) -> Value? { text.map { .string($0) } }
    func time(_ time: Int64?) -> Value? { time.map { .duration(DurationValue(nanoseconds: $0)) } }
    var map = ValueMap()
    map["client"] = .string(client)
    map["region"] = .string(region)
    map["begin"] = time(begin)
    if let end = time(end) { map["end"] = end }
    map["op"] = .string(kind.rawValue)
    map["key"] = .string(key)
    for (name, value) in [
      ("value", text(value)), ("expected", number(expected)), ("sequence", number(sequence)),
      ("deliveries", number(deliveries)), ("by", text(by)),
    ] { if let value { map[name] = value } }
    map["told"] = .string(told.rawValue)
    if let why { map["why"] = .string(why) }
    return .map(map)
  }
}
