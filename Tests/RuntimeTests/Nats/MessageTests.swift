import Foundation
import Interpreter
import NATS
import TestSupport
import Testing

@testable import SandboxNats

@Suite(.serialized, .mayWait) struct MessageTests {
  @Test func whatIsPublishedIsStoredAndRead() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run("stream", "add", "ORDERS", "--subjects", "orders.>")
    #expect(
      try nats.run("pub", "orders.new", "order 1", "--jetstream").shown()
        == #"{ stream: "ORDERS", seq: 1, duplicate: false }"#)
    #expect(
      try nats.run("pub", "orders.many", "n{{Count}}/{{Count}}", "--count", "3", "--jetstream", "-H", "Of: {{Count}}")
        .shown() == #"{ stream: "ORDERS", seq: 4, duplicate: false, count: 3 }"#)
    try nats.run("pub", "orders.map", "--jetstream", "-H", "A: 1", "-H", "A: 2", with: ["id": 7])

    let third = try nats.run("stream", "get", "ORDERS", "3")
    #expect(third["subject"].string == "orders.many")
    #expect(third["data"].string == "n2/2")
    #expect(third["seq"].shown() == "3")
    #expect(third["headers.Of"].string == "2")
    guard case .time = third["time"] else { throw DidNotFail(value: third.shown()) }
    let last = try nats.run("stream", "get", "ORDERS", "--last-for", "orders.map")
    #expect(last["data"].string == #"{"id":7}"#)
    #expect(last["headers.A"].shown() == #"["1", "2"]"#)
    #expect(try nats.failure("stream", "get", "ORDERS", "99").reason.string == "no message found (10037)")

    // What the nats CLI fills in, one message or many; the rest stays as it is.
    let body = "{{Count}} {{ .Unix }} {{UnixNano}} {{TimeStamp}} {{Time}} {{ID}} {{Random 3 5}} {{Else}} {{Random 5 3}}"
    try nats.run("pub", "orders.filled", body, "--jetstream", "-H", "Unix: {{Unix}}")
    let filled = try nats.run("stream", "get", "ORDERS", "--last-for", "orders.filled")
    let pattern = #/1 \d{10} \d{19} \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ (1[0-2]|[1-9]):\d\d(AM|PM) \w{22} \w{3,5}/#
    let text = filled["data"].string ?? ""
    let rest = " {{Else}} {{Random 5 3}}"
    #expect(text.hasSuffix(rest) && text.dropLast(rest.count).wholeMatch(of: pattern) != nil, "\(text)")
    #expect(filled["headers.Unix"].string.flatMap { Int($0) } != nil)
    try nats.run("stream", "purge", "ORDERS", "--subject", "orders.filled")

    // The same identifier twice is one message.
    let first = try nats.run("pub", "orders.id", "x", "--jetstream", "-H", "Nats-Msg-Id: one")
    let second = try nats.run("pub", "orders.id", "x", "--jetstream", "-H", "Nats-Msg-Id: one")
    #expect(first["seq"].shown() == second["seq"].shown())
    #expect(second["duplicate"].shown() == "true")
    #expect(try nats.shown("pub", "orders.new", "x", "--jetstream") == "stored in ORDERS as 8")

