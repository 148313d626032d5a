extension KeyValue {
  /// Which entries a look at the bucket begins with.
  public enum WatchStart: Sendable, Equatable {
    /// What every key holds now.
    case current
    /// Also what the keys held before, as far as the bucket keeps it.
    case history
    /// Only what comes from now on.
    case updates
  }

  /// Entries as they are and as they come. For one thread.
  public final class Watcher {
    private let reader: StreamReader
    private let bucket: String
    private let prefix: String

    /// How many entries there were when it began.
    public var initialCount: UInt64 { reader.initialCount }

    fileprivate init(_ reader: StreamReader, bucket: String, prefix: String) {
      self.reader = reader
      self.bucket = bucket
      self.prefix = prefix
    }

    /// The next entry. While there is none it waits for one to be written; nil only where it is to end when empty.
    public func next(limit: WaitLimit) throws(NATSError) -> KeyValueEntry? {
      while let message = try reader.next(limit: limit) {
        if let entry = KeyValueEntry(message, bucket: bucket, prefix: prefix, delta: reader.pending) { return entry }
      }
      return nil
    }

    public func end() { reader.end() }
  }

  /// Watches the keys that `pattern` names, which may hold `*` and `>`.
  public func watch(
    _ pattern: String = ">", from start: WatchStart = .current, headersOnly: Bool = false,
    endsWhenEmpty: Bool = false, limit: WaitLimit
  ) throws(NATSError) -> Watcher {
    try Names.checkKeyPattern(pattern)
    let subjects = try subjects(limit: limit)
    let begin: StreamReader.Selection.Start =
      switch start {
      case .current: .lastOfEachSubject
      case .history: .all
      case .updates: .new
      }
    let reader = try StreamReader(
      jetStream, stream: stream,
      .init(
        start: begin, subjects: [subjects.stored + pattern], headersOnly: headersOnly, endsWhenEmpty: endsWhenEmpty),
      limit: limit)
    return Watcher(reader, bucket: bucket, prefix: subjects.stored)
  }

  /// The last entry of every key, deleted ones included; with `headersOnly` without their values.
  public func entries(
    _ pattern: String = ">", from start: WatchStart = .current, headersOnly: Bool = false, limit: WaitLimit
  ) throws(NATSError) -> [KeyValueEntry] {
    var entries: [KeyValueEntry] = []
    try self.entries(pattern, from: start, headersOnly: headersOnly, limit: limit, into: &entries)
    return entries
  }

  /// The same, laid down one after the other: so that they are known if the listing does not come to its end.
  public func entries(
    _ pattern: String = ">", from start: WatchStart = .current, headersOnly: Bool = false, limit: WaitLimit,
    into entries: inout [KeyValueEntry]
  ) throws(NATSError) {
    let watcher = try watch(pattern, from: start, headersOnly: headersOnly, endsWhenEmpty: true, limit: limit)
    defer { watcher.end() }
    entries = []
    var places: [String: Int] = [:]
    // A key that is written meanwhile comes again, or only behind all others if what it held is no longer kept, and may
    // not be among those that were counted: it is waited for while something is still to come, but not for ever.
    let isCurrent = start == .current
    var left = isCurrent ? 2 * watcher.initialCount + KeyValue.patienceInEntries : watcher.initialCount
    while left > 0, let entry = try watcher.next(limit: limit) {
      left -= 1
      if isCurrent, let place = places[entry.key] {
        entries[place] = entry
      } else {
        places[entry.key] = entries.count
        entries.append(entry)
      }
      if entry.delta == 0, !isCurrent || entries.count >= watcher.initialCount { break }
    }
  }

  /// How many entries of keys that are written all the time a listing takes beyond those that it has counted.
  private static let patienceInEntries: UInt64 = 64

  /// Takes away the markers of deleted keys, and what is left of their history.
  ///
  /// - Parameter age: markers that are younger stay, so that whoever watches sees them.
  /// - Returns: the keys that are gone.
  public func compact(
    keepingMarkersYoungerThan age: Duration, now: Int64, limit: WaitLimit
  ) throws(NATSError) -> [String] {
    let subjects = try subjects(limit: limit)
    var gone: [String] = []
    for entry in try entries(headersOnly: true, limit: limit) where entry.operation != .put {
      let staysAsMarker = now - entry.created < age.nanoseconds
      var filter: [String: JSONValue] = ["filter": .string(subjects.stored + entry.key)]
      if staysAsMarker { filter["keep"] = 1 } else { gone.append(entry.key) }
      _ = try jetStream.request("STREAM.PURGE.\(stream)", JSONValue.object(filter).bytes, limit: limit)
    }
    return gone
  }
}
