import Foundation
import Interpreter
import NATS
import Synchronization
import TestSupport
import Testing

@testable import SandboxPicture

/// A page server under whatever comes along.
@Suite(.mayWait) struct PageServerTests {
  /// One that runs until the test is over.
  private final class Running: @unchecked Sendable {
    let server: PageServer
    private let isOver = Mutex(false)
    private var thread: LaneThread?
    private let asked = Mutex<[String]>([])

    init() throws {
      server = try PageServer(port: nil)
      thread = LaneThread.start { [self] in
        server.serve(until: { self.isOver.withLock { $0 } }) { path in
          self.asked.withLock { $0.append(path) }
          return path == "/" ? PageAnswer("<p>page</p>") : nil
        }
      }
    }

    var paths: [String] { asked.withLock { $0 } }

    func end() {
      isOver.withLock { $0 = true }
      thread?.join()
    }

    func answer(to request: String) throws -> String {
      let connection = try PlainConnection(port: server.port)
      try connection.send(request)
      return try connection.rest()
    }
  }

  private func serving(_ body: (Running) throws -> Void) throws {
    let running = try Running()
    defer { running.end() }
    try body(running)
  }

  @Test func `a page comes with all that keeps a browser from doing more than showing it`() throws {
    try serving { running in
      let response = try HTTPClient().get(running.server.address, limit: .within(patience))
      #expect(response.status == 200 && response.text == "<p>page</p>")
      #expect(response.header("Content-Security-Policy") == "default-src 'none'")
      #expect(response.header("X-Content-Type-Options") == "nosniff")
      #expect(response.header("Access-Control-Allow-Origin") == nil)
      let head = try running.answer(to: "HEAD / HTTP/1.1\r\nHost: localhost:\(running.server.port)\r\n\r\n")
      #expect(head.hasPrefix("HTTP/1.1 200 OK\r\n") && head.hasSuffix("\r\n\r\n"))
      #expect(head.contains("Content-Length: 11\r\n"))
    }
  }

  @Test(arguments: [
    ("GET /../../etc/passwd HTTP/1.1\r\nHost: OWN\r\n\r\n", 404),
    ("GET /%2e%2e/etc/passwd HTTP/1.1\r\nHost: OWN\r\n\r\n", 404),
    ("GET //etc/passwd HTTP/1.1\r\nHost: OWN\r\n\r\n", 404),
    ("GET http://OWN/ HTTP/1.1\r\nHost: OWN\r\n\r\n", 404),
    ("POST / HTTP/1.1\r\nHost: OWN\r\nContent-Length: 3\r\n\r\nabc", 405),
    ("GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n", 421),
    ("GET / HTTP/1.1\r\nHost: OWN.evil.example\r\n\r\n", 421),
    ("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 421),
    ("GET / HTTP/1.1\r\nHost: OWN\r\nHost: evil.example\r\n\r\n", 421),
    ("GET / HTTP/1.1\r\n\r\n", 421),
    ("GET / HTTP/2.0\r\nHost: OWN\r\n\r\n", 400),
    ("GET  / HTTP/1.1\r\nHost: OWN\r\n\r\n", 400),
    ("hello\r\n\r\n", 400),
    ("\u{16}\u{3}\u{1}\u{2}\u{0}\r\n\r\n", 400),
    ("\r\n\r\n", 400),
  ]) func `what is no request of a page is refused`(request: Named<String>, status: Int) throws {
    try serving { running in
      let own = request.value.replacing("OWN", with: "127.0.0.1:\(running.server.port)")
      let answer = try running.answer(to: own)
      #expect(answer.hasPrefix("HTTP/1.1 \(status) "), "\(answer.prefix(100))")
      #expect(!answer.contains("page</p>") && !answer.contains("root:"))
    }
  }

  @Test func `an endless request is ended with a word`() throws {
    try serving { running in
      let answer = try running.answer(
        to: "GET / HTTP/1.1\r\nHost: x\r\nX: " + String(repeating: "a", count: PageRequest.longestHead))
      #expect(answer.hasPrefix("HTTP/1.1 431 "), "\(answer.prefix(100))")
    }
  }

  @Test func `a slow visitor keeps nobody waiting and is let go`() throws {
    try serving { running in
      let slow = try (0..<20).map { _ in try PlainConnection(port: running.server.port) }
      for connection in slow { try connection.send("GET / HTT") }
      let response = try HTTPClient().get(running.server.address, limit: .within(patience))
      #expect(response.status == 200)
      #expect(try slow[0].rest().hasPrefix("HTTP/1.1 408 "))
    }
  }

  @Test func `more visitors at once than there is room for are told so`() throws {
    try serving { running in
      let many = try (0..<80).map { _ in try PlainConnection(port: running.server.port) }
      #expect(try many[79].rest().hasPrefix("HTTP/1.1 503 "))
    }
  }

  @Test func `a port that is taken is refused with a way out`() throws {
    try serving { running in
      do throws(CommandFailure) {
        _ = try PageServer(port: running.server.port)
        Issue.record("it was bound twice")
      } catch {
        #expect(error.reason.masked.contains("nothing can be served on port \(running.server.port) of 127.0.0.1"))
        #expect(error.advice == "name another port, or none: a free one is chosen")
      }
    }
  }

  @Test func `a question behind the path changes nothing`() throws {
    try serving { running in
      _ = try HTTPClient().get(running.server.address + "?a=/b", limit: .within(patience))
      #expect(running.paths == ["/"])
    }
  }
}
