/// A key-value bucket: a stream `KV_BUCKET` whose subjects `$KV.BUCKET.KEY` are the keys.
///
///     let settings = try KeyValue(jetStream, bucket: "settings")
///     let revision = try settings.put("color", Array("red".utf8), limit: .within(.seconds(5)))
///     let entry = try settings.get("color", limit: .within(.seconds(5)))
public struct KeyValue: Sendable {
  /// The JetStream that the bucket is asked of.
  public let jetStream: JetStream
  /// The bucket's name.
  public let bucket: String

  /// What every bucket's stream is called first.
  public static let streamPrefix = "KV_"

  /// The name of the bucket's stream.
  public var stream: String { Self.streamPrefix + bucket }

  /// Asks nobody: a bucket that does not exist is found out by the first use.
  public init(_ jetStream: JetStream, bucket: String) throws(NATSError) {
    try Names.checkBucket(bucket)
    self.jetStream = jetStream
    self.bucket = bucket
  }

  /// What a key holds now, or at a revision; nil if the bucket knows nothing of it. A deleted key has an entry without a value.
  ///
  /// - Parameter from: the leader has seen all that was acknowledged; any replica answers sooner, and without a leader.
  public func get(
    _ key: String, revision: UInt64? = nil, from: JetStream.ReadFrom = .leader, limit: Limit
  ) throws(NATSError) -> KeyValueEntry? {
    try Names.checkKey(key)
    let own = KeyValueSubjects(of: bucket, jetStream)
    if let entry = try entry(key, revision, own, from, limit) { return entry }
    // A mirror holds its keys under the subjects of its origin. A leader that is gone can't tell, and need not.
    guard let subjects = try? subjects(limit: limit.atMost(.seconds(2))), subjects != own else { return nil }
    return try entry(key, revision, subjects, from, limit)
  }

  private func entry(
    _ key: String, _ revision: UInt64?, _ subjects: KeyValueSubjects, _ from: JetStream.ReadFrom, _ limit: Limit
  ) throws(NATSError) -> KeyValueEntry? {
    let subject = subjects.stored + key
    let place = revision.map(JetStream.StoredPlace.sequence) ?? .last(subject: subject)
    let message = try named { () throws(NATSError) in
      try jetStream.storedMessage(place, in: stream, from: from, limit: limit)
    }
    guard let message, message.subject == subject else { return nil }
    return KeyValueEntry(message, bucket: bucket, prefix: subjects.stored)
  }

  /// Under which subjects this bucket's keys are.
  func subjects(limit: Limit) throws(NATSError) -> KeyValueSubjects {
    let api = "STREAM.INFO.\(stream)"
    let answer = try named { () throws(NATSError) in try jetStream.requestWhenReady(api, limit: limit) }
    let info: KeyValueStreamInfo = try jetStream.decode(answer, subject: "\(jetStream.prefix).\(api)")
    return KeyValueSubjects(of: bucket, jetStream, mirror: info.config.mirror)
  }

  func named<Result>(_ body: () throws(NATSError) -> Result) throws(NATSError) -> Result {
    try NATSError.naming(bucket: bucket, body)
  }
}

extension NATSError {
  /// Names the bucket where JetStream speaks of a stream that does not exist.
  public static func naming<Result>(
    bucket: String, _ body: () throws(NATSError) -> Result
  ) throws(NATSError) -> Result {
    do throws(NATSError) {
      return try body()
    } catch {
      guard case .api(let refusal) = error, refusal.errorCode == 10059 else { throw error }
      throw .noBucket(server: refusal.server, name: bucket, refusal: refusal)
    }
  }
}

/// Where a bucket's keys are: a mirror holds those of its origin, and writing to it is writing to that.
struct KeyValueSubjects: Equatable {
  /// What the stored messages' subjects begin with.
  var stored: String
  /// What a write is published to, in front of the key.
  var written: String

  init(of bucket: String, _ jetStream: JetStream, mirror: KeyValueStreamInfo.Mirror? = nil) {
    var bucket = bucket
    var domain = jetStream.prefix == "$JS.API" ? "" : jetStream.prefix + "."
    if let mirror {
      if mirror.name.hasPrefix(KeyValue.streamPrefix) { bucket = String(mirror.name.dropFirst(3)) }
      if let api = mirror.external?.api, !api.isEmpty { domain = api + "." }
    }
    stored = "$KV.\(bucket)."
    written = domain + stored
  }
}

