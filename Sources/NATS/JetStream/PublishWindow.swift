/// Publishes into streams with several messages on their way at once, where one after the other would wait for the network
/// most of the time. For one thread.
///
///     let window = try PublishWindow(jetStream, inFlight: 256, limit: limit)
///     for order in orders { try window.publish("orders.new", order) }
///     try window.finish()
public final class PublishWindow {
  /// What the window does with a message that is not acknowledged in time.
  public enum Repetition: Sendable {
    /// It is sent again and again until the limit; as it carries a `Nats-Msg-Id`, the stream keeps one. It may end up behind
    /// later ones.
    case identified
    /// It is not, and publishing fails: without an identifier the stream might store it twice. Only while nobody takes it,
    /// as when the stream has no leader yet, it is sent again, until a try's time is over.
    case never
  }

  private let jetStream: JetStream
  private let subscription: Subscription
  private let replyPrefix: String
  private let repetition: Repetition
  private let tryFor: Duration
  private let limit: Limit
  private let acknowledged: (Acknowledged) -> Void

  /// A message's place is its number, modulo the number of places: so one that stays unanswered holds up those behind it
  /// once the window is full.
  private var places: [Place?]
  private var oldest = 0
  private var nextNumber = 0
  /// Whether one of them was looked at again: then the oldest need not be the first that is due.
  private var hasRepeated = false

  private struct Place {
    var subject: String
    var payload: [UInt8]
    var headers: Headers?
    let firstSent: ContinuousClock.Instant
    /// When it is looked at again, if nothing came.
    var due: ContinuousClock.Instant
    var tries = 1
    var last: NATSError.Miss?
  }

  /// A message that its stream has stored.
  public struct Acknowledged: Sendable {
    /// The message's number in the window, from 0.
    public var number: Int
    /// What the stream said.
    public var acknowledgement: PublishAcknowledgement
    /// From its first try until the answer was read.
    public var took: Duration
  }

  /// - Parameters:
  ///   - inFlight: how many messages may wait for their stream's word at once.
  ///   - tryFor: how long one try may stay without an answer.
  ///   - limit: bounds everything that the window does.
  ///   - acknowledged: is told of each message, in the order in which the words came.
  public init(
    _ jetStream: JetStream, inFlight: Int, repetition: Repetition = .identified,
    tryFor: Duration = .milliseconds(250), limit: Limit, acknowledged: @escaping (Acknowledged) -> Void = { _ in }
  ) throws(NATSError) {
    self.jetStream = jetStream
    self.repetition = repetition
    self.tryFor = tryFor
    self.limit = limit
    self.acknowledged = acknowledged
    places = Array(repeating: nil, count: max(1, inFlight))
    replyPrefix = jetStream.connection.newInbox() + "."
    subscription = try jetStream.connection.subscribe(replyPrefix + "*")
  }

  deinit { subscription.unsubscribe() }

  /// Sends a message, if need be once there is a place for it.
  ///
  /// Throws what `JetStream.publish` throws, of this message or one before it.
  public func publish(_ subject: String, _ payload: [UInt8], headers: Headers? = nil) throws(NATSError) {
    try Names.checkPublishSubject(subject)
    while nextNumber - oldest == places.count { try receive() }
    var headers = headers
    if repetition == .identified, headers?["Nats-Msg-Id"] == nil {
      headers = headers ?? Headers()
      headers?["Nats-Msg-Id"] = UniqueID.nextInRow()
    }
    let now = ContinuousClock.now
    let place = Place(subject: subject, payload: payload, headers: headers, firstSent: now, due: now + tryFor)
    let number = nextNumber
    try send(place, number)
    places[number % places.count] = place
    nextNumber += 1
  }

  /// Waits until every message is acknowledged.
  public func finish() throws(NATSError) {
    while oldest < nextNumber { try receive() }
  }

  private func send(_ place: Place, _ number: Int) throws(NATSError) {
    try jetStream.connection.waitUntilConnected(limit: limit)
    try jetStream.connection.enqueue(
      place.subject, place.payload, reply: replyPrefix + String(number), headers: place.headers, limit: limit)
  }

