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
