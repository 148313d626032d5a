extension Connection {
  /// The reading thread's life: reads until the connection breaks, sets it up again, until it is closed.
  func readUntilClosed(_ first: Socket, _ firstParser: WireParser) {
    var (socket, parser) = (first, firstParser)
    while true {
      let reason = readUntilLost(socket, parser)
      guard let next = comeBack(after: reason) else { return }
      (socket, parser) = next
    }
  }

  private func readUntilLost(_ socket: Socket, _ parser: WireParser) -> NATSError {
    var lastWords: String?
    var messages: [(subscription: Int, message: Message)] = []
    messages.reserveCapacity(1024)
    do throws(NATSError) {
      while true {
        // What the handshake read beyond its PONG is already there.
        while let event = try parser.next() {
          if case .message(let subscription, let message) = event {
            messages.append((subscription, message))
            continue
          }
          // A PONG says that all before it has come: so it must be there to be taken.
          distribute(&messages)
          if case .error(let text) = event {
            lastWords = receiveError(text) ?? lastWords
          } else {
            try receive(event, parser)
          }
        }
        distribute(&messages)
        try receiveMore(socket, parser)
      }
    } catch {
      distribute(&messages)
      guard let lastWords, case .connectionLost(let server, _) = error else { return error }
      return Handshake.refusal(lastWords, server: server, login: options.credentials.described)
    }
  }

  private func receiveMore(_ socket: Socket, _ parser: WireParser) throws(NATSError) {
    var unansweredPings = 0
    let interval = max(options.pingInterval, .milliseconds(10))
    while true {
      while !socket.isReadable(within: interval) {
        // `poll` waits for at most a minute at a time, and an interval may be longer; asking more often does no harm.
        if unansweredPings == 2 { throw .connectionLost(server: socket.server, .silent) }
        unansweredPings += 1
        lock.whileLocked { sendKeepAlive() }
      }
      if try parser.buffer.receive(socket.read) != nil {
        parser.receivedAt = .now
        return
      }
    }
  }

  private func receive(_ event: WireEvent, _ parser: WireParser) throws(NATSError) {
    switch event {
    case .ping:
      lock.whileLocked {
        outgoing.append(line: "PONG")
        wakeSender()
      }
    case .pong: lock.whileLocked { receivePong() }
    case .info(let bytes):
      let info = try ServerInfo.decode(bytes, from: parser.server)
      lock.whileLocked { serverInfo = info }
    default: break
    }
  }

  /// Returns the text if it is the last that the server will say: it closes the connection after most errors.
  private func receiveError(_ text: String) -> String? {
    options.onEvent?(.serverError(server, text: text))
    guard text.lowercased().hasPrefix("permissions violation") else {
      return text.lowercased().hasPrefix("invalid subject") ? nil : text
    }
    // Such as: Permissions Violation for Publish to "orders.new"
    let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
    guard parts.count > 2 else { return nil }
    let (isPublish, subject) = (parts[0].lowercased().contains("publish"), String(parts[1]))
    let refusal = NATSError.permissionDenied(server: server, text: text)
    let refused = lock.whileLocked {
      if isPublish {
        // However many subjects somebody tries, it is a bounded list.
        if publishRefusals.count == 1000 { publishRefusals = [:] }
        publishRefusals[subject] = (refusal, .now)
        return requests.values.filter { $0.subject == subject }.map(\.mailbox)
      }
      if subject.hasPrefix(inbox) {
        inboxRefusal = refusal
        return requests.values.map(\.mailbox)
      }
      return subscriptions.values.filter { $0.subject == subject }.map(\.mailbox)
    }
    for mailbox in refused { mailbox.close(.failed(refusal)) }
    return nil
  }
}