/// What of a stream's INFO tells where its keys are.
struct KeyValueStreamInfo: Decodable {
  struct Mirror: Decodable {
    struct External: Decodable { var api: String? }
    var name: String
    var external: External?
  }
  struct Configuration: Decodable { var mirror: Mirror? }
  var config: Configuration
}

/// What a bucket holds, or held, under a key.
public struct KeyValueEntry: Sendable, Equatable {
  /// What was done to a key; the raw value is what the header `KV-Operation` says.
  public enum Operation: String, Sendable {
    case put = "PUT"
    /// The key was deleted; what it held before may still be in its history.
    case delete = "DEL"
    /// The key was deleted together with its history.
    case purge = "PURGE"
  }

  /// The bucket that it was read from.
  public var bucket: String
  /// The key.
  public var key: String
  /// What was put; empty where the key was deleted.
  public var value: [UInt8]
  /// The entry's number in its bucket: every later one has a higher.
  public var revision: UInt64
  /// When it was stored, in nanoseconds since 1970-01-01T00:00:00Z.
  public var created: Int64
  /// What was done to the key.
  public var operation: Operation
  /// How many entries were still to come when it was read; nil where one alone was asked for.
  public var delta: UInt64?

  /// Nil for a message that is not of this bucket.
  init?(_ message: StoredMessage, bucket: String, prefix: String, delta: UInt64? = nil) {
    guard message.subject.hasPrefix(prefix) else { return nil }
    self.bucket = bucket
    key = String(message.subject.dropFirst(prefix.count))
    value = message.payload
    revision = message.sequence
    created = message.time
    self.delta = delta
    operation = message.headers["KV-Operation"].flatMap(Operation.init) ?? .put
    // What the server itself leaves behind where a time to live is over.
    switch message.headers["Nats-Marker-Reason"] {
    case "MaxAge", "Purge": operation = .purge
    case "Remove": operation = .delete
    default: break
    }
  }
}

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
    public func next(limit: Limit) throws(NATSError) -> KeyValueEntry? {
      while let message = try reader.next(limit: limit) {
        if let entry = KeyValueEntry(message, bucket: bucket, prefix: prefix, delta: reader.pending) { return entry }
      }
      return nil
    }

    /// Ends the watching, and takes away what the server keeps for it.
    public func end() { reader.end() }
  }

  /// Watches the keys that `pattern` names, which may hold `*` and `>`.
  public func watch(
    _ pattern: String = ">", from start: WatchStart = .current, headersOnly: Bool = false,
    endsWhenEmpty: Bool = false, limit: Limit
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
    _ pattern: String = ">", from start: WatchStart = .current, headersOnly: Bool = false, limit: Limit
  ) throws(NATSError) -> [KeyValueEntry] {
    var entries: [KeyValueEntry] = []
    try self.entries(pattern, from: start, headersOnly: headersOnly, limit: limit, into: &entries)
    return entries
  }

  /// The same, laid down one after the other: so that they are known if the listing does not come to its end.
  public func entries(
    _ pattern: String = ">", from start: WatchStart = .current, headersOnly: Bool = false, limit: Limit,
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
    keepingMarkersYoungerThan age: Duration, now: Int64, limit: Limit
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

extension KeyValue {
  /// Puts a value under a key, whatever was there.
  ///
  /// - Parameter timeToLive: after so long the key is gone. The bucket must allow it (`allow_msg_ttl`, servers from 2.11 on).
  /// - Returns: the entry's revision.
  @discardableResult
  public func put(
    _ key: String, _ value: [UInt8], timeToLive: Duration? = nil, limit: Limit
  ) throws(NATSError) -> UInt64 {
    try write(key, value, timeToLive: timeToLive, limit: limit)
  }

  /// Puts a value under a key that holds none, be it because it was deleted. Throws `wrongRevision` if it holds one.
  @discardableResult
  public func create(
    _ key: String, _ value: [UInt8], timeToLive: Duration? = nil, limit: Limit
  ) throws(NATSError) -> UInt64 {
    do throws(NATSError) {
      return try write(key, value, expected: 0, timeToLive: timeToLive, limit: limit)
    } catch {
      guard case .wrongRevision(let conflict) = error else { throw error }
      guard let last = try get(key, limit: limit), last.operation != .put else {
        throw .wrongRevision(conflict.creating)
      }
      return try write(key, value, expected: last.revision, timeToLive: timeToLive, limit: limit)
    }
  }

  /// Puts a value under a key that is at `revision`; 0 stands for one that never was. Throws `wrongRevision` if another write
  /// came before.
  @discardableResult
  public func update(
    _ key: String, _ value: [UInt8], revision: UInt64, timeToLive: Duration? = nil, limit: Limit
  ) throws(NATSError) -> UInt64 {
    try write(key, value, expected: revision, timeToLive: timeToLive, limit: limit)
  }

  /// Deletes a key: a marker takes its place, behind which its history stays.
  ///
  /// - Parameter revision: only if the key is at this one.
  @discardableResult
  public func delete(_ key: String, revision: UInt64? = nil, limit: Limit) throws(NATSError) -> UInt64 {
    try write(key, [], expected: revision, headers: ["KV-Operation": "DEL"], limit: limit)
  }

  /// Deletes a key with its history: nothing but a marker stays.
  @discardableResult
  public func purge(
    _ key: String, revision: UInt64? = nil, timeToLive: Duration? = nil, limit: Limit
  ) throws(NATSError) -> UInt64 {
    try write(
      key, [], expected: revision, headers: ["KV-Operation": "PURGE", "Nats-Rollup": "sub"], timeToLive: timeToLive,
      limit: limit)
  }

  private func write(
    _ key: String, _ value: [UInt8], expected: UInt64? = nil, headers: Headers = Headers(),
    timeToLive: Duration? = nil, limit: Limit
  ) throws(NATSError) -> UInt64 {
    try Names.checkKey(key)
    var headers = headers
    if let expected { headers["Nats-Expected-Last-Subject-Sequence"] = "\(expected)" }
    if let timeToLive {
      try checkTimeToLive(limit: limit)
      headers["Nats-TTL"] = "\(timeToLive.nanoseconds)ns"
    }
    // Every try carries the same, so a write whose answer was lost is not done twice, nor refused as its own conflict.
    headers["Nats-Msg-Id"] = UniqueID.next()
    var subjects = KeyValueSubjects(of: bucket, jetStream)
    while true {
      do throws(NATSError) {
        return try jetStream.publish(
          subjects.written + key, value, headers: headers, limit: limit,
          whereNobodyListens: { (error) throws(NATSError) in throw error }
        ).sequence
      } catch .noResponders {
        // There is no such bucket, or it is a mirror, or it has no leader at the moment.
        subjects = try self.subjects(limit: limit)
      } catch {
        throw try conflict(error, key, expected, limit: limit)
      }
      try limit.sleep(.milliseconds(50), .leader(stream: stream), server: jetStream.connection.server)
    }
  }

  /// Servers before 2.11 know no time to live and would keep the entry without a word.
  private func checkTimeToLive(limit: Limit) throws(NATSError) {
    struct Info: Decodable {
      struct Configuration: Decodable {
        var allowsTimeToLive: Bool?
        private enum CodingKeys: String, CodingKey { case allowsTimeToLive = "allow_msg_ttl" }
      }
      var config: Configuration
    }
    let api = "STREAM.INFO.\(stream)"
    let answer = try named { () throws(NATSError) in try jetStream.requestWhenReady(api, limit: limit) }
    let info: Info = try jetStream.decode(answer, subject: "\(jetStream.prefix).\(api)")
    if info.config.allowsTimeToLive != true {
      throw .noTimeToLive(server: jetStream.connection.server, bucket: bucket)
    }
  }

  /// A refusal for the sake of the revision, with the one that there is.
  private func conflict(
    _ error: NATSError, _ key: String, _ expected: UInt64?, limit: Limit
  ) throws(NATSError) -> NATSError {
    // 10164 is what a cluster's leader says that sees the conflict before it asks the others.
    guard let expected, case .api(let refusal) = error, [10071, 10164].contains(refusal.errorCode) else { return error }
    let current = try get(key, limit: limit)
    return .wrongRevision(
      WrongRevision(
        bucket: bucket, key: key, expected: expected, current: current?.revision,
        isDeleted: current.map { $0.operation != .put } ?? false,
        refusal: refusal))
  }
}
