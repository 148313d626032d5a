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
