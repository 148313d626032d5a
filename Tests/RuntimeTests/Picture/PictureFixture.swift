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
  var streams: [MonitoringReport.JetStream.Stream] = []
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
      var variables = MonitoringReport.Variables()
      variables.serverName = server.name
      variables.version = "2.11.4"
      variables.uptime = "5m1s"
      variables.mem = 20 << 20
      variables.connections = 2
      variables.cluster = .init(
        name: server.cluster, clusterPort: 6222,
        urls: all.filter { $0.cluster == server.cluster }.map { "127.0.0.1:\($0.port)" })
      variables.gateway = .init(
        name: server.cluster,
        gateways: clusters.map { name in
          // A region reaches the stretched cluster by its own part of it.
          let way = all.first { $0.cluster == name && ($0.region == server.region || name != "xr-js") }
          return .init(name: name, urls: way.map { ["127.0.0.1:\($0.port + 1)"] })
        })
      let isStorage = server.release.hasSuffix("js")
      if isStorage { variables.jetstream = .init(config: .init()) }
      let neighbours = up.filter {
        $0.cluster == server.cluster && $0.name != server.name && areConnected($0, server)
      }
      let reachable = Set(up.filter { areConnected($0, server) }.map(\.cluster)).subtracting([server.cluster])
      let own = streams.filter { $0.cluster?.leader == server.name }
      let members = all.filter { $0.release.hasSuffix("js") && $0.name != metaLeader }
      return MonitoringReport(
        variables: variables,
        routes: .init(routes: neighbours.map { .init(remoteName: $0.name, rtt: "150µs") }),
        gateways: .init(
          outboundGateways: Dictionary(
            uniqueKeysWithValues: reachable.map { ($0, .init(connection: .init(rtt: "1.25ms"))) })),
        jetStream: !isStorage
          ? nil
          : .init(
            metaCluster: .init(
              leader: metaLeader, clusterSize: members.count + 1,
              replicas: server.name != metaLeader
                ? nil : members.map { .init(name: $0.name, current: true, offline: !$0.isUp, lag: 0) }),
            accountDetails: [.init(name: "JS", streamDetail: own)]))
    }
  }

  var picture: SuperclusterPicture {
    PictureMaker.picture(
      of: status, "local", reports, streamNames: streamNames, taken: TimeValue(nanoseconds: 1_800_000_000_000_000_000))
  }

  /// A stream as its leader, the first of the servers, reports it.
  static func stream(
    _ name: String, cluster: String, on servers: [String], offline: Set<String> = [], lag: Int64 = 0
  ) -> MonitoringReport.JetStream.Stream {
    var stream = MonitoringReport.JetStream.Stream()
    stream.name = name
    stream.cluster = .init(
      name: cluster, leader: servers.first,
      replicas: servers.dropFirst().map {
        .init(name: $0, current: !offline.contains($0) && lag == 0, offline: offline.contains($0), lag: lag)
      })
    stream.state = .init(messages: 50, bytes: 5892, consumerCount: 1)
    return stream
  }
}
