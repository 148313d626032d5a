import Lexer
import SandboxSystem

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
    let outbound = own.compactMap { server -> MonitoringReport.Gateways.Outbound? in
      let all = reports[server.name]?.gateways?.outboundGateways ?? [:]
      return all.first { cluster(named: $0.key, of: server) == to }?.value
    }
    if outbound.isEmpty, turnsAway(to, from) { return nil }
    return SuperclusterPicture.Gateways(
      from: from, to: to, found: outbound.count, expected: own.count, possible: own.count(where: \.isUp),
      roundTrips: .init(outbound.compactMap { $0.connection?.rtt.flatMap { Units.nanoseconds(in: $0) } }))
  }

  /// The servers of a cluster that have gateways: those that say so, and those that do not answer while others may.
  private func speakers(of cluster: String) -> [Server] {
    (members[cluster] ?? []).filter { server in
      guard let report = reports[server.name] else { return true }
      return report.variables.gateway?.name?.isEmpty == false
    }
  }

  /// Whether a server of one cluster is to find the other, or has.
  private func leads(_ cluster: String, to other: String) -> Bool {
    (members[cluster] ?? []).contains { server in
      guard let report = reports[server.name] else { return false }
      let named = (report.variables.gateway?.gateways ?? []).compactMap(\.name)
      let found = report.gateways?.outboundGateways?.keys.map { $0 } ?? []
      return (named + found).contains { self.cluster(named: $0, of: server) == other }
    }
  }

  /// Whether a cluster takes only those that it names itself, and this is none of them.
  private func turnsAway(_ cluster: String, _ other: String) -> Bool {
    let answers = (members[cluster] ?? []).compactMap { server in reports[server.name].map { (server, $0) } }
    return !answers.isEmpty
      && answers.allSatisfy { server, report in
        guard report.variables.gateway?.rejectUnknown == true else { return false }
        return !(report.variables.gateway?.gateways ?? []).contains { remote in
          remote.name.map { self.cluster(named: $0, of: server) == other } ?? false
        }
      }
  }

  /// The cluster that a server means by a gateway's name. Of several it is the one that its configuration leads to, else
  /// the one that has servers in its own region.
  private func cluster(named name: String, of server: SuperclusterPicture.Server) -> String? {
    let all = clustersNamed[name] ?? []
    guard all.count > 1 else { return all.first }
    let remote = reports[server.name]?.variables.gateway?.gateways?.first { $0.name == name }
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
      reports[server.name].map { $0.variables.cluster?.clusterPort ?? 0 != 0 } ?? true
    }
    for member in all {
      for route in reports[member.name]?.routes?.routes ?? [] {
        guard let name = route.remoteName,
          let other = addresses.server(named: name, seenFrom: member.region),
          let there = all.first(where: { $0.name == other })?.region
        else { continue }
        let way = Pair(member.region, there)
        connected[way, default: []].insert(Pair(member.name, other))
        if let time = route.rtt.flatMap({ Units.nanoseconds(in: $0) }) { roundTrips[way, default: []].append(time) }
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
      let all = report.leafnodes?.leafs ?? []
      add(server, all.filter { $0.isSpoke == true }, remotes: report.variables.leaf?.remotes ?? [])
      for leaf in all where leaf.isSpoke != true {
        let name = leaf.name ?? ""
        // Of a leaf that is seen itself its own word is told.
        let known = addresses.server(named: name, seenFrom: server.region)
        guard known.flatMap({ reports[$0] }) == nil else { continue }
        leafnodes.append(
          SuperclusterPicture.Leafnode(
            server: name, region: known.flatMap(addresses.region), account: leaf.account ?? "", hub: server.name,
            hubRegion: server.region,
            roundTrip: leaf.rtt.flatMap { Units.nanoseconds(in: $0) }))
      }
    }
  }

  /// A leaf's connections, and those that it should have.
  private mutating func add(
    _ server: SuperclusterPicture.Server, _ connections: [MonitoringReport.Leafnodes.Leaf],
    remotes: [MonitoringReport.Variables.RemoteHub]
  ) {
    var missing = remotes
    for connection in connections {
      let account = connection.account ?? ""
      if let place = missing.firstIndex(where: { LeafnodeCount.account(of: $0) == account }) {
        missing.remove(at: place)
      }
      let hub = connection.name ?? ""
      let known = addresses.server(named: hub, seenFrom: server.region)
      leafnodes.append(
        SuperclusterPicture.Leafnode(
          server: server.name, region: server.region, account: account, hub: known ?? hub,
          hubRegion: known.flatMap(addresses.region), roundTrip: connection.rtt.flatMap { Units.nanoseconds(in: $0) }))
    }
    for remote in missing {
      let regions = (remote.urls ?? []).compactMap { addresses.region(of: $0, .leafnodes, in: server.region) }
      leafnodes.append(
        SuperclusterPicture.Leafnode(
          server: server.name, region: server.region, account: LeafnodeCount.account(of: remote), hub: nil,
          hubRegion: regions.first, roundTrip: nil))
    }
  }

  /// Without one it is the global account.
  private static func account(of remote: MonitoringReport.Variables.RemoteHub) -> String {
    remote.localAccount.flatMap { $0.isEmpty ? nil : $0 } ?? "$G"
  }
}
