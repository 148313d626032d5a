/// What a bucket holds, or held, under a key.
public struct KeyValueEntry: Sendable, Equatable {
  public enum Operation: String, Sendable {
    case put = "PUT"
    /// The key was deleted; what it held before may still be in its history.
    case delete = "DEL"
    /// The key was deleted together with its history.
    case purge = "PURGE"
  }

  public var bucket: String
  public var key: String
  public var value: [UInt8]
  /// The entry's number in its bucket: every later one has a higher.
  public var revision: UInt64
  /// When it was stored, in nanoseconds since 1970-01-01T00:00:00Z.
  public var created: Int64
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
