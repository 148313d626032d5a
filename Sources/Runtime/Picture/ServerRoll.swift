import NATS
import SandboxSystem
import ValuesAndCommands

/// All servers: those that a target knows of, with what they say of themselves, and those that only answered.
struct ServerRoll {
  private(set) var servers: [SuperclusterPicture.Server] = []
  /// By the servers' names.
  private(set) var reports: [String: MonitoringReport] = [:]

  /// Of the servers that the target knows of, and of those that stand in its regions all the same.
  var reportsOfRegions: [MonitoringReport] {
    let here = Set(servers.filter { $0.region != ServerRoll.elsewhere }.map(\.name))
    return reports.values.filter { $0.monitorURL != nil || here.contains($0.name) }
  }

  private static let elsewhere = "elsewhere"

  init(_ status: TargetStatus, _ found: [MonitoringReport]) {
    let byURL = Dictionary(
      found.compactMap { report in report.monitorURL.map { ($0, report) } }, uniquingKeysWith: { first, _ in first })
    var unclaimed = Dictionary(
      found.filter { $0.monitorURL == nil }.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let repeated = ServerRoll.repeated(status)
    let known = status.servers.map { server -> (TargetStatus.Server, String) in
      // In Kubernetes a pod does not tell what its server calls itself: by its own name, or with the region before it.
      let names = ["\(server.cluster)-\(server.name)", server.name]
      let claimed = names.first { unclaimed[$0] != nil }
      let report = byURL[server.monitorURL] ?? claimed.flatMap { unclaimed.removeValue(forKey: $0) }
      var name = report?.name ?? server.name
      if repeated.contains(server.name) { name = ServerRoll.name(name, in: server.cluster) }
      reports[name] = report
      return (server, name)
    }
    for (name, report) in unclaimed { reports[name] = report }
    let isAsked = !reports.isEmpty
    let clusters = Memberships(
      known.compactMap { server, name in
        reports[name].map { (server.cluster, server.release, $0.cluster) }
      }, releases: known.map { ($0.0.cluster, $0.0.release) })
    servers = known.map { server, name in
      let report = reports[name]
      let isSilent = isAsked && report == nil && server.state == "running"
      return SuperclusterPicture.Server(
        name: name, region: server.cluster, kind: ServerRoll.kind(server.release, in: server.cluster),
        release: server.release,
        natsCluster: report?.cluster ?? clusters.likely(server),
        state: isSilent ? "silent" : server.state, url: server.url, monitorURL: server.monitorURL, pid: server.pid,
        version: report?.variables.name("version") ?? server.version, figures: report.map(ServerRoll.figures))
    }
    let regions = status.regions.map(\.name)
    servers += unclaimed.keys.sorted().compactMap { name in
      reports[name].map { ServerRoll.stranger($0, regions) }
    }
  }

  /// What servers call themselves in several regions, which have nothing to do with each other then.
  private static func repeated(_ status: TargetStatus) -> Set<String> {
    // A pod's name is not what its server calls itself.
    let names = status.servers.filter { !$0.monitorURL.isEmpty || !$0.ports.isEmpty }.map(\.name)
    return Set(Dictionary(grouping: names) { $0 }.filter { $1.count > 1 }.keys)
  }

  /// What a server is called here that shares its name with one of another region.
  static func name(_ name: String, in region: String) -> String { "\(region)/\(name)" }

  /// `seed` of release `c1` in `c1`, `js` of `c1-js`, `xr-js` of `xr-js`.
  static func kind(_ release: String, in region: String) -> String {
    if release == region { return "seed" }
    return release.hasPrefix(region + "-") ? String(release.dropFirst(region.count + 1)) : release
  }

  private static func figures(_ report: MonitoringReport) -> SuperclusterPicture.Figures {
    func amount(_ key: String) -> Int64 { report.variables[path: key].amount }
    let cpu = if case .float(let share) = report.variables[path: "cpu"] { share } else { Double(amount("cpu")) }
    return SuperclusterPicture.Figures(
      hasJetStream: !report.variables[path: "jetstream.config"].isNull, connections: amount("connections"),
      subscriptions: amount("subscriptions"), routes: amount("routes"), leafnodes: amount("leafnodes"),
      slowConsumers: amount("slow_consumers"), memory: amount("mem"),
      cpu: cpu, messagesIn: amount("in_msgs"), messagesOut: amount("out_msgs"),
      uptime: report.variables.name("uptime") ?? "")
  }

  /// A server that the target did not tell of stands in the region that its tags or its name speak of.
  private static func stranger(_ report: MonitoringReport, _ regions: [String]) -> SuperclusterPicture.Server {
    let name = report.name
    let zone = report.variables.names("tags").first { $0.hasPrefix("az:") }.map { String($0.dropFirst(3)) }
    let region = regions.first { $0 == zone } ?? regions.first { name.hasPrefix($0 + "-") } ?? elsewhere
    let release = name.split(separator: "-").dropLast().joined(separator: "-")
    return SuperclusterPicture.Server(
      name: name, region: region, kind: release, release: release, natsCluster: report.cluster, state: "running",
      url: "", monitorURL: "", pid: nil, version: report.variables.name("version") ?? "", figures: figures(report))
  }
}

/// In which NATS cluster a server is that does not answer: as others of its release, or of its kind elsewhere.
private struct Memberships {
  /// Empty: in none.
  private var ofRelease: [String: String] = [:]
  /// Nil: in one that goes by its region's name.
  private var ofKind: [String: String?] = [:]
  private var regionsOfRelease: [String: Set<String>] = [:]

