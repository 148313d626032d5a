/// The process that is the relay, as `relay.json` keeps it.
struct RelayRecord: Codable, Sendable {
  /// Nil from before its start until it is recorded: then the process is looked for.
  var process: ProcessIdentity?
  /// The program that it was started with.
  let program: String
  /// Seconds since 1970.
  let started: Double
}

extension PodRecord {
  /// Where the relay listens for a pod, given its ports.
  static func listeners(of key: PodKey, _ ports: [PodPort: UInt16]) -> [RelayOrders.Listener] {
    PodPort.allCases.compactMap { port in
      guard let network = port.network, let relay = ports[port], let target = port.behind.flatMap({ ports[$0] }) else {
        return nil
      }
      return RelayOrders.Listener(port: relay, target: target, region: key.cluster, network: network)
    }
  }
}
