/// All servers: those that a target knows of, with what they say of themselves, and those that only answered.
struct ServerRoll {
  private(set) var servers: [SuperclusterPicture.Server] = []
  /// By the servers' names.
  private(set) var reports: [String: MonitoringReport] = [:]

  /// Of the servers that the target knows of, and of those that stand in its regions all the same.
  var reportsOfRegions: [MonitoringReport] {
    let here = Set(servers.filter { $0.region != ServerRoll.elsewhere }.map(\.name))
    return reports.values.filter { $0.monitorURL != nil || here.contains($0.variables.name) }
  }

  private static let elsewhere = "elsewhere"

  init(_ status: TargetStatus, _ found: [MonitoringReport]) {
    let byURL = Dictionary(
      found.compactMap { report in report.monitorURL.map { ($0, report) } }, uniquingKeysWith: { first, _ in first })
    var unclaimed = Dictionary(
      found.filter { $0.monitorURL == nil }.map { ($0.variables.name, $0) }, uniquingKeysWith: { first, _ in first })
    let repeated = ServerRoll.repeated(status)
    let known = status.servers.map { server -> (TargetStatus.Server, String) in
      // In Kubernetes a pod does not tell what its server calls itself: by its own name, or with the region before it.
      let names = ["\(server.cluster)-\(server.name)", server.name]
      let claimed = names.first { unclaimed[$0] != nil }
      let report = byURL[server.monitorURL] ?? claimed.flatMap { unclaimed.removeValue(forKey: $0) }
      var name = report?.variables.name ?? server.name
      if repeated.contains(server.name) { name = ServerRoll.name(name, in: server.cluster) }
      reports[name] = report
      return (server, name)
    }
    for (name, report) in unclaimed { reports[name] = report }
    let isAsked = !reports.isEmpty
    let clusters = Memberships(
      known.compactMap { server, name in
        reports[name].map { (server.cluster, server.release, $0.variables.cluster?.name ?? "") }
      }, releases: known.map { ($0.0.cluster, $0.0.release) })
    servers = known.map { server, name in
      let variables = reports[name]?.variables
      let isSilent = isAsked && variables == nil && server.state == "running"
      return SuperclusterPicture.Server(
        name: name, region: server.cluster, kind: ServerRoll.kind(server.release, in: server.cluster),
        release: server.release,
        natsCluster: variables.map { $0.cluster?.name ?? "" } ?? clusters.likely(server),
        state: isSilent ? "silent" : server.state, url: server.url, monitorURL: server.monitorURL, pid: server.pid,
        version: variables?.version ?? server.version, figures: variables.map(ServerRoll.figures))
    }
    let regions = status.regions.map(\.name)
    servers += unclaimed.keys.sorted().compactMap { name in
      reports[name].map { ServerRoll.stranger($0.variables, regions) }
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

  private static func figures(_ page: MonitoringReport.Variables) -> SuperclusterPicture.Figures {
    SuperclusterPicture.Figures(
      hasJetStream: page.jetstream?.config != nil, connections: page.connections ?? 0,
      subscriptions: page.subscriptions ?? 0, routes: page.routes ?? 0, leafnodes: page.leafnodes ?? 0,
      slowConsumers: page.slowConsumers ?? 0, memory: page.mem ?? 0, cpu: page.cpu ?? 0,
      messagesIn: page.inMsgs ?? 0, messagesOut: page.outMsgs ?? 0, uptime: page.uptime ?? "")
  }

  /// A server that the target did not tell of stands in the region that its tags or its name speak of.
  private static func stranger(_ page: MonitoringReport.Variables, _ regions: [String]) -> SuperclusterPicture.Server {
    let zone = (page.tags ?? []).first { $0.hasPrefix("az:") }.map { String($0.dropFirst(3)) }
    let region = regions.first { $0 == zone } ?? regions.first { page.name.hasPrefix($0 + "-") } ?? elsewhere
    let release = page.name.split(separator: "-").dropLast().joined(separator: "-")
    return SuperclusterPicture.Server(
      name: page.name, region: region, kind: release, release: release, natsCluster: page.cluster?.name ?? "",
      state: "running", url: "", monitorURL: "", pid: nil, version: page.version ?? "", figures: figures(page))
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
