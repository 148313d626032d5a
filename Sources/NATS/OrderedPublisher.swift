/// Publishes messages to one subject so that a stream stores them in the order in which they were given, with several on
/// their way at once. For one thread.
final class OrderedPublisher {
  private let jetStream: JetStream
  private let subject: String
  private let limit: WaitLimit
  private var waiting: [Sent] = []

  private struct Sent {
    var token: Int
    var mailbox: Mailbox
  }

  /// How long the stream may take to confirm one: as long as the choice of a new leader may last.
  private static let patience = Duration.seconds(10)

  init(_ jetStream: JetStream, subject: String, limit: WaitLimit) {
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