    #expect(try nats.run("stream", "purge", "ORDERS", "--subject", "orders.many")["purged"].shown() == "3")
    #expect(try nats.run("stream", "info", "ORDERS")["state.messages"].shown() == "4")
    #expect(try nats.failure("pub", "orders.new", "two", with: "bodies").kind == .misused)
  }

  @Test func subscribersGetWhatIsPublishedMeanwhile() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    let results = Said()
    let thread = Thread {
      do {
        results.add(try nats.run("sub", "news.*", "--count", "2")[0, "data"])
      } catch {
        results.add("\(error)")
      }
    }
    thread.start()
    // Published until it is heard: nobody knows when the subscription begins.
    try eventually {
      try nats.run("pub", "news.a", "hello", "-H", "K: v")
      return !results.text.isEmpty
    }
    #expect(results.text == "hello")
    #expect(try nats.run("pub", "news.a", "b", "--count", "3").shown() == #"{ subject: "news.a", count: 3 }"#)
    #expect(try nats.run("sub", "silent", "--wait", "50ms").elements?.isEmpty == true)
    #expect(try nats.failure("sub", "silent", "--count", "1", within: .milliseconds(200)).kind == .timedOut)
    let nobody = try nats.failure("request", "nobody.there", "hi")
    #expect(nobody.kind == .failed)
    #expect(nobody.reason.string.hasSuffix("nobody listens on nobody.there"))
  }

  @Test func aResponderAnswersUntilItIsToldToStop() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    func whileAnswering(_ words: [String], with document: Value? = nil, _ body: () throws -> Void) throws {
      let (begun, ended, stop) = (Said(), Said(), StopSignal())
      let thread = Thread {
        do {
          _ = try nats.command.run(
            Invocation(
              words: (["reply"] + words).map { Text($0) }, document: document, cluster: Cluster(name: "c1", index: 0),
              deadline: .now + patience, stop: stop, begun: { begun.add("begun") }))
          ended.add("by itself")
        } catch let failure as CommandFailure {
          ended.add("\(failure.kind)")
        } catch { ended.add("\(error)") }
      }
      thread.start()
      try eventually { begun.text == "begun" }
      try body()
      stop.ask(.interrupt)
      try eventually { !ended.text.isEmpty }
      #expect(ended.text == "interrupted")
    }
    try whileAnswering(["ask.*", "{{Count}}: {{Request}}", "-H", "Number: {{Count}}"]) {
      #expect(try nats.run("request", "ask.a", "who")["data"].string == "1: who")
      let second = try nats.run("request", "ask.b", "what")
      #expect(second["data"].string == "2: what")
      #expect(second["headers.Number"].string == "2")
    }
    try whileAnswering(["ask", "--echo"]) {
      let answer = try nats.run("request", "ask", "hello", "-H", "K: v")
      #expect(answer["data"].string == "hello")
      #expect(answer["headers.K"].string == "v")
    }
    try whileAnswering(["ask"], with: ["at": 12]) {
      let answer = try nats.run("request", "ask", "")
      #expect(answer["data"].string == #"{"at":12}"#)
    }
    try whileAnswering(["all", "one"]) {
      try whileAnswering(["all", "two"]) {
        let answers = try nats.run("request", "all", "", "--replies", "2").elements ?? []
        #expect(Set(answers.map { $0["data"].string }) == ["one", "two"])
        // As many as come in the time, which on a busy machine may be fewer.
        for replies in ["0", "3"] {
          try eventually(is: ["one", "two"]) {
            let all = try nats.run("request", "all", "", "--replies", replies, "--timeout", "300ms").elements ?? []
            return all.compactMap { $0["data"].string }.sorted()
          }
        }
      }
      #expect(try nats.run("request", "all", "", "--replies", "1").elements?.map { $0["data"].string } == ["one"])
    }
    #expect(try nats.failure("request", "all", "", "--replies", "2").reason.string.hasSuffix("nobody listens on all"))
    #expect(try nats.failure("request", "all", "", "--replies", "-1").kind == .misused)
    #expect(try nats.failure("request", "ask", "still there?").reason.string.hasSuffix("nobody listens on ask"))
    #expect(try nats.failure("reply", "ask").kind == .misused)
    #expect(try nats.failure("reply", "a b").reason.string.contains("a b"))
  }

  @Test func aPublishWaitsForItsStreamUntilTheDeadline() throws {
    let account = try TestAccount()
    let nats = try NatsFixture(account)
    defer { nats.end() }
    // On a busy machine the connecting may take all of the time.
    let failure = try eventually {
      try nats.failure("pub", "no.stream", "x", "--jetstream", within: .milliseconds(400))
    } where: {
      $0.kind == .timedOut
    }
    #expect(failure.said?.string.contains("127.0.0.1:\(account.server.port)") == true)
    #expect(failure.said?.string.contains("no.stream") == true)
  }
}

extension Value {
  /// A field of an element, as text.
  fileprivate subscript(index: Int, path: String) -> String { elements?[index][path].string ?? shown() }
}