  /// - Parameter answers: what those say that answered; empty if they are in no cluster.
  init(
    _ answers: [(region: String, release: String, natsCluster: String)], releases: [(region: String, name: String)]
  ) {
    for release in releases { regionsOfRelease[release.name, default: []].insert(release.region) }
    for server in answers {
      ofRelease[Memberships.key(server.region, server.release)] = server.natsCluster
      // A cluster that goes by its region's name goes by another region's there.
      ofKind[ServerRoll.kind(server.release, in: server.region)] =
        .some(server.natsCluster == server.region ? nil : server.natsCluster)
    }
  }

  func likely(_ server: TargetStatus.Server) -> String {
    let (region, release) = (server.cluster, server.release)
    if let known = ofRelease[Memberships.key(region, release)] { return known }
    // Without a port for either it is in no cluster.
    if !server.ports.isEmpty, server.ports[PodPort.cluster.rawValue] == nil,
      server.ports[PodPort.gateway.rawValue] == nil
    {
      return ""
    }
    if let known = ofKind[ServerRoll.kind(release, in: region)] { return known ?? region }
    // A release of the same name in several regions is one that is stretched over them.
    return (regionsOfRelease[release]?.count ?? 0) > 1 ? release : region
  }

  private static func key(_ region: String, _ release: String) -> String { "\(region)\u{0}\(release)" }
}

/// Where servers' configurations lead: to which server, or at least to which region.
struct ServerAddresses {
  enum Meaning: Equatable {
    case server(String)
    case region(String)
    /// Nothing is known that listens there.
    case nobody
    /// A name or an address that only a network can tell the meaning of.
    case unknown
  }

  /// By the port's name, then the number.
  private var servers: [PodPort: [UInt16: String]] = [:]
  private let regionOf: [String: String]
  private let regions: [String]

  /// - Parameter servers: in the order of the target's, with what they call themselves.
  init(_ status: TargetStatus, _ servers: [SuperclusterPicture.Server]) {
    for (known, server) in zip(status.servers, servers) {
      for (name, port) in known.ports {
        guard let kind = PodPort(rawValue: name) else { continue }
        // The relay's port leads to the server, too.
        self.servers[kind.behind ?? kind, default: [:]][port] = server.name
      }
    }
    regionOf = Dictionary(servers.map { ($0.name, $0.region) }, uniquingKeysWith: { first, _ in first })
    // Of two that end alike the longer one is meant.
    regions = status.regions.map(\.name).sorted { ($1.count, $0) < ($0.count, $1) }
  }

  func region(of server: String) -> String? { regionOf[server] }

  /// The server that another one in `region` calls so.
  func server(named name: String, seenFrom region: String) -> String? {
    [name, ServerRoll.name(name, in: region)].first { regionOf[$0] != nil }
  }

  /// What the picture calls whom a server calls so: itself or another one of its supercluster.
  func name(for name: String, seenBy server: String) -> String {
    region(of: server).flatMap { self.server(named: name, seenFrom: $0) } ?? name
  }

