import Lexer
import SandboxSystem
import ValuesAndCommands

/// Takes a picture: looks at a target and asks its servers.
package struct PictureMaker: Sendable {
  let target: any ClusterDirectory
  /// All of them if none is named.
  let clusters: [String]

  /// - Parameter clusters: those to be seen, with what connects them; all of them if none is named.
  package init(of target: any ClusterDirectory, clusters: [String] = []) {
    self.target = target
    self.clusters = clusters
  }

  package func picture() -> SuperclusterPicture { picture(of: target.status(of: clusters)) }

  /// - Parameter status: what was found of the target.
  package func picture(of status: TargetStatus) -> SuperclusterPicture {
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
      regions: regions, servers: servers, links: status.links, relayTrouble: status.relayTrouble)
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

/// What is not as it should be, in sentences. What follows from something said is not said again: of a region that is
/// stopped no server is named, and no gateway to it; nor what is missing over a link that is cut.
struct PictureProblems {
  private(set) var sentences: [String] = []
  private let servers: [SuperclusterPicture.Server]
  private let downServers: Set<String>
  /// Regions and NATS clusters of which nothing runs.
  private let downRegions: Set<String>
  private let downClusters: Set<String>
  /// Over which nothing passes.
  private let cuts: Set<DirectedLink>

  init(
    regions: [SuperclusterPicture.Region], servers: [SuperclusterPicture.Server], links: [LinkState],
    relayTrouble: TargetStatus.RelayTrouble?
  ) {
    self.servers = servers
    cuts = Set(links.filter { relayTrouble != nil || $0.shape.cut != nil }.map(\.link))
    downServers = Set(servers.filter { !$0.isUp }.map(\.name))
    func allDown(_ key: (SuperclusterPicture.Server) -> String) -> Set<String> {
      Set(Dictionary(grouping: servers, by: key).filter { $1.allSatisfy { !$0.isUp } }.keys)
    }
    downRegions = allDown(\.region)
    downClusters = allDown(\.natsCluster)
    if let relayTrouble {
      let running = regions.first { $0.state != "stopped" }?.name
      sentences.append(LinkWords.sentence(on: relayTrouble, whileRunning: running))
    }
    for region in regions { note(region) }
    for server in servers where !server.isUp && !downRegions.contains(server.region) {
      sentences.append(
        "\(server.name) " + (server.state == "silent" ? "runs and does not answer" : "is \(server.state)"))
    }
    sentences += LinkWords.cuts(links)
  }

  /// Whether nothing joins two regions anew: who connects needs both directions.
  private func areCut(_ a: String?, _ b: String?, over network: LinkNetwork) -> Bool {
    guard let a, let b else { return false }
    let link = DirectedLink(from: a, to: b, over: network)
    return cuts.contains(link) || cuts.contains(link.reversed)
  }

  private func region(of server: String?) -> String? { servers.first { $0.name == server }?.region }

  private mutating func note(_ region: SuperclusterPicture.Region) {
    let own = servers.filter { $0.region == region.name }
    let up = own.count(where: \.isUp)
    if up == own.count, ["running", "degraded"].contains(region.state) { return }
    let state = region.state == "degraded" || region.state == "running" ? "not whole" : region.state
    sentences.append("\(region.name) is \(state)\(PictureProblems.running(up, of: own.count))")
  }

  private static func running(_ up: Int, of own: Int) -> String {
    switch (up, own) {
    case (_, 0): ""
    case (0, 1): ": its only server is down"
    case (0, _): ": all of its \(own) servers are down"
    default: ": \(up) of its \(counted(own, "server")) \(up == 1 ? "runs" : "run")"
    }
  }

  mutating func note(_ meta: SuperclusterPicture.Meta) {
    guard let leader = meta.leader else {
      return sentences.append("JetStream has no meta leader: streams cannot be made or changed")
    }
    if let current = meta.current, current < meta.size {
      let place = region(of: leader)
      let cutOff = servers.count {
        $0.figures?.hasJetStream == true && areCut($0.region, place, over: .gateways)
      }
      sentences.append(
        "\(current) of \(meta.size) JetStream servers \(current == 1 ? "follows its" : "follow their") leader \(leader)"
          + (meta.size - current <= cutOff ? "; the others are cut off from it" : ""))
    }
  }

  mutating func note(streams: [SuperclusterPicture.Stream]) {
    for stream in streams {
      if stream.copies.isEmpty {
        sentences.append("stream \(stream.name) is out of reach: no server that has it answers")
      } else if stream.leader == nil {
        sentences.append("stream \(stream.name) has no leader: it takes no writes")
      }
      let missing = stream.copies.filter { !$0.isWell && $0.isOffline }.map(\.server)
      if !missing.isEmpty {
        let place = region(of: stream.leader)
        let areCutOff = missing.allSatisfy { areCut(region(of: $0), place, over: .routes) }
        sentences.append(
          "stream \(stream.name): the copy on \(missing.joined(separator: " and ")) is "
            + (areCutOff ? "cut off from its leader" : "offline"))
      }
      let behind = stream.copies.filter { !$0.isWell && !$0.isOffline }
      if stream.leader != nil, !behind.isEmpty {
        let names = behind.map { $0.lag > 0 ? "\($0.server) (\($0.lag) behind)" : $0.server }
        sentences.append("stream \(stream.name): not current: \(names.joined(separator: ", "))")
      }
    }
  }

  mutating func note(_ gateways: [SuperclusterPicture.Gateways]) {
    for link in gateways where !downClusters.contains(link.from) && !downClusters.contains(link.to) {
      if link.found + cutOff(link.from, of: link.to) < link.possible {
        sentences.append("gateways from \(link.from) to \(link.to): \(link.found) of \(link.possible)")
      }
    }
  }

  /// How many servers of one NATS cluster reach none of the other, since each way there is cut.
  private func cutOff(_ cluster: String, of other: String) -> Int {
    let there = Set(servers.filter { $0.isUp && $0.natsCluster == other }.map(\.region))
    return servers.count { server in
      server.isUp && server.natsCluster == cluster
        && there.allSatisfy { areCut(server.region, $0, over: .gateways) }
    }
  }

  mutating func note(_ routes: [SuperclusterPicture.Routes]) {
    for link in routes where link.found < link.possible && !areCut(link.from, link.to, over: .routes) {
      let place = link.from == link.to ? "in \(link.from)" : "between \(link.from) and \(link.to)"
      sentences.append(
        "routes of \(link.natsCluster) \(place): \(link.found) of \(link.possible) pairs of servers are connected")
    }
  }

  mutating func note(_ leafnodes: [SuperclusterPicture.Leafnode]) {
    for leaf in leafnodes where !leaf.isConnected && !downRegions.contains(leaf.hubRegion ?? "") {
      if areCut(leaf.region, leaf.hubRegion, over: .gateways) { continue }
      sentences.append(
        "\(leaf.server) is a leaf of nobody: its connection for the account \(leaf.account) is not there")
    }
  }
}
