/// Sessions: the lines that are given, and the whole of what is said to them.
let transcripts: [ReplTranscriptTests.Example] = [
  .init(name: "nothing", input: "", output: ""),
  .init(
    name: "values", input: "1 + 1\n\"a\"\n[1, \"b\"]\nnull\n{ a: 1 }\ntry 1",
    output: "2\n\"a\"\n[1, \"b\"]\nnull\n{ a: 1 }\nok: 1"),
  .init(
    name: "a table", input: "[{ a: 1, b: \"x\" }, { a: 22 }]",
    output: """
      ╭────┬───╮
      │ a  │ b │
      ├────┼───┤
      │  1 │ x │
      │ 22 │   │
      ╰────┴───╯
      """),
  .init(
    name: "long values are folded",
    input:
      "[\"element $i\" for i in 1..200]\n(\"x\\n\" + \"y\\n\" + [\"$i\" for i in 1..100].join(\"\\n\")).lines.count",
    output: """
      [
        "element 1", "element 2", "element 3", "element 4", "element 5", "element 6",
        "element 7", "element 8", "element 9", "element 10", "element 11",
        "element 12", "element 13", "element 14", "element 15", "element 16",
        "element 17", "element 18", "element 19", "element 20", "element 21",
        "element 22", "element 23", "element 24", "element 25", "element 26",
        "element 27", "element 28", "element 29", "element 30", "element 31",
        "element 32", "element 33", "element 34", "element 35", "element 36",
        "element 37", "element 38", "element 39", "element 40", "element 41",
        "element 42", "element 43", "element 44", "element 45", "element 46",
        "element 47", "element 48", "element 49", "element 50", "element 51",
        "element 52", "element 53", "element 54", "element 55", "element 56",
        "element 57", "element 58", "element 59", "element 60", "element 61",
        "element 62", "element 63", "element 64", "element 65", "element 66",
        "element 67", "element 68", "element 69", "element 70", "element 71",
        "element 72", "element 73", "element 74", "element 75", "element 76",
        "element 77", "element 78", "element 79", "element 80", "element 81",
        "element 82", "element 83", "element 84", "element 85", "element 86",
        "element 87", "element 88", "element 89", "element 90", "element 91",
        "element 92", "element 93", "element 94", "element 95", "element 96",
      … 200 elements; `:full` shows all of it
      102
      """),
  .init(
    name: "names are bound anew", input: "let x = 1\ntask f() { return x }\nlet x = x + 1\nf()\nvar x = 5\nx = 6\nf()",
    output: "2\n6"),
  .init(
    name: "a task is defined anew, and what no longer fits is told",
    input: "task f(a) { return a }\ntask g() { return f(1) }\ng()\ntask f(a, b) { return a + b }\ng()",
    output: """
      1
      warning: `f` needs the argument `b`
        --> <repl>:2:19
         |
       2 | task g() { return f(1) }
         |                   ^
         |
         = try: add it, by its place or as `b: …`
         = so: the task `g` is no more: define it anew
      error: there is no task or function `g`
        --> <repl>:5:1
         |
       5 | g()
         | ^
         |
         = try: define it: `task name(…) { … }`
      """, status: 1),
  .init(
    name: "tasks that would call themselves",
    input: "task f(n) { return n }\ntask g(n) { return f(n) }\ntask f(n) { return g(n) }\ng(1)",
    output: """
      error: the task `f` calls itself
        --> <repl>:3:6
         |
       3 | task f(n) { return g(n) }
         |      ^
         |
         = try: it goes f → g → f; loop with `foreach` instead
      1
      """, status: 1),
  .init(
    name: "an error keeps what was bound", input: "let x = 1\nlet x = 1 / 0\nx\nnope\nx",
    output: """
      error: division by zero
        --> <repl>:2:9
         |
       2 | let x = 1 / 0
         |         ^^^^^
      1
      error: there is no name `nope` here
        --> <repl>:4:1
         |
       4 | nope
         | ^^^^
         |
         = try: bind it with `let`, or put it in quotes if it is text
      1
      """, status: 1),
  .init(
    name: "no name hides another within a statement", input: "let c = 1\nforeach c in clusters { print c }",
    output: """
      error: `c` is bound already
        --> <repl>:2:9
         |
       2 | foreach c in clusters { print c }
         |         ^
         |
         = try: choose another name; it was bound at an earlier line of this session
      """, status: 1),
  .init(
    name: "a broken block is never run by the line",
    input: "if 1 = 1 {\n  print \"must not be said\"\n}\nprint \"after\"",
    output: """
      error: expected `{`, found `=`
        --> <repl>:1:6
         |
       1 | if 1 = 1 {
         |      ^ `{` is due here
         |
         = try: `==` compares
      after
      """, status: 1),
  .init(
    name: "lines go on with those above",
    input: "if false {\n  print 1\n}\nelse {\n  print 2\n}\nexec printf '%s.' a\n  -b # and\n  -c\nprint 3",
    output: "2\na.-b.-c.\n3"),
  .init(
    name: "defers run at the end, last first", input: "defer { print 1 }\nlet x = 2\ndefer { print x }\nprint 0",
    output: "0\n2\n1"),
  .init(
    name: "a defer that fails", input: "defer { fail \"no\" }\nprint 0",
    output: """
      0
      error: no
        --> <repl>:1:9
         |
       1 | defer { fail "no" }
         |         ^^^^^^^^^
         |
         = while: running a deferred block
      """, status: 1),
  .init(
    name: "secrets are masked", input: "let s = secret(\"hunter22\")\ns\n{ a: \"x$s\" }\n:vars\n:full s",
    output: "\"•••\"\n{ a: \"x•••\" }\nlet  s  secret  \"•••\"\n\"•••\""),
  .init(
    name: "steps, skips and handled failures",
    input: "step \"a\" { print 1 }\nskip \"enough\"\ntry { fail \"x\" } else e { print e }",
    output: "a …\n1\na: done in 0.0s\nskipped: enough\nhandled: x (<repl>:3:7)\nx"),
  .init(
    name: "a recipe's head",
    input: "recipe \"R\"\nparam n = 2 \"help\"\nclusters c7\nclusters\nn",
    output: "[c1, c2]\n2"),
  .init(
    name: "unknown lines", input: ":hlp\n:vars x\n:load\n:time",
    output: """
      error: there is no `:hlp`
       = try: did you mean `:help`?
      error: `:vars` stands alone
       = try: :vars
      error: `:load` needs more
       = try: :load FILE
      error: `:time` needs more
       = try: :time STATEMENT
      """, status: 1),
  .init(
    name: "help",
    input:
      "let x = 1\ntask f(a, b = 2) { return a }\n:help f\n:help x\n:help count\n:help :vars\n:help secrt\n:help secret",
    output: """
      task f(a, b = …)
      let x: an int, 1
      of a list: list.count: how many elements it has
      of a map: map.count: how many keys it has
      of a string, cluster: text.count: how many characters it has
      :vars: the names that are bound, and their values
      error: there is no help on `secrt`
       = try: :help secret
      secret(text): the text as a secret, shown as ••• wherever it is written out
      """, status: 1),
  .init(
    name: "help on what a statement is made of",
    input: """
      let x = "A"
      :help target
      :help c1
      :help +
      :help not in
      :help outcome.ok
      :help err
      :help list.map
      :help .keys
      :help env()
      :help clusters.first
      :help x.lower
      :help bool
      """,
    output: """
      target: what the recipe runs on
      c1: a cluster of this session; commands work on it behind `on c1`
      a + b
          The sum; texts and lists one behind the other; a map laid over another, deeply.
      not x in list
          Whether it is none of the elements, no key, and no part of the text: `not` comes first.
      of an outcome: outcome.ok: whether it worked
      try { } else err { }
          A name for the failure, as text; any other will do.
      of an outcome: outcome.err: what a program wrote to standard error
      of a record: record.err: what it wrote to standard error
      of a list: list.map(x => …): what the function gives for each element
      of a map: map.keys: its keys, in their order
      env(name): a variable of the environment; it fails if it is not set; env(name, default): the same, or the default if it is not set
      of a list: list.first: the first element; it fails if there is none
      of a string, secret, cluster: text.lower: in small letters
      true, false
          What a condition is.
          Its methods: json
      """),
  .init(
    name: "a plan does nothing",
    input: ":plan foreach i in 1..2 {\n  exec touch \"x$i\"\n}\n:plan print 1\n:plan nope",
    output: """
      1, 2 one after the other:
        touch {x1,x2}

      2 commands; nothing was run
      0 commands; nothing was run
      error: there is no name `nope` here
        --> <repl>:5:1
         |
       5 | nope
         | ^^^^
         |
         = try: bind it with `let`, or put it in quotes if it is text
      """, status: 1),
  .init(
    name: "leaving by another name is told", input: "exit",
    output: """
      error: there is no name `exit` here
        --> <repl>:1:1
         |
       1 | exit
         | ^^^^
         |
         = try: skip "why" ends a recipe as skipped, fail "why" as failed; :quit or Ctrl-D leaves the prompt
      """, status: 1),
  .init(name: "leaving early", input: "print 1\n:quit\nprint 2", output: "1"),
  .init(
    name: "the last value in full", input: ":full [i for i in 1..3]\n1\n:full\n:full 2 +\n  3",
    output: "[1, 2, 3]\n1\n1\n5"),
]
