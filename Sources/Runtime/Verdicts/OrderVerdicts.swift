/// Whether what came first stands first.
extension History {
  /// A write and where it is.
  private struct Placed {
    var write: Operation
    var sequence: UInt64
  }

  /// Writes whose place is known: the client was told, or somebody saw it.
  private func placed() -> [Placed] {
    var places: [String: UInt64] = [:]
    for operation in operations where operation.told == .ok {
      guard [.read, .consume, .hold].contains(operation.kind), let value = operation.value else { continue }
      places[value] = operation.sequence
    }
    return operations.compactMap { operation in
      guard operation.isWrite, operation.told != .refused else { return nil }
      let sequence = operation.told == .ok ? operation.sequence : operation.value.flatMap { places[$0] }
      return sequence.map { Placed(write: operation, sequence: $0) }
    }
  }

  /// Two of the writes of which the first was acknowledged before the second was begun, and stands behind it.
  private static func misplaced(_ writes: [Placed]) -> (count: Int, first: (Placed, Placed)?) {
    let ended = writes.filter { $0.write.told == .ok }.sorted { $0.write.certainEnd < $1.write.certainEnd }
    var next = 0
    var highest: Placed?
    var count = 0
    var first: (Placed, Placed)?
    for write in writes.sorted(by: { $0.write.begin < $1.write.begin }) {
      while next < ended.count, ended[next].write.certainEnd < write.write.begin {
        if ended[next].sequence >= highest?.sequence ?? 0 { highest = ended[next] }
        next += 1
      }
      guard let highest, highest.sequence >= write.sequence else { continue }
      count += 1
      if first == nil { first = (highest, write) }
    }
    return (count, first)
  }

  /// Whether each client's writes stand in the order in which it made them.
  func orderPerPublisher() -> Verdict {
    let name = "order-per-publisher"
    let writes = placed()
    let clients = Dictionary(grouping: writes, by: \.write.client)
    let found = clients.keys.sorted().map { Self.misplaced(clients[$0] ?? []) }
    let count = found.reduce(0) { $0 + $1.count }
    let first = found.compactMap(\.first).min { $0.1.write.begin < $1.1.write.begin }
    if let first {
      return Verdict(
        name, .broken,
        "\(count.grouped) of \(writes.count.of("write")) stand before one that the same client was told of earlier",
        proof: [first.0.write, first.1.write])
    }
    return Verdict(
      name, keptAmong: writes.count,
      "the \(writes.count.of("write")) of \(clients.count.of("client")) stand in the order in which each"
        + " made its own\(caveat)"
    )
  }

  /// Whether a write that was begun after another was acknowledged stands behind it, whoever made them.
  func orderOverAll() -> Verdict {
    let name = "order-over-all"
    let writes = placed()
    let found = Self.misplaced(writes)
    if let first = found.first {
      return Verdict(
        name, .broken,
        "\(found.count.grouped) of \(writes.count.of("write")) stand before one that was acknowledged before they"
          + " were begun",
        proof: [first.0.write, first.1.write])
    }
    return Verdict(
      name, keptAmong: writes.count,
      "each of \(writes.count.of("write")) stands behind all that were acknowledged before it was begun\(caveat)")
  }
}
