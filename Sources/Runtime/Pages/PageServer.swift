import Interpreter

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Serves a few pages on loopback, to the browsers of this machine and nobody else, in the thread that calls `serve`.
///
///     let server = try PageServer(port: nil)
///     server.serve(until: { isOver }) { path in path == "/" ? PageAnswer("<h1>Hello</h1>") : nil }
public final class PageServer {
  /// Where it listens.
  public let port: UInt16
  public var address: String { "http://127.0.0.1:\(port)/" }

  private let listener: OwnedDescriptor
  private var visits: [PageVisit] = []

  /// More visitors at once than this are asked to come again.
  private static let mostVisits = 64

  /// Listens from now on; who connects waits until `serve` is called.
  ///
  /// - Parameter port: nil for one that is free.
  public init(port: UInt16?) throws(CommandFailure) {
    guard let listener = OwnedDescriptor.aboveStandardStreams(socket(AF_INET, LocalPlatform.streamSocket, 0)) else {
      throw PageServer.refused(port, errno)
    }
    _ = fcntl(listener.number, F_SETFD, FD_CLOEXEC)
    listener.makeNonBlocking()
    var yes: Int32 = 1
    setsockopt(listener.number, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = (port ?? 0).bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    guard LocalPlatform.bindSocket(listener.number, to: &address), listen(listener.number, 64) == 0,
      let own = LocalPlatform.port(of: listener.number)
    else { throw PageServer.refused(port, errno) }
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
  public func serve(until isOver: () -> Bool, answer: (String) -> PageAnswer?) {
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
    while let visitor = OwnedDescriptor.aboveStandardStreams(LocalPlatform.acceptOne(listener.number)) {
      _ = fcntl(visitor.number, F_SETFD, FD_CLOEXEC)
      visitor.makeNonBlocking()
      let visit = PageVisit(visitor)
      if visits.count >= PageServer.mostVisits {
        visit.reply(PageAnswer.plain(503, "too many at once; come again").bytes(headOnly: false))
      } else {
        visits.append(visit)
      }
    }
  }
}

extension LocalPlatform {
  /// Whoever connected; -1 if nobody did.
  fileprivate static func acceptOne(_ socket: Int32) -> Int32 {
    #if canImport(Glibc)
      accept(socket, __SOCKADDR_ARG(__sockaddr__: nil), nil)
    #else
      accept(socket, nil, nil)
    #endif
  }

  /// The port that a socket is bound to.
  fileprivate static func port(of socket: Int32) -> UInt16? {
    var address = sockaddr_in()
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let status = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
        #if canImport(Glibc)
          getsockname(socket, __SOCKADDR_ARG(__sockaddr__: generic), &size)
        #else
          getsockname(socket, generic, &size)
        #endif
      }
    }
    return status == 0 ? UInt16(bigEndian: address.sin_port) : nil
  }
}
