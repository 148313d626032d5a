import Interpreter
import NATS

/// What the forms of `kv` have in common.
extension NatsCall {
  /// How long a write waits for a bucket that has no leader at the moment: longer than the election after the loss of a
  /// region takes, which took up to 6.5 s.
  private static let writePatience = Duration.seconds(10)

  func withBucket<Result>(
    mayRepeat: Bool = true, _ body: (KeyValue) throws(NATSError) -> Result
  ) throws(CommandFailure) -> Result {
    let name = try name(Names.checkBucket)
    return try withJetStream(mayRepeat: mayRepeat) { jetStream throws(NATSError) in
      try body(KeyValue(jetStream, bucket: name))
    }
  }

  /// The second word, as the name of a key.
  func keyWord() throws(CommandFailure) -> String {
    let key = words.positional(1)?.string ?? ""
    try checked { () throws(NATSError) in try Names.checkKey(key) }
    return key
  }

  /// Writes to the key that the call names. A write that was lost with its connection is repeated by the bucket itself.
  func write(
    _ body: (KeyValue, _ key: String, Limit) throws(NATSError) -> UInt64
  ) throws(CommandFailure) -> Value {
    let key = try keyWord()
    let revision = try withBucket(mayRepeat: false) { bucket throws(NATSError) in
      try body(bucket, key, limit(atMost: NatsCall.writePatience))
    }
    show("\(key) is at revision \(revision)")
    return [
      "bucket": .string(words.positional(0)?.string ?? ""), "key": .string(key),
      "revision": .int(Int64(clamping: revision)),
    ]
  }

  /// What a listing of the bucket gives, as far as it comes.
  func entries(
    _ what: String, atMost time: Duration,
    _ body: (KeyValue, Limit, inout [KeyValueEntry]) throws(NATSError) -> Void
  ) throws(CommandFailure) -> [KeyValueEntry] {
    func value(_ entry: KeyValueEntry) -> Value { KeyValueText.value(entry) }
    return try gathering(what, as: value) { entries throws(CommandFailure) in
      try withBucket { bucket throws(NATSError) in
        try body(bucket, limit(atMost: time), &entries)
      }
    }
  }

  func entry(
    revision: UInt64?, from: JetStream.ReadFrom = .leader
  ) throws(CommandFailure) -> KeyValueEntry? {
    let key = try keyWord()
    return try withBucket { bucket throws(NATSError) in
      try bucket.get(key, revision: revision, from: from, limit: limit(atMost: NatsCall.patience))
    }
  }

  /// The entry, if it is there and holds a value.
  func found(_ entry: KeyValueEntry?, revision: UInt64?) throws(CommandFailure) -> KeyValueEntry {
    let key = try keyWord()
    guard let entry else { throw missing(key, revision) }
    guard entry.operation != .put else { return entry }
    throw CommandFailure(
      .failed, "key not found: \(key) was deleted, at revision \(entry.revision)",
      advice: "see what it held: nats kv history \(entry.bucket) \(key)", details: FailureDetails("not-found"))
  }

  func missing(_ key: String, _ revision: UInt64? = nil) -> CommandFailure {
    let bucket = words.positional(0)?.string ?? ""
    guard let revision else {
      return CommandFailure(
        .failed, "key not found: bucket \(bucket) has no \(key)", advice: "see which there are: nats kv ls \(bucket)",
        details: FailureDetails("not-found"))
    }
    return CommandFailure(
      .failed, "key not found: bucket \(bucket) has no \(key) of revision \(revision)",
      advice: "see which are kept: nats kv history \(bucket) \(key)", details: FailureDetails("not-found"))
  }

  /// The word at that place as a revision. 0 stands for a key that never was.
  func revision(at place: Int, isZeroAllowed: Bool = false) throws(CommandFailure) -> UInt64 {
    guard let word = words.positional(place)?.string else {
      throw CommandFailure(
        .misused, "`nats \(words.path)` needs a revision", advice: "for example: \(words.form.example)")
    }
    guard let revision = UInt64(word), isZeroAllowed || revision > 0 else {
      throw CommandFailure(
        .misused, "`\(word)` is no revision: those are numbers from 1 on",
        advice: "nats kv get tells it, and what every write gives")
    }
    return revision
  }

  func revisionFlag() throws(CommandFailure) -> UInt64? {
    guard let revision = words.integer("--revision") else { return nil }
    guard revision > 0 else { throw CommandFailure(.misused, "revisions are numbers from 1 on, not \(revision)") }
    return UInt64(revision)
  }
}
