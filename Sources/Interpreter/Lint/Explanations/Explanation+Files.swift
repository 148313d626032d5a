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
