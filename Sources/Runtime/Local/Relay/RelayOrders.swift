import SandboxSystem

/// What a relay is to do, as nbx writes it to `orders.json`: the relay reads it at its start and on SIGHUP.
struct RelayOrders: Codable, Sendable {
  /// A port that servers of other regions connect to, in front of a server's own.
  struct Listener: Codable, Hashable, Sendable {
    /// Of 127.0.0.1, where the relay listens.
    let port: UInt16
    /// Of 127.0.0.1, where the server listens.
    let target: UInt16
    /// The server's region.
    let region: String
    let network: LinkNetwork
  }

  /// A direction that is not plain.
  struct Link: Codable, Sendable {
    let link: DirectedLink
    var shape: LinkShape
  }

  /// Grows with each change; the relay's report names the one that holds.
  var generation: Int
  var listeners: [Listener]
  var links: [Link]

  init(generation: Int = 0, listeners: [Listener] = [], links: [Link] = []) {
    self.generation = generation
    self.listeners = listeners
    self.links = links
  }
}

/// How a relay stands, as it writes it to `report.json` after each SIGHUP.
struct RelayReport: Codable, Sendable {
  /// What has passed one direction.
  struct Figures: Codable, Sendable {
    let link: DirectedLink
    /// How many connections there are over the link that are through; each counts in both directions.
    var connections: Int
    /// Bytes that were handed on since the relay's start.
    var bytes: Int64
    /// Bytes that are held now.
    var held: Int64
    /// For how long the last bytes were held, in nanoseconds: a mean of those that passed lately; nil until one has come since
    /// the link was changed.
    var delay: Int64?
  }

  struct RefusedPort: Codable, Sendable {
    let port: UInt16
    /// As `errno` had it.
    let reason: Int32
  }

  /// That of the orders which hold for every connection.
  var generation: Int
  /// Where it was told to listen and could not.
  var refused: [RefusedPort]
  var links: [Figures]
}
