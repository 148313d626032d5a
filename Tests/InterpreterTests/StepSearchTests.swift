import Interpreter
import TestSupport
import Testing

/// `--from STEP` and `--only STEP`.
@Suite(.mayWait) struct StepSearchTests {
  static let recipe = """
    let a = count n
    print "before"
    step "one" { show one }
    step "two" {
      show two $a
      step "deep" { show deep }
      show "after deep"
    }
    print "between"
    foreach c in clusters parallel {
      print "lane"
      step "lane" { show lane }
      show rest
    }
    run "other.nbx"
    """
  static let files = [
    "other.nbx": "recipe \"The other\"\nshow other\nstep \"inner\" { show inner }", "library.nbx": "let l = (show no)",
  ]

  @Test func `from a step on everything is run`() throws {
    #expect(
      try run(.from(step: "two")).first(6) == [
        "step: two", "<two><1> on c1", "step: deep", "<deep> on c1", "<after deep> on c1", "between",
      ])
    #expect(
      try run(.from(step: "deep")).first(5) == [
        "step: two", "step: deep", "<deep> on c1", "<after deep> on c1", "between",
      ])
  }

  @Test func `in lanes every lane begins with its own`() throws {
    let said = try run(.from(step: "lane"))
    #expect(said.count { $0.contains("<lane>") } == 3)
    #expect(said.count { $0.contains("<rest>") } == 3)
    #expect(!said.contains("before") && !said.contains("between") && !said.contains { $0.hasSuffix("] lane") })
    #expect(said.suffix(2) == ["step: inner", "<inner> on c1"])
  }

  @Test func `only a step`() throws {
    #expect(try run(.only(step: "one")) == ["step: one", "<one> on c1"])
    #expect(try run(.only(step: "deep")) == ["step: two", "step: deep", "<deep> on c1"])
    let lanes = try run(.only(step: "lane"))
    #expect(lanes.count == 6 && lanes.allSatisfy { $0.hasPrefix("[c") })
  }

  @Test(arguments: ["The other", "other.nbx", "other"]) func `a recipe that is run goes by several names`(
    name: String
  ) throws {
    #expect(
      try run(.only(step: name)) == ["step: The other", "<other> on c1", "step: inner", "<inner> on c1"])
    #expect(try run(.only(step: "inner")) == ["step: The other", "step: inner", "<inner> on c1"])
  }

  @Test func `steps within tasks, in loops, and with names made up on the way`() throws {
    let recipe = """
      task t(x) { show before
       step "in t" { show $x } }
      show no
      t(1)
      foreach i in 1..3 { step "number $i" { show $i } }
      """
    #expect(try run(.only(step: "in t"), recipe) == ["step: in t", "<1> on c1"])
    #expect(try run(.only(step: "number 2"), recipe) == ["step: number 2", "<2> on c1"])
    #expect(try run(.from(step: "number 2"), recipe).last == "<3> on c1")
  }

  @Test func `a name of during is bound before the step, as any other`() throws {
    let recipe = "during n = tool fill --rate 5 { show meanwhile }\nshow no\nstep \"s\" { show ${n.boxes} }"
    #expect(
      try run(.only(step: "s"), recipe) == [
        "step: during tool fill --rate 5", "fill rate=5", "<meanwhile> on c1", "step: s", "<3> on c1",
      ])
  }

  @Test func `what was deferred before the step is undone after it`() throws {
    let recipe = "defer { show undo }\nshow no\nstep \"s\" { show s }\ndefer { show never }\nshow no"
    #expect(try run(.only(step: "s"), recipe) == ["step: s", "<s> on c1", "<undo> on c1"])
  }

  @Test(arguments: [
    "let v = foreach c in clusters parallel { show behind $c }", "let v = try (show behind)", "show behind",
    "w = count n\nshow behind", "let v = step \"other\" { show behind }", "use \"library.nbx\"\nshow $l",
    "let v = (show behind)\nlet y = v\nforeach i in 1..2 { step \"number $i\" { show $y } }",
    "defer { show behind }\nlet v = (show behind)", "during v = tool fill --rate 5 { show behind }\nshow ${v.boxes}",
  ]) func `behind the step alone nothing is run, whether its value is bound or not`(behind: Named<String>) throws {
    let recipe = "var w = 0\nlet before = count n\nstep \"one\" { show in-one $before }\n\(behind.value)"
    #expect(try run(.only(step: "one"), recipe) == ["step: one", "<in-one><1> on c1"])
  }

  @Test func `between two steps of the name names are bound, behind the last one no more`() throws {
    let recipe = """
      var sum = 0
      foreach i in 1..2 {
        defer { show end $i }
        step "s" { show s $i $sum }
        let unused = (show no)
        sum = sum + i
      }
      let a = (show a)
      step "s" { show last $sum }
      let b = (show no)
      """
    #expect(
      try run(.only(step: "s"), recipe) == [
        "step: s", "<s><1><0> on c1", "<end><1> on c1", "step: s", "<s><2><1> on c1", "<end><2> on c1", "<a> on c1",
        "step: s", "<last><3> on c1",
      ])
  }

  @Test func `a task that is left behind the step is left, and its value is not found out`() throws {
    let recipe = "task t() { step \"s\" { show s }\n let v = (show no)\n return (show no) }\nt()\nlet w = (show no)"
    #expect(try run(.only(step: "s"), recipe) == ["step: s", "<s> on c1"])
  }

  @Test func `a step in a task whose value is bound is run with the binding`() throws {
    let recipe = "task t() { step \"s\" { show s }\n return 5 }\nshow no\nlet v = t()\nshow $v"
    #expect(try run(.only(step: "s"), recipe) == ["step: s", "<s> on c1"])
    #expect(try run(.from(step: "s"), recipe) == ["step: s", "<s> on c1", "<5> on c1"])
  }

  @Test func `a step that is not there is refused before anything is run`() throws {
    #expect(
      try run(.from(step: "tow")) == ["refused: main.nbx has no step \"tow\"; did you mean \"two\"?"])
    #expect(
      try run(.only(step: "x"), "show a") == [
        "refused: main.nbx has no step \"x\"; the recipe has no steps"
      ])
    #expect(
      try run(.only(step: "x"), "show no\nforeach i in 1..2 { step \"s$i\" { show s } }")
        == ["refused: main.nbx has no step \"x\"; the recipe has no steps"])
  }

  @Test func `a step that was not reached is a failure, since other things were run`() throws {
    let recipe = """
      let n = count n
      if n == 2 { step "two" { show no } }
      task t() { step "three" { show no } }
      if n == 3 { t() }
      step "one" { show no }
      """
    #expect(
      try run(.only(step: "two"), recipe) == [
        """
        failed: error: the step "two" was not reached
          --> main.nbx:2:18
           |
         2 | if n == 2 { step "two" { show no } }
           |                  ^^^^^ it is in the recipe, but the run did not come to it
           |
           = try: its other steps: three, one
        """
      ])
    #expect(try run(.from(step: "three"), recipe).joined().contains("main.nbx:3:17"))
    #expect(
      try run(.only(step: "other"), "if (count n) == 2 { run \"other.nbx\" }").joined().contains("main.nbx:1:21"))
    #expect(
      try run(.only(step: "number 7"), "foreach i in 1..2 { step \"number $i\" { show no } }") == [
        """
        failed: error: the step "number 7" was not reached
          --> main.nbx:1:26
           |
         1 | foreach i in 1..2 { step "number $i" { show no } }
           |                          ^^^^^^^^^^^ its name is made up on the way, and was never that
        """
      ])
  }

  @Test func `steps that are run in any case are met there`() throws {
    let recipe =
      "defer { step \"late\" { show late } }\nshow no\nlet v = step \"bound\" { show bound\n 5 }\nshow $v"
    #expect(try run(.only(step: "late"), recipe) == ["step: bound", "<bound> on c1", "step: late", "<late> on c1"])
    #expect(try run(.only(step: "bound"), recipe) == ["step: bound", "<bound> on c1", "step: late", "<late> on c1"])
    #expect(try run(.from(step: "bound"), recipe).contains("<5> on c1"))
  }

  @Test(.timeLimit(.minutes(2))) func `tasks that call each other twice are looked through once`() throws {
    let tasks = (0..<30).map { "task t\($0)() { t\($0 + 1)()\n t\($0 + 1)() }" }.joined(separator: "\n")
    let recipe = "\(tasks)\ntask t30() { show no }\nt0()\nstep \"s\" { show s }"
    #expect(try run(.only(step: "s"), recipe) == ["step: s", "<s> on c1"])
  }

  private func run(_ part: RunPart, _ recipe: String = StepSearchTests.recipe) throws -> [String] {
    let host = TestHost()
    let program = try load(recipe, files: StepSearchTests.files, host)
    let ending = Run(program, host: host, clusters: ["c1", "c2", "c3"], part: part).execute()
    switch ending {
    case .refused(let problems):
      return host.said + problems.map { "refused: \($0.title); \($0.notes.map(\.text).joined())" }
    case .failed(let failure): return host.said + ["failed: " + rendered(failure.diagnostics)]
    default: return host.said
    }
  }
}

extension Array {
  fileprivate func first(_ count: Int) -> [Element] { Array(prefix(count)) }
}
