import Interpreter

/// `nats`, as far as the experiments on the scripted supercluster use it: servers, streams, messages, consumers.
enum ScriptedNats {
  typealias Form = @Sendable (ScriptedCall) throws(CommandFailure) -> Value

  static let forms: [String: Form] = [
    "server list": servers, "server check meta": meta, "server report gateways": gateways,
    "server report jetstream": storing, "stream add": add, "stream info": info, "stream ls": list,
    "stream rm": remove, "stream get": get, "stream cluster step-down": stepDown, "pub": publish,
    "consumer add": addConsumer, "consumer info": consumer, "consumer ls": consumers, "consumer next": next,
  ].merging(ScriptedBuckets.forms) { $1 }.merging(ScriptedMeasures.forms) { $1 }
    .merging(ScriptedHistories.forms) { $1 }

  // MARK: Servers

  @Sendable private static func servers(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes("--server", "--user", "--password")
    if let url = call.words.string("--server") { return try attentiveServers(call, url) }
    return try call.ask { world in
      .list(
        world.servers.filter { $0.state == .running && world.links.join(call.region, $0.region) }.map { server in
          let links = world.links(of: server)
          return [
            "name": .string(server.name), "cluster": .string(server.cluster), "jetstream": .bool(server.hasJetStream),
            "ver": "2.11.4",
            "statsz": [
              "routes": .list(links.routes.map { ["name": .string($0)] }),
              "gateways": .list(Array(repeating: [:], count: links.gateways)),
              "jetstream": ["config": ["sync_interval": .duration(DurationValue(.seconds(120)))]],
              // The first seed has them all.
              "connections": .int(
                Int64(server.name == "\(server.region)-nats-0" ? world.herds[server.region] ?? 0 : 0)),
            ],
          ]
        })
    }
  }

  /// Those of the release `half-cut`.
  private static func attentiveServers(_ call: ScriptedCall, _ url: String) throws(CommandFailure) -> Value {
    try call.ask { world throws(CommandFailure) in
      guard let interval = world.attentive, url == "nats://half-cut-nats.half-cut:4222" else {
        throw CommandFailure(.failed, "nobody listens at \(url)")
      }
      let regions = ExperimentSandbox.regions
      return .list(
        regions.filter { world.links.join(call.region, $0) }.map { region in
          let met = regions.filter { $0 != region && !world.links.isNoticed(region, $0, pinging: interval) }
          return [
            "name": .string("\(region)-half-cut-nats-0"), "cluster": "half-cut", "jetstream": false,
            "statsz": ["routes": .list(met.map { ["name": .string("\($0)-half-cut-nats-0")] }), "gateways": []],
          ]
        })
    }
  }

  /// As far as the servers of a cluster see another one that goes by the name of its region.
  @Sendable private static func gateways(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes("--cluster", "--filter-name")
    let (own, other) = (call.words.string("--cluster") ?? "", call.words.string("--filter-name") ?? "")
    return try call.ask { world in
      .list(
        world.servers.filter { $0.state == .running && $0.cluster == own }.map { server in
          let time = DurationValue(nanoseconds: world.links.roundTrip(server.region, other).nanoseconds)
          return [
            "server": .string(server.name), "kind": "outbound", "name": .string(other), "rtt": .duration(time),
          ]
        })
    }
  }

  @Sendable private static func meta(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes()
    return try call.ask { world throws(CommandFailure) -> Value? in
      guard world.jetStreamHasLeader(seenFrom: call.region) else {
        throw CommandFailure(.failed, "JetStream has no leader")
      }
      let all = world.servers.filter(\.hasJetStream)
      let away = all.filter { $0.state != .running }
      guard away.isEmpty else {
        throw CommandFailure(.failed, "\(away.count) of \(all.count) JetStream servers are not current")
      }
      return ["replicas": .list(all.dropFirst().map { ["name": .string($0.name), "current": true] })]
    }
  }

  @Sendable private static func storing(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes()
    return try call.ask { world in
      .list(
        world.servers.filter { $0.hasJetStream && $0.state == .running && world.links.join(call.region, $0.region) }
          .map { ["server": .string($0.name), "cluster": .string($0.cluster)] })
    }
  }

  // MARK: Streams

