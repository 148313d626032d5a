import ValuesAndCommands

/// Streams and the meta group, as the servers that hold them report. The leader knows best; while there is none, or it does
/// not answer, another copy's word stands.
struct JetStreamCount {
  let streams: [SuperclusterPicture.Stream]
  let metas: [SuperclusterPicture.Meta]

  /// What a server reports of its JetStream, or of one stream, with what the picture calls the servers that it names.
  private struct Report {
    let server: String
    var account = ""
    let facts: Value
    let addresses: ServerAddresses

    func called(_ name: String) -> String { addresses.name(for: name, seenBy: server) }

    func leader(of group: String) -> String? { facts.name("\(group).leader").map(called) }
  }

  /// - Parameters:
  ///   - superclusters: servers by the superclusters that they are in: each has streams, and a meta group, of its own.
  ///   - addresses: knows whom a server means by a name that several regions have.
  ///   - names: of streams that there are, whether somebody who has them answers or not.
  init(
    _ reports: [String: MonitoringReport], of superclusters: Groups, at addresses: ServerAddresses, names: [String] = []
  ) {
    let pages = reports.filter { !$1.jetStream.isNull }
      .map { Report(server: $0, facts: $1.jetStream, addresses: addresses) }.sorted { $0.server < $1.server }
    metas = Dictionary(grouping: pages) { superclusters[$0.server] ?? -1 }.sorted { $0.key < $1.key }
      .compactMap { JetStreamCount.meta($1) }.sorted { $0.size > $1.size }
    let all = pages.flatMap { page in
      page.facts[path: "account_details"].all.flatMap { account in
        account[path: "stream_detail"].all.map {
          Report(server: page.server, account: account.name() ?? "", facts: $0, addresses: addresses)
        }
      }
    }
    let byName = Dictionary(grouping: all) {
      "\($0.account)\u{0}\($0.facts.name() ?? "")\u{0}\(superclusters[$0.server] ?? -1)"
    }
    let found = byName.sorted { $0.key < $1.key }.compactMap { _, reports in
      let best = reports.first { $0.leader(of: "cluster") == $0.server } ?? reports.first
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
    let (facts, cluster) = (report.facts, report.facts[path: "cluster"])
    let named = report.leader(of: "cluster") ?? ""
    // Outside of a cluster the server that has the stream leads it.
    let leader = cluster.isNull ? report.server : named.isEmpty ? nil : named
    let isLeader = report.server == leader
    // Who reports does not list itself.
    let own = SuperclusterPicture.Copy(
      server: report.server, isLeader: isLeader, isCurrent: true, isOffline: false, lag: 0)
    let others = cluster[path: "replicas"].all.map { replica in
      let name = report.called(replica.name() ?? "")
      return SuperclusterPicture.Copy(
        server: name, isLeader: name == leader,
        // Only a leader knows who follows it, and how far others are behind it.
        isCurrent: !isLeader || replica[path: "current"].isTrue, isOffline: replica[path: "offline"].isTrue,
        lag: isLeader ? replica[path: "lag"].amount : 0)
    }
    return SuperclusterPicture.Stream(
      account: report.account, name: facts.name() ?? "", natsCluster: cluster.name() ?? "", leader: leader,
      messages: facts[path: "state.messages"].amount, bytes: facts[path: "state.bytes"].amount,
      consumers: facts[path: "state.consumer_count"].amount, subjects: facts.names("config.subjects"),
      copies: ([own] + others).sorted { ($0.isLeader ? 0 : 1, $0.server) < ($1.isLeader ? 0 : 1, $1.server) })
  }

  private static func meta(_ pages: [Report]) -> SuperclusterPicture.Meta? {
    let known = pages.filter { !$0.facts[path: "meta_cluster"].isNull }
    let leaders = known.map { $0.leader(of: "meta_cluster") }
    let speaker = zip(known, leaders).first { $0.server == $1 }
    guard let (report, leader) = speaker ?? known.first.map({ ($0, leaders.first { $0?.isEmpty == false } ?? nil) })
    else { return nil }
    let group = report.facts[path: "meta_cluster"]
    let followers = group[path: "replicas"].all.count { $0[path: "current"].isTrue && !$0[path: "offline"].isTrue }
    return SuperclusterPicture.Meta(
      leader: leader, size: Int(group[path: "cluster_size"].amount), current: speaker.map { _ in followers + 1 })
  }
}
