/// How one direction of a link behaves. As it is made, it is no longer than the machine's own loopback.
package struct LinkShape: Codable, Hashable, Sendable {
  /// What becomes of bytes that nothing lets through.
  package enum Cut: String, Codable, Sendable {
    /// Nothing passes and nothing is said, as behind a pulled cable.
    case silent
    /// Connections are reset, and new ones refused.
    case refused
  }

  /// For how long each byte is held, in nanoseconds: half of a round trip.
  package var delay: Int64 = 0
  /// By how many nanoseconds the delay varies, up and down.
  package var jitter: Int64 = 0
  /// Bytes a second; nil for as many as the machine moves.
  package var rate: Int64?
  /// Which share of TCP's segments is lost, from 0 to less than 1.
  package var loss: Double = 0
  package var cut: Cut?

  /// The most that a direction's delay or its jitter may be, in nanoseconds: an hour, which is more than any path has, and
  /// keeps sums of times from overflowing.
  package static let longestDelay: Int64 = 3_600_000_000_000

  package init() {}

  /// Whether bytes pass at once.
  package var isPlain: Bool { self == LinkShape() }
}

/// One of the two networks that join regions: in the seed, gateways go over a wide one, the stretched cluster over one that
/// is near and durable.
package enum LinkNetwork: String, Codable, CaseIterable, Sendable {
  /// Gateways, and leafnodes of other regions.
  case gateways
  /// Routes of clusters that have servers in several regions.
  case routes
}

/// One direction of what joins two regions.
package struct DirectedLink: Hashable, Codable, Sendable {
  package let from: String
  package let to: String
  package let network: LinkNetwork

  package init(from: String, to: String, over network: LinkNetwork) {
    self.from = from
    self.to = to
    self.network = network
  }

  package var reversed: DirectedLink { DirectedLink(from: to, to: from, over: network) }
}

/// One direction of a link, for people and recipes: what is set, and what was seen.
package struct LinkState: Sendable, Equatable {
  package let link: DirectedLink
  package let shape: LinkShape
  /// How many connections are through; nil where nobody could be asked.
  package let connections: Int?
  /// Bytes that passed since the relay's start; nil where nobody could be asked.
  package let bytes: Int64?
  /// For how long bytes were held lately, in nanoseconds; nil until one has come since the link was changed.
  package let measured: Int64?

  package init(link: DirectedLink, shape: LinkShape, connections: Int?, bytes: Int64?, measured: Int64?) {
    self.link = link
    self.shape = shape
    self.connections = connections
    self.bytes = bytes
    self.measured = measured
  }
}
