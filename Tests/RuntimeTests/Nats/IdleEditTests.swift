import Interpreter
import TestSupport
import Testing

@testable import SandboxNats
@testable import SandboxSystem

/// What an edit or a document says and nobody does.
@Suite(.serialized, .mayWait) struct IdleEditTests {
  @Test func whatAServerPassesOverIsRefused() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run("stream", "add", "T3", "--subjects", "t3", "--first-sequence", "7")
    try nats.run("consumer", "add", "T3", "C")
    let misused: [([String], Value?, String)] = [
      (["stream", "edit", "T3", "--first-sequence", "100"], nil, "--first-sequence"),
      (["stream", "edit", "T3"], ["first_seq": 100], "`first_seq` from its beginning"),
      (["stream", "edit", "T3"], ["name": "Z9"], "`name` behind `with` names Z9"),
      (["consumer", "edit", "T3", "C"], ["name": "D"], "names D"),
      (["consumer", "edit", "T3", "C"], ["durable_name": "D"], "`durable_name` behind `with` names D"),
      (["consumer", "edit", "T3", "C"], ["mem_storage": true], "`mem_storage` from its beginning"),
      (["stream", "add", "T4", "--subjects", "t4"], ["name": "T5"], "names T5"),
      (["stream", "edit", "T3"], nil, "says nothing that is to change"),
      (["stream", "copy", "T3", "T3"], nil, "needs a name of its own"),
      (["stream", "copy", "T3", "T6"], ["name": "T5", "subjects": ["t6"]], "names T5"),
      (["consumer", "add", "T3", "C2"], ["name": "D2", "durable_name": "D3"], "names D2"),
      (["consumer", "add", "T3"], ["name": "D2", "durable_name": "D3"], "two names, D2 and D3"),
      (["consumer", "add", "T3", "C2", "--ephemeral"], ["durable_name": "C2"], "do not go together"),
    ]
    for (words, document, reason) in misused {
      let failure = try nats.failure(words, with: document)
      #expect(failure.kind == .misused, "\(words): \(failure.reason.string)")
      #expect(failure.reason.string.contains(reason), "\(failure.reason.string)")
    }
    #expect(try nats.run("stream", "ls", "--names").shown() == #"["T3"]"#)
    #expect(try nats.run("consumer", "ls", "T3", "--names").shown() == #"["C"]"#)
  }

  @Test func whatIsSoAlreadyIsNoChange() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run("stream", "add", "T3", "--subjects", "t3", "--first-sequence", "7", with: ["name": "T3"])
    try nats.run("stream", "edit", "T3", with: ["name": "T3", "first_seq": 7, "max_msgs": 5])
    try nats.run("consumer", "add", "T3", with: ["durable_name": "C"])
    try nats.run("consumer", "edit", "T3", "C", with: ["durable_name": "C", "mem_storage": false])
    try nats.run("consumer", "add", "T3", "E", "--ephemeral")
    let failure = try nats.failure("consumer", "edit", "T3", "E", with: ["durable_name": "E"])
    #expect(failure.reason.string == "consumer E is ephemeral, and stays that")
  }

  @Test func anAnswerThatDiffersIsNoSuccess() {
    func check(_ asked: Value, _ before: Value) -> String? {
      do throws(CommandFailure) {
        try Promises.check(asked.entries, before: before.entries, after: before.entries, of: "S")
      } catch {
        return error.reason.string
      }
      return nil
    }
    #expect(check(["on": false], ["on": true]) == "S keeps its on: true, not false")
    #expect(check(["on": false], [:]) == nil)
    #expect(check(["of": [["name": "B"]]], ["of": [["name": "A"]]])?.hasPrefix("S keeps its of: ") == true)
  }
}
