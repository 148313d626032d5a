import TestSupport
import Testing

@testable import Interpreter
@testable import ValuesAndCommands

/// What a failure tells beside its text.
@Suite(.mayWait) struct OutcomeTests {
  @Test(arguments: cases) func holds(_ test: Case) {
    #expect(withoutHandled(transcript(test.recipe)) == test.expected, "\(test.testDescription)")
  }

  static let cases: [Case] = [
    Case(
      "a failed program's code and output are values",
      "let o = try exits 3\nprint o.kind, o.code, o.out, o.err", "exit 3 said this\n said that\n"),
    Case(
      "a program that worked has them, too, and no kind",
      "let o = try echo hello\nprint o.kind ?? \"none\", o.code, o.out.lines.first", "none 0 hello"),
    Case(
      "what was done before it failed is the value",
      "let o = try partly\nprint o.ok, o.value, o.kind, o.code", "false [1, 2] refused 10059"),
    Case(
      "every kind of failure has its word",
      """
      let outcomes = [try (bad), try (misused), try (1 / 0), try [].first, try { fail "no" },
        try { assert 1 == 2, "no" }, try (block within 1ms)]
      print [o.kind for o in outcomes]
      """, #"["failed", "misused", "wrong-value", "missing", "stated", "assertion", "timed-out"]"#),
    Case(
      "what there is not is null", "let o = try bad\nprint o.code ?? \"none\", o.out ?? \"none\"", "none none"),
  ]

  @Test func anOutcomeIsKeptForAResumedRun() throws {
    let details = FailureDetails("exit", code: 2, out: "all", err: "none", value: [1])
    var archive = ValueArchive()
    let packed = try #require(try archive.packed(.outcome(Outcome(error: "bad", details: details))))
    guard case .outcome(let outcome)? = ValueArchive.unpacked(packed, clusters: []) else {
      Issue.record("no outcome: \(packed.shown())")
      return
    }
    #expect(
      Member.outcome.map { try? $0.apply(to: .outcome(outcome), []).shown() } == [
        "false", "[1]", "\"bad\"", "\"exit\"", "2", "\"all\"", "\"none\"",
      ])
  }

  @Test func jsonHasAllOfAFailure() {
    let failed = Outcome(error: "bad", details: FailureDetails("refused", code: 10059, value: [1, 2]))
    #expect(
      Value.outcome(failed).json().masked
        == #"{"ok":false,"value":[1,2],"error":"bad","kind":"refused","code":10059,"out":null,"err":null}"#)
    #expect(Value.outcome(Outcome(value: 1)).json().masked == #"{"ok":true,"value":1,"error":null}"#)
  }

  @Test func secretOutputIsNotWrittenDown() throws {
    let details = FailureDetails("exit", code: 2, out: .secret("key"))
    var archive = ValueArchive()
    let packed = try archive.packed(.outcome(Outcome(error: "bad", details: details)))
    #expect(packed == nil)
  }
}
