/// Of what would run, and most likely is a mistake.
extension Explanation {
  static let ofLints: [Explanation] = [
    Explanation(
      "fixed-wait", "a wait for something that can't change",
      """
      `wait-for` looks again and again until its condition is true. Without a command, a task or a function such
      as `now()` or `exists(…)` in it, every look sees the same: it is true at once, or never. `assert` checks
      what does not change.
      """,
      wrong: "let servers = nats server list\nwait-for servers.count == 12 within 1m",
      right: "wait-for (nats server list).count == 12 within 1m", severity: .warning),
    Explanation(
      "mismatched-types", "values of types that do not fit",
      """
      What is known of the values' types says that a run will fail here: an int compared with text, a list in a
      string, a number as a condition, a method that the type does not have. The types of literals, parameters,
      operators, methods and functions are known; what commands and tasks give is not, and nothing is said of it.
      """,
      wrong: "param replicas = 3\nassert replicas == \"3\"", right: "param replicas = 3\nassert replicas == 3",
      severity: .warning),
    Explanation(
      "unreachable", "a statement that is never reached",
      "What stands before it always ends the block: `return`, `fail`, `skip`, or branches that all do.",
      wrong: "task size() {\n  return 3\n  print \"sized\"\n}\nprint size()",
      right: "task size() {\n  print \"sized\"\n  return 3\n}\nprint size()", severity: .warning),
    Explanation(
      "constant-condition", "a condition that is always true or always false",
      "One of the two ways is never gone. Left in by an attempt, it hides what the recipe does.",
      wrong: "if true { print \"hello\" }", right: "print \"hello\"", severity: .warning),
    Explanation(
      "same-operands", "a comparison of something with itself",
      "It has the same result every time. Most likely one side should have been something else.",
      wrong: "param from = 1\nparam to = 3\nassert from <= from\nprint from..to",
      right: "param from = 1\nparam to = 3\nassert from <= to\nprint from..to", severity: .warning),
    Explanation(
      "repeated-condition", "a branch with the condition of one before it",
      "The first of the branches is taken, and this one never is.",
      wrong: "param size = 1\nif size == 1 { print \"one\" } else if size == 1 { print \"two\" }",
      right: "param size = 1\nif size == 1 { print \"one\" } else if size == 2 { print \"two\" }", severity: .warning),
    Explanation(
      "repeated-step", "two steps of one name beside each other",
      "`--from` and `--only` name a step, and go to the first of that name. Reports speak of both alike.",
      wrong: "step \"check\" { print 1 }\nstep \"check\" { print 2 }",
      right: "step \"check one\" { print 1 }\nstep \"check two\" { print 2 }", severity: .warning),
  ]

  static let ofUnused: [Explanation] = [
    Explanation(
      "unused-name", "a name that is never used",
      """
      It is bound and nobody reads it: left over, or another name was meant. A `let` before a command also keeps
      the command quiet, which as a statement would show what it finds; a name that begins with `_` says that this
      is all it is for. The element of a loop over clusters or numbers may go unused.
      """,
      wrong: "let first = clusters.first\nnats pub orders.new one on clusters.last",
      right: "let first = clusters.first\nnats pub orders.new one on first", severity: .warning),
    Explanation(
      "unused-parameter", "a parameter that is never used",
      """
      Whoever gives it expects that it does something. In a task that must have it, a name that begins with `_`
      says that it is not needed.
      """,
      wrong: "param copies = 3 \"of the stream\"\nnats stream add ORDERS --subjects orders.new",
      right: "param copies = 3 \"of the stream\"\nnats stream add ORDERS --subjects orders.new --replicas $copies",
      severity: .warning),
    Explanation(
      "unused-task", "a task that is never called",
      "Nobody else can call the tasks of a recipe. A file that holds tasks and lets only is a library for `use`.",
      wrong: "task greet() { print \"hello\" }\nprint \"done\"", right: "task greet() { print \"hello\" }\ngreet()",
      severity: .warning),
    Explanation(
      "unused-library", "a file that is brought in, and nothing of it is used",
      "`use` makes the tasks and lets of a file known. If none of them is named, it only takes time to read.",
      wrong: Example(
        "use \"greetings.nbx\"\nprint \"hi\"", files: ["greetings.nbx": "task greet() { print \"hello\" }"]),
      right: Example("use \"greetings.nbx\"\ngreet()", files: ["greetings.nbx": "task greet() { print \"hello\" }"]),
      severity: .warning),
    Explanation(
      "unchanged-var", "a `var` that never changes",
      "`let` says that a name stays what it is, so that nobody has to look for where it changes.",
      wrong: "var limit = 30s\nsleep $limit", right: "let limit = 30s\nsleep $limit", severity: .warning),
    Explanation(
      "unread-outcome", "a `try` whose outcome nobody reads",
      """
      `try` keeps a failure from stopping the recipe, and gives an outcome that tells of it. If nobody asks the
      outcome, a failure goes by unseen. Where that is meant, `try { … } else { }` says so.
      """,
      wrong: "try nats stream rm ORDERS --force\nnats stream add ORDERS --subjects orders.new",
      right: "try { nats stream rm ORDERS --force } else { }\nnats stream add ORDERS --subjects orders.new",
      severity: .warning),
  ]
}
