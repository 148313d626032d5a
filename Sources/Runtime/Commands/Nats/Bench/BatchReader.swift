import NATS

/// Reads a client's share of a stream's messages in batches that it asks for.
struct BatchReader {
  private let client: BenchClient
  private let pull: String
  private let batch: Int
  /// Asks for the next batch when half of the last has come, else when it is over.
  private let inAdvance: Bool
  private let acknowledges: Bool
  private let inbox: String
  private let subscription: Subscription

  init(
    _ client: BenchClient, pull: String, batch: Int, inAdvance: Bool, acknowledges: Bool
  ) throws(NATSError) {
    self.client = client
    self.pull = pull
    self.batch = min(batch, client.messages)
    self.inAdvance = inAdvance
    self.acknowledges = acknowledges
    inbox = client.connection.newInbox()
    subscription = try client.connection.subscribe(inbox)
  }

  /// Reads until the share is whole, or the limit is over.
  func read() throws(NATSError) -> BenchFigures {
    defer { subscription.unsubscribe() }
    let server = client.connection.server
    var figures = BenchFigures()
    // Those that were asked for and have not come.
    var due = 0
    while figures.messages < client.messages {
      let left = client.messages - figures.messages - due
      if left > 0, inAdvance ? due <= batch / 2 : due == 0 {
        let next = min(batch, left)
        // The server gives up a question that is as old as this; it is asked again then.
        try client.connection.publish(
          pull, Array(#"{"batch":\#(next),"expires":5000000000}"#.utf8), reply: inbox, limit: client.limit)
        due += next
      }
      for message in try subscription.nextBatch(limit: client.limit) {
        if let status = message.headers?.status, message.payload.isEmpty {
          // 503: nobody serves the consumer; 404, 408, 409: the question is over, the rest of its batch does not come.
          if status == 503 { throw .noResponders(server: server, subject: pull) }
          if status != 100 { due = 0 }
          continue
        }
        if acknowledges, let reply = message.reply {
          try client.connection.publish(reply, BatchReader.acknowledgement, limit: client.limit)
        }
        due = max(0, due - 1)
        figures.messages += 1
        figures.bytes += message.payload.count
        client.note()
      }
    }
    figures.end = .now
    try client.connection.flush(publishedOn: nil, since: figures.start, limit: client.limit)
    return figures
  }

  private static let acknowledgement = Array("+ACK".utf8)
}
