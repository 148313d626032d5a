import TestSupport
import Testing

/// Tasks, their arguments, and parameters of recipes.
@Suite(.mayWait) struct TaskTests {
  @Test(arguments: cases) func holds(_ test: Case) { test.check() }

  static let cases: [Case] = [
    Case(
      "arguments by place and by name",
      "task f(a, b = 2, c = \"x\") { return \"$a $b $c\" }\nprint f(1), f(1, c: \"z\"), f(c: 3, a: 1)",
      "1 2 x 1 2 z 1 2 3"),
    Case("a default may use arguments before it", "task f(a, b = a + 1) { return b }\nprint f(1), f(1, 5)", "2 5"),
    Case(
      "without return a task gives its last value, or null", "task f() { 5 }\ntask g() { let x = 1 }\nprint f(), g()",
      "5 null"),
    Case(
      "return leaves loops and blocks",
      "task f() { foreach i in 1..1000000000000 { if i == 3 { return i } }\n return 0 }\nprint f()", "3"),
    Case("return without a value", "task f(x) { if x { return }\n print \"on\" }\nf(true)\nf(false)", "on"),
    Case(
      "a task may be called before it is defined, and call others",
      "print f(1)\ntask f(x) { return g(x) + 1 }\ntask g(x) { return x * 10 }", "11"),
    Case("a task reads the file's names", "let base = 10\ntask f(x) { return base + x }\nprint f(1)", "11"),
    Case(
      "a task inherits the current cluster",
      "task here() { show }\nforeach c in clusters { here() }\nstep \"s\" on \"c2\" { here() }",
      " on c1\n on c2\n on c3\nstep: s\n on c2"),
    Case(
      "a comprehension over clusters sets the current one",
      "task here() { return (half_minutes_left) > 0 and (try show).ok }\nprint [here() for c in clusters]",
      " on c1\n on c2\n on c3\n[true, true, true]"),
    Case("a call is a statement", "task f() { print 1 }\nf()", "1"),
    Case(
      "a task in a lane", "task f(x) { return x * 2 }\nlet r = foreach x in 1..3 parallel { f(x) }\nprint r",
      "[2, 4, 6]"),
    Case(
      "lambdas see what is around them",
      "let n = 2\nprint [1, 2, 3].filter(x => x >= n).map(x => { v: x, w.u: n })[1].w.u", "2"),
    Case("lambdas within lambdas", "print [[1, 2], [3]].map(xs => xs.map(x => x + 1))", "[[2, 3], [4]]"),
    Case(
      "functions",
      "print exists(\"/\"), exists(\"/surely/not\"), env(\"NBX_SURELY_NOT_SET\", \"d\"), random(1), random(5, 5), random() < 1.0, now() - now() <= 0s",
      "true false d 0 5 true true"),
    Case(
      "parameters take the command line's text as their default's type",
      "param n = 3\nparam name = \"x\" \"help\"\nparam on_off = false\nparam t = 5s\nparam s = 1Gi\nparam f = 1.5\nparam xs = [1]\nparam m = {}\nprint n + 1, name, on_off, t * 2, s.bytes, f, xs.sum, m.a",
      "42 y true 20s 2048 2.0 9 1",
      arguments: [
        "n": "41", "name": "y", "on_off": "true", "t": "10s", "s": "2Ki", "f": "2", "xs": "4,5", "m": "{\"a\": 1}",
      ]),
    Case("parameters have defaults", "param n = -3\nparam m = n * 2\nprint n, m", "-3 -6"),
    Case(
      "a parameter of another type is refused, and nothing is run", "print 1\n",
      "refused\nerror: main.nbx has no parameter `m`\n = try: `nbx run RECIPE --help` lists a recipe's parameters",
      arguments: ["m": "1"]),
    Case(
      "a parameter's type counts, also of a computed default", "param n = -3\nprint n",
      """
      refused
      error: the parameter `n` takes an int, not `x`
        --> main.nbx:1:1
         |
       1 | param n = -3
         | ^^^^^^^^^^^^
         |
         = try: give it an int
      """, arguments: ["n": "x"]),
    Case(
      "a name nearly right", "param replicas = 3",
      "refused\nerror: main.nbx has no parameter `replica`\n = try: did you mean `replicas`?",
      arguments: ["replica": "1"]),
    Case(
      "a default that can't be had refuses the run", "param home = env(\"NBX_SURELY_NOT_SET\")\nprint 1",
      """
      refused
      error: the environment has no NBX_SURELY_NOT_SET
        --> main.nbx:1:14
         |
       1 | param home = env("NBX_SURELY_NOT_SET")
         |              ^^^^^^^^^^^^^^^^^^^^^^^^^
         |
         = try: set it, or give a default: env("NBX_SURELY_NOT_SET", "")
      """),
  ]
}
