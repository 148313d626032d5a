#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Reads what a stream holds and what comes to it, in order and without gaps. For one thread.
///
///     let reader = try StreamReader(jetStream, stream: "ORDERS", .init(start: .all), limit: .within(.seconds(5)))
///     defer { reader.end() }
///     let first = try reader.next(limit: .within(.seconds(2)))
///
/// It makes a consumer that acknowledges nothing and is kept in memory. When that goes with its server, or a message is
/// missing, it makes another that begins where this one ended.
public final class StreamReader {
  /// Which messages.
  public struct Selection: Sendable {
    /// With which message it begins.
    public enum Start: Sendable, Equatable {
      case all, new, lastOfEachSubject
      case sequence(UInt64)
    }

    /// With which message it begins.
    public var start: Start
    /// Subjects, which may hold wildcards; none: all of the stream's.
    public var subjects: [String]
    /// Leaves the payloads where they are.
    public var headersOnly: Bool
    /// Ends behind what there is, and does not wait for what comes.
    public var endsWhenEmpty: Bool

    /// All messages of a stream unless something else is said.
    public init(
      start: Start = .all, subjects: [String] = [], headersOnly: Bool = false, endsWhenEmpty: Bool = false
    ) {
      self.start = start
      self.subjects = subjects
      self.headersOnly = headersOnly
      self.endsWhenEmpty = endsWhenEmpty
    }
  }

  /// How many messages there were to read when it began.
  public private(set) var initialCount: UInt64 = 0
  /// How many messages the stream has behind the last one read.
  public private(set) var pending: UInt64 = 0

  private let jetStream: JetStream
  private let stream: String
  private let selection: Selection
  private let batch: Int
  private var consumer = ""
  private var subscription: Subscription
  private var lastSequence: UInt64?
  private var expected: UInt64 = 1
  /// How many messages of what was asked for are still to come.
  private var underway = 0
  private var isAtEnd = false
  /// How often in a row the consumer has said that there is nothing.
  private var emptyAnswers = 0
  private var lastAsked = ContinuousClock.now

  /// While a stream is written and what is over its bounds goes, nats-server 2.11.4 counts wrongly for a moment: in 1 of 200
  /// tries it says "no messages" of a consumer that has some, and gives them when it is asked again.
  private static let doubts = 5

  private static let heartbeat = Duration.seconds(2)
  /// After so long without even a heartbeat the consumer is gone.
  private static let silence = Duration.seconds(5)

  /// - Parameter batch: how many messages may be on their way at once.
  public init(
    _ jetStream: JetStream, stream: String, _ selection: Selection = Selection(), batch: Int = 256, limit: Limit
  ) throws(NATSError) {
    try Names.checkStream(stream)
    for subject in selection.subjects { try Names.checkSubscribeSubject(subject) }
    self.jetStream = jetStream
    self.stream = stream
    self.selection = selection
    self.batch = batch
    subscription = try Self.inbox(jetStream)
    do throws(NATSError) {
      initialCount = try makeConsumer(limit: limit)
      pending = initialCount
    } catch {
      subscription.unsubscribe()
      throw error
    }
  }

  /// The next message. While there is none it waits for one to be stored; nil only where it is to end when empty.
  public func next(limit: Limit) throws(NATSError) -> StoredMessage? {
    while true {
      if isAtEnd { return nil }
      if underway == 0 { try ask() }
      let message: Message?
      do throws(NATSError) {
        message = try subscription.next(limit: limit.atMost(Self.silence))
      } catch {
        guard case .timedOut(_, let server) = error else { throw error }
        if let refusal = jetStream.connection.refusal(ofPublishingOn: pull, since: lastAsked) { throw refusal }
        guard !limit.hasPassed else {
          throw .timedOut(.message(subject: selection.subjects.first ?? stream), server: server)
        }
        try beginAgain(limit: limit)
        continue
      }
      guard let message else { throw .connectionClosed(server: jetStream.connection.server) }
      if let status = message.headers?.status {
        try heed(status, message.headers?.statusText ?? "", limit: limit)
        continue
      }
      guard let delivered = DeliveredMessage(reply: message.reply) else { continue }
      guard delivered.consumerSequence == expected else {
        try beginAgain(limit: limit)
        continue
      }
      expected += 1
      underway -= 1
      emptyAnswers = 0
      lastSequence = delivered.streamSequence
      pending = delivered.pending
      return StoredMessage(
        subject: message.subject, sequence: delivered.streamSequence, time: delivered.time,
        headers: message.headers ?? Headers(), payload: message.payload)
    }
  }