  /// - Parameters:
  ///   - address: `host:port`, as servers show what they are configured with.
  ///   - region: in which it is written.
  func meaning(of address: String, _ port: PodPort, in region: String) -> Meaning {
    guard let parts = try? URLParts("nats://\(address)"), let number = parts.port else { return .unknown }
    let host = parts.host
    if host == "127.0.0.1" || host == "localhost" {
      if let server = servers[port]?[number] { return .server(server) }
      return servers.isEmpty ? .unknown : .nobody
    }
    // In Kubernetes: the node of another cluster, a service that is mirrored from there, and what has neither mark here.
    if let named = regions.first(where: { host.hasPrefix("k3d-\($0)-") }) { return .region(named) }
    let labels = host.split(separator: ".")
    if let named = regions.first(where: { name in labels.prefix(2).contains { $0.hasSuffix("-\(name)") } }) {
      return .region(named)
    }
    let isOwn = labels.count < 3 && labels.first?.contains { $0.isLetter } == true || labels.contains("svc")
    return isOwn ? .region(region) : .unknown
  }

  /// The region that an address leads to, as far as it is known.
  func region(of address: String, _ port: PodPort, in region: String) -> String? {
    switch meaning(of: address, port, in: region) {
    case .server(let server): regionOf[server]
    case .region(let region): region
    case .nobody, .unknown: nil
    }
  }
}

/// Which servers are one NATS cluster. The name alone does not tell: two superclusters side by side may each have one of
/// that name. Servers of several regions belong together whose routes are to lead from one region to the other, or do.
struct NatsClusters {
  /// By the server's name; only of clusters that share theirs.
  private var names: [String: String] = [:]

  init(
    _ servers: [SuperclusterPicture.Server], _ reports: [String: MonitoringReport], _ addresses: ServerAddresses
  ) {
    for (name, members) in Dictionary(grouping: servers, by: \.natsCluster) where !name.isEmpty {
      let groups = NatsClusters.groups(members, reports, addresses)
      guard groups.count > 1 else { continue }
      for group in groups {
        let own = members.filter { group.contains($0.region) }
        for server in own { names[server.name] = "\(name) (\(group.sorted().joined(separator: ", ")))" }
      }
    }
  }

  func name(of server: SuperclusterPicture.Server) -> String { names[server.name] ?? server.natsCluster }

  /// The regions of servers of one name, by the clusters that these make.
  private static func groups(
    _ members: [SuperclusterPicture.Server], _ reports: [String: MonitoringReport], _ addresses: ServerAddresses
  ) -> [Set<String>] {
    var regions = Groups(members.map(\.region))
    // Their routes lead where nobody can tell: to each other, by their names.
    var vague: [String] = []
    var answering: Set<String> = []
    for member in members {
      guard let report = reports[member.name] else { continue }
      answering.insert(member.region)
      for route in report.routes[path: "routes"].all {
        guard let other = route.name("remote_name").flatMap({ addresses.server(named: $0, seenFrom: member.region) }),
          let region = addresses.region(of: other)
        else { continue }
        regions.join(member.region, region)
      }
      for url in report.variables[path: "cluster"].urls {
        switch addresses.meaning(of: url, .cluster, in: member.region) {
        case .unknown: vague.append(member.region)
        case .nobody: break
        case .server, .region:
          if let region = addresses.region(of: url, .cluster, in: member.region) { regions.join(member.region, region) }
        }
      }
    }
    for region in vague { regions.join(region, vague[0]) }
    // Of a region of which nothing answers, and to which nobody leads, only the name is left.
    let first = members.map(\.region).filter(answering.contains).min()
    for region in Set(members.map(\.region)).subtracting(answering) where regions.isAlone(region) {
      if let first { regions.join(region, first) }
    }
    return answering.isEmpty ? [Set(members.map(\.region))] : regions.all
  }
}

/// Names in groups that grow together.
struct Groups {
  private var groupOf: [String: Int] = [:]
  private var members: [Int: Set<String>] = [:]

  init(_ names: some Sequence<String>) {
    for (number, name) in Set(names).sorted().enumerated() {
      groupOf[name] = number
      members[number] = [name]
    }
  }

  /// Of names that are not among them nothing is kept.
  mutating func join(_ a: String, _ b: String) {
    guard let kept = groupOf[a], let gone = groupOf[b], kept != gone else { return }
    for name in members.removeValue(forKey: gone) ?? [] {
      groupOf[name] = kept
      members[kept]?.insert(name)
    }
  }

  func isAlone(_ name: String) -> Bool { groupOf[name].flatMap { members[$0] }?.count == 1 }

  func areTogether(_ a: String, _ b: String) -> Bool { groupOf[a] != nil && groupOf[a] == groupOf[b] }

  /// The number of a name's group.
  subscript(name: String) -> Int? { groupOf[name] }

  var all: [Set<String>] { members.sorted { $0.key < $1.key }.map(\.value) }
}
