/// A message as it came.
public struct Message: Sendable {
  public var subject: String
  /// Where an answer is expected.
  public var reply: String?
  /// Nil where it came without a header block.
  public var headers: Headers?
  public var payload: [UInt8]
  /// When the bytes were read from the socket, not when somebody got round to taking the message.
  public var receivedAt: ContinuousClock.Instant

  /// Payload and headers as they came, in bytes.
  var size: Int

  /// The payload as text; bytes that are no UTF-8 show as U+FFFD.
  public var text: String { String(decoding: payload, as: UTF8.self) }

  /// The server's word that nobody listens on the subject of a request: status 503 and nothing else.
  package var saysNoResponders: Bool { payload.isEmpty && headers?.status == 503 }
}

/// What a consumer says of a message that it hands out, in the message's reply subject.
struct DeliveredMessage {
  /// The message's place in the stream.
  var streamSequence: UInt64
  /// The how-manieth message of the consumer it is.
  var consumerSequence: UInt64
  /// How often it was handed out.
  var deliveries: UInt64
  /// When the stream stored it, in nanoseconds since 1970-01-01T00:00:00Z.
  var time: Int64
  /// How many messages the consumer has behind it.
  var pending: UInt64

  /// Reads `$JS.ACK.STREAM.CONSUMER.…`; nil for what no consumer has sent.
  init?(reply: String?) {
    guard let reply, reply.hasPrefix("$JS.ACK.") else { return nil }
    var tokens = reply.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    // The longer form names domain and account before the stream.
    if tokens.count >= 11 { tokens.removeSubrange(2...3) }
    guard tokens.count >= 9, let deliveries = UInt64(tokens[4]), let stream = UInt64(tokens[5]),
      let consumer = UInt64(tokens[6]), let time = Int64(tokens[7]), let pending = UInt64(tokens[8])
    else { return nil }
    self.deliveries = deliveries
    streamSequence = stream
    consumerSequence = consumer
    self.time = time
    self.pending = pending
  }
}

/// A message as a stream holds it.
public struct StoredMessage: Sendable, Equatable {
  public var subject: String
  public var sequence: UInt64
  /// When the stream stored it, in nanoseconds since 1970-01-01T00:00:00Z.
  public var time: Int64
  public var headers: Headers
  public var payload: [UInt8]
}
