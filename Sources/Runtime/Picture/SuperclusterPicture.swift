import Interpreter

/// A supercluster at one moment: what there should be, what answered, and how it hangs together.
///
/// Made by `PictureMaker` from what a target and the servers say; drawn by `WatchScreen` and `PicturePage`.
public struct SuperclusterPicture: Sendable, Equatable {
  public let target: String
  public let taken: TimeValue
  public let regions: [Region]
  public let servers: [Server]
  /// Between NATS clusters, each direction for itself.
  public let gateways: [Gateways]
  /// Within NATS clusters, by the regions that they join.
  public let routes: [Routes]
  public let leafnodes: [Leafnode]
  /// As `TargetStatus.links`.
  public let links: [LinkState]
  public let streams: [Stream]
  /// One for each supercluster with JetStream, as far as its servers answer: that of the most servers first.
  public let metas: [Meta]
  /// What is not as it should be, a sentence each; the weightiest first.
  public let problems: [String]
  public let notes: [String]

  public struct Region: Sendable, Equatable {
    public let name: String
    /// As `TargetStatus.Region.state`.
    public let state: String
  }

  public struct Server: Sendable, Equatable {
    public let name: String
    public let region: String
    /// What its release is in the region: `seed`, `js`, `gw`, `xr-js`, or the release's own name.
    public let kind: String
    public let release: String
    /// Known even of a server that is down, where others like it tell. Empty: it is in none. Of several clusters of one
    /// name each has its regions behind it: `xr-js (c1, c2)`.
    public internal(set) var natsCluster: String
    /// As `TargetStatus.Server.state`, and `silent` if it runs and yet does not answer.
    public let state: String
    public let url: String
    public let monitorURL: String
    public let pid: Int32?
    public let version: String
    /// What it says of itself; nil if it did not answer.
    public let figures: Figures?

    public var isUp: Bool { state == "running" }
  }

  /// What a server's `/varz` says.
  public struct Figures: Sendable, Equatable {
    public let hasJetStream: Bool
    public let connections: Int64
    public let subscriptions: Int64
    public let routes: Int64
    public let leafnodes: Int64
    public let slowConsumers: Int64
    /// Bytes of memory.
    public let memory: Int64
    /// Per cent of a core.
    public let cpu: Double
    public let messagesIn: Int64
    public let messagesOut: Int64
    /// As the server writes it: `5m1s`.
    public let uptime: String
  }

  /// Round trips in nanoseconds, as the servers measured them last.
  public struct RoundTrips: Sendable, Equatable {
    public let median: Int64
    public let max: Int64

    /// Nil without a single one.
    init?(_ all: [Int64]) {
      guard let most = all.max() else { return nil }
      median = all.sorted()[(all.count - 1) / 2]
      max = most
    }
  }

  /// The gateways of all servers of one NATS cluster to another.
  public struct Gateways: Sendable, Equatable {
    public let from: String
    public let to: String
    /// How many of its servers are connected to the other.
    public let found: Int
    /// How many should be: all of its servers that have gateways.
    public let expected: Int
    /// How many of those run.
    public let possible: Int
    public let roundTrips: RoundTrips?
  }

  /// The routes of a NATS cluster between its servers in two regions, or within one.
  public struct Routes: Sendable, Equatable {
    public let natsCluster: String
    public let from: String
    public let to: String
    /// How many pairs of servers are connected; each by several routes.
    public let found: Int
    public let expected: Int
    /// How many pairs there are of those that run.
    public let possible: Int
    public let roundTrips: RoundTrips?
  }

  /// What a server is configured to be a leaf of, or a leaf that a server has.
  public struct Leafnode: Sendable, Equatable {
    /// The leaf.
    public let server: String
    /// Nil: it is none of the servers that are seen.
    public let region: String?
    /// The leaf's own account that it is for, as its server calls it.
    public let account: String
    /// The server that it is connected to; nil if it is not.
    public let hub: String?
    /// Where that server is, or where it should be; nil if that is not known.
    public let hubRegion: String?
    /// Nanoseconds, as the server measured it last.
    public let roundTrip: Int64?

    public var isConnected: Bool { hub != nil }
  }

  public struct Stream: Sendable, Equatable {
    public let account: String
    public let name: String
    /// The NATS cluster that it is placed in.
    public let natsCluster: String
    /// Nil: none is elected, or nobody who would know answers.
    public let leader: String?
    public let messages: Int64
    public let bytes: Int64
    public let consumers: Int64
    public let subjects: [String]
    /// All copies, the leader's among them.
    public let copies: [Copy]
  }

  public struct Copy: Sendable, Equatable {
    public let server: String
    public let isLeader: Bool
    public let isCurrent: Bool
    public let isOffline: Bool
    /// How many operations it is behind the leader.
    public let lag: Int64

    public var isWell: Bool { isLeader || (isCurrent && !isOffline) }
  }

  /// The group of all JetStream servers.
  public struct Meta: Sendable, Equatable {
    public let leader: String?
    public let size: Int
    /// How many of them follow the leader, itself included; nil if it did not answer.
    public let current: Int?
  }

  /// NATS clusters by name.
  public var natsClusters: [String] { Set(servers.map(\.natsCluster)).subtracting([""]).sorted() }
  public var runningCount: Int { servers.count(where: \.isUp) }
  /// Nil: no JetStream server answered.
  public var meta: Meta? { metas.first }

  /// Whether a server leads JetStream's meta group.
  func leadsMeta(_ server: Server) -> Bool { server.isUp && metas.contains { $0.leader == server.name } }
}

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
