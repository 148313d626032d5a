import Interpreter

/// `nats bench`, `nats request` and `nats reply`: what takes as long as the ways do that it goes.
enum ScriptedMeasures {
  static let forms: [String: ScriptedNats.Form] = [
    "bench js pub sync": write, "bench js pub async": fill, "bench kv put": put, "bench kv get": get,
    "request": request, "reply": reply, "bench reconnect": hold,
  ]

  /// What servers need beside the ways.
  private static let work = Duration.milliseconds(1)

  private static func figures(_ time: Duration) -> Value {
    func figure(_ more: Duration) -> Value { .duration(DurationValue(time + more)) }
    return ["latency": ["min": figure(work), "p50": figure(work * 2), "p99": figure(work * 3)]]
  }

  @Sendable private static func write(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes("--stream", "--msgs", "--clients")
    let name = call.words.string("--stream") ?? ""
    return try call.askLeader(of: name) { world, index in
      figures(world.writeTime(to: world.streams[index], from: call.region))
    }
  }

  @Sendable private static func fill(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes("--stream", "--msgs", "--size", "--batch")
    let (subject, size) = (call.word(0), Int(call.words.size("--size") ?? 128))
    return try call.askLeader(of: call.words.string("--stream") ?? "") { world, index in
      for _ in 0..<(call.words.integer("--msgs") ?? 0) {
        _ = world.streams[index].store(subject, "", size: size)
      }
      return figures(.zero)
    }
  }

  @Sendable private static func put(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes("--bucket", "--msgs", "--clients")
    return try call.askLeader(of: "KV_\(call.words.string("--bucket") ?? "")") { world, index in
      figures(world.writeTime(to: world.streams[index], from: call.region))
    }
  }

  /// From the nearest copy.
  @Sendable private static func get(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes("--bucket", "--msgs", "--clients")
    return try call.askLeader(of: "KV_\(call.words.string("--bucket") ?? "")") { world, index in
      let ways = world.streams[index].copies.map { world.links.roundTrip(call.region, world.region(of: $0)) }
      return figures(ways.min() ?? .zero)
    }
  }

  /// Clients that go to the first region which runs when their own does not.
  @Sendable private static func hold(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes("--clients", "--duration", "--reconnect-wait", "--jitter")
    let clients = Int(call.words.integer("--clients") ?? 100)
    let end = ContinuousClock.now + (call.words.duration("--duration")?.duration ?? .seconds(10))
    var place = call.region
    var losses = 0
    func move(to other: String?) {
      call.world.change { world in
        world.herds[place, default: 0] -= clients
        if let other { world.herds[other, default: 0] += clients }
      }
    }
    call.world.change { world in world.herds[place, default: 0] += clients }
    defer { move(to: nil) }
    while ContinuousClock.now < end, call.call.stop.request == .none {
      let (isThere, other) = call.world.change { world in
        (world.entry(of: place) == .running, ExperimentSandbox.regions.first { world.entry(of: $0) == .running })
      }
      if !isThere, let other {
        move(to: other)
        (place, losses) = (other, losses + clients)
      }
      Pause.sleep(.milliseconds(1))
    }
    let time = Value.duration(DurationValue(work))
    let latency: Value = ["min": time, "p50": time, "p99": time, "max": time]
    return [
      "clients": .int(Int64(clients)), "losses": .int(Int64(losses)), "back": .int(Int64(losses)), "lost": 0,
      "refusals": 0, "latency": latency, "places": .map(ValueMap([(place, .int(Int64(clients)))])),
    ]
  }

  // MARK: Requests

  /// Answered by who is in the same region, else by the nearest.
  @Sendable private static func request(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes("--timeout")
    let subject = call.word(0)
    let patience = call.words.duration("--timeout")?.duration ?? .seconds(5)
    let (answer, time) = try call.ask(patience: patience, vain: "nobody answers on \(subject)") {
      world -> (Value, Duration)? in
      let able = world.responders.filter { $0.subject == subject && world.links.join(call.region, $0.region) }
      let nearest = able.min {
        world.links.roundTrip(call.region, $0.region) < world.links.roundTrip(call.region, $1.region)
      }
      return nearest.map { (["data": .string($0.body)], world.links.roundTrip(call.region, $0.region)) }
    }
    if time > .zero { Pause.sleep(time) }
    return answer
  }

  @Sendable private static func reply(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes("--queue")
    let region = call.region
    let (subject, body) = (call.word(0), call.word(1))
    let id = call.world.change { world in
      let id = (world.responders.map(\.id).max() ?? 0) + 1
      world.responders.append((id, region, subject, body))
      return id
    }
    defer { call.world.change { world in world.responders.removeAll { $0.id == id } } }
    call.call.begun?()
    while call.call.stop.request == .none, ContinuousClock.now < call.call.deadline { Pause.sleep(.milliseconds(1)) }
    return .null
  }
}