  /// Takes its consumer away. Without that the server does so some time later.
  public func end() {
    subscription.unsubscribe()
    _ = try? jetStream.request("CONSUMER.DELETE.\(stream).\(consumer)", limit: .within(.seconds(1)))
  }

  private static func inbox(_ jetStream: JetStream) throws(NATSError) -> Subscription {
    try jetStream.connection.subscribe(jetStream.connection.newInbox())
  }

  /// Asks the consumer for more.
  private func ask() throws(NATSError) {
    var question: [String: JSONValue] = ["batch": .int(Int64(batch))]
    if selection.endsWhenEmpty {
      question["no_wait"] = true
    } else {
      question["expires"] = .int(Duration.seconds(30).nanoseconds)
      question["idle_heartbeat"] = .int(Self.heartbeat.nanoseconds)
    }
    lastAsked = .now
    try jetStream.connection.publish(pull, JSONValue.object(question).bytes, reply: subscription.subject)
    underway = batch
  }

  /// Where the consumer is asked for more.
  private var pull: String { "\(jetStream.prefix).CONSUMER.MSG.NEXT.\(stream).\(consumer)" }

  /// What the server says in place of a message.
  private func heed(_ status: Int, _ text: String, limit: Limit) throws(NATSError) {
    switch status {
    case 100: return
    // What was asked for is over: ask again.
    case 404, 408:
      underway = 0
      guard selection.endsWhenEmpty else { return }
      emptyAnswers += 1
      // Nothing to read from the beginning on is worth a second look, too.
      isAtEnd = emptyAnswers >= (pending > 0 ? Self.doubts : lastSequence == nil ? 2 : 1)
      if !isAtEnd {
        try limit.sleep(.milliseconds(10), .leader(stream: stream), server: jetStream.connection.server)
      }
    case 409 where text == "Batch Completed": underway = 0
    default: try beginAgain(limit: limit)
    }
  }

  /// With another consumer, behind the last message read.
  private func beginAgain(limit: Limit) throws(NATSError) {
    subscription.unsubscribe()
    subscription = try Self.inbox(jetStream)
    try limit.sleep(.milliseconds(100), .leader(stream: stream), server: jetStream.connection.server)
    pending = try makeConsumer(limit: limit)
  }

  /// - Returns: how many messages it has to hand out.
  private func makeConsumer(limit: Limit) throws(NATSError) -> UInt64 {
    let name = UniqueID.next()
    let api = "CONSUMER.CREATE.\(stream).\(name)"
    let question: JSONValue = .object(["stream_name": .string(stream), "config": .object(configuration(name))])
    let answer = try jetStream.requestWhenReady(api, question.bytes, limit: limit)
    let reply: ConsumerReply = try jetStream.decode(answer, subject: "\(jetStream.prefix).\(api)")
    consumer = name
    expected = 1
    underway = 0
    return reply.pending ?? 0
  }

  private func configuration(_ name: String) -> [String: JSONValue] {
    var configuration: [String: JSONValue] = [
      "name": .string(name), "ack_policy": "none", "mem_storage": true, "num_replicas": 1, "max_deliver": 1,
      "inactive_threshold": .int(Duration.seconds(60).nanoseconds), "deliver_policy": "all",
    ]
    if selection.headersOnly { configuration["headers_only"] = true }
    if selection.subjects.count == 1 {
      configuration["filter_subject"] = .string(selection.subjects[0])
    } else if !selection.subjects.isEmpty {
      configuration["filter_subjects"] = .array(selection.subjects.map(JSONValue.string))
    }
    switch (lastSequence, selection.start) {
    case (let last?, _): begin(at: last + 1)
    case (nil, .sequence(let sequence)): begin(at: sequence)
    case (nil, .all): break
    case (nil, .new): configuration["deliver_policy"] = "new"
    case (nil, .lastOfEachSubject):
      configuration["deliver_policy"] = "last_per_subject"
      // The server wants to be told of which subjects.
      if selection.subjects.isEmpty { configuration["filter_subject"] = ">" }
    }
    func begin(at sequence: UInt64) {
      configuration["deliver_policy"] = "by_start_sequence"
      configuration["opt_start_seq"] = .int(Int64(clamping: sequence))
    }
    return configuration
  }

