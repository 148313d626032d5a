/// Streams and the meta group, as the servers that hold them report. The leader knows best; while there is none, or it does
/// not answer, another copy's word stands.
struct JetStreamCount {
  let streams: [SuperclusterPicture.Stream]
  let metas: [SuperclusterPicture.Meta]

  private typealias Report = (server: String, account: String, stream: MonitoringReport.JetStream.Stream)

  /// - Parameters:
  ///   - superclusters: servers by the superclusters that they are in: each has streams, and a meta group, of its own.
  ///   - addresses: knows whom a server means by a name that several regions have.
  ///   - names: of streams that there are, whether somebody who has them answers or not.
  init(
    _ reports: [String: MonitoringReport], of superclusters: Groups, at addresses: ServerAddresses, names: [String] = []
  ) {
    let pages = reports.compactMap { name, report in
      report.jetStream.map { (name, $0.naming { addresses.name(for: $0, seenBy: name) }) }
    }.sorted { $0.0 < $1.0 }
    metas = Dictionary(grouping: pages) { superclusters[$0.0] ?? -1 }.sorted { $0.key < $1.key }
      .compactMap { JetStreamCount.meta($1) }.sorted { $0.size > $1.size }
    let all = pages.flatMap { server, page in
      (page.accountDetails ?? []).flatMap { account in
        (account.streamDetail ?? []).map { Report(server, account.name ?? "", $0) }
      }
    }
    let byName = Dictionary(grouping: all) {
      "\($0.account)\u{0}\($0.stream.name ?? "")\u{0}\(superclusters[$0.server] ?? -1)"
    }
    let found = byName.sorted { $0.key < $1.key }.compactMap { _, reports in
      let best = reports.first { $0.stream.cluster?.leader == $0.server } ?? reports.first
      return best.map(JetStreamCount.stream)
    }
    let missing = Set(names).subtracting(found.map(\.name)).sorted().map(JetStreamCount.missing)
    streams = (found + missing).sorted { ($0.account, $0.name) < ($1.account, $1.name) }
  }

  private static func missing(_ name: String) -> SuperclusterPicture.Stream {
    SuperclusterPicture.Stream(
      account: "JS", name: name, natsCluster: "", leader: nil, messages: 0, bytes: 0, consumers: 0, subjects: [],
      copies: [])
  }

  private static func stream(_ report: Report) -> SuperclusterPicture.Stream {
    let cluster = report.stream.cluster
    let named = cluster?.leader ?? ""
    // Outside of a cluster the server that has the stream leads it.
    let leader = cluster == nil ? report.server : named.isEmpty ? nil : named
    // Who reports does not list itself.
    let own = SuperclusterPicture.Copy(
      server: report.server, isLeader: report.server == leader, isCurrent: true, isOffline: false, lag: 0)
    let others = (cluster?.replicas ?? []).map { replica in
      SuperclusterPicture.Copy(
        server: replica.name ?? "", isLeader: replica.name == leader,
        // Only a leader knows who follows it, and how far others are behind it.
        isCurrent: report.server != leader || replica.current ?? false, isOffline: replica.offline ?? false,
        lag: report.server == leader ? replica.lag ?? 0 : 0)
    }
    return SuperclusterPicture.Stream(
      account: report.account, name: report.stream.name ?? "", natsCluster: cluster?.name ?? "", leader: leader,
      messages: report.stream.state?.messages ?? 0, bytes: report.stream.state?.bytes ?? 0,
      consumers: report.stream.state?.consumerCount ?? 0, subjects: report.stream.config?.subjects ?? [],
      copies: ([own] + others).sorted { ($0.isLeader ? 0 : 1, $0.server) < ($1.isLeader ? 0 : 1, $1.server) })
  }

  private static func meta(_ pages: [(String, MonitoringReport.JetStream)]) -> SuperclusterPicture.Meta? {
    let known = pages.compactMap { server, page in page.metaCluster.map { (server, $0) } }
    guard let any = known.first?.1 else { return nil }
    guard let (leader, own) = known.first(where: { $0.0 == $0.1.leader }) else {
      let named = known.compactMap { $0.1.leader }.first { !$0.isEmpty }
      return SuperclusterPicture.Meta(leader: named, size: any.clusterSize ?? 0, current: nil)
    }
    let followers = (own.replicas ?? []).count { $0.current == true && $0.offline != true }
    return SuperclusterPicture.Meta(leader: leader, size: own.clusterSize ?? 0, current: followers + 1)
  }
}

extension MonitoringReport.JetStream {
  /// The same, with what the picture calls the servers that it names.
  fileprivate func naming(_ name: (String) -> String) -> Self {
    func named(_ replicas: [Replica]?) -> [Replica]? {
      replicas?.map { replica in
        var named = replica
        named.name = replica.name.map(name)
        return named
      }
    }
    var page = self
    page.metaCluster?.leader = metaCluster?.leader.map(name)
    page.metaCluster?.replicas = named(metaCluster?.replicas)
    page.accountDetails = accountDetails?.map { account in
      var ofAccount = account
      ofAccount.streamDetail = account.streamDetail?.map { stream in
        var ofStream = stream
        ofStream.cluster?.leader = stream.cluster?.leader.map(name)
        ofStream.cluster?.replicas = named(stream.cluster?.replicas)
        return ofStream
      }
      return ofAccount
    }
    return page
  }
}
