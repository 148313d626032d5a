import Interpreter

/// `region` and `kubectl`: what stops, freezes and starts servers.
enum ScriptedMachines {
  @Sendable static func region(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    let names = call.words.positionals.map(\.string)
    let isMeant = { (server: ScriptedServer) in names.contains(server.region) }
    return try call.world.change { world throws(CommandFailure) -> Value in
      switch call.words.path {
      case "start": world.start(where: isMeant)
      case "stop": world.stop(gently: !call.words.has("--now"), where: isMeant)
      case "pause": world.pause(where: isMeant)
      case "resume": world.resume(where: isMeant)
      case "list": return list(world)
      default: throw CommandFailure(.misused, "the scripted supercluster knows no `region \(call.words.path)`")
      }
      return .null
    }
  }

  @Sendable static func link(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes("--rtt", "--rate", "--loss", "--refuse", "--one-way")
    let regions = ExperimentSandbox.regions
    func named(_ place: Int) -> [String] { call.words.positional(place).map { [$0.string] } ?? regions }
    return try call.world.change { world throws(CommandFailure) -> Value in
      for from in named(0) {
        for to in named(1) where to != from {
          let there = ScriptedLinks.Direction(from: from, to: to)
          for way in call.words.has("--one-way") ? [there] : [there, there.reversed] {
            try world.links.change(way, call.words)
          }
        }
      }
      return .null
    }
  }

  /// Its monitoring port is its place among the servers.
  private static func pod(_ name: String, _ region: String?, _ supercluster: ScriptedSupercluster) -> Value {
    let port = supercluster.change { world in
      world.servers.firstIndex { $0.pod == name && $0.region == region } ?? 0
    }
    let ports: Value = [["name": "monitor", "containerPort": .int(Int64(port))]]
    let pod: Value = ["spec": ["containers": [["name": "nats", "ports": ports]]]]
    return .record(ProgramRecord(out: pod.json(), err: "", code: 0))
  }

  /// What a server says at /healthz.
  @Sendable static func http(_ call: Invocation, _ supercluster: ScriptedSupercluster) throws(CommandFailure) -> Value {
    let parts = (call.words.last?.string ?? "").split(whereSeparator: { $0 == ":" || $0 == "/" })
    guard call.words.first?.string == "get", parts.count == 4, parts[3] == "healthz", let place = Int(parts[2]) else {
      throw CommandFailure(.misused, "the scripted supercluster knows no `http` like that")
    }
    let server = supercluster.change { world in world.servers[place] }
    guard server.state == .running else { throw CommandFailure(.failed, "nobody listens there") }
    return ["json": ["status": .string(server.isFull ? "unavailable" : "ok")]]
  }

  @Sendable static func fault(_ call: ScriptedCall) throws(CommandFailure) -> Value {
    try call.takes("--stream", "--seed")
    let names = call.words.positionals.map(\.string)
    return try call.world.change { world throws(CommandFailure) -> Value in
      if call.words.path == "list" {
        return .list(
          world.servers.filter { $0.state != .running || $0.isFull }.map {
            ["server": .string($0.name), "fault": .string($0.isFull ? "disk full" : "killed")]
          })
      }
      if call.words.path == "heal" {
        for server in world.servers { world.change(server.name) { ($0.isFull, $0.state) = (false, .running) } }
        return .null
      }
      for name in names {
        switch call.words.path {
        case "kill": world.change(name) { $0.state = .stopped }
        case "freeze": world.change(name) { $0.state = .paused }
        case "start", "thaw": world.change(name) { $0.state = .running }
        case "disk full": world.change(name) { $0.isFull = true }
        case "disk free": world.change(name) { $0.isFull = false }
        case "bit-flip": world.change(name) { $0.rotten.insert(call.words.string("--stream") ?? "") }
        default: throw CommandFailure(.misused, "the scripted supercluster knows no `fault \(call.words.path)`")
        }
      }
      return call.words.path == "bit-flip" ? ["at": 1, "size": .size(SizeValue(bytes: 2)), "bit": 0] : .null
    }
  }

