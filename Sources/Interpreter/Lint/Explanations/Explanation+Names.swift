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