  /// Takes the words that have come; waits for them until the first message is to be sent again. A quarter of the window is
  /// worth waking up for: less would keep the thread busy with falling asleep.
  private func receive() throws(NATSError) {
    try jetStream.connection.sendQueued(limit: limit)
    let share = hasRepeated ? 1 : max(1, min(nextNumber - oldest, places.count / 4))
    let first = hasRepeated ? places.lazy.compactMap { $0?.due }.min() : places[oldest % places.count]?.due
    // Of a refusal nobody tells but the connection.
    var until = limit.atMost(.milliseconds(500))
    if let first { until = until.notAfter(first) }
    do throws(NATSError) {
      for answer in try subscription.nextBatch(atLeast: share, limit: until) { try take(answer) }
    } catch .timedOut(_, let server) {
      try repeatWhatIsDue(server)
    }
    while oldest < nextNumber, places[oldest % places.count] == nil { oldest += 1 }
    if oldest == nextNumber { hasRepeated = false }
  }

  private func take(_ answer: Message) throws(NATSError) {
    guard let number = Int(answer.subject.utf8.dropFirst(replyPrefix.utf8.count)), number >= oldest,
      number < nextNumber,
      let place = places[number % places.count]
    else { return }
    if answer.saysNoResponders {
      if repetition == .never, place.firstSent + tryFor <= .now {
        throw .noResponders(server: jetStream.connection.server, subject: place.subject)
      }
      // Nobody has taken it, so sending it again is safe in any case.
      wait(number, place, pause: .milliseconds(min(100, 10 << min(place.tries, 4))), .nobodyListens)
      return
    }
    let acknowledgement = try jetStream.acknowledgement(in: answer, subject: place.subject)
    places[number % places.count] = nil
    acknowledged(
      Acknowledged(
        number: number, acknowledgement: acknowledgement, took: place.firstSent.duration(to: answer.receivedAt)))
  }

  private func wait(_ number: Int, _ place: Place, pause: Duration, _ reason: NATSError.Miss) {
    var place = place
    place.due = .now + pause
    place.last = reason
    hasRepeated = true
    places[number % places.count] = place
  }

  private func repeatWhatIsDue(_ server: Endpoint) throws(NATSError) {
    if let place = places[oldest % places.count],
      let refusal = jetStream.connection.refusal(ofPublishingOn: place.subject, since: place.firstSent)
    {
      throw refusal
    }
    let now = ContinuousClock.now
    for number in oldest..<nextNumber {
      guard var place = places[number % places.count], place.due <= now || limit.hasPassed else { continue }
      hasRepeated = true
      let mayRepeat = repetition == .identified || place.last != nil
      guard mayRepeat, !limit.hasPassed else {
        let activity = NATSError.Activity.acknowledgement(
          subject: place.subject, tries: place.tries, last: place.last ?? .noAnswer)
        throw .timedOut(activity, server: server)
      }
      place.tries += 1
      place.due = now + tryFor
      place.last = repetition == .identified ? .noAnswer : nil
      places[number % places.count] = place
      try send(place, number)
    }
  }
}

/// Publishes messages to one subject so that a stream stores them in the order in which they were given, with several on
/// their way at once. For one thread.
final class OrderedPublisher {
  private let jetStream: JetStream
  private let subject: String
  private let limit: Limit
  private var waiting: [Sent] = []

  private struct Sent {
    var token: Int
    var mailbox: Mailbox
  }

  /// How long the stream may take to confirm one: as long as the choice of a new leader may last.
  private static let patience = Duration.seconds(10)

  init(_ jetStream: JetStream, subject: String, limit: Limit) {
    self.jetStream = jetStream
    self.subject = subject
    self.limit = limit
  }

  /// How many messages were sent and are not known to be stored.
  var underway: Int { waiting.count }

  func send(_ payload: [UInt8]) throws(NATSError) {
    try jetStream.connection.waitUntilConnected(limit: limit)
    let (token, mailbox) = try jetStream.connection.ask(
      subject, payload, headers: nil, answers: 1, atOnce: false, limit: limit)
    waiting.append(Sent(token: token, mailbox: mailbox))
  }

  /// Waits until the stream has the message that was sent first. One that it does not confirm ends the whole: sent again
  /// it would come behind those that follow it.
  func confirmFirst() throws(NATSError) {
    guard let first = waiting.first else { return }
    let connection = jetStream.connection
    let activity = NATSError.Activity.acknowledgement(subject: subject, tries: 1, last: nil)
    guard
      let answer = try first.mailbox.next(activity, server: connection.server, limit: limit.atMost(Self.patience))
    else { throw .connectionClosed(server: connection.server) }
    _ = try jetStream.acknowledgement(in: answer, subject: subject)
    connection.forget(first.token)
    waiting.removeFirst()
  }

  func end() { for one in waiting { jetStream.connection.forget(one.token) } }
}
