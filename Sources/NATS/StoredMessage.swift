/// A message as a stream holds it.
public struct StoredMessage: Sendable, Equatable {
  public var subject: String
  public var sequence: UInt64
  /// When the stream stored it, in nanoseconds since 1970-01-01T00:00:00Z.
  public var time: Int64
  public var headers: Headers
  public var payload: [UInt8]
}
