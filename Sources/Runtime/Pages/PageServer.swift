import SandboxSystem
import ValuesAndCommands

/// Serves a few pages on loopback, to the browsers of this machine and nobody else, in the thread that calls `serve`.
///
///     let server = try PageServer(port: nil)
///     server.serve(until: { isOver }) { path in path == "/" ? PageAnswer("<h1>Hello</h1>") : nil }
package final class PageServer {
  /// Where it listens.
  package let port: UInt16
  package var address: String { "http://127.0.0.1:\(port)/" }

  private let listener: OwnedDescriptor
  private var visits: [PageVisit] = []

  /// More visitors at once than this are asked to come again.
  private static let mostVisits = 64

  /// Listens from now on; who connects waits until `serve` is called.
  ///
  /// - Parameter port: nil for one that is free.
  package init(port: UInt16?) throws(CommandFailure) {
    guard let listener = OwnedDescriptor.aboveStandardStreams(TCPSocket.open()) else {
      throw PageServer.refused(port, errno)
    }
    TCPSocket.reuseAddress(listener.number)
    let problem = SocketAddress.loopback(port ?? 0).bind(listener.number)
    guard problem == 0, listen(listener.number, 64) == 0, let own = TCPSocket.port(of: listener.number) else {
      throw PageServer.refused(port, problem == 0 ? errno : problem)
    }
    self.listener = listener
    self.port = own
  }

  private static func refused(_ port: UInt16?, _ number: Int32) -> CommandFailure {
    let place = port.map { "port \($0) of 127.0.0.1" } ?? "any port of 127.0.0.1"
    return CommandFailure(
      .failed, Text("nothing can be served on \(place): \(errorText(number))"),
      advice: port == nil ? "see what listens on this machine" : "name another port, or none: a free one is chosen")
  }

  /// Answers until `isOver`, which is asked several times a second.
  ///
  /// - Parameter answer: the page at a path; nil where there is none.
  package func serve(until isOver: () -> Bool, answer: (String) -> PageAnswer?) {
    let hosts: Set = ["127.0.0.1:\(port)", "localhost:\(port)"]
    func answering(_ head: [UInt8]) -> [UInt8] {
      do throws(PageRequest.Refusal) {
        let request = try PageRequest(head: head, hosts: hosts)
        let found = answer(request.path) ?? PageAnswer.plain(404, "there is no such page; there is /")
        return found.bytes(headOnly: request.isHeadOnly)
      } catch {
        return PageAnswer.plain(error.status, error.reason).bytes(headOnly: false)
      }
    }
    while !isOver() {
      var entries = [pollfd(fd: listener.number, events: Int16(POLLIN), revents: 0)]
      entries += visits.map { pollfd(fd: $0.descriptor.number, events: $0.events, revents: 0) }
      _ = poll(&entries, nfds_t(entries.count), 50)
      for (visit, entry) in zip(visits, entries.dropFirst()) {
        visit.goOn(entry.revents != 0, answering: answering)
      }
      visits.removeAll(where: \.isOver)
      if entries[0].revents != 0 { welcome() }
    }
  }

  private func welcome() {
    while let (number, _) = TCPSocket.accept(listener.number),
      let visitor = OwnedDescriptor.aboveStandardStreams(number)
    {
      let visit = PageVisit(visitor)
      if visits.count >= PageServer.mostVisits {
        visit.reply(PageAnswer.plain(503, "too many at once; come again").bytes(headOnly: false))
      } else {
        visits.append(visit)
      }
    }
  }
}

/// One connection to a page server: reads a request, sends an answer, ends. Whoever takes too long over any of it is let
/// go; nobody keeps the others waiting.
final class PageVisit {
  private enum Stage {
    case asking
    case answered(sent: Int)
    /// All is sent. What the other side still sends is taken in and thrown away for a while: closed at once, the
    /// connection would break before the answer has been read.
    case leaving
    case over
  }

  private static let patience = Duration.seconds(5)
  private static let readingTime = Duration.seconds(20)

  let descriptor: OwnedDescriptor
  private var stage = Stage.asking
  private var head: [UInt8] = []
  private var answer: [UInt8] = []
  private var deadline = ContinuousClock.now + patience

  init(_ descriptor: OwnedDescriptor) {
    self.descriptor = descriptor
  }

  var isOver: Bool { if case .over = stage { true } else { false } }

  /// What it waits for, for `poll`.
  var events: Int16 { if case .answered = stage { Int16(POLLOUT) } else { Int16(POLLIN) } }

  /// - Parameter answering: gives the answer to a whole request's head.
  func goOn(_ isReady: Bool, answering: ([UInt8]) -> [UInt8]) {
    if isReady {
      switch stage {
      case .asking: read(answering)
      case .answered(let sent): send(from: sent)
      case .leaving: if receive() != nil { break } else { stage = .over }
      case .over: break
      }
    }
    guard deadline <= .now else { return }
    if case .asking = stage, !head.isEmpty {
      reply(PageAnswer.plain(408, "the request took too long").bytes(headOnly: false))
    } else {
      stage = .over
    }
  }

  /// Says something other than an answer, and ends.
  func reply(_ bytes: [UInt8]) {
    answer = bytes
    stage = .answered(sent: 0)
    deadline = .now + PageVisit.readingTime
    send(from: 0)
  }

  private func read(_ answering: ([UInt8]) -> [UInt8]) {
    guard let bytes = receive() else {
      stage = .over
      return
    }
    // The end of the head may lie across two reads.
    let start = max(0, head.count - 3)
    head += bytes
    let end = (start..<max(start, head.count - 3)).first { head[$0..<$0 + 4].elementsEqual([13, 10, 13, 10]) }
    if let end, end <= PageRequest.longestHead {
      reply(answering(Array(head[..<end])))
    } else if head.count > PageRequest.longestHead {
      reply(PageAnswer.plain(431, "the request is too long").bytes(headOnly: false))
    }
  }

  /// What is there, none if nothing is; nil at the end of the connection.
  private func receive() -> [UInt8]? {
    var count = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: 8 << 10) { buffer, filled in
      count = recv(descriptor.number, buffer.baseAddress, buffer.count, 0)
      filled = max(0, count)
    }
    if count > 0 { return bytes }
    return count < 0 && (errno == EAGAIN || errno == EINTR) ? [] : nil
  }

  private func send(from start: Int) {
    var sent = start
    while sent < answer.count {
      let count = answer.withUnsafeBytes { all in
        TCPSocket.send(descriptor.number, UnsafeRawBufferPointer(rebasing: all[sent...]))
      }
      if count < 0 {
        if errno == EINTR { continue }
        stage = errno == EAGAIN ? .answered(sent: sent) : .over
        return
      }
      sent += count
    }
    shutdown(descriptor.number, Int32(SHUT_WR))
    stage = .leaving
    deadline = .now + .seconds(1)
  }
}
