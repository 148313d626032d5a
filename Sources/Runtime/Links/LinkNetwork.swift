/// One of the two networks that join regions: in the seed, gateways go over a wide one, the stretched cluster over one that
/// is near and durable.
public enum LinkNetwork: String, Codable, CaseIterable, Sendable {
  /// Gateways, and leafnodes of other regions.
  case gateways
  /// Routes of clusters that have servers in several regions.
  case routes
}

/// One direction of what joins two regions.
public struct DirectedLink: Hashable, Codable, Sendable {
  public let from: String
  public let to: String
  public let network: LinkNetwork

  public init(from: String, to: String, over network: LinkNetwork) {
    self.from = from
    self.to = to
    self.network = network
  }

  public var reversed: DirectedLink { DirectedLink(from: to, to: from, over: network) }
}
