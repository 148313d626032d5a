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
          "\(missing.count.grouped) of \(acknowledged.count.of("acknowledged message")) were handed to nobody, and what"
            + " waits in the queue was not read\(unread)\(caveat)",
          proof: [first])
      }
      return Verdict(
        name, .broken,
        "\(missing.count.grouped) of \(acknowledged.count.of("acknowledged message")) were handed to nobody, and wait no"
          + " longer in the queue, by what \(replicas.joined(separator: ", ")) held in the end\(unread)\(caveat)",
        proof: [first])
    }
    let left = acknowledged.filter { $0.value.map { !handedOut.contains($0) } ?? false }.count
    return Verdict(
      name, keptAmong: acknowledged.count,
      "no acknowledged message was lost among \(acknowledged.count.grouped): \((acknowledged.count - left).grouped)"
        + " were handed out, \(left.grouped) wait\(unread)\(caveat)")
  }

  /// The first confirmation of each message as done.
  private func confirmed() -> [String: Operation] {
    var done: [String: Operation] = [:]
    for ack in operations where ack.kind == .ack && ack.told == .ok {
      guard let value = ack.value else { continue }
      if let earlier = done[value], earlier.certainEnd <= ack.certainEnd { continue }
      done[value] = ack
    }
    return done
  }

  /// Whether no message that was confirmed as done is handed out afterwards.
  func exactlyOnce() -> Verdict {
    let name = "exactly-once"
    let done = confirmed()
    var again: [(Operation, Operation)] = []
    var deliveries: [String: Int] = [:]
    for operation in operations where operation.kind == .consume && operation.told == .ok {
      guard let value = operation.value else { continue }
      deliveries[value, default: 0] += 1
      // What was handed out may have been on its way when it was confirmed: what the queue counts as its next delivery
      // was not.
      guard let ack = done[value], ack.certainEnd < operation.begin, operation.deliveries ?? .max > ack.deliveries ?? 0
      else { continue }
      again.append((ack, operation))
    }
    let redelivered = deliveries.values.count { $0 > 1 }
    let more = "\(redelivered.grouped) of \(deliveries.count.grouped) were handed out more than once"
    if let first = again.first {
      let count = Set(again.compactMap(\.0.value)).count
      return Verdict(
        name, .broken,
        "\(count.grouped) of \(done.count.of("message")) that were confirmed as done came again; in all \(more)",
        proof: [first.0, first.1])
    }
    let unconfirmed = operations.count { $0.kind == .ack && $0.told != .ok }
    return Verdict(
      name, keptAmong: done.count,
      "none of \(done.count.of("message")) that were confirmed as done came again; before that \(more);"
        + " \(unconfirmed.of("acknowledgement")) went without a confirmation\(caveat)")
  }

  /// Whether what was confirmed as done is gone from the queue.
  func doneWork() -> Verdict {
    let name = "done-work"
    guard !scanned.isEmpty else {
      return Verdict(name, .undecided, "what waits in the queue was not read\(unread)\(caveat)")
    }
    let done = confirmed()
    let kept = operations.compactMap { held -> (Operation, Operation)? in
      guard held.kind == .hold, let ack = held.value.flatMap({ done[$0] }), ack.certainEnd < held.begin else {
        return nil
      }
      return (ack, held)
    }
    let looked = "by what \(scanned.joined(separator: ", ")) held in the end\(unread)\(caveat)"
    if let first = kept.first {
      let count = Set(kept.compactMap(\.0.value)).count
      return Verdict(
        name, .broken,
        "\(count.grouped) of \(done.count.of("message")) that were confirmed as done were still in the queue,"
          + " \(looked)",
        proof: [first.0, first.1])
    }
    return Verdict(
      name, keptAmong: done.count,
      "none of \(done.count.of("message")) that were confirmed as done was in the queue, \(looked)")
  }
}
