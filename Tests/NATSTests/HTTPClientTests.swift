import NATS
import TestSupport
import Testing

@Suite(.mayWait) struct HTTPClientTests {
  private var limit: Limit { .within(patience) }

  private func answer(_ steps: [FakeServer.Step], sizeLimit: Int = 1 << 20) throws -> Result<HTTPResponse, NATSError> {
    let server = try FakeServer([.await("\r\n\r\n")] + steps)
    defer { server.stop() }
    var client = HTTPClient()
    client.sizeLimit = sizeLimit
    do throws(NATSError) {
      return .success(try client.get("http://127.0.0.1:\(server.port)/x?y=z", limit: limit))
    } catch {
      #expect(error.description.contains("127.0.0.1:\(server.port)"))
      return .failure(error)
    }
  }

  @Test func aMonitoringPageIsRead() throws {
    let server = try TestAccount().server
    let endpoint = Endpoint(host: "127.0.0.1", port: server.monitorPort)
    for page in Monitoring.Page.allCases {
      let response = try Monitoring(endpoint).get(page, limit: limit)
      #expect(response.status == 200)
    }
    #expect(try Monitoring(endpoint).get(.variables, limit: limit).text.contains("\"server_name\": \"\(server.name)\""))
    let port = try ClosedPort()
    let closed = Endpoint(host: "127.0.0.1", port: port.number)
    let both = Monitoring.get(.variables, of: [endpoint, closed], limit: limit)
    #expect(try both[0].get().status == 200)
    #expect(throws: NATSError.self) { _ = try both[1].get() }
  }

  @Test func aPostSendsItsBody() throws {
    let server = try FakeServer([.await("hello"), .say("HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n")])
    defer { server.stop() }
    let url = "http://me:pa%20ss@127.0.0.1:\(server.port)"
    let response = try HTTPClient().post(url, body: Array("hello".utf8), limit: limit)
    #expect(response.status == 201)
    #expect(server.transcript.hasPrefix("POST / HTTP/1.1\r\nHost: 127.0.0.1:\(server.port)\r\n"))
    #expect(server.transcript.contains("Content-Length: 5\r\n"))
    #expect(server.transcript.contains("Authorization: Basic bWU6cGEgc3M=\r\n"))
  }

  @Test func everyFormOfBodyIsRead() throws {
    let counted = try answer([.say("HTTP/1.1 200 OK\r\nX-A: b\r\ncontent-length: 3\r\n\r\nabcdef")]).get()
    #expect(counted.text == "abc")
    #expect(counted.header("x-a") == "b")
    let chunked = try answer([
      .say("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde"), .say("\r\n0\r\n\r\n"),
    ]).get()
    #expect(chunked.text == "abcde")
    let toTheEnd = try answer([.say("HTTP/1.0 404 Not Found\r\n\r\nno such page")]).get()
    #expect(toTheEnd.status == 404)
    #expect(toTheEnd.text == "no such page")
    let interim = try answer([.say("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n")]).get()
    #expect(interim.status == 204)
  }

  @Test(arguments: [
    "INFO {}\r\n", "HTTP/1.1 abc\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
  ])
  func whatIsNoHTTPIsNamed(_ words: Named<String>) throws {
    guard case .failure(.protocolViolation(_, .malformedHTTP)) = try answer([.say(words.value), .silence]) else {
      Issue.record("it was taken for HTTP")
      return
    }
  }

  @Test func tooMuchIsCutOff() throws {
    for head in ["HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n"] {
      guard case .failure(.httpTooLarge(_, 1000)) = try answer([.say(head), .flood(100 << 20, 120)], sizeLimit: 1000)
      else {
        Issue.record("it was taken whole")
        return
      }
    }
    guard case .failure(.protocolViolation) = try answer([.flood(100 << 20, 120)]) else {
      Issue.record("an endless line was taken")
      return
    }
  }

  @Test func aBodyThatBreaksOffIsNoAnswer() throws {
    guard
      case .failure(.httpFailed(_, .closedByServer)) = try answer([
        .say("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
      ])
    else {
      Issue.record("half a body was taken")
      return
    }
  }

  @Test func aSilentServerTimesOut() throws {
    let server = try FakeServer([.silence])
    defer { server.stop() }
    let url = "http://127.0.0.1:\(server.port)/"
    let endpoint = Endpoint(host: "127.0.0.1", port: server.port)
    // On a busy machine the connecting may take all of the time.
    try eventually(is: "in time") {
      do {
        return try HTTPClient().get(url, limit: .within(.milliseconds(100))).text
      } catch let error as NATSError {
        return error == .timedOut(.http(url: url), server: endpoint) ? "in time" : "\(error)"
      }
    }
    let stop = StopSignal()
    stop.ask(.interrupt)
    #expect(throws: NATSError.cancelled(.connecting, server: endpoint).self) {
      do {
        _ = try HTTPClient().get(url, limit: .within(patience, stop: stop))
      } catch NATSError.cancelled(_, let server) {
        throw NATSError.cancelled(.connecting, server: server)
      }
    }
  }

  @Test(
    arguments: [
      ("https://a", Problem("nbx speaks no TLS", advice: "use http://")),
      ("a:80/x", Problem("it begins with no scheme", advice: "write http://…")),
      ("ftp://a", Problem("ftp is not HTTP", advice: "use http://")), ("http://", "it names no host"),
      ("http://a:x", "its port is no number from 1 to 65535"),
      ("http://a:0", "its port is no number from 1 to 65535"),
      ("http://a b", "it holds a space"), ("http://a\r\nX: y", "it holds a control character"),
      ("http://::1/", "an IPv6 address stands in brackets: [::1]:4222"),
      ("http://[::1/", "the bracket around its address is not closed"),
    ] as [(Named<String>, Problem)])
  func aWrongURLIsExplained(_ url: Named<String>, _ problem: Problem) {
    #expect(throws: NATSError.invalidURL(url: url.value, problem: problem)) {
      _ = try HTTPClient().get(url.value, limit: limit)
    }
  }

  @Test func aPasswordInAURLIsNeverShown() {
    let text = message { _ = try HTTPClient().get("https://me:opensesame@host/", limit: limit) }
    #expect(text == "https://•••@host/ is no URL that nbx can use: nbx speaks no TLS; use http://")
  }

  @Test func aURLIsTakenApart() throws {
    let url = try URLParts("HTTP://u%40:p%3A:x@[::1]:8222/a/b?c=d#e")
    #expect(url.scheme == "http")
    #expect(url.user == "u@")
    #expect(url.password == "p::x")
    #expect(url.host == "::1")
    #expect(url.port == 8222)
    #expect(url.target == "/a/b?c=d")
    #expect(try URLParts("http://h?x").target == "/?x")
  }
}