  @Sendable private static func add(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes("--subjects", "--source", "--mirror", "--replicas", "--cluster", "--tag", "--retention")
    func list(_ flag: String) -> [String] {
      call.words.all(flag).flatMap { $0.string.split(separator: ",").map(String.init) }
    }
    return try make(
      ScriptedStream.Configuration(
        name: call.word(0), subjects: list("--subjects"), sources: list("--source") + list("--mirror"),
        replicas: Int(call.words.integer("--replicas") ?? 1), cluster: call.words.string("--cluster") ?? "",
        tag: call.words.string("--tag"), isQueue: call.words.string("--retention") == "work"), call)
  }

  /// As soon as JetStream has a leader.
  static func make(
    _ configuration: ScriptedStream.Configuration, _ call: ScriptedCall
  ) throws(CommandFailure) -> Value {
    try call.ask(patience: .seconds(60), isChange: true) { world throws(CommandFailure) -> Value? in
      guard world.jetStreamHasLeader(seenFrom: call.region) else { return nil }
      let index = try world.add(configuration)
      return info(of: index, in: world)
    }
  }

  /// Without a leader of its own, JetStream's leader tells of it.
  @Sendable static func info(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes()
    let name = call.word(0)
    return try call.ask { world throws(CommandFailure) -> Value? in
      let index = try world.find(name)
      let isTold =
        world.streams[index].leader == nil
        ? world.jetStreamHasLeader(seenFrom: call.region) : world.isLed(world.streams[index], seenFrom: call.region)
      return isTold ? info(of: index, in: world) : nil
    }
  }

  static func info(of index: Int, in world: ScriptedWorld) -> Value {
    let stream = world.streams[index]
    let count = stream.leader == nil ? 0 : stream.messages.count
    return [
      "config": ["name": .string(stream.configuration.name)], "state": ["messages": .int(Int64(count))],
      "cluster": group(stream.copies, ledBy: stream.leader, of: stream, in: world),
    ]
  }

  /// Who holds a stream, or one of its consumers.
  private static func group(
    _ copies: [String], ledBy leader: String?, of stream: ScriptedStream, in world: ScriptedWorld
  ) -> Value {
    var group = ValueMap([("name", .string(stream.configuration.cluster))])
    if let leader { group["leader"] = .string(leader) }
    group["replicas"] = .list(
      copies.filter { $0 != leader }.map { copy in
        let isReached = world.isLed(stream, seenFrom: world.region(of: copy))
        return ["name": .string(copy), "current": .bool(isReached && world.stores(copy))]
      })
    return .map(group)
  }

  @Sendable private static func list(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes("--names")
    return try call.ask { world in
      guard world.jetStreamHasLeader(seenFrom: call.region) else { return nil }
      return .list(
        world.streams.indices.map { index in
          call.words.has("--names")
            ? .string(world.streams[index].configuration.name) : info(of: index, in: world)
        })
    }
  }

  @Sendable private static func remove(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes("--force")
    let name = call.word(0)
    return try call.ask(patience: .seconds(60), isChange: true) { world throws(CommandFailure) -> Value? in
      guard world.jetStreamHasLeader(seenFrom: call.region) else { return nil }
      world.streams.remove(at: try world.find(name))
      return .null
    }
  }

  @Sendable private static func get(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes("--last-for")
    let subject = call.words.string("--last-for") ?? ""
    let number = Int(call.word(1))
    return try call.askLeader(of: call.word(0)) { world, index throws(CommandFailure) -> Value? in
      let stream = world.streams[index]
      // What has lost a message has lost the first one.
      let isLost =
        number == 1
        && world.servers.contains {
          $0.name == stream.leader && $0.rotten.contains(stream.configuration.name)
        }
      let found = number.map { number in stream.messages.first { $0.sequence == number && !isLost } }
      guard let message = found ?? stream.last(of: subject) else {
        throw CommandFailure(
          .failed, "no message found (10037)", details: FailureDetails("refused", code: 10037))
      }
      return [
        "subject": .string(subject), "seq": .int(Int64(message.sequence)), "data": .string(message.data),
        "time": .time(message.time),
      ]
    }
  }

