import Interpreter
import Testing

/// The words of a call as forms read them: whole ones, wrong ones, and those that are still being typed.
@Suite struct ReadingTests {
  private static let form = CommandForm(
    "box add", "makes a box",
    positionals: [Positional("NAME"), Positional("CLUSTER", as: .cluster, optional: true, repeated: true)],
    flags: [
      Flag("--port", .port, "where it listens. Or anywhere", valueOptional: true),
      Flag("--pair", .assignment, "what goes with what", value: "LEFT=RIGHT", repeated: true),
      Flag("--kind", .choice(["red", "blue"]), "which", aliases: ["-k"]), Flag("--fast", .toggle, "soon"),
    ], assignments: Positional("KEY=VALUE", optional: true, repeated: true), atMostOneOf: ["--kind", "--fast"])

  private func read(_ words: String) -> Reading {
    ReadingTests.form.read(words.split(separator: " ").map { Text(String($0)) }, from: 0, of: "tool")
  }

  @Test(arguments: [
    ("", "`tool box add` needs NAME", "tool box add NAME [CLUSTER…] [KEY=VALUE…] [--kind red|blue | --fast]"),
    ("x --fast -k red", "`--kind` and `--fast` contradict each other", "give one of --kind, --fast"),
    ("x --kind rd", "`--kind` takes one of red, blue, not `rd`", "did you mean `red`?"),
    ("x --fast=maybe", "`--fast` takes true or false, not `maybe`", "--fast: soon"),
    ("x --port 0", "`--port` takes a port from 1 to 65535, not `0`", "--port [PORT]: where it listens"),
    ("x --port=z", "`--port` takes a port from 1 to 65535, not `z`", "--port [PORT]: where it listens"),
    ("x --pair a", "`--pair` takes a name, = and a value, not `a`", "--pair LEFT=RIGHT: what goes with what"),
    ("x --pair", "`--pair` needs a value", "--pair LEFT=RIGHT"), ("x --pair =b", "not `=b`", "LEFT"),
    ("x C1", "`tool box add` takes a cluster's name, not `C1`", "small letters"),
    ("x --bogus --kind rd", "has no flag `--bogus`", "its flags: --port, --pair, --kind, --fast"),
  ]) func `the first thing that is wrong is said`(_ words: String, _ message: String, _ advice: String) throws {
    let problem = try #require(read(words).problem)
    #expect(problem.message.contains(message))
    #expect(problem.advice?.contains(advice) == true, "\(problem.advice ?? "")")
  }

  @Test func `words with a = are assignments behind those that are needed`() {
    let words = read("a=b c1 k=1 c2 l= m=n=o").words
    #expect(words.positionals.map(\.string) == ["a=b", "c1", "c2"])
    #expect(words.assignments.map { "\($0.name):\($0.value.string)" } == ["k:1", "l:", "m:n=o"])
  }

  @Test(
    arguments: [("--port", nil), ("--port c1", nil), ("--port 80 c1", 80), ("--port=80", 80)] as [(String, Int64?)])
  func `a value that may be missing`(_ words: String, _ port: Int64?) {
    let reading = read("x \(words)")
    #expect(reading.problem == nil)
    #expect(reading.words.isGiven("--port") && reading.words.integer("--port") == port)
    #expect(reading.words.positionals.dropFirst().map(\.string) == (words.hasSuffix("c1") ? ["c1"] : []))
  }

  @Test func `whatever is wrong, the words behind it are read`() {
    let reading = read("x --bogus --kind red C1 --pair a=b")
    #expect(reading.words.string("--kind") == "red" && reading.words.all("--pair").map(\.string) == ["a=b"])
    #expect(reading.words.positionals.count == 2 && reading.next?.name == "CLUSTER" && reading.isAssignmentDue)
    #expect(read("").next?.name == "NAME" && !read("").isAssignmentDue)
    #expect(read("x -k").awaiting?.name == "--kind" && read("x -k red").awaiting == nil)
    #expect(read("-- --fast").words.positionals.map(\.string) == ["--fast"])
  }
}
