/// How one direction of a link behaves. As it is made, it is no longer than the machine's own loopback.
public struct LinkShape: Codable, Hashable, Sendable {
  /// What becomes of bytes that nothing lets through.
  public enum Cut: String, Codable, Sendable {
    /// Nothing passes and nothing is said, as behind a pulled cable.
    case silent
    /// Connections are reset, and new ones refused.
    case refused
  }

  /// For how long each byte is held, in nanoseconds: half of a round trip.
  public var delay: Int64 = 0
  /// By how many nanoseconds the delay varies, up and down.
  public var jitter: Int64 = 0
  /// Bytes a second; nil for as many as the machine moves.
  public var rate: Int64?
  /// Which share of TCP's segments is lost, from 0 to less than 1.
  public var loss: Double = 0
  public var cut: Cut?

  /// The most that a direction's delay or its jitter may be, in nanoseconds: an hour, which is more than any path has, and
  /// keeps sums of times from overflowing.
  static let longestDelay: Int64 = 3_600_000_000_000

  public init() {}

  /// Whether bytes pass at once.
  public var isPlain: Bool { self == LinkShape() }
}

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

/// One direction of a link, for people and recipes: what is set, and what was seen.
public struct LinkState: Sendable, Equatable {
  public let link: DirectedLink
  public let shape: LinkShape
  /// How many connections are through; nil where nobody could be asked.
  public let connections: Int?
  /// Bytes that passed since the relay's start; nil where nobody could be asked.
  public let bytes: Int64?
  /// For how long bytes were held lately, in nanoseconds; nil until one has come since the link was changed.
  public let measured: Int64?

  public init(link: DirectedLink, shape: LinkShape, connections: Int?, bytes: Int64?, measured: Int64?) {
    self.link = link
    self.shape = shape
    self.connections = connections
    self.bytes = bytes
    self.measured = measured
  }
}