  /// The release of an experiment's own, of one server in each region.
  @Sendable static func helm(_ call: Invocation, _ supercluster: ScriptedSupercluster) throws(CommandFailure) -> Value {
    let words = call.words.map(\.string)
    guard words.starts(with: ["upgrade", "--install", "half-cut", "nats/nats", "--namespace", "half-cut"]),
      case .map(let values)? = call.document, case .map(let configuration)? = values["config"],
      case .map(let merge)? = configuration["merge"],
      let interval = merge["ping_interval"]?.asText.flatMap({ DurationValue(parsing: $0.string) })
    else {
      throw CommandFailure(.misused, "the scripted supercluster knows no `helm \(words.joined(separator: " "))`")
    }
    supercluster.change { $0.attentive = interval.duration }
    return .record(ProgramRecord(out: "", err: "", code: 0))
  }

  /// A region is what all its servers are, `degraded` where they differ.
  private static func list(_ world: ScriptedWorld) -> Value {
    let rows = Dictionary(grouping: world.servers, by: \.region).sorted { $0.key < $1.key }
    return .list(
      rows.map { name, servers in
        let states = Set(servers.map(\.state.rawValue))
        return [
          "name": .string(name), "state": .string(states.count == 1 ? states.first ?? "" : "degraded"),
          "servers": .int(Int64(servers.count)), "running": .int(Int64(servers.count { $0.state == .running })),
        ]
      })
  }

  /// A pod that is deleted, and each of a StatefulSet that is restarted, is there again at once.
  private static func listed(_ items: [Value]) -> Value {
    .record(ProgramRecord(out: (["items": .list(items)] as Value).json(), err: "", code: 0))
  }

  @Sendable static func kubectl(_ call: Invocation, _ supercluster: ScriptedSupercluster) throws(CommandFailure)
    -> Value
  {
    let words = call.words.map(\.string)
    let region = call.cluster?.name
    func restart(gently: Bool, where isMeant: (ScriptedServer) -> Bool) {
      supercluster.change { world in
        for server in world.servers where isMeant(server) && server.region == region {
          world.stop(gently: gently) { $0.name == server.name }
          world.start { $0.name == server.name }
        }
      }
    }
    switch words.prefix(2) {
    case ["get", "pod"] where words.dropFirst(3) == ["--namespace", "nats"]: return pod(words[2], region, supercluster)
    case ["get", "pods"] where words.dropFirst(2).prefix(3) == ["--namespace", "nats", "--selector"]:
      let release = words.last?.split(separator: "=").last ?? ""
      let pods = supercluster.change { world in
        world.servers.filter { $0.region == region && $0.workload == "\(release)-nats" }.map(\.pod)
      }
      return listed(pods.map { pod -> Value in ["metadata": ["name": .string(pod)]] })
    case ["get", "statefulsets"] where words.dropFirst(2) == ["--namespace", "nats"]:
      let servers = supercluster.change { world in world.servers.filter { $0.region == region } }
      return listed(
        Dictionary(grouping: servers, by: \.workload).map { name, servers -> Value in
          ["metadata": ["name": .string(name)], "spec": ["replicas": .int(Int64(servers.count))]]
        })
    case ["logs", words.dropFirst().first ?? ""]: break
    case ["delete", "namespace"] where words.dropFirst(2) == ["half-cut", "--ignore-not-found"]:
      supercluster.change { $0.attentive = nil }
    case ["delete", "pod"] where words.dropFirst(3) == ["--namespace", "nats"]:
      restart(gently: true) { $0.pod == words[2] }
    case ["delete", "pod"] where words.dropFirst(3) == ["--namespace", "nats", "--grace-period=0", "--force"]:
      restart(gently: false) { $0.pod == words[2] }
    case ["rollout", "restart"] where words.dropFirst(3) == ["--namespace", "nats"]:
      restart(gently: true) { "statefulset/\($0.workload)" == words[2] }
    case ["rollout", "status"] where words.dropFirst(3) == ["--namespace", "nats"]: break
    case ["scale", "statefulset"] where words.count == 6 && words.suffix(2) == ["--namespace", "nats"]:
      guard let count = Int(words[3].dropFirst("--replicas=".count)) else { fallthrough }
      let isPart = { (server: ScriptedServer) in server.region == region && server.workload == words[2] }
      supercluster.change { world in
        world.stop(gently: true) { isPart($0) && $0.ordinal >= count }
        world.start { isPart($0) && $0.ordinal < count }
      }
    default:
      throw CommandFailure(.misused, "the scripted supercluster knows no `kubectl \(words.joined(separator: " "))`")
    }
    return .record(ProgramRecord(out: "", err: "", code: 0))
  }
}
