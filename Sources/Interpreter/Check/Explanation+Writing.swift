extension Explanation {
  static let ofCharacters: [Explanation] = [
    Explanation(
      "not-text", "the file is not text",
      """
      A recipe is text in UTF-8. Bytes that are none, and zero bytes, mean that the file was saved in another
      encoding, or that it is no recipe at all. Nothing of such a file is read.
      """,
      wrong: "print \"a\0b\"", right: "print \"ab\""),
    Explanation(
      "stray-character", "a character that means nothing",
      "The language has no use for this character where it stands. In text, between quotes, it may stand.",
      wrong: "print @home", right: "print \"@home\""),
    Explanation(
      "dollar-in-expression", "a dollar sign before a name in an expression",
      """
      `$name` is for words of commands and for strings, where a name would be taken for text. In an expression
      names stand by themselves.
      """,
      wrong: "let x = 1\nassert $x == 1", right: "let x = 1\nassert x == 1"),
    Explanation(
      "lone-dollar", "a dollar sign before neither a name nor `{`",
      """
      In words and in "…" a dollar sign begins `$name` or `${expression}`. One that is meant as it stands is
      written `\\$`, or in '…', which takes everything as it stands.
      """,
      wrong: "print \"5 $ each\"", right: "print '5 $ each'"),
    Explanation(
      "foreign-operator", "an operator of another language",
      "Conditions are joined by `and`, `or` and `not`; what other languages write with signs has words here.",
      wrong: "if clusters.count > 1 && target.local { print \"yes\" }",
      right: "if clusters.count > 1 and target.local { print \"yes\" }"),
    Explanation(
      "semicolon", "a semicolon between statements",
      "A statement ends with its line. Two statements stand on two lines.",
      wrong: "print 1; print 2", right: "print 1\nprint 2"),
    Explanation(
      "unknown-unit", "a number with a unit that there is not",
      """
      Behind a number without a blank stands the unit of a duration (ns us ms s m h d) or of a size
      (B k M G T Ki Mi Gi Ti kB MB GB TB). A name that begins with a digit is text, and stands in quotes.
      """,
      wrong: "let length = 5min\nprint length", right: "let length = 5m\nprint length"),
    Explanation(
      "number-too-large", "a number that 64 bits do not hold",
      "Whole numbers, durations in nanoseconds and sizes in bytes have 64 bits. A float reaches further.",
      wrong: "print 99999999999999999999", right: "print 1e20"),
    Explanation(
      "unclosed-string", "a string that is never closed",
      """
      A string in single or double quotes ends on its line. One that goes over several lines begins and ends
      with three of them.
      """,
      wrong: "print \"hello", right: "print \"hello\""),
    Explanation(
      "bad-escape", "an escape that there is not",
      """
      In "…" a backslash begins one of \\n \\t \\r \\" \\\\ \\$ and \\u{1F600}. '…' has no escapes: there a backslash
      stands for itself, as regular expressions like it.
      """,
      wrong: "assert \"c1-js-0\" matches \"\\d$\"", right: "assert \"c1-js-0\" matches '\\d$'"),
    Explanation(
      "unclosed-bracket", "a bracket that is never closed",
      """
      It is reported where it opens, since where it should have been closed only the author knows. Nothing
      behind it is read.
      """,
      wrong: "if target.local {\n  print \"here\"", right: "if target.local {\n  print \"here\"\n}"),
    Explanation(
      "unmatched-bracket", "a closing bracket that closes nothing",
      "A bracket before it was closed too early, or this one is left over.",
      wrong: "if target.local { print \"here\" }\n}", right: "if target.local { print \"here\" }"),
    Explanation(
      "too-deep", "nested too deep",
      """
      Brackets, tasks that call tasks and files that bring in files go only so deep: each level takes stack in
      every lane of a run. A part with a name of its own, by `let` or as a task, makes it flat.
      """,
      wrong: Example("print " + String(repeating: "(", count: 120) + "1" + String(repeating: ")", count: 120)),
      right: "print (1)"),
  ]
}

