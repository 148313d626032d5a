import SandboxSystem
import ValuesAndCommands

/// A supercluster at one moment: what there should be, what answered, and how it hangs together.
///
/// Made by `PictureMaker` from what a target and the servers say; drawn by `WatchScreen` and `PicturePage`.
package struct SuperclusterPicture: Sendable, Equatable {
  package let target: String
  package let taken: TimeValue
  package let regions: [Region]
  package let servers: [Server]
  /// Between NATS clusters, each direction for itself.
  package let gateways: [Gateways]
  /// Within NATS clusters, by the regions that they join.
  package let routes: [Routes]
  package let leafnodes: [Leafnode]
  /// As `TargetStatus.links`.
  package let links: [LinkState]
  package let streams: [Stream]
  /// One for each supercluster with JetStream, as far as its servers answer: that of the most servers first.
  package let metas: [Meta]
  /// What is not as it should be, a sentence each; the weightiest first.
  package let problems: [String]
  package let notes: [String]

  package struct Region: Sendable, Equatable {
    package let name: String
    /// As `TargetStatus.Region.state`.
    package let state: String
  }

  package struct Server: Sendable, Equatable {
    package let name: String
    package let region: String
    /// What its release is in the region: `seed`, `js`, `gw`, `xr-js`, or the release's own name.
    package let kind: String
    package let release: String
    /// Known even of a server that is down, where others like it tell. Empty: it is in none. Of several clusters of one
    /// name each has its regions behind it: `xr-js (c1, c2)`.
    package internal(set) var natsCluster: String
    /// As `TargetStatus.Server.state`, and `silent` if it runs and yet does not answer.
    package let state: String
    package let url: String
    package let monitorURL: String
    package let pid: Int32?
    package let version: String
    /// What it says of itself; nil if it did not answer.
    package let figures: Figures?

    package var isUp: Bool { state == "running" }
  }

  /// What a server's `/varz` says.
  package struct Figures: Sendable, Equatable {
    package let hasJetStream: Bool
    package let connections: Int64
    package let subscriptions: Int64
    package let routes: Int64
    package let leafnodes: Int64
    package let slowConsumers: Int64
    /// Bytes of memory.
    package let memory: Int64
    /// Per cent of a core.
    package let cpu: Double
    package let messagesIn: Int64
    package let messagesOut: Int64
    /// As the server writes it: `5m1s`.
    package let uptime: String
  }

  /// Round trips in nanoseconds, as the servers measured them last.
  package struct RoundTrips: Sendable, Equatable {
    package let median: Int64
    package let max: Int64

    /// Nil without a single one.
    init?(_ all: [Int64]) {
      guard let most = all.max() else { return nil }
      median = all.sorted()[(all.count - 1) / 2]
      max = most
    }
  }

  /// The gateways of all servers of one NATS cluster to another.
  package struct Gateways: Sendable, Equatable {
    package let from: String
    package let to: String
    /// How many of its servers are connected to the other.
    package let found: Int
    /// How many should be: all of its servers that have gateways.
    package let expected: Int
    /// How many of those run.
    package let possible: Int
    package let roundTrips: RoundTrips?
  }

  /// The routes of a NATS cluster between its servers in two regions, or within one.
  package struct Routes: Sendable, Equatable {
    package let natsCluster: String
    package let from: String
    package let to: String
    /// How many pairs of servers are connected; each by several routes.
    package let found: Int
    package let expected: Int
    /// How many pairs there are of those that run.
    package let possible: Int
    package let roundTrips: RoundTrips?
  }

  /// What a server is configured to be a leaf of, or a leaf that a server has.
  package struct Leafnode: Sendable, Equatable {
    /// The leaf.
    package let server: String
    /// Nil: it is none of the servers that are seen.
    package let region: String?
    /// The leaf's own account that it is for, as its server calls it.
    package let account: String
    /// The server that it is connected to; nil if it is not.
    package let hub: String?
    /// Where that server is, or where it should be; nil if that is not known.
    package let hubRegion: String?
    /// Nanoseconds, as the server measured it last.
    package let roundTrip: Int64?

    package var isConnected: Bool { hub != nil }
  }

  package struct Stream: Sendable, Equatable {
    package let account: String
    package let name: String
    /// The NATS cluster that it is placed in.
    package let natsCluster: String
    /// Nil: none is elected, or nobody who would know answers.
    package let leader: String?
    package let messages: Int64
    package let bytes: Int64
    package let consumers: Int64
    package let subjects: [String]
    /// All copies, the leader's among them.
    package let copies: [Copy]
  }

  package struct Copy: Sendable, Equatable {
    package let server: String
    package let isLeader: Bool
    package let isCurrent: Bool
    package let isOffline: Bool
    /// How many operations it is behind the leader.
    package let lag: Int64

    package var isWell: Bool { isLeader || (isCurrent && !isOffline) }
  }

  /// The group of all JetStream servers.
  package struct Meta: Sendable, Equatable {
    package let leader: String?
    package let size: Int
    /// How many of them follow the leader, itself included; nil if it did not answer.
    package let current: Int?
  }

  /// NATS clusters by name.
  package var natsClusters: [String] { Set(servers.map(\.natsCluster)).subtracting([""]).sorted() }
  package var runningCount: Int { servers.count(where: \.isUp) }
  /// Nil: no JetStream server answered.
  package var meta: Meta? { metas.first }

  /// Whether a server leads JetStream's meta group.
  func leadsMeta(_ server: Server) -> Bool { server.isUp && metas.contains { $0.leader == server.name } }
}

extension SuperclusterPicture {
  /// The picture as data: what `nbx status --json` and the page's `/picture.json` give.
  package var value: Value {
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
