import Interpreter

/// Takes a picture: looks at a target and asks its servers.
public struct PictureMaker: Sendable {
  let target: any Target
  /// All of them if none is named.
  let clusters: [String]

  /// - Parameter clusters: those to be seen, with what connects them; all of them if none is named.
  public init(of target: any Target, clusters: [String] = []) {
    self.target = target
    self.clusters = clusters
  }

  public func picture() -> SuperclusterPicture {
    let status = target.status(of: clusters)
    let source = MonitoringSource(target: target)
    var reports = source.reports(of: status)
    // Over the system account servers of all regions answer.
    if !clusters.isEmpty { reports = ServerRoll(status, reports).reportsOfRegions }
    // While all servers answer they tell of all streams. Of some clusters nobody can tell which streams should be there.
    let isWhole = reports.count >= status.servers.count || !clusters.isEmpty
    let streamNames = isWhole || reports.isEmpty ? [] : source.streamNames(status)
    return PictureMaker.picture(of: status, target.name, reports, streamNames: streamNames, taken: .now)
  }

  /// Puts together what was found; looks at nothing itself.
  static func picture(
    of status: TargetStatus, _ target: String, _ reports: [MonitoringReport], streamNames: [String] = [],
    taken: TimeValue
  ) -> SuperclusterPicture {
    let roll = ServerRoll(status, reports)
    let addresses = ServerAddresses(status, roll.servers)
    let natsClusters = NatsClusters(roll.servers, roll.reports, addresses)
    let servers = roll.servers.map { server in
      var server = server
      server.natsCluster = natsClusters.name(of: server)
      return server
    }
    let links = LinkCount(servers, roll.reports, addresses)
    let jetStream = JetStreamCount(roll.reports, of: links.superclusters, at: addresses, names: streamNames)
    let leafnodes = LeafnodeCount(servers, roll.reports, addresses).leafnodes
    let regions = status.regions.map { SuperclusterPicture.Region(name: $0.name, state: $0.state) }
    var problems = PictureProblems(
      regions: regions, servers: servers, links: status.links, isRelayDown: status.isRelayDown)
    for meta in jetStream.metas { problems.note(meta) }
    problems.note(streams: jetStream.streams)
    problems.note(links.gateways)
    problems.note(links.routes)
    problems.note(leafnodes)
    return SuperclusterPicture(
      target: target, taken: taken, regions: regions, servers: servers, gateways: links.gateways,
      routes: links.routes, leafnodes: leafnodes, links: status.links, streams: jetStream.streams,
      metas: jetStream.metas, problems: problems.sentences, notes: status.notes)
  }
}
