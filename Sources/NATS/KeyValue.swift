/// A key-value bucket: a stream `KV_BUCKET` whose subjects `$KV.BUCKET.KEY` are the keys.
///
///     let settings = try KeyValue(jetStream, bucket: "settings")
///     let revision = try settings.put("color", Array("red".utf8), limit: .within(.seconds(5)))
///     let entry = try settings.get("color", limit: .within(.seconds(5)))
public struct KeyValue: Sendable {
  public let jetStream: JetStream
  public let bucket: String

  /// What every bucket's stream is called first.
  public static let streamPrefix = "KV_"

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
    _ key: String, revision: UInt64? = nil, from: JetStream.ReadFrom = .leader, limit: WaitLimit
  ) throws(NATSError) -> KeyValueEntry? {
    try Names.checkKey(key)
    let own = KeyValueSubjects(of: bucket, jetStream)
    if let entry = try entry(key, revision, own, from, limit) { return entry }
    // A mirror holds its keys under the subjects of its origin. A leader that is gone can't tell, and need not.
    guard let subjects = try? subjects(limit: limit.atMost(.seconds(2))), subjects != own else { return nil }
    return try entry(key, revision, subjects, from, limit)
  }

  private func entry(
    _ key: String, _ revision: UInt64?, _ subjects: KeyValueSubjects, _ from: JetStream.ReadFrom, _ limit: WaitLimit
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
  func subjects(limit: WaitLimit) throws(NATSError) -> KeyValueSubjects {
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
