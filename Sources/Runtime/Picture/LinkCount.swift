/// What connects the servers: how much of it there is, how much there should be, and how quick it is.
struct LinkCount {
  let gateways: [SuperclusterPicture.Gateways]
  let routes: [SuperclusterPicture.Routes]

  init(_ servers: [SuperclusterPicture.Server], _ reports: [String: MonitoringReport]) {
    gateways = LinkCount.gateways(servers, reports)
    routes = LinkCount.routes(servers, reports)
  }

  private static func gateways(
    _ servers: [SuperclusterPicture.Server], _ reports: [String: MonitoringReport]
  ) -> [SuperclusterPicture.Gateways] {
    // A server names the gateways that it is to find; those it has not found are missing among its outbound ones.
    var names: Set<String> = []
    for report in reports.values {
      guard let gateway = report.variables.gateway, let name = gateway.name, !name.isEmpty else { continue }
      names.insert(name)
      names.formUnion((gateway.gateways ?? []).compactMap(\.name))
    }
    let members = Dictionary(grouping: servers, by: \.natsCluster)
    let clusters = names.filter { members[$0] != nil }.sorted()
    return clusters.flatMap { from in
      clusters.filter { $0 != from }.map { to in
        let own = members[from] ?? []
        let outbound = own.compactMap { reports[$0.name]?.gateways?.outboundGateways?[to] }
        return SuperclusterPicture.Gateways(
          from: from, to: to, found: outbound.count, expected: own.count,
          roundTrips: .init(outbound.compactMap { $0.connection?.rtt.flatMap(ServerDuration.nanoseconds) }))
      }
    }
  }

  private struct Pair: Hashable {
    let first: String
    let second: String

    init(_ a: String, _ b: String) { (first, second) = a < b ? (a, b) : (b, a) }
  }

  private static func routes(
    _ servers: [SuperclusterPicture.Server], _ reports: [String: MonitoringReport]
  ) -> [SuperclusterPicture.Routes] {
    let clusters = Dictionary(grouping: servers, by: \.natsCluster)
    return clusters.keys.filter { !$0.isEmpty }.sorted().flatMap { cluster in
      routes(of: cluster, clusters[cluster] ?? [], reports)
    }
  }

  private static func routes(
    of cluster: String, _ members: [SuperclusterPicture.Server], _ reports: [String: MonitoringReport]
  ) -> [SuperclusterPicture.Routes] {
    var connected: [Pair: Set<Pair>] = [:]
    var roundTrips: [Pair: [Int64]] = [:]
    let region = Dictionary(members.map { ($0.name, $0.region) }, uniquingKeysWith: { first, _ in first })
    for member in members {
      for route in reports[member.name]?.routes?.routes ?? [] {
        guard let other = route.remoteName, let there = region[other] else { continue }
        let way = Pair(member.region, there)
        connected[way, default: []].insert(Pair(member.name, other))
        if let time = route.rtt.flatMap(ServerDuration.nanoseconds) { roundTrips[way, default: []].append(time) }
      }
    }
    let sizes = Dictionary(grouping: members, by: \.region).mapValues(\.count)
    let regions = sizes.keys.sorted()
    return regions.enumerated().flatMap { place, from in
      regions[place...].compactMap { to in
        let (here, there) = (sizes[from] ?? 0, sizes[to] ?? 0)
        let expected = from == to ? here * (here - 1) / 2 : here * there
        guard expected > 0 else { return nil }
        let way = Pair(from, to)
        return SuperclusterPicture.Routes(
          natsCluster: cluster, from: from, to: to, found: connected[way]?.count ?? 0, expected: expected,
          roundTrips: .init(roundTrips[way] ?? []))
      }
    }
  }
}