  private struct ConsumerReply: Decodable {
    var pending: UInt64?

    private enum CodingKeys: String, CodingKey { case pending = "num_pending" }
  }
}

extension JetStream {
  /// A message that a consumer has handed out.
  public struct Fetched: Sendable {
    /// The message as its stream has it.
    public var message: StoredMessage
    /// How often it was handed out, this time included.
    public var deliveries: UInt64
    /// How many messages the consumer has behind it.
    public var pending: UInt64
    /// Where the word goes that it is done, until it is handed out again.
    public var reply: String
  }

  /// What a consumer has handed out, and why no more came, where that is not the end of the time.
  public struct Batch: Sendable {
    /// In the order in which they came.
    public var messages: [Fetched] = []
    /// Why no more came; nil where all did, or time was up.
    public var problem: NATSError?
  }

  /// What a consumer is told about a message that it has handed out.
  public enum Verdict: String, Sendable {
    /// It is done.
    case acknowledge = "+ACK"
    /// Hand it out again.
    case refuse = "-NAK"
    /// Never hand it out again, though it is not done.
    case terminate = "+TERM"
  }

  /// Asks a pull consumer for up to `count` messages, and gives those that came within `wait`. What came is given whatever
  /// happens then: the consumer takes it for handed out.
  ///
  /// - Parameter each: is called with each message as it comes.
  public func fetch(
    _ count: Int, from consumer: String, of stream: String, wait: Duration, limit: Limit,
    each: (Fetched) -> Void = { _ in }
  ) throws(NATSError) -> Batch {
    try Names.checkStream(stream)
    try Names.checkConsumer(consumer)
    let subscription = try connection.subscribe(connection.newInbox())
    defer { subscription.unsubscribe() }
    let api = "\(prefix).CONSUMER.MSG.NEXT.\(stream).\(consumer)"
    let limit = limit.atMost(wait)
    // The server gives up a little sooner, so that no message is on its way when nobody waits for it any more.
    let expires = max(wait.nanoseconds - 20_000_000, 1_000_000)
    let begun = ContinuousClock.now
    try connection.publish(
      api, JSONValue.object(["batch": .int(Int64(count)), "expires": .int(expires)]).bytes, reply: subscription.subject,
      limit: limit)
    var batch = Batch()
    while batch.messages.count < count {
      let message: Message?
      do throws(NATSError) {
        message = try subscription.next(limit: limit)
        guard let message else { throw .connectionClosed(server: connection.server) }
        if let status = message.headers?.status {
          if try ends(status, message.headers?.statusText ?? "", api) { break }
          continue
        }
      } catch .timedOut {
        if batch.messages.isEmpty, let refusal = connection.refusal(ofPublishingOn: api, since: begun) { throw refusal }
        break
      } catch {
        guard !batch.messages.isEmpty else { throw error }
        batch.problem = error
        break
      }
      guard let message, let reply = message.reply, let delivered = DeliveredMessage(reply: reply) else { continue }
      let one = Fetched(
        message: StoredMessage(
          subject: message.subject, sequence: delivered.streamSequence, time: delivered.time,
          headers: message.headers ?? Headers(), payload: message.payload),
        deliveries: delivered.deliveries, pending: delivered.pending, reply: reply)
      batch.messages.append(one)
      each(one)
    }
    return batch
  }

  /// Whether that is the end of what was asked for.
  private func ends(_ status: Int, _ text: String, _ api: String) throws(NATSError) -> Bool {
    switch status {
    case 100: false
    case 404, 408: true
    case 409 where text == "Batch Completed": true
    case 503: throw .noResponders(server: connection.server, subject: api)
    default:
      throw .api(
        APIError(code: status, errorCode: 0, description: text, subject: api, server: connection.server))
    }
  }

  /// Tells the consumer about a message that was handed out with that reply subject, and waits until it has taken note.
  ///
  /// Throws `noResponders` while the consumer has no leader, and always if it wants to know nothing.
  public func tell(_ verdict: Verdict, aboutReply reply: String, limit: Limit) throws(NATSError) {
    _ = try connection.request(reply, Array(verdict.rawValue.utf8), limit: limit)
  }

  /// The place in its stream of the message that was handed out with that reply subject; nil if it is no such subject.
  public static func sequence(ofReply reply: String) -> UInt64? { DeliveredMessage(reply: reply)?.streamSequence }
}
