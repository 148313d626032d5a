/// What became of writes.
extension History {
  /// The replicas that were read whole when all was over, in the order of their names.
  var scanned: [String] {
    Set(operations.lazy.filter { $0.kind == .scan && $0.told == .ok }.compactMap(\.by)).sorted()
  }

  /// Said of replicas that could not be read.
  var unread: String {
    let all = Set(operations.lazy.filter { $0.kind == .scan }.compactMap(\.by))
    let missing = all.subtracting(scanned).sorted()
    return missing.isEmpty ? "" : "; \(missing.joined(separator: ", ")) could not be read"
  }

  /// Everything that was seen of a value: handed to a reader, or held in the end.
  private func seen() -> [String: Operation] {
    var seen: [String: Operation] = [:]
    for operation in operations where operation.told == .ok {
      guard [.read, .consume, .hold].contains(operation.kind), let value = operation.value else { continue }
      if seen[value] == nil { seen[value] = operation }
    }
    return seen
  }

  /// Whether what was acknowledged is still there: by what the replicas hold in the end.
  func lostWrites() -> Verdict {
    let name = "lost-writes"
    let replicas = scanned
    let acknowledged = operations.filter { $0.kind == .write && $0.told == .ok }
    guard !replicas.isEmpty else {
      return Verdict(name, .undecided, "no replica was read when all was over\(unread)\(caveat)")
    }
    let held = Set(operations.lazy.filter { $0.kind == .hold && $0.told == .ok }.compactMap(\.value))
    let lost = acknowledged.filter { $0.value.map { !held.contains($0) } ?? false }
    let looked = "by what \(replicas.joined(separator: ", ")) held in the end\(unread)\(caveat)"
    if let first = lost.first {
      let has = lost.count == 1 ? "is" : "are"
      return Verdict(
        name, .broken, "\(lost.count.grouped) of \(acknowledged.count.of("acknowledged write")) \(has) lost, \(looked)",
        proof: [first] + operations.filter { $0.kind == .scan && $0.told == .ok })
    }
    let unknown = operations.filter { $0.kind == .write && $0.told == .unknown }
    let there = unknown.filter { $0.value.map(held.contains) ?? false }.count
    let others =
      unknown.isEmpty
      ? "" : "; of \(unknown.count.grouped) without an answer \(there.grouped) are there"
    return Verdict(
      name, keptAmong: acknowledged.count,
      "no acknowledged write was lost among \(acknowledged.count.grouped), \(looked)\(others)")
  }

  /// Refused writes that are there all the same. A finding, and not by itself wrong: some refusals come from a server
  /// that has passed the write on already.
  func refusedWrites() -> Verdict {
    let name = "refused-writes"
    let refused = operations.filter { $0.isWrite && $0.told == .refused }
    let seen = seen()
    let appeared = refused.compactMap { write in write.value.flatMap { seen[$0] }.map { (write, $0) } }
    guard let first = appeared.first else {
      return Verdict(name, .holds, "of \(refused.count.of("refused write")) none was seen afterwards\(caveat)")
    }
    let reasons = Set(appeared.compactMap(\.0.why)).sorted().joined(separator: "; ")
    return Verdict(
      name, .holds,
      "\(appeared.count.grouped) of \(refused.count.of("refused write")) took effect all the same (\(reasons)):"
        + " a finding, for a refusal need not mean that nothing was done",
      proof: [first.0, first.1])
  }

  /// Whether each value is there once.
  func duplicates() -> Verdict {
    let name = "duplicates"
    var places: [String: Operation] = [:]
    var twice: [(Operation, Operation)] = []
    for operation in operations where operation.told == .ok {
      guard [.read, .consume, .hold].contains(operation.kind), let value = operation.value,
        let sequence = operation.sequence
      else { continue }
      if let first = places[value] {
        if first.sequence != sequence { twice.append((first, operation)) }
      } else {
        places[value] = operation
      }
    }
    if let first = twice.first {
      let values = Set(twice.compactMap(\.0.value)).count
      return Verdict(
        name, .broken, "\(values.grouped) of \(places.count.of("value")) that were seen stand in two places",
        proof: [first.0, first.1])
    }
    return Verdict(
      name, keptAmong: places.count, "each of \(places.count.of("value")) that were seen stands in one place\(caveat)")
  }

  /// Whether a sequence, which is a revision in a bucket, stands for one value, whoever is told.
  func sequences() -> Verdict {
    let name = "sequences"
    var values: [UInt64: Operation] = [:]
    var told = 0
    var other: [(Operation, Operation)] = []
    for operation in operations where operation.told == .ok && operation.kind != .scan && operation.kind != .hold {
      guard let sequence = operation.sequence, let value = operation.value else { continue }
      told += 1
      if let first = values[sequence] {
        if first.value != value { other.append((first, operation)) }
      } else {
        values[sequence] = operation
      }
    }
    if let first = other.first {
      let count = Set(other.compactMap(\.0.sequence)).count
      return Verdict(
        name, .broken,
        "\(count.grouped) of \(values.count.of("sequence")) were told of two values",
        proof: [first.0, first.1])
    }
    return Verdict(
      name, keptAmong: values.count,
      "each of \(values.count.of("sequence")) stands for one value, by \(told.of("answer")) to clients\(caveat)")
  }

  /// Whether all replicas hold the same, each read by itself.
  func replicas() -> Verdict {
    let name = "replicas"
    let names = scanned
    guard names.count > 1 else {
      return Verdict(
        name, .undecided,
        names.isEmpty
          ? "no replica was read by itself\(unread)"
          : "\(names[0]) alone was read, so that there is none to compare\(unread)")
    }
    var held: [UInt64: [Operation]] = [:]
    for operation in operations where operation.kind == .hold && operation.told == .ok {
      guard let sequence = operation.sequence, let by = operation.by, names.contains(by) else { continue }
      held[sequence, default: []].append(operation)
    }
    let unlike = held.filter { _, holds in
      holds.count != names.count || holds.contains { $0.value != holds.first?.value || $0.key != holds.first?.key }
    }
    if let first = unlike.keys.min(), let holds = unlike[first] {
      let without = Set(names).subtracting(holds.compactMap(\.by)).sorted()
      let how =
        without.isEmpty
        ? "hold different messages at \(first)" : "differ at \(first): \(Self.hold(without)) nothing there"
      let more = unlike.count == 1 ? "" : "; they differ in \(unlike.count.grouped) places of \(held.count.grouped)"
      return Verdict(
        name, .broken, "\(names.joined(separator: ", ")) \(how)\(more)\(unread)",
        proof: holds + operations.filter { $0.kind == .scan && $0.told == .ok && without.contains($0.by ?? "") })
    }
    return Verdict(
      name, keptAmong: held.count,
      "\(names.joined(separator: ", ")) hold the same \(held.count.of("message")), each read by itself\(unread)")
  }

  private static func hold(_ names: [String]) -> String {
    names.joined(separator: ", ") + (names.count == 1 ? " holds" : " hold")
  }
}
