import Foundation
import TestSupport
import Testing

/// The REPL at a real terminal.
@Suite(.serialized, .mayWait) struct ReplTerminalTests {
  let nbx: NbxProgram

  init() throws { nbx = try NbxProgram() }

  private func session() throws -> TerminalSession { try nbx.replAtTerminal() }

  private func lines(_ screen: String) -> [String] { shownLines(screen) }

  @Test func `what is typed is run, and blocks are finished below`() throws {
    let terminal = try session()
    try terminal.type("let x = 41")
    try terminal.wait { lines($0).suffix(2) == ["nbx> let x = 41", "nbx>"] }
    try terminal.type("if x > 40 {")
    try terminal.wait { $0.contains("...>") }
    try terminal.type("print \"東京 $x\"")
    try terminal.type("}")
    try terminal.wait {
      lines($0).suffix(5) == ["nbx> if x > 40 {", "...>   print \"東京 $x\"", "...> }", "東京 41", "nbx>"]
    }
    try terminal.type("nope")
    try terminal.wait { $0.contains("there is no name `nope` here") }
    try terminal.type("x + 1")
    try terminal.wait { lines($0).suffix(2) == ["42", "nbx>"] }
  }

  @Test func `history outlives a session, but for secrets, and is searched`() throws {
    let first = try session()
    for line in [
      "let alpha = 1", "let s = secret(\"hunter22\")", "print \"beta\"", "let token = 3", "print \"ter22\"",
      "let n = secret(env(\"NOPE\", \"abc1\"))", "print \"abc1\"",
    ] {
      try first.type(line)
      try first.wait { lines($0).suffix(1) == ["nbx>"] && $0.contains(line) }
    }
    try first.press("C-d")
    try first.wait { lines($0).last == "$" }
    let kept = try String(contentsOfFile: nbx.folder + "/home/repl-history", encoding: .utf8)
    #expect(kept == "let alpha = 1\nprint \"beta\"\nprint \"ter22\"\n")

    let second = try session()
    try second.press("Up")
    try second.wait { lines($0).last == "nbx> print \"ter22\"" }
    try second.press("Up")
    try second.wait { lines($0).last == "nbx> print \"beta\"" }
    try second.press("Up")
    try second.wait { lines($0).last == "nbx> let alpha = 1" }
    try second.press("C-c")
    try second.wait { lines($0).last == "nbx>" }
    try second.press("C-r")
    try second.type("eta")
    try second.wait { lines($0).suffix(2) == ["beta", "nbx>"] }
  }

  @Test func `ctrl-c ends what runs and ctrl-d does what was deferred`() throws {
    let terminal = try session()
    try terminal.type("defer { print \"good\" + \"bye\" }")
    try terminal.wait { lines($0).suffix(2) == ["nbx> defer { print \"good\" + \"bye\" }", "nbx>"] }
    try terminal.type("sleep 60s")
    try terminal.wait { $0.contains("sleep 60s  ") }
    try terminal.press("C-c")
    try terminal.wait { $0.contains("interrupted") && lines($0).last == "nbx>" }
    try terminal.type("exec sleep 61")
    try terminal.wait { $0.contains("exec sleep 61  ") }
    try terminal.press("C-c")
    try terminal.wait { $0.contains("exec was interrupted") && lines($0).last == "nbx>" }
    try terminal.send("half a li")
    try terminal.wait { lines($0).last == "nbx> half a li" }
    try terminal.press("C-c")
    try terminal.wait { lines($0).last == "nbx>" }
    try terminal.type("1 + 1")
    try terminal.wait { lines($0).suffix(2) == ["2", "nbx>"] }
    try terminal.press("C-d")
    try terminal.wait { lines($0).suffix(2) == ["goodbye", "$"] }
    try terminal.type("stty -a | grep -c ' echo ' ; echo status $?")
    try terminal.wait { lines($0).suffix(3) == ["1", "status 0", "$"] }
  }

  @Test func `a terminal that becomes narrow and wide again shows the line as it is`() throws {
    let terminal = try session()
    try terminal.press("C-l")
    try terminal.type("print \"above\"")
    try terminal.wait { lines($0).suffix(2) == ["above", "nbx>"] }
    try terminal.send("print \"abcdefghij東京東京東京klm\"")
    try terminal.wait { lines($0).last?.hasSuffix("klm\"") == true }
    try terminal.resize(columns: 10, rows: 24)
    try terminal.wait {
      lines($0).joined().hasSuffix("nbx> print \"abcdefghij東京東京東京klm\"")
        || lines($0).suffix(5) == ["nbx> prin", "t \"abcdef", "ghij東京", "東京東京", "klm\""]
    }
    try terminal.resize(columns: 3, rows: 24)
    try terminal.wait { $0.contains("東\n京") }
    try terminal.resize(columns: 80, rows: 24)
    try terminal.wait { lines($0).last == "nbx> print \"abcdefghij東京東京東京klm\"" }
    try terminal.press("Enter")
    try terminal.wait { lines($0).suffix(2) == ["abcdefghij東京東京東京klm", "nbx>"] }
  }

