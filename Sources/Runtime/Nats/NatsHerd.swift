import NATS
import SandboxSystem
import ValuesAndCommands

/// `bench reconnect`: many clients that hold their connections.
extension NatsSubcommand {
  static let herds: [NatsSubcommand] = [
    sub(
      "bench reconnect",
      "How long clients of a cluster that lose their connections are without one, if all clusters would take them",
      flags: [
        Flag("--clients", .number(1...20_000), "how many; 100 if not given"),
        Flag("--duration", .duration, "how long they hold their connections; 10s if not given"),
        Flag("--reconnect-wait", .duration, "the pause once no server took a client; 2s if not given, as in nats.go"),
        Flag("--jitter", .duration, "up to how much longer that is; 100ms if not given"),
      ], gives: Gives.herd, example: "nats bench reconnect --clients 2000 --duration 20s", run: holdHerd)
  ]

  @Sendable private static func holdHerd(_ call: NatsCall) throws(CommandFailure) -> Value {
    let destination = try call.destination()
    var homes: [Endpoint: String] = [:]
    var endpoints: [Endpoint] = []
    if call.words.isGiven("--server") || call.words.isGiven("--context") {
      endpoints = destination.endpoints
    } else {
      let home = try call.cluster()
      for cluster in [home] + call.call.clusters.filter({ $0.name != home.name }) {
        // One that stands still at the moment takes nobody.
        let seeds =
          cluster.name == home.name
          ? try call.target.seedAddresses(of: cluster) : (try? call.target.seedAddresses(of: cluster)) ?? []
        for seed in seeds {
          guard let port = UInt16(exactly: seed.port) else { continue }
          let endpoint = Endpoint(host: seed.host, port: port)
          endpoints.append(endpoint)
          homes[endpoint] = cluster.name
        }
      }
    }
    var herd = Herd(
      endpoints, credentials: destination.credentials, clients: call.count("--clients", usual: 100))
    if let pause = call.words.duration("--reconnect-wait") { herd.pause = pause.duration }
    if let jitter = call.words.duration("--jitter") { herd.jitter = jitter.duration }
    let outcome: Herd.Outcome
    do throws(NATSError) {
      outcome = try herd.hold(
        for: call.words.duration("--duration")?.duration ?? .seconds(10), limit: call.limit(),
        begun: { call.call.begun?() })
    } catch {
      throw call.failure(error, at: destination)
    }
    var away = LatencySketch()
    for time in outcome.away { away.add(time) }
    var places = ValueMap()
    for (endpoint, count) in outcome.places.sorted(by: { $0.key.description < $1.key.description }) {
      let place = homes[endpoint] ?? endpoint.description
      let before: Int64 = if case .int(let number)? = places[place] { number } else { 0 }
      places[place] = .int(before + Int64(count))
    }
    let row: [(String, Value)] = [
      ("clients", .int(Int64(herd.clients))), ("connected", .duration(DurationValue(outcome.connected))),
      ("losses", .int(Int64(outcome.losses))), ("back", .int(Int64(outcome.away.count))),
      ("lost", .int(Int64(outcome.lost))), ("refusals", .int(Int64(outcome.refusals))), ("latency", away.value),
      ("places", .map(places)),
    ]
    let value = Value.map(ValueMap(row))
    call.show(
      ValueTable(
        "clients that lost their servers", none: "",
        [
          ("Clients", "clients"), ("Connected", "connected"), ("Losses", "losses"), ("Back", "back"), ("Lost", "lost"),
          ("Refusals", "refusals"), ("P50", "latency.p50"), ("P99", "latency.p99"), ("Max", "latency.max"),
        ]
      ).text([value]))
    return value
  }
}
