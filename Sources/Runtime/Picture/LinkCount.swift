import Lexer
import SandboxSystem
import ValuesAndCommands

/// What connects the servers: how much of it there is, how much there should be by what they are configured with, and how
/// quick it is.
struct LinkCount {
  private(set) var gateways: [SuperclusterPicture.Gateways] = []
  private(set) var routes: [SuperclusterPicture.Routes] = []
  /// Servers by the superclusters that they are in.
  private(set) var superclusters: Groups

  private typealias Server = SuperclusterPicture.Server
  private let reports: [String: MonitoringReport]
  private let addresses: ServerAddresses
  private let members: [String: [Server]]
  /// The NATS clusters that go by a name.
  private let clustersNamed: [String: [String]]

  init(
    _ servers: [SuperclusterPicture.Server], _ reports: [String: MonitoringReport], _ addresses: ServerAddresses
  ) {
    self.reports = reports
    self.addresses = addresses
    members = Dictionary(grouping: servers.filter { !$0.natsCluster.isEmpty }, by: \.natsCluster)
    clustersNamed = Dictionary(grouping: members.keys.sorted()) { cluster in
      cluster.firstIndex(of: " ").map { String(cluster[..<$0]) } ?? cluster
    }
    superclusters = Groups(servers.map(\.name))
    for cluster in members.values { for server in cluster { superclusters.join(cluster[0].name, server.name) } }
    countGateways()
    routes = members.keys.sorted().flatMap(routes)
  }

  // MARK: Gateways

  /// Servers tell each other of gateways: who is linked at all is linked to all, but for those that turn strangers away.
  private mutating func countGateways() {
    let clusters = members.keys.sorted().filter { !speakers(of: $0).isEmpty }
    var linked = Groups(clusters)
    for cluster in clusters {
      for other in clusters where leads(cluster, to: other) { linked.join(cluster, other) }
    }
    for group in linked.all {
      let first = group.first.flatMap { members[$0] }?.first?.name ?? ""
      for name in group.compactMap({ members[$0]?.first?.name }) { superclusters.join(first, name) }
    }
    gateways = clusters.flatMap { from in
      clusters.filter { $0 != from && linked.areTogether(from, $0) }.compactMap { gateways(from: from, to: $0) }
    }
  }

  private func gateways(from: String, to: String) -> SuperclusterPicture.Gateways? {
    let own = speakers(of: from)
    let outbound = own.compactMap { server in
      reports[server.name]?.outbound.first { cluster(named: $0.key, of: server) == to }?.value
    }
    if outbound.isEmpty, turnsAway(to, from) { return nil }
    return SuperclusterPicture.Gateways(
      from: from, to: to, found: outbound.count, expected: own.count, possible: own.count(where: \.isUp),
      roundTrips: .init(outbound.compactMap { $0[path: "connection"].roundTrip }))
  }

  /// The servers of a cluster that have gateways: those that say so, and those that do not answer while others may.
  private func speakers(of cluster: String) -> [Server] {
    (members[cluster] ?? []).filter { server in
      guard let report = reports[server.name] else { return true }
      return report.variables[path: "gateway.name"].word != nil
    }
  }

  /// Whether a server of one cluster is to find the other, or has.
  private func leads(_ cluster: String, to other: String) -> Bool {
    (members[cluster] ?? []).contains { server in
      guard let report = reports[server.name] else { return false }
      let all = report.remotes.map(\.name) + report.outbound.map(\.key)
      return all.contains { self.cluster(named: $0, of: server) == other }
    }
  }

  /// Whether a cluster takes only those that it names itself, and this is none of them.
  private func turnsAway(_ cluster: String, _ other: String) -> Bool {
    let answers = (members[cluster] ?? []).compactMap { server in reports[server.name].map { (server, $0) } }
    return !answers.isEmpty
      && answers.allSatisfy { server, report in
        report.variables[path: "gateway.reject_unknown"].isTrue
          && !report.remotes.contains { self.cluster(named: $0.name, of: server) == other }
      }
  }

  /// The cluster that a server means by a gateway's name. Of several it is the one that its configuration leads to, else
  /// the one that has servers in its own region.
  private func cluster(named name: String, of server: SuperclusterPicture.Server) -> String? {
    let all = clustersNamed[name] ?? []
    guard all.count > 1 else { return all.first }
    let remote = reports[server.name]?.remotes.first { $0.name == name }
    let places = (remote?.urls ?? []).compactMap { addresses.region(of: $0, .gateway, in: server.region) }
    return all.first { has($0, serversIn: places) } ?? all.first { has($0, serversIn: [server.region]) }
  }

  private func has(_ cluster: String, serversIn regions: [String]) -> Bool {
    members[cluster]?.contains { regions.contains($0.region) } ?? false
  }

  // MARK: Routes

  private struct Pair: Hashable {
    let first: String
    let second: String

    init(_ a: String, _ b: String) { (first, second) = a < b ? (a, b) : (b, a) }
  }