  @Sendable private static func stepDown(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes("--preferred")
    let preferred = call.words.string("--preferred")
    return try call.askLeader(of: call.word(0), isChange: true) { world, index throws(CommandFailure) -> Value? in
      let stream = world.streams[index]
      let heirs = stream.copies.filter { $0 != stream.leader && world.isRunning($0) }
      guard let heir = heirs.first(where: { preferred == nil || $0 == preferred }) else {
        throw CommandFailure(
          .failed, "stream \(stream.configuration.name) is still led by \(stream.leader ?? "nobody")")
      }
      world.streams[index].leader = heir
      return .null
    }
  }

  // MARK: Messages

  /// With `--jetstream` until a stream has stored it; without, it is gone if no stream can.
  @Sendable private static func publish(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes("--jetstream")
    let (subject, body) = (call.word(0), call.word(1))
    let waits = call.words.has("--jetstream")
    let (answer, time) = try call.ask(
      patience: .seconds(600), vain: "time ran out while waiting for a stream to acknowledge \(subject)", isChange: true
    ) { world throws(CommandFailure) -> (Value, Duration)? in
      let name = world.streams.first { $0.takes(subject) }?.configuration.name
      if let name {
        let index = try world.find(name)
        if world.isLed(world.streams[index], seenFrom: call.region) {
          let sequence = world.streams[index].store(subject, body)
          let time = world.writeTime(to: world.streams[index], from: call.region)
          return waits
            ? (["stream": .string(name), "seq": .int(Int64(sequence))], time) : (["subject": .string(subject)], .zero)
        }
      }
      return waits ? nil : (["subject": .string(subject)], .zero)
    }
    if time > .zero { Pause.sleep(time) }
    return answer
  }

  // MARK: Consumers

  @Sendable private static func addConsumer(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes("--ack", "--memory", "--pull", "--wait", "--replicas")
    let name = call.word(1)
    let isAlone = call.words.integer("--replicas") == 1
    return try call.askLeader(of: call.word(0), isChange: true) { world, index in
      if world.streams[index].consumers[name] == nil { world.streams[index].consumers[name] = 0 }
      if isAlone { world.streams[index].alone[name] = world.streams[index].copies.last }
      return ["name": .string(name)]
    }
  }

  @Sendable private static func consumers(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes()
    return try call.askLeader(of: call.word(0)) { world, index in
      let stream = world.streams[index]
      return .list(
        stream.consumers.keys.sorted().map { name in
          let copies = stream.alone[name].map { [$0] } ?? stream.copies
          let leader = stream.alone[name] ?? stream.leader
          return ["name": .string(name), "cluster": group(copies, ledBy: leader, of: stream, in: world)]
        })
    }
  }

  @Sendable private static func consumer(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes()
    let name = call.word(1)
    return try call.askLeader(of: call.word(0)) { world, index throws(CommandFailure) -> Value? in
      guard let done = world.streams[index].consumers[name] else {
        throw CommandFailure(.failed, "consumer not found (10014)")
      }
      return ["name": .string(name), "delivered": ["stream_seq": .int(Int64(done))]]
    }
  }

  @Sendable private static func next(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes("--count", "--ack", "--raw", "--wait")
    let isRaw = call.words.has("--raw")
    let name = call.word(1)
    let count = Int(call.words.integer("--count") ?? 1)
    return try call.askLeader(
      of: call.word(0), patience: call.words.duration("--wait")?.duration ?? .seconds(5), isChange: true
    ) { world, index throws(CommandFailure) -> Value? in
      guard let done = world.streams[index].consumers[name] else {
        throw CommandFailure(.failed, "consumer not found (10014)")
      }
      let fetched = world.streams[index].messages.filter { $0.sequence > done }.prefix(count)
      // Of bodies alone all have to come; of whole messages some will do.
      guard isRaw ? fetched.count == count : !fetched.isEmpty else { return nil }
      world.streams[index].consumers[name] = fetched.last?.sequence
      if world.streams[index].configuration.isQueue { world.streams[index].remove(Set(fetched.map(\.sequence))) }
      if isRaw { return .list(fetched.map { .string($0.data) }) }
      return .list(
        fetched.map { ["subject": .string($0.subject), "data": .string($0.data), "acknowledged": true] })
    }
  }
}