/// Of the words of commands.
extension Explanation {
  static let ofWords: [Explanation] = [
    Explanation(
      "shell-syntax", "something that only means something to a shell",
      """
      Nothing passes through a shell: one word is one argument, whatever is in it. `|`, `&&`, `||`, `&`, `<`, `>`,
      backquotes and a `\\` at the end of a line would be handed to the program as they are, which nobody means;
      quoted, they are text. The language has its own ways: `let` keeps what a command gives and `with` hands it on, a failed
      command stops the recipe, `try { } else { }` goes on after it, `parallel { }` does two things at once.
      """,
      wrong: "kubectl get pods | exec wc -l", right: "let pods = kubectl get pods\nexec wc -l with pods.out"),
    Explanation(
      "stray-spread", "`...` where it means nothing",
      """
      `...$list` stands among the words of a command, as a word of its own: each element of the list becomes a
      word. In expressions lists are joined by `+`.
      """,
      wrong: "let flags = [\"--wait\"]\nhelm list ...flags",
      right: "let flags = [\"--wait\"]\nhelm list --short ...$flags"),
    Explanation(
      "word-after-ending", "a word behind `with`, `on` or `within`",
      "What follows an ending is an expression, so all words of a command stand before its endings.",
      wrong: "kubectl get on clusters.first pods", right: "kubectl get pods on clusters.first"),
    Explanation(
      "repeated-ending", "the same ending twice", "A command takes `with`, `on` and `within` once each.",
      wrong: "kubectl get pods within 1m within 2m", right: "kubectl get pods within 2m"),
    Explanation(
      "unknown-command", "a command that there is not",
      """
      A statement that begins with a name and goes on with a word is a command, and there is none of this name.
      `nbx help` lists them; `exec PROGRAM …` runs any program.
      """,
      wrong: "kubctl get pods", right: "kubectl get pods"),
    Explanation(
      "bare-command", "a command without parentheses within an expression",
      """
      A command stands bare as a statement and after `=`, `return`, `try`, `wait-for` and `(`. Elsewhere nobody
      could say where it ends, so it stands in parentheses.
      """,
      wrong: "assert nats server list", right: "assert (nats server list).count > 0"),
    Explanation(
      "list-in-word", "a list, a map, null or an outcome as text",
      """
      A word or a string takes what reads as text in one way only. A list may mean many words (`...$list`), one
      text (`.join(" ")`) or JSON (`.json`): say which.
      """,
      wrong: "print \"servers: ${[\"n1\", \"n2\"]}\"", right: "print \"servers: ${[\"n1\", \"n2\"].join(\", \")}\""),
    Explanation(
      "command-words", "words that the command does not take",
      """
      The words of nbx's own commands are checked before a run: their forms, their flags, and what a flag takes.
      `nbx help COMMAND` lists them. The words of programs go to them as they are.
      """,
      wrong: "nats stream ad ORDERS --subjects orders.new",
      right: "nats stream add ORDERS --subjects orders.new"),
    Explanation(
      "no-document", "`with` for a command that takes no document",
      "`with` brings a document, and this form of the command has no use for one.",
      wrong: "nats stream ls with { a: 1 }", right: "nats stream ls"),
    Explanation(
      "ends-by-itself", "`during` with a command that ends by itself",
      """
      Behind `during` stands what goes on for as long as its block: a responder, a page, a program such as
      `kubectl port-forward`. A command that ends by itself stands before the block.
      """,
      wrong: "during nats pub orders.new one { print \"sent\" }", right: "nats pub orders.new one\nprint \"sent\""),
    Explanation(
      "goes-on", "a command that never ends, without `during`",
      "This command goes on until it is ended, and only the end of a block behind `during` ends it.",
      wrong: "nats reply time.now noon", right: "during nats reply time.now noon { nats request time.now \"\" }"),
  ]
}

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
