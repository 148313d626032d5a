import Lexer

/// What a finding's code means, for `nbx explain` and for editors.
public struct Explanation: Sendable {
  /// What findings of its kind are marked with.
  public let code: String
  /// Whether it stops a run.
  public let severity: Diagnostic.Severity
  /// In a line.
  public let summary: String
  /// In a few sentences.
  public let text: String
  /// A recipe with the mistake, and the same without it.
  public let wrong: Example
  /// The same without the mistake.
  public let right: Example

  /// A recipe, and the files that it brings in.
  public struct Example: Sendable, ExpressibleByStringLiteral {
    /// The recipe's text.
    public let recipe: String
    /// The texts of the files, by their paths.
    public let files: [String: String]

    /// A recipe that brings in nothing.
    public init(stringLiteral recipe: String) { self.init(recipe) }

    init(_ recipe: String, files: [String: String] = [:]) {
      self.recipe = recipe
      self.files = files
    }
  }

  init(
    _ code: String, _ summary: String, _ text: String, wrong: Example, right: Example,
    severity: Diagnostic.Severity = .error
  ) {
    self.code = code
    self.severity = severity
    self.summary = summary
    self.text = text
    self.wrong = wrong
    self.right = right
  }

  /// All of them, in the order of their codes.
  public static let all: [Explanation] =
    (ofCharacters + ofWords + ofStructure + ofNames + ofTasks + ofFiles + ofLints + ofUnused)
    .sorted { $0.code < $1.code }

  private static let byCode = Dictionary(uniqueKeysWithValues: all.map { ($0.code, $0) })

  /// What is known of a code; nil for none of nbx's.
  public static func of(_ code: String) -> Explanation? { byCode[code] }

  /// The text with both examples, as a terminal or an editor shows it.
  public var plainText: String {
    "\(text)\n\nFor example:\n\n\(wrong.plainText)\n\nInstead:\n\n\(right.plainText)"
  }
}

extension Explanation.Example {
  fileprivate var plainText: String {
    var parts = [recipe.shown]
    for name in files.keys.sorted() { parts.append("  with \(name):\n\n\((files[name] ?? "").shown)") }
    return parts.joined(separator: "\n\n")
  }
}

extension String {
  /// Indented, a zero byte as a sign that can be seen.
  fileprivate var shown: String {
    split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.isEmpty ? "" : "    " + $0.map { $0 == "\0" ? "\u{2400}" : String($0) }.joined() }
      .joined(separator: "\n")
  }
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
