import Interpreter

@testable import SandboxPicture
@testable import SandboxSystem

/// A supercluster as the recipes build it, made up: what a target and its servers would say of it.
struct PictureFixture {
  var regions = ["c1", "c2", "c3"]
  var replicas = 3
  /// Stopped as a whole.
  var stopped: Set<String> = []
  /// By their names: states of single servers, in place of `running`.
  var states: [String: String] = [:]
  /// Servers that run and do not answer.
  var silent: Set<String> = []
  var streams: [Value] = []
  /// Streams that the meta leader knows.
  var streamNames: [String] = []
  var metaLeader = "c1-js-nats-1"
  /// What is set between regions.
  var links: [LinkState] = []
  var relayTrouble: TargetStatus.RelayTrouble?
  /// Pairs of regions whose servers are not connected.
  var parted: [Set<String>] = []
  /// The first port of its servers, which have three each: for routes, gateways and leafnodes.
  var firstPort: UInt16 = 10000

  private struct Made {
    let name, region, release, cluster: String
    let port: UInt16
    let isUp: Bool
  }

  private var all: [Made] {
    var port = firstPort
    return regions.flatMap { region in
      [region, "\(region)-js", "\(region)-gw", "xr-js"].flatMap { release in
        (0..<replicas).map { number in
          let name = (release == "xr-js" ? "\(region)-" : "") + "\(release)-nats-\(number)"
          let isUp = !stopped.contains(region) && states[name] == nil && !silent.contains(name)
          defer { port += 3 }
          return Made(
            name: name, region: region, release: release, cluster: release == "xr-js" ? "xr-js" : region, port: port,
            isUp: isUp)
        }
      }
    }
  }

  var status: TargetStatus {
    TargetStatus(
      regions: regions.map { .init(name: $0, state: stopped.contains($0) ? "stopped" : "running") },
      servers: all.map { server in
        let state = stopped.contains(server.region) ? "stopped" : states[server.name] ?? "running"
        return TargetStatus.Server(
          name: server.name, cluster: server.region, url: "nats://127.0.0.1:1", monitorURL: "http://127.0.0.1:2",
          pid: 1, state: state, version: "2.11.4", release: server.release,
          ports: ["cluster": server.port, "gateway": server.port + 1, "leafnodes": server.port + 2])
      }, links: links, relayTrouble: relayTrouble, notes: ["a note"])
  }

  private func areConnected(_ a: Made, _ b: Made) -> Bool { !parted.contains([a.region, b.region]) }

  /// What is set between all pairs of its regions, as a target tells it.
  ///
  /// - Parameter change: makes a link other than plain.
  func allLinks(connections: Int? = 4, _ change: (DirectedLink, inout LinkShape) -> Void = { _, _ in }) -> [LinkState] {
    regions.flatMap { from in
      (regions.filter { $0 != from }).flatMap { to in
        LinkNetwork.allCases.map { network in
          let link = DirectedLink(from: from, to: to, over: network)
          var shape = LinkShape()
          change(link, &shape)
          return LinkState(
            link: link, shape: shape, connections: connections, bytes: connections.map { _ in 1000 },
            measured: connections.map { _ in shape.delay + 250_000 })
        }
      }
    }
  }

  var reports: [MonitoringReport] {
    let up = all.filter(\.isUp)
    let clusters = Set(all.map(\.cluster)).sorted()
    return up.map { server in
      func url(_ port: UInt16) -> Value { .string("127.0.0.1:\(port)") }
      var variables: Value = [
        "server_name": .string(server.name), "version": "2.11.4", "uptime": "5m1s", "mem": .int(20 << 20),
        "connections": 2,
        "cluster": [
          "name": .string(server.cluster), "cluster_port": 6222,
          "urls": .list(all.filter { $0.cluster == server.cluster }.map { url($0.port) }),
        ],
        "gateway": [
          "name": .string(server.cluster),
          "gateways": .list(
            clusters.map { name in
              // A region reaches the stretched cluster by its own part of it.
              let way = all.first { $0.cluster == name && ($0.region == server.region || name != "xr-js") }
              return ["name": .string(name), "urls": .list(way.map { [url($0.port + 1)] } ?? [])]
            }),
        ],
      ]
      let isStorage = server.release.hasSuffix("js")
      if isStorage { variables = variables.with(["jetstream": ["config": [:]]]) }
      let neighbours = up.filter {
        $0.cluster == server.cluster && $0.name != server.name && areConnected($0, server)
      }
      let reachable = Set(up.filter { areConnected($0, server) }.map(\.cluster)).subtracting([server.cluster])
      let own = streams.filter { $0.name("cluster.leader") == server.name }
      let members = all.filter { $0.release.hasSuffix("js") && $0.name != metaLeader }
      let replicas: [Value] = members.map {
        ["name": .string($0.name), "current": true, "offline": .bool(!$0.isUp), "lag": 0]
      }
      return MonitoringReport(
        variables: variables,
        routes: ["routes": .list(neighbours.map { ["remote_name": .string($0.name), "rtt": "150µs"] })],
        gateways: [
          "outbound_gateways": .map(ValueMap(reachable.sorted().map { ($0, ["connection": ["rtt": "1.25ms"]]) }))
        ],
        jetStream: !isStorage
          ? .null
          : [
            "meta_cluster": [
              "leader": .string(metaLeader), "cluster_size": .int(Int64(members.count + 1)),
              "replicas": server.name != metaLeader ? .null : .list(replicas),
            ], "account_details": [["name": "JS", "stream_detail": .list(own)]],
          ])
    }
  }

  var picture: SuperclusterPicture {
    PictureMaker.picture(
      of: status, "local", reports, streamNames: streamNames, taken: TimeValue(nanoseconds: 1_800_000_000_000_000_000))
  }

  /// A stream as its leader, the first of the servers, reports it.
  static func stream(
    _ name: String, cluster: String, on servers: [String], offline: Set<String> = [], lag: Int64 = 0
  ) -> Value {
    let replicas: [Value] = servers.dropFirst().map {
      let isOffline = offline.contains($0)
      return [
        "name": .string($0), "current": .bool(!isOffline && lag == 0), "offline": .bool(isOffline), "lag": .int(lag),
      ]
    }
    return [
      "name": .string(name),
      "cluster": [
        "name": .string(cluster), "leader": servers.first.map(Value.string) ?? .null, "replicas": .list(replicas),
      ], "state": ["messages": 50, "bytes": 5892, "consumer_count": 1],
    ]
  }
}

extension Value {
  /// With the entries of another map laid over those of this one.
  func with(_ other: Value) -> Value { .map(entries.merged(with: other.entries)) }
}
