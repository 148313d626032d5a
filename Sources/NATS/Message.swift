/// A message as it came.
public struct Message: Sendable {
  public var subject: String
  /// Where an answer is expected.
  public var reply: String?
  public var headers: Headers?
  public var payload: [UInt8]
  /// When the bytes were read from the socket, not when somebody got round to taking the message.
  public var receivedAt: ContinuousClock.Instant

  /// Payload and headers as they came, in bytes.
  var size: Int

  /// The payload as text; bytes that are no UTF-8 show as U+FFFD.
  public var text: String { String(decoding: payload, as: UTF8.self) }

  /// The server's word that nobody listens on the subject of a request: status 503 and nothing else.
  var saysNoResponders: Bool { payload.isEmpty && headers?.status == 503 }
}
