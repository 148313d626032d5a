extension KeyValue {
  /// Puts a value under a key, whatever was there.
  ///
  /// - Parameter timeToLive: after so long the key is gone. The bucket must allow it (`allow_msg_ttl`, servers from 2.11 on).
  /// - Returns: the entry's revision.
  @discardableResult
  public func put(
    _ key: String, _ value: [UInt8], timeToLive: Duration? = nil, limit: WaitLimit
  ) throws(NATSError) -> UInt64 {
    try write(key, value, timeToLive: timeToLive, limit: limit)
  }

  /// Puts a value under a key that holds none, be it because it was deleted. Throws `wrongRevision` if it holds one.
  @discardableResult
  public func create(
    _ key: String, _ value: [UInt8], timeToLive: Duration? = nil, limit: WaitLimit
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
    _ key: String, _ value: [UInt8], revision: UInt64, timeToLive: Duration? = nil, limit: WaitLimit
  ) throws(NATSError) -> UInt64 {
    try write(key, value, expected: revision, timeToLive: timeToLive, limit: limit)
  }

  /// Deletes a key: a marker takes its place, behind which its history stays.
  ///
  /// - Parameter revision: only if the key is at this one.
  @discardableResult
  public func delete(_ key: String, revision: UInt64? = nil, limit: WaitLimit) throws(NATSError) -> UInt64 {
    try write(key, [], expected: revision, headers: ["KV-Operation": "DEL"], limit: limit)
  }

  /// Deletes a key with its history: nothing but a marker stays.
  @discardableResult
  public func purge(
    _ key: String, revision: UInt64? = nil, timeToLive: Duration? = nil, limit: WaitLimit
  ) throws(NATSError) -> UInt64 {
    try write(
      key, [], expected: revision, headers: ["KV-Operation": "PURGE", "Nats-Rollup": "sub"], timeToLive: timeToLive,
      limit: limit)
  }

  private func write(
    _ key: String, _ value: [UInt8], expected: UInt64? = nil, headers: Headers = Headers(),
    timeToLive: Duration? = nil, limit: WaitLimit
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
  private func checkTimeToLive(limit: WaitLimit) throws(NATSError) {
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
    _ error: NATSError, _ key: String, _ expected: UInt64?, limit: WaitLimit
  ) throws(NATSError) -> NATSError {
    // 10164 is what a cluster's leader says that sees the conflict before it asks the others.
    guard let expected, case .api(let refusal) = error, [10071, 10164].contains(refusal.errorCode) else { return error }
    let current = try get(key, limit: limit)
    return .wrongRevision(
      WrongRevision(
        bucket: bucket, key: key, expected: expected, current: current?.revision, currentOperation: current?.operation,
        refusal: refusal))
  }
}

/// A write that expected its key at another revision than the one that it is at.
public struct WrongRevision: Sendable, Equatable {
  public var bucket: String
  public var key: String
  /// 0 if it expected none.
  public var expected: UInt64
  /// Nil if the bucket knows nothing of the key.
  public var current: UInt64?
  public var currentOperation: KeyValueEntry.Operation?
  /// JetStream's own words.
  public var refusal: APIError
  /// The write wanted the key to hold nothing.
  public var isCreate = false

  var creating: WrongRevision {
    var conflict = self
    conflict.isCreate = true
    return conflict
  }
}
