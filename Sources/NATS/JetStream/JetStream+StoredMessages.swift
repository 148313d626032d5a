extension JetStream {
  /// Which message of a stream.
  public enum StoredPlace: Sendable, Equatable {
    case sequence(UInt64)
    case last(subject: String)
    /// The first from a sequence on.
    case from(UInt64)
  }

  /// Whom to ask for it.
  public enum ReadFrom: Sendable, Equatable {
    /// The stream's leader: so what was acknowledged before is seen.
    case leader
    /// Whichever replica or mirror answers first. It may be a moment behind, and answers also where no leader is left.
    /// Where a stream does not allow that the leader is asked.
    case anyReplica
  }

  /// A message that a stream holds; nil if it holds none there.
  public func storedMessage(
    _ place: StoredPlace, in stream: String, from: ReadFrom = .leader, limit: Limit
  ) throws(NATSError) -> StoredMessage? {
    try Names.checkStream(stream)
    if from == .anyReplica {
      do throws(NATSError) {
        return try directly(place, stream, limit: limit)
      } catch {
        guard case .noResponders = error else { throw error }
      }
    }
    let api = "STREAM.MSG.GET.\(stream)"
    do throws(NATSError) {
      let answer = try requestWhenReady(api, place.question, limit: limit)
      if let plain = MessageReply(plain: answer) { return plain.message.stored }
      let reply: MessageReply = try decode(answer, subject: "\(prefix).\(api)")
      return reply.message.stored
    } catch {
      guard case .api(let refusal) = error, refusal.errorCode == 10037 else { throw error }
      return nil
    }
  }

  /// A replica answers with the message itself, what it knows of it in headers.
  private func directly(
    _ place: StoredPlace, _ stream: String, limit: Limit
  ) throws(NATSError) -> StoredMessage? {
    let subject = "\(prefix).DIRECT.GET.\(stream)"
    let answer = try connection.request(subject, place.question, limit: limit)
    var headers = answer.headers ?? Headers()
    if headers.status == 404 { return nil }
    guard headers.status == nil, let of = headers["Nats-Subject"],
      let sequence = headers["Nats-Sequence"].flatMap({ UInt64($0) }),
      let time = headers["Nats-Time-Stamp"].flatMap(Timestamp.nanoseconds(rfc3339:))
    else {
      let status = [headers.status.map { "\($0)" }, headers.statusText].compactMap { $0 }.joined(separator: " ")
      throw .malformedAnswer(
        server: connection.server, subject: subject, detail: status.isEmpty ? "it names no message" : status)
    }
    for name in ["Nats-Stream", "Nats-Subject", "Nats-Sequence", "Nats-Time-Stamp"] { headers[name] = nil }
    return StoredMessage(subject: of, sequence: sequence, time: time, headers: headers, payload: answer.payload)
  }

  private struct MessageReply: Decodable {
    struct Stored: Decodable {
      var subject: String
      var seq: UInt64
      var data: String?
      var hdrs: String?
      var time: String

      var stored: StoredMessage {
        StoredMessage(
          subject: subject, sequence: seq, time: Timestamp.nanoseconds(rfc3339: time) ?? 0,
          headers: Self.bytes(hdrs).withUnsafeBufferPointer { Headers(parsing: $0) } ?? Headers(),
          payload: Self.bytes(data))
      }

      private static func bytes(_ base64: String?) -> [UInt8] {
        base64.flatMap(Coding.bytes(base64:)) ?? []
      }
    }
    var message: Stored

    init?(plain bytes: [UInt8]) {
      var (subject, time): (String?, String?)
      var (sequence, data, headers): (UInt64?, String?, String?)
      let isPlain = PlainJSON.read(bytes) { object, name, value in
        switch (object, name, value) {
        case ("message", "subject", .text(let text)): subject = String(decoding: text, as: UTF8.self)
        case ("message", "seq", .number(let number)): sequence = number
        case ("message", "data", .text(let text)): data = String(decoding: text, as: UTF8.self)
        case ("message", "hdrs", .text(let text)): headers = String(decoding: text, as: UTF8.self)
        case ("message", "time", .text(let text)): time = String(decoding: text, as: UTF8.self)
        default: return object == nil
        }
        return true
      }
      guard isPlain, let subject, let sequence, let time else { return nil }
      message = Stored(subject: subject, seq: sequence, data: data, hdrs: headers, time: time)
    }
  }
}

extension JetStream.StoredPlace {
  fileprivate var question: [UInt8] {
    switch self {
    case .sequence(let sequence): Array("{\"seq\":\(sequence)}".utf8)
    case .from(let sequence): Array("{\"seq\":\(sequence),\"next_by_subj\":\">\"}".utf8)
    case .last(let subject): Array("{\"last_by_subj\":\(JSONValue.quoted(subject))}".utf8)
    }
  }
}
