/// Leafnodes: what servers are configured to be leaves of, and who else is a leaf of theirs.
struct LeafnodeCount {
  private(set) var leafnodes: [SuperclusterPicture.Leafnode] = []
  private let addresses: ServerAddresses

  init(
    _ servers: [SuperclusterPicture.Server], _ reports: [String: MonitoringReport], _ addresses: ServerAddresses
  ) {
    self.addresses = addresses
    for server in servers {
      guard let report = reports[server.name] else { continue }
      let all = report.leafnodes?.leafs ?? []
      add(server, all.filter { $0.isSpoke == true }, remotes: report.variables.leaf?.remotes ?? [])
      for leaf in all where leaf.isSpoke != true {
        let name = leaf.name ?? ""
        // Of a leaf that is seen itself its own word is told.
        let known = addresses.server(named: name, seenFrom: server.region)
        guard known.flatMap({ reports[$0] }) == nil else { continue }
        leafnodes.append(
          SuperclusterPicture.Leafnode(
            server: name, region: known.flatMap(addresses.region), account: leaf.account ?? "", hub: server.name,
            hubRegion: server.region,
            roundTrip: leaf.rtt.flatMap(ServerDuration.nanoseconds)))
      }
    }
  }

  /// A leaf's connections, and those that it should have.
  private mutating func add(
    _ server: SuperclusterPicture.Server, _ connections: [MonitoringReport.Leafnodes.Leaf],
    remotes: [MonitoringReport.Variables.RemoteHub]
  ) {
    var missing = remotes
    for connection in connections {
      let account = connection.account ?? ""
      if let place = missing.firstIndex(where: { LeafnodeCount.account(of: $0) == account }) {
        missing.remove(at: place)
      }
      let hub = connection.name ?? ""
      let known = addresses.server(named: hub, seenFrom: server.region)
      leafnodes.append(
        SuperclusterPicture.Leafnode(
          server: server.name, region: server.region, account: account, hub: known ?? hub,
          hubRegion: known.flatMap(addresses.region), roundTrip: connection.rtt.flatMap(ServerDuration.nanoseconds)))
    }
    for remote in missing {
      let regions = (remote.urls ?? []).compactMap { addresses.region(of: $0, .leafnodes, in: server.region) }
      leafnodes.append(
        SuperclusterPicture.Leafnode(
          server: server.name, region: server.region, account: LeafnodeCount.account(of: remote), hub: nil,
          hubRegion: regions.first, roundTrip: nil))
    }
  }

  /// Without one it is the global account.
  private static func account(of remote: MonitoringReport.Variables.RemoteHub) -> String {
    remote.localAccount.flatMap { $0.isEmpty ? nil : $0 } ?? "$G"
  }
}
