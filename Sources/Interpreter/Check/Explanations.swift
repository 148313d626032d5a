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

/// Of statements and expressions.
extension Explanation {
  static let ofStructure: [Explanation] = [
    Explanation(
      "unexpected-text", "something else is due here",
      "What stands here does not go on with what stands before it. The message says what would.",
      wrong: "let replicas 3", right: "let replicas = 3"),
    Explanation(
      "trailing-text", "text behind the end of a statement",
      "The statement could end before it, and what follows does not belong to it. A line holds one statement.",
      wrong: "print 1 print 2", right: "print 1\nprint 2"),
    Explanation(
      "missing-comma", "two elements without a comma",
      "The elements of lists and the entries of maps are separated by commas or by the ends of lines.",
      wrong: "let ports = [4222 7222]", right: "let ports = [4222, 7222]"),
    Explanation(
      "reserved-name", "a name that means something already",
      "Keywords, commands and functions always mean themselves, so that no recipe can be misread.",
      wrong: "let step = 2", right: "let width = 2"),
    Explanation(
      "late-header", "the head of a recipe below its first statement",
      "`recipe`, `clusters` and `param` say what a recipe is and takes: they stand above all statements.",
      wrong: "print \"hello\"\nrecipe \"A greeting\"", right: "recipe \"A greeting\"\nprint \"hello\""),
    Explanation(
      "repeated-header", "a line of the head twice", "A recipe has one title and one list of clusters.",
      wrong: "recipe \"One\"\nrecipe \"Two\"", right: "recipe \"One and two\""),
    Explanation(
      "inside-block", "a task or `use` inside a block",
      "Tasks and what `use` brings in are known in all of the file, so they stand outside of all braces.",
      wrong: "if target.local {\n  task greet() { print \"hello\" }\n}",
      right: "task greet() { print \"hello\" }\nif target.local { greet() }"),
    Explanation(
      "return-outside-task", "`return` outside of a task",
      "Only tasks give something back. A recipe ends at its end; `skip \"why\"` ends it before.",
      wrong: "if target.local { return }", right: "if target.local { skip \"it takes Kubernetes\" }"),
    Explanation(
      "lone-else", "`else` without an `if` or a `try`",
      "`else` stands behind the closing brace that it belongs to. Most likely a brace closes too much.",
      wrong: "print 1\nelse { print 2 }", right: "if target.local { print 1 } else { print 2 }"),
    Explanation(
      "stray-function", "a function that is no argument of a method",
      "`x => …` is no value that could be kept: it stands only as the argument of a method, as of `map`.",
      wrong: "let double = x => 2 * x", right: "task double(x) { return 2 * x }"),
    Explanation(
      "command-in-function", "a command or a task's call inside of a function",
      """
      What `x => …` does is done within one step of an expression, and never ends a recipe or waits. Loops and
      comprehensions run commands.
      """,
      wrong: "let names = clusters.map(c => (kubectl get nodes on c).out)",
      right: "let names = [(kubectl get nodes on c).out for c in clusters]"),
    Explanation(
      "unused-value", "an expression whose value goes nowhere",
      "An expression alone on its line does nothing. Only the last one of a block stands for the block's value.",
      wrong: "1 + 1\nprint \"done\"", right: "print 1 + 1\nprint \"done\""),
    Explanation(
      "bad-key", "something that can't be a map's key",
      "A key is a name, names joined by dots (a map within), or text in quotes.",
      wrong: "print { node-port: 4222 }", right: "print { \"node-port\": 4222 }"),
    Explanation(
      "repeated-key", "the same key twice in a map",
      "One of the two would be lost. Maps are laid over each other with `+`.",
      wrong: "print { port: 4222, port: 7222 }", right: "print { port: 4222, gateway: 7222 }"),
    Explanation(
      "argument-order", "an argument without a name behind one with a name",
      "Arguments are taken by their places first, then by their names.",
      wrong: "task add(a, b) { return a + b }\nprint add(b: 1, 2)",
      right: "task add(a, b) { return a + b }\nprint add(2, b: 1)"),
    Explanation(
      "chained-comparison", "a comparison of a comparison",
      "A comparison gives true or false, which no other comparison takes. `and` joins two of them.",
      wrong: "assert 1 < clusters.count < 5", right: "assert 1 < clusters.count and clusters.count < 5"),
    Explanation(
      "wrong-type", "a value of a wrong type",
      """
      A condition is a bool or an outcome, nothing else; a time limit is a duration; a loop goes over a list or
      a map. What is written out wrongly is an error. What only turns out wrong further down is the warning
      mismatched-types.
      """,
      wrong: "wait-for exists(\"ready\") within 30", right: "wait-for exists(\"ready\") within 30s"),
    Explanation(
      "function-argument", "a function where a method takes none, or none where it takes one",
      "Methods such as `map`, `filter` and `all` take a function, others take values.",
      wrong: "print [1, 2].filter(1)", right: "print [1, 2].filter(x => x == 1)"),
    Explanation(
      "unknown-method", "a method that there is not",
      "No type of value has a method of this name. docs/language.md lists them all.",
      wrong: "print [1, 2].length()", right: "print [1, 2].count"),
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

extension Explanation {
  static let ofNames: [Explanation] = [
    Explanation(
      "unknown-name", "a name that nothing binds here",
      """
      A name is known from where it is bound to the end of its block. Text stands in quotes; in the words of a
      command it stands as it is.
      """,
      wrong: "foreach c in clusters { let last = c }\nprint last", right: "let last = clusters.last\nprint last"),
    Explanation(
      "not-a-value", "a task, a command or a function as a value",
      "Tasks, commands and functions are called; they can't be kept or handed on.",
      wrong: "print now", right: "print now()"),
    Explanation(
      "hidden-name", "a name that is bound already",
      """
      No name hides another: within a block a name means one thing, whoever reads it. Blocks beside each other
      may use the same name.
      """,
      wrong: "let name = \"a\"\nforeach name in [\"b\"] { print name }",
      right: "let name = \"a\"\nprint name\nforeach other in [\"b\"] { print other }"),
    Explanation(
      "changed-let", "a name that `let` binds is changed",
      "`let` binds for good, so that nobody has to look for changes. What may change is bound by `var`.",
      wrong: "let total = 0\ntotal = 1\nprint total", right: "var total = 0\ntotal = 1\nprint total"),
    Explanation(
      "changed-given-name", "a name that is given is changed",
      "`target` and its like are given to every recipe and stay as they are.",
      wrong: "target = \"local\"", right: "var my_target = target.name\nmy_target = \"local\"\nprint my_target"),
    Explanation(
      "changed-across-lanes", "a name is changed from within a lane",
      """
      The lanes of a `parallel` run at once: what one of them changed would be seen by the others now or later.
      Each lane gives a value, and the loop gives the list of them.
      """,
      wrong: "var found = []\nforeach c in clusters parallel { found = found + [c.name] }\nprint found",
      right: "let found = foreach c in clusters parallel { c.name }\nprint found"),
    Explanation(
      "changed-outside-task", "a task changes a name of the file",
      "A task sees the names of its file and changes none of them: what it does is what it gives back.",
      wrong: "var count = 0\ntask more() { count = count + 1 }\nmore()\nprint count",
      right: "var count = 0\ntask more(n) { return n + 1 }\ncount = more(count)\nprint count"),
    Explanation(
      "cluster-name", "a cluster's name that Kubernetes would not take",
      "Small letters, digits and hyphens, at most 32 of them, and a letter first: so it works on every target.",
      wrong: "clusters West", right: "clusters west"),
    Explanation(
      "repeated-cluster", "the same cluster twice", "Each cluster of a recipe is one region.",
      wrong: "clusters c1 c1", right: "clusters c1 c2"),
  ]
}

/// Of tasks, functions and their arguments.
extension Explanation {
  static let ofTasks: [Explanation] = [
    Explanation(
      "unknown-task", "a task or function that there is not",
      "Neither this file nor a file that it brings in by `use` defines a task of this name.",
      wrong: "greet(\"moon\")", right: "task greet(name) { print \"hello $name\" }\ngreet(\"moon\")"),
    Explanation(
      "return-from-lane", "`return` from a block that it can't leave",
      """
      In a `parallel`, in a `defer` and in a block whose value is used, `return` would leave the task while
      others of its parts still run. The block gives a value, and the task returns that.
      """,
      wrong: "task first() { foreach c in clusters parallel { return c.name } }\nprint first()",
      right:
        "task first() {\n  let names = foreach c in clusters parallel { c.name }\n  return names.first\n}\nprint first()"
    ),
    Explanation(
      "recursion", "a task that calls itself",
      "A recipe always ends, so no task calls itself, by itself or by way of others. Loops go over lists.",
      wrong: "task count(n) { if n > 0 { count(n - 1) } }\ncount(3)", right: "foreach n in 1..3 { print n }"),
    Explanation(
      "bound-too-late", "a task is called before a name that it reads is bound",
      "A task may read names that are bound below it, but when it is called they must be there.",
      wrong: "task greet() { print greeting }\ngreet()\nlet greeting = \"hello\"",
      right: "let greeting = \"hello\"\ntask greet() { print greeting }\ngreet()"),
    Explanation(
      "missing-argument", "a call without an argument that is needed",
      "Every parameter without a default needs an argument, by its place or by its name.",
      wrong: "task greet(name) { print name }\ngreet()", right: "task greet(name) { print name }\ngreet(\"moon\")"),
    Explanation(
      "argument-count", "too many arguments, or too few",
      "The call has another number of arguments than the task, the function or the method takes.",
      wrong: "print [1, 2, 3].take(1, 2)", right: "print [1, 2, 3].take(2)"),
    Explanation(
      "unknown-argument", "an argument that the task does not have",
      "The task has no parameter of this name.",
      wrong: "task greet(name) { print name }\ngreet(nmae: \"moon\")",
      right: "task greet(name) { print name }\ngreet(name: \"moon\")"),
    Explanation(
      "repeated-argument", "the same argument twice", "By its place and by its name, or by its name twice.",
      wrong: "task greet(name) { print name }\ngreet(\"moon\", name: \"sun\")",
      right: "task greet(name) { print name }\ngreet(\"sun\")"),
    Explanation(
      "named-argument", "a name for an argument of a function",
      "The functions of the language take their arguments by their places.",
      wrong: "print exists(path: \"a.txt\")", right: "print exists(\"a.txt\")"),
  ]
}

/// Of `use` and `run`, and of parameters.
extension Explanation {
  static let ofFiles: [Explanation] = [
    Explanation(
      "literal-path", "a path that is only known during a run",
      "`use` and `run` name their files in plain quotes: so all files are read and checked before anything runs.",
      wrong: "let part = \"b\"\nrun \"$part.nbx\"", right: Example("run \"b.nbx\"", files: ["b.nbx": "print \"b\""])),
    Explanation(
      "argument-form", "an argument of `run` that is not name=value",
      "`run` hands on parameters as the command line does: a name, `=`, and a word.",
      wrong: Example("run \"b.nbx\" 3", files: ["b.nbx": "param copies = 1\nprint copies"]),
      right: Example("run \"b.nbx\" copies=3", files: ["b.nbx": "param copies = 1\nprint copies"])),
    Explanation(
      "unreadable-file", "a file that can't be read",
      "There is no such file, or it may not be read. Paths start from the folder of the file that names them.",
      wrong: "run \"missing.nbx\"", right: Example("run \"b.nbx\"", files: ["b.nbx": "print \"b\""])),
    Explanation(
      "file-loop", "files that bring in each other",
      "A recipe always ends, so no file runs or uses itself, not even by way of others.",
      wrong: Example("run \"b.nbx\"", files: ["b.nbx": "run \"a.nbx\""]),
      right: Example("run \"b.nbx\"", files: ["b.nbx": "print \"b\""])),
    Explanation(
      "not-a-library", "`use` of a file that is a recipe",
      "`use` brings in tasks and lets, and does nothing else. A file that does something is run, by `run`.",
      wrong: Example("use \"b.nbx\"\ngreet()", files: ["b.nbx": "task greet() { print \"hello\" }\ngreet()"]),
      right: Example("use \"b.nbx\"\ngreet()", files: ["b.nbx": "task greet() { print \"hello\" }"])),
    Explanation(
      "unknown-parameter", "an argument for a parameter that the recipe does not have",
      "`nbx run RECIPE --help` lists a recipe's parameters.",
      wrong: Example("run \"b.nbx\" copeis=3", files: ["b.nbx": "param copies = 1\nprint copies"]),
      right: Example("run \"b.nbx\" copies=3", files: ["b.nbx": "param copies = 1\nprint copies"])),
    Explanation(
      "parameter-value", "a parameter's value of a wrong type",
      "What a parameter takes is told by its default: text that reads as a value of the same type.",
      wrong: Example("run \"b.nbx\" copies=many", files: ["b.nbx": "param copies = 1\nprint copies"]),
      right: Example("run \"b.nbx\" copies=3", files: ["b.nbx": "param copies = 1\nprint copies"])),
    Explanation(
      "command-in-default", "a parameter's default that runs a command",
      "Defaults are known before a run, for its help and its plan. They hold literals, `env(…)`, other parameters.",
      wrong: "param user = (exec whoami).text\nprint user", right: "param user = env(\"USER\", \"nobody\")\nprint user"),
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
