import Interpreter

/// Takes a picture: looks at a target and asks its servers.
public struct PictureMaker: Sendable {
  let target: any Target

  public init(of target: any Target) { self.target = target }

  public func picture() -> SuperclusterPicture {
    let status = target.status()
    let source = MonitoringSource(target: target)
    let reports = source.reports(of: status)
    // While all servers answer they tell of all streams.
    let isWhole = reports.count >= status.servers.count
    let streamNames = isWhole || reports.isEmpty ? [] : source.streamNames(status)
    return PictureMaker.picture(of: status, target.name, reports, streamNames: streamNames, taken: .now)
  }

  /// Puts together what was found; looks at nothing itself.
  static func picture(
    of status: TargetStatus, _ target: String, _ reports: [MonitoringReport], streamNames: [String] = [],
    taken: TimeValue
  ) -> SuperclusterPicture {
    let roll = ServerRoll(status, reports)
    let links = LinkCount(roll.servers, roll.reports)
    let jetStream = JetStreamCount(roll.reports, names: streamNames)
    let regions = status.regions.map { SuperclusterPicture.Region(name: $0.name, state: $0.state) }
    var problems = PictureProblems(regions: regions, servers: roll.servers)
    problems.note(meta: jetStream.meta)
    problems.note(streams: jetStream.streams)
    problems.note(links.gateways)
    problems.note(links.routes)
    return SuperclusterPicture(
      target: target, taken: taken, regions: regions, servers: roll.servers, gateways: links.gateways,
      routes: links.routes, streams: jetStream.streams, meta: jetStream.meta, problems: problems.sentences,
      notes: status.notes)
  }
}