  private func routes(of cluster: String) -> [SuperclusterPicture.Routes] {
    var connected: [Pair: Set<Pair>] = [:]
    var roundTrips: [Pair: [Int64]] = [:]
    // A server that takes no routes is in a cluster by its name only.
    let all = (members[cluster] ?? []).filter { server in
      reports[server.name].map { $0.variables[path: "cluster.cluster_port"].amount != 0 } ?? true
    }
    for member in all {
      for route in reports[member.name]?.routes[path: "routes"].all ?? [] {
        guard let name = route.name("remote_name"),
          let other = addresses.server(named: name, seenFrom: member.region),
          let there = all.first(where: { $0.name == other })?.region
        else { continue }
        let way = Pair(member.region, there)
        connected[way, default: []].insert(Pair(member.name, other))
        if let time = route.roundTrip { roundTrips[way, default: []].append(time) }
      }
    }
    let byRegion = Dictionary(grouping: all, by: \.region)
    let regions = byRegion.keys.sorted()
    return regions.enumerated().flatMap { place, from in
      regions[place...].compactMap { to in
        func pairs(_ count: (String) -> Int) -> Int {
          from == to ? count(from) * (count(from) - 1) / 2 : count(from) * count(to)
        }
        let expected = pairs { byRegion[$0]?.count ?? 0 }
        guard expected > 0 else { return nil }
        let way = Pair(from, to)
        return SuperclusterPicture.Routes(
          natsCluster: cluster, from: from, to: to, found: connected[way]?.count ?? 0, expected: expected,
          possible: pairs { byRegion[$0]?.count(where: \.isUp) ?? 0 }, roundTrips: .init(roundTrips[way] ?? []))
      }
    }
  }
}

/// Leafnodes: what servers are configured to be leaves of, and who else is a leaf of theirs.
struct LeafnodeCount {
  private(set) var leafnodes: [SuperclusterPicture.Leafnode] = []
  private let addresses: ServerAddresses

  init(
    _ servers: [SuperclusterPicture.Server], _ reports: [String: MonitoringReport], _ addresses: ServerAddresses
  ) {
    self.addresses = addresses
    for server in servers {
      guard let report = reports[server.name] else { continue }
      let all = report.leafnodes[path: "leafs"].all
      add(server, all.filter { $0[path: "is_spoke"].isTrue }, remotes: report.variables[path: "leaf.remotes"].all)
      for leaf in all where !leaf[path: "is_spoke"].isTrue {
        let name = leaf.name() ?? ""
        // Of a leaf that is seen itself its own word is told.
        let known = addresses.server(named: name, seenFrom: server.region)
        guard known.flatMap({ reports[$0] }) == nil else { continue }
        leafnodes.append(
          SuperclusterPicture.Leafnode(
            server: name, region: known.flatMap(addresses.region), account: leaf.name("account") ?? "",
            hub: server.name, hubRegion: server.region, roundTrip: leaf.roundTrip))
      }
    }
  }

  /// A leaf's connections, and those that it should have.
  private mutating func add(
    _ server: SuperclusterPicture.Server, _ connections: [Value], remotes: [Value]
  ) {
    var missing = remotes
    for connection in connections {
      let account = connection.name("account") ?? ""
      if let place = missing.firstIndex(where: { LeafnodeCount.account(of: $0) == account }) {
        missing.remove(at: place)
      }
      let hub = connection.name() ?? ""
      let known = addresses.server(named: hub, seenFrom: server.region)
      leafnodes.append(
        SuperclusterPicture.Leafnode(
          server: server.name, region: server.region, account: account, hub: known ?? hub,
          hubRegion: known.flatMap(addresses.region), roundTrip: connection.roundTrip))
    }
    for remote in missing {
      let regions = remote.urls.compactMap { addresses.region(of: $0, .leafnodes, in: server.region) }
      leafnodes.append(
        SuperclusterPicture.Leafnode(
          server: server.name, region: server.region, account: LeafnodeCount.account(of: remote), hub: nil,
          hubRegion: regions.first, roundTrip: nil))
    }
  }

  /// Without one it is the global account.
  private static func account(of remote: Value) -> String { remote[path: "local_account"].word ?? "$G" }
}

extension MonitoringReport {
  /// The gateways that it is configured to connect to, as far as they have a name.
  fileprivate var remotes: [(name: String, urls: [String])] {
    variables[path: "gateway.gateways"].all.compactMap { remote in remote.name().map { ($0, remote.urls) } }
  }

  /// The gateways that it has connected to, by their names.
  fileprivate var outbound: [(key: String, value: Value)] {
    gateways[path: "outbound_gateways"].entries.map { ($0, $1) }
  }
}

extension Value {
  /// As servers measured it: `1.25ms`.
  fileprivate var roundTrip: Int64? { name("rtt").flatMap { Units.nanoseconds(in: $0) } }
}
