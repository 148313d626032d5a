import NATS
import Synchronization

/// The connections of a run: opened when first needed, shared by all lanes, replaced when they broke.
final class NatsConnections: Sendable {
  /// A connection and who uses it.
  private struct Entry {
    let connection: Connection
    var users = 0
    /// Another one has taken its place: it ends with its last user.
    var isRetired = false
  }

  private struct State {
    var current: [String: Int] = [:]
    var entries: [Int: Entry] = [:]
    var lastNumber = 0
    var isClosed = false
  }

  /// A connection in use; it stays open at least until `end`.
  struct Lease {
    let connection: Connection
    fileprivate let number: Int
    fileprivate let pool: NatsConnections

    func end() { pool.giveBack(number) }
  }

  private let state = Mutex(State())

  /// A connection to one of the destination's servers that is connected as far as anybody knows.
  ///
  /// - Throws: why none of them could be reached, and `connectionClosed` once the run is over.
  func lease(_ destination: NatsDestination, limit: Limit) throws(NATSError) -> Lease {
    if let lease = existing(destination) { return lease }
    let connection = try Connection.connect(destination.options, limit: limit)
    // Another lane may have been quicker.
    if let lease = existing(destination) {
      connection.close()
      return lease
    }
    let (number, replaced) = state.withLock { state -> (Int?, Connection?) in
      guard !state.isClosed else { return (nil, connection) }
      state.lastNumber += 1
      let number = state.lastNumber
      let replaced = retire(state.current[destination.key], in: &state)
      state.entries[number] = Entry(connection: connection, users: 1)
      state.current[destination.key] = number
      return (number, replaced)
    }
    replaced?.close()
    guard let number else { throw .connectionClosed(server: connection.server) }
    return Lease(connection: connection, number: number, pool: self)
  }

  /// Closes all of them; later leases are refused.
  func close() {
    let connections = state.withLock { state in
      let all = state.entries.values.map(\.connection)
      state = State()
      state.isClosed = true
      return all
    }
    for connection in connections { connection.close() }
  }

  private func existing(_ destination: NatsDestination) -> Lease? {
    state.withLock { state in
      guard let number = state.current[destination.key], var entry = state.entries[number],
        entry.connection.isConnected,
        // A server that was paused keeps its sockets, but it is no address of the cluster any more.
        destination.endpoints.contains(entry.connection.server)
      else { return nil }
      entry.users += 1
      state.entries[number] = entry
      return Lease(connection: entry.connection, number: number, pool: self)
    }
  }

  /// Takes a connection out of use; returns it if nobody uses it any more.
  private func retire(_ number: Int?, in state: inout State) -> Connection? {
    guard let number, let entry = state.entries[number] else { return nil }
    if entry.users > 0 {
      state.entries[number]?.isRetired = true
      return nil
    }
    state.entries[number] = nil
    return entry.connection
  }

  private func giveBack(_ number: Int) {
    let ended = state.withLock { state -> Connection? in
      guard var entry = state.entries[number] else { return nil }
      entry.users -= 1
      state.entries[number] = entry
      guard entry.isRetired, entry.users == 0 else { return nil }
      state.entries[number] = nil
      return entry.connection
    }
    ended?.close()
  }
}
