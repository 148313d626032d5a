/// What became of work.
extension History {
  /// Whether each acknowledged message was handed to somebody, or waits in the queue.
  func lostWork() -> Verdict {
    let name = "lost-work"
    let acknowledged = operations.filter { $0.kind == .write && $0.told == .ok }
    let handedOut = Set(operations.lazy.filter { $0.kind == .consume }.compactMap(\.value))
    let waiting = Set(operations.lazy.filter { $0.kind == .hold && $0.told == .ok }.compactMap(\.value))
    let missing = acknowledged.filter { write in
      write.value.map { !handedOut.contains($0) && !waiting.contains($0) } ?? false
    }
    let replicas = scanned
    if let first = missing.first {
      guard !replicas.isEmpty else {
        return Verdict(
          name, .undecided,
          "\(missing.count.grouped) of \(acknowledged.count.of("acknowledged message")) were handed to nobody, and what waits"
            + " in the queue was not read\(unread)\(caveat)",
          proof: [first])
      }
      return Verdict(
        name, .broken,
        "\(missing.count.grouped) of \(acknowledged.count.of("acknowledged message")) were handed to nobody, and wait no longer"
          + " in the queue, by what \(replicas.joined(separator: ", ")) held in the end\(unread)\(caveat)",
        proof: [first])
    }
    let left = acknowledged.filter { $0.value.map { !handedOut.contains($0) } ?? false }.count
    return Verdict(
      name, .holds,
      "no acknowledged message was lost among \(acknowledged.count.grouped): \((acknowledged.count - left).grouped) were"
        + " handed out, \(left.grouped) wait\(unread)\(caveat)")
  }

  /// Whether no message that was confirmed as done is handed out, or is in the queue, afterwards.
  func exactlyOnce() -> Verdict {
    let name = "exactly-once"
    var done: [String: Operation] = [:]
    for ack in operations where ack.kind == .ack && ack.told == .ok {
      guard let value = ack.value else { continue }
      if let earlier = done[value], earlier.certainEnd <= ack.certainEnd { continue }
      done[value] = ack
    }
    var again: [(Operation, Operation)] = []
    var deliveries: [String: Int] = [:]
    for operation in operations where operation.told == .ok {
      guard operation.kind == .consume || operation.kind == .hold, let value = operation.value else { continue }
      if operation.kind == .consume { deliveries[value, default: 0] += 1 }
      // What was handed out may have been on its way when it was confirmed: what the queue counts as its next delivery
      // was not.
      if let ack = done[value], ack.certainEnd < operation.begin,
        operation.kind == .hold || (operation.deliveries ?? .max) > (ack.deliveries ?? 0)
      {
        again.append((ack, operation))
      }
    }
    let redelivered = deliveries.values.filter { $0 > 1 }.count
    let more =
      redelivered == 0 ? "none was handed out more than once" : "\(redelivered.grouped) were handed out more than once"
    if let first = again.first {
      return Verdict(
        name, .broken,
        "\(Set(again.compactMap(\.0.value)).count.grouped) of \(done.count.of("message")) that were confirmed as done came again"
          + " or were still in the queue; \(more)",
        proof: [first.0, first.1])
    }
    let unconfirmed = operations.filter { $0.kind == .ack && $0.told != .ok }.count
    let held = scanned.isEmpty ? "; what waits in the queue was not read" : unread
    return Verdict(
      name, .holds,
      "each of \(done.count.of("message")) that were confirmed as done was done once; \(more), of"
        + " \(deliveries.count.grouped); \(unconfirmed.of("acknowledgement")) went without a confirmation\(held)\(caveat)"
    )
  }
}
