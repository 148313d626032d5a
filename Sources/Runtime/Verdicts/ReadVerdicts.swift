/// Whether what is read is what was there.
extension History {
  private var reads: [Operation] { operations.filter { $0.kind == .read && $0.told == .ok } }

  /// Whether a read that was begun after a write of its key was acknowledged sees that write, or a later one.
  func staleReads() -> Verdict {
    let name = "stale-reads"
    let reads = reads
    let writes = Dictionary(
      grouping: operations.filter { $0.isWrite && $0.told == .ok && $0.sequence != nil }, by: \.key)
    var stale: [(write: Operation, read: Operation)] = []
    for (key, reads) in Dictionary(grouping: reads, by: \.key) {
      let ended = (writes[key] ?? []).sorted { $0.certainEnd < $1.certainEnd }
      var next = 0
      var newest: Operation?
      for read in reads.sorted(by: { $0.begin < $1.begin }) {
        while next < ended.count, ended[next].certainEnd < read.begin {
          if ended[next].sequence ?? 0 >= newest?.sequence ?? 0 { newest = ended[next] }
          next += 1
        }
        guard let newest, newest.sequence ?? 0 > read.sequence ?? 0 else { continue }
        stale.append((newest, read))
      }
    }
    if let first = stale.min(by: { $0.read.begin < $1.read.begin }) {
      return Verdict(
        name, .broken,
        "\(stale.count.grouped) of \(reads.count.of("read")) gave what was there before a write that was"
          + " acknowledged already",
        proof: [first.write, first.read])
    }
    return Verdict(
      name, keptAmong: reads.count,
      "none of \(reads.count.of("read")) was behind a write that was acknowledged before it was begun\(caveat)")
  }

  /// Whether no client goes back: in a stream from message to message, in a bucket on each key.
  func monotoneReads() -> Verdict {
    let name = "monotone-reads"
    let reads = reads
    var last: [[String]: Operation] = [:]
    var back: [(Operation, Operation)] = []
    for read in reads.sorted(by: { $0.begin < $1.begin }) {
      let reader = workload == .kv ? [read.client, read.key] : [read.client]
      if let before = last[reader] {
        let (old, new) = (before.sequence ?? 0, read.sequence ?? 0)
        if new < old || (workload != .kv && new == old) {
          back.append((before, read))
          continue
        }
      }
      last[reader] = read
    }
    let readers = Set(last.keys.compactMap(\.first)).count
    if let first = back.first {
      return Verdict(
        name, .broken, "\(back.count.grouped) of \(reads.count.of("read")) of \(readers.of("client")) went back",
        proof: [first.0, first.1])
    }
    return Verdict(
      name, keptAmong: reads.count, "none of \(reads.count.of("read")) of \(readers.of("client")) went back\(caveat)")
  }
}
