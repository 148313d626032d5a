/// All servers: those that a target knows of, with what they say of themselves, and those that only answered.
struct ServerRoll {
  private(set) var servers: [SuperclusterPicture.Server] = []
  /// By the servers' names.
  private(set) var reports: [String: MonitoringReport] = [:]

  init(_ status: TargetStatus, _ found: [MonitoringReport]) {
    reports = Dictionary(found.map { ($0.variables.name, $0) }, uniquingKeysWith: { first, _ in first })
    var unclaimed = Set(reports.keys)
    let known = status.servers.map { server -> (TargetStatus.Server, String) in
      // In Kubernetes a pod does not tell what its server calls itself: by its own name, or with the region before it.
      let name = ["\(server.cluster)-\(server.name)", server.name].first { unclaimed.contains($0) }
      if let name { unclaimed.remove(name) }
      return (server, name ?? server.name)
    }
    let isAsked = !reports.isEmpty
    let clusters = Memberships(known.map { ($0.0.cluster, $0.0.release, reports[$0.1]?.variables.cluster?.name) })
    servers = known.map { server, name in
      let variables = reports[name]?.variables
      let isSilent = isAsked && variables == nil && server.state == "running"
      return SuperclusterPicture.Server(
        name: name, region: server.cluster, kind: ServerRoll.kind(server.release, in: server.cluster),
        release: server.release,
        natsCluster: variables?.cluster?.name ?? clusters.likely(server.cluster, server.release),
        state: isSilent ? "silent" : server.state, url: server.url, monitorURL: server.monitorURL, pid: server.pid,
        version: variables?.version ?? server.version, figures: variables.map(ServerRoll.figures))
    }
    let regions = status.regions.map(\.name)
    servers += unclaimed.sorted().compactMap { name in
      reports[name].map { ServerRoll.stranger($0.variables, regions) }
    }
  }

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
    let region = regions.first { $0 == zone } ?? regions.first { page.name.hasPrefix($0 + "-") } ?? "elsewhere"
    let release = page.name.split(separator: "-").dropLast().joined(separator: "-")
    return SuperclusterPicture.Server(
      name: page.name, region: region, kind: release, release: release, natsCluster: page.cluster?.name ?? "",
      state: "running", url: "", monitorURL: "", pid: nil, version: page.version ?? "", figures: figures(page))
  }
}

/// In which NATS cluster a server is, also while it is down: as others of its release, or of its kind elsewhere.
private struct Memberships {
  private var ofRelease: [String: String] = [:]
  private var ofKind: [String: String] = [:]
  private var regionsOfRelease: [String: Set<String>] = [:]

  init(_ servers: [(region: String, release: String, natsCluster: String?)]) {
    for server in servers {
      regionsOfRelease[server.release, default: []].insert(server.region)
      guard let cluster = server.natsCluster else { continue }
      ofRelease[Memberships.key(server.region, server.release)] = cluster
      // A cluster that goes by its region's name goes by another region's there.
      ofKind[ServerRoll.kind(server.release, in: server.region)] = cluster == server.region ? "" : cluster
    }
  }

  func likely(_ region: String, _ release: String) -> String {
    if let known = ofRelease[Memberships.key(region, release)] { return known }
    if let known = ofKind[ServerRoll.kind(release, in: region)] { return known.isEmpty ? region : known }
    // A release of the same name in several regions is one that is stretched over them.
    return (regionsOfRelease[release]?.count ?? 0) > 1 ? release : region
  }

  private static func key(_ region: String, _ release: String) -> String { "\(region)\u{0}\(release)" }
}
