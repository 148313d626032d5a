import NATS

/// A shop that takes orders over NATS.
struct Shop {
  let connection: Connection

  init(urls: String) throws(NATSError) {
    connection = try Connection.connect(.init(urls: urls, name: "shop"), limit: .within(.seconds(5)))
  }
}

extension Shop {
  /// Answers one question after the other for what an article costs, until none has come for `patience`.
  func answerPrices(_ prices: [String: String], patience: Duration) throws(NATSError) {
    let questions = try connection.subscribe("price.*", queue: "shops")
    defer { questions.unsubscribe() }
    do throws(NATSError) {
      while let question = try questions.next(limit: .within(patience)) {
        guard let reply = question.reply, let article = question.subject.split(separator: ".").last else { continue }
        try connection.publish(reply, Array((prices[String(article)] ?? "unknown").utf8))
      }
    } catch .timedOut {}
  }

  /// What an article costs; nil if nobody sells anything.
  func price(of article: String) throws(NATSError) -> String? {
    do throws(NATSError) {
      return try connection.request("price.\(article)", limit: .within(.seconds(2))).text
    } catch .noResponders {
      return nil
    }
  }
}

extension Shop {
  var jetStream: JetStream { JetStream(connection) }

  /// A stream that keeps the orders, and a consumer that hands them out.
  func open() throws(NATSError) {
    let limit = WaitLimit.within(.seconds(10))
    let stream = #"{"name":"ORDERS","subjects":["orders.>"],"storage":"file"}"#
    _ = try jetStream.requestWhenReady("STREAM.CREATE.ORDERS", Array(stream.utf8), limit: limit)
    let consumer = #"{"stream_name":"ORDERS","config":{"durable_name":"packer","ack_policy":"explicit"}}"#
    _ = try jetStream.requestWhenReady("CONSUMER.DURABLE.CREATE.ORDERS.packer", Array(consumer.utf8), limit: limit)
  }

  /// Takes an order. When it returns, the stream has it, and has it once, however often it was sent.
  func order(_ article: String, number: Int) throws(NATSError) -> UInt64 {
    try jetStream.publish(
      "orders.\(article)", Array("\(number)".utf8), messageID: "order-\(number)", limit: .within(.seconds(5))
    ).sequence
  }

  /// Packs up to so many orders, and tells the consumer of each.
  func pack(_ count: Int) throws(NATSError) -> [String] {
    let batch = try jetStream.fetch(
      count, from: "packer", of: "ORDERS", wait: .seconds(1), limit: .within(.seconds(5)))
    for packed in batch.messages {
      try jetStream.tell(.acknowledge, aboutReply: packed.reply, limit: .within(.seconds(2)))
    }
    return batch.messages.map { $0.message.subject }
  }
}

extension Shop {
  /// Takes one of an article out of stock; false if somebody else was quicker.
  func take(_ article: String, from stock: KeyValue) throws(NATSError) -> Bool {
    let limit = WaitLimit.within(.seconds(2))
    guard let entry = try stock.get(article, limit: limit) else { return false }
    let count = Int(String(decoding: entry.value, as: UTF8.self)) ?? 0
    do throws(NATSError) {
      try stock.update(article, Array("\(count - 1)".utf8), revision: entry.revision, limit: limit)
      return true
    } catch .wrongRevision {
      return false
    }
  }
}