  /// Eight times what the buffer of a terminal holds.
  @Test(arguments: [true, false]) func `a paste of two thousand lines loses nothing`(hasMarks: Bool) throws {
    let terminal = try session()
    try terminal.type("var sum = 0")
    try terminal.wait { lines($0).suffix(2) == ["nbx> var sum = 0", "nbx>"] }
    let text = (1...2000).map { "sum = sum + \($0)\n" }.joined() + "print \"the sum is $sum\"\n"
    try terminal.paste(text, withMarks: hasMarks)
    try terminal.wait { lines($0).suffix(2) == ["the sum is 2001000", "nbx>"] }
  }

  @Test func `a pasted block and its flags are one statement each`() throws {
    let terminal = try session()
    try terminal.paste(
      "exec printf '%s.'\n  --a\n  --b\nif true {\n  print \"yes\"\n}\nelse {\n  print \"no\"\n}\nlet z = 5",
      withMarks: true)
    try terminal.wait { $0.contains("\n--a.--b.\n") && $0.contains("\nyes\n") && lines($0).last == "nbx> let z = 5" }
    try terminal.press("Enter")
    try terminal.type("z")
    try terminal.wait { lines($0).suffix(2) == ["5", "nbx>"] }
  }

  @Test func `the beginning of a pasted line is not run`() throws {
    let terminal = try session()
    try terminal.paste("let z = 5\n:qui", withMarks: true)
    try terminal.wait { lines($0).suffix(2) == ["nbx> let z = 5", "nbx> :qui"] }
    try terminal.type("t")
    try terminal.wait { lines($0).suffix(2) == ["nbx> :quit", "$"] }
  }

  @Test func `a dumb terminal has plain prompts`() throws {
    let terminal = try session()
    try terminal.press("C-d")
    try terminal.wait { lines($0).last == "$" }
    try terminal.type("TERM=dumb \(NbxProgram.path) repl c1")
    try terminal.wait { lines($0).last == "nbx>" }
    try terminal.type("if true {")
    try terminal.wait { lines($0).last == "...>" }
    try terminal.type("print 7")
    try terminal.wait { lines($0).suffix(2) == ["...> print 7", "...>"] }
    try terminal.type("}")
    try terminal.wait { lines($0).suffix(2) == ["7", "nbx>"] }
    try terminal.press("C-c")
    try terminal.wait { lines($0).suffix(2) == ["nbx> ^C", "nbx>"] }
    try terminal.press("C-d")
    try terminal.wait { lines($0).last == "$" || lines($0).last == "nbx> $" }
  }

  private static let completed = [
    ("info.clu", "info.cluster"), ("info.cluster.le", "info.cluster.leader"), ("gre", "greet("), ("forea", "foreach"),
    ("nats stream inf", "nats stream info"), ("nats stream info X --js-", "nats stream info X --js-domain"),
    (":pl", ":plan"), (":load recipes/inst", ":load recipes/install.nbx"), ("[1].fir", "[1].first"),
    (":plan nats stre", ":plan nats stream"),
  ]

  @Test func `tab completes what there is only one of`() throws {
    let terminal = try session()
    try terminal.type("let info = { cluster: { leader: 1, replicas: [1, 2] } }")
    try terminal.type("task greet(a) { return a }")
    for (typed, whole) in ReplTerminalTests.completed {
      try terminal.send(typed)
      try terminal.wait { lines($0).last == "nbx> " + typed }
      try terminal.press("Tab")
      try terminal.wait { lines($0).last == "nbx> " + whole }
      try terminal.press("C-c")
      try terminal.wait { lines($0).last == "nbx>" }
    }
  }

  @Test func `what is stopped and goes on shows its lines once`() throws {
    let terminal = try nbx.replAtTerminal(rows: 100)
    try terminal.type("if true {")
    // What comes before the prompt is pasted rather than typed, and not indented.
    try terminal.wait { lines($0).suffix(2) == ["nbx> if true {", "...>"] }
    try terminal.send("print 1")
    try terminal.wait { lines($0).suffix(2) == ["nbx> if true {", "...>   print 1"] }
    for round in 2...12 {
      try terminal.press("C-z")
      try terminal.wait { lines($0).last == "$" }
      try terminal.type("fg")
      try terminal.wait { lines($0).suffix(2) == ["nbx> if true {", "...>   print 1"] }
      try terminal.press("Right")
      let shown = lines(try terminal.screen()).filter { $0 == "nbx> if true {" }
      #expect(shown.count == round)
    }
    try terminal.press("C-c")
    try terminal.type("6 * 7")
    try terminal.wait { lines($0).suffix(2) == ["42", "nbx>"] }
  }

  @Test func `tab lists what it could be`() throws {
    let terminal = try session()
    try terminal.send("nats server ")
    try terminal.wait { lines($0).last == "nbx> nats server" }
    try terminal.press("Tab")
    try terminal.wait {
      lines($0).suffix(2) == ["nbx> nats server", "list     ping     info     report   check    cluster"]
    }
    try terminal.send("li")
    try terminal.wait { lines($0).contains("nbx> nats server li") }
    try terminal.press("Tab")
    try terminal.wait { lines($0).last == "nbx> nats server list" }
  }
}
