#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

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
    #if !canImport(Glibc)
      var yes: Int32 = 1
      setsockopt(descriptor.number, SOL_SOCKET, SO_NOSIGPIPE, &yes, socklen_t(MemoryLayout<Int32>.size))
    #endif
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
        sendBytes(descriptor.number, all.baseAddress?.advanced(by: sent), all.count - sent)
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

/// Sends without a signal if the browser has gone.
private func sendBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer?, _ count: Int) -> Int {
  #if canImport(Glibc)
    send(descriptor, bytes, count, Int32(MSG_NOSIGNAL))
  #else
    send(descriptor, bytes, count, 0)
  #endif
}
