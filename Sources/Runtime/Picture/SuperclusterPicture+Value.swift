import Interpreter

extension SuperclusterPicture {
  /// The picture as data: what `nbx status --json` and the page's `/picture.json` give.
  public var value: Value {
    .map([
      ("target", .string(target)), ("taken", .time(taken)),
      ("clusters", .list(regions.map { .map([("name", .string($0.name)), ("state", .string($0.state))]) })),
      ("servers", .list(servers.map(\.value))), ("gateways", .list(gateways.map(\.value))),
      ("routes", .list(routes.map(\.value))), ("leafnodes", .list(leafnodes.map(\.value))),
      ("links", LinkListing(states: links).value), ("streams", .list(streams.map(\.value))),
      ("meta", meta?.value ?? .null), ("problems", .list(problems.map(Value.string))),
      ("notes", .list(notes.map(Value.string))),
    ])
  }
}

extension SuperclusterPicture.Server {
  /// The state is the target's word; of a server that runs and does not answer the figures are null.
  fileprivate var value: Value {
    .map([
      ("name", .string(name)), ("cluster", .string(region)), ("url", .string(url)),
      ("monitor_url", .string(monitorURL)), ("pid", pid.map { .int(Int64($0)) } ?? .null),
      ("state", .string(state == "silent" ? "running" : state)), ("version", .string(version)),
      ("release", .string(release)),
      ("nats_cluster", .string(natsCluster)), ("figures", figures?.value ?? .null),
    ])
  }
}

extension SuperclusterPicture.Figures {
  /// Named as in `/varz`.
  fileprivate var value: Value {
    .map([
      ("jetstream", .bool(hasJetStream)), ("connections", .int(connections)), ("subscriptions", .int(subscriptions)),
      ("routes", .int(routes)), ("leafnodes", .int(leafnodes)), ("slow_consumers", .int(slowConsumers)),
      ("mem", .int(memory)), ("cpu", .float(cpu)), ("in_msgs", .int(messagesIn)), ("out_msgs", .int(messagesOut)),
      ("uptime", .string(uptime)),
    ])
  }
}

extension SuperclusterPicture.RoundTrips {
  fileprivate static func entries(_ times: Self?) -> [(String, Value)] {
    [
      ("rtt_median", times.map { .duration(DurationValue(nanoseconds: $0.median)) } ?? .null),
      ("rtt_max", times.map { .duration(DurationValue(nanoseconds: $0.max)) } ?? .null),
    ]
  }
}

extension SuperclusterPicture.Gateways {
  fileprivate var value: Value {
    .map(
      [
        ("from", .string(from)), ("to", .string(to)), ("found", .int(Int64(found))),
        ("expected", .int(Int64(expected))),
      ] + SuperclusterPicture.RoundTrips.entries(roundTrips))
  }
}

extension SuperclusterPicture.Routes {
  fileprivate var value: Value {
    .map(
      [
        ("nats_cluster", .string(natsCluster)), ("from", .string(from)), ("to", .string(to)),
        ("found", .int(Int64(found))), ("expected", .int(Int64(expected))),
      ] + SuperclusterPicture.RoundTrips.entries(roundTrips))
  }
}

extension SuperclusterPicture.Leafnode {
  fileprivate var value: Value {
    func text(_ text: String?) -> Value { text.map(Value.string) ?? .null }
    return .map([
      ("server", .string(server)), ("cluster", text(region)), ("account", .string(account)), ("hub", text(hub)),
      ("hub_cluster", text(hubRegion)),
      ("rtt", roundTrip.map { .duration(DurationValue(nanoseconds: $0)) } ?? .null),
    ])
  }
}

extension SuperclusterPicture.Stream {
  fileprivate var value: Value {
    .map([
      ("account", .string(account)), ("name", .string(name)), ("nats_cluster", .string(natsCluster)),
      ("leader", leader.map(Value.string) ?? .null), ("messages", .int(messages)), ("bytes", .int(bytes)),
      ("consumers", .int(consumers)), ("subjects", .list(subjects.map(Value.string))),
      (
        "copies",
        .list(
          copies.map { copy in
            .map([
              ("server", .string(copy.server)), ("leader", .bool(copy.isLeader)), ("current", .bool(copy.isCurrent)),
              ("offline", .bool(copy.isOffline)), ("lag", .int(copy.lag)),
            ])
          })
      ),
    ])
  }
}

extension SuperclusterPicture.Meta {
  fileprivate var value: Value {
    .map([
      ("leader", leader.map(Value.string) ?? .null), ("size", .int(Int64(size))),
      ("current", current.map { .int(Int64($0)) } ?? .null),
    ])
  }
}

extension Value {
  fileprivate static func map(_ entries: [(String, Value)]) -> Value { .map(ValueMap(entries)) }
}
