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
      for route in report.routes?.routes ?? [] {
        guard let other = route.remoteName.flatMap({ addresses.server(named: $0, seenFrom: member.region) }),
          let region = addresses.region(of: other)
        else { continue }
        regions.join(member.region, region)
      }
      for url in report.variables.cluster?.urls ?? [] {
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
