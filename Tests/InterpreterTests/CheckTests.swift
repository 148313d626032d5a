import TestSupport
import Testing

/// What is wrong is found before anything runs. Each recipe says on its lines, behind `###`, what is reported there.
@Suite(.mayWait) struct CheckTests {
  @Test(arguments: corpus) func reports(_ recipe: Named<String>) {
    var expected: [String] = []
    var plain: [Substring] = []
    for (index, line) in recipe.value.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      guard let mark = line.firstRange(of: " ###") else {
        plain.append(line)
        continue
      }
      plain.append(line[..<mark.lowerBound])
      for message in line[mark.upperBound...].split(separator: "###") {
        expected.append("\(index + 1): \(message.drop { $0 == " " })")
      }
    }
    #expect(problems(plain.joined(separator: "\n")) == expected.map { $0.trimmingEnd })
  }

  @Test(arguments: advice) func advises(_ recipe: Named<String>, _ advice: Named<String>) {
    let found = transcript(recipe.value)
    #expect(found.hasSuffix("= try: \(advice.value)"), "\(found)")
  }

  static let corpus: [Named<String>] = [
    // Names
    "print nope ### there is no name `nope` here\nlet a = b ### there is no name `b` here\nprint a",
    "let x = 1\nlet x = 2 ### `x` is bound already", "let x = 1\nforeach x in [1] { } ### `x` is bound already",
    "let x = 1\nprint [1].map(x => x) ### `x` is bound already", "task f() { }\nlet f = 1 ### `f` is bound already",
    "foreach x in [1] { let y = x }\nprint y ### there is no name `y` here",
    "foreach x in [1] { }\nforeach x in [2] { }",
    "if true { let a = 1 } else { let a = 2 }",
    "let helm_x = 1\nlet echo = 1 ### `echo` is a command and can't be a name",
    "let if = 1 ### `if` is a keyword and can't be a name",
    "var clusters = 1 ### `clusters` is a keyword and can't be a name",
    "task echo() { } ### `echo` is a command and can't be a name",
    "let now = 1 ### `now` is a function and can't be a name",
    "foreach on in [1] { } ### `on` is a keyword and can't be a name", "let target = 1 ### `target` is bound already",
    "print echo ### the command `echo` within an expression", "print now ### `now` is a function, not a value",
    "task f() { }\nprint f ### `f` is a task, not a value",
    // Changing names
    "let a = 1\na = 2 ### `a` is bound by `let` and can't change", "a = 2 ### there is no name `a` here",
    "var a = 1\nforeach x in [1] parallel { a = x } ### `a` is changed across a `parallel` boundary",
    "var a = 1\nparallel { a = 2 } ### `a` is changed across a `parallel` boundary",
    "foreach x in [1] parallel { var a = 1\n a = x }", "var a = 1\nforeach x in [1] { a = x }",
    "var a = 1\ntask f() { a = 2 } ### a task can't change `a`, which is bound outside of it",
    "target = 1 ### `target` can't change", "foreach x in [1] { x = 2 } ### `x` is bound by `let` and can't change",
    // Commands
    "kubctl get pods ### there is no command `kubctl`", "let x = helmm list ### there is no command `helmm`",
    "ecko $x ### there is no command `ecko`",
    "ecko --flag ### there is no command `ecko`", "ecko \"x\" ### there is no command `ecko`",
    "let x = 1 + echo a ### the command `echo` within an expression",
    "print [echo a] ### the command `echo` within an expression",
    "echo a with 1 with 2 ### `with` a second time", "echo a with 1 b ### `b` stands after the endings of its command",
    "echo a with 1\n  --b ### a flag after the endings of its command",
    "echo a within 5 ### `within` takes a duration, not an int",
    "echo a on 5 ### `on` takes a cluster or its name, not an int", "echo ...$x.y ### `...` must be a word of its own",
    "echo ...abc ### `...` before no list", "echo ...${\"a\"} ### `...` takes a list, not a string",
    "echo ${[1]} ### a list in a word", "echo ${null} ### null in a word",
    "let x = \"a ${{ a: 1 }}\" ### a map in a word",
    "tool box ad x ### `tool box` has no `ad`", "tool box add x --cont 3 ### `tool box add` has no flag `--cont`",
    "tool box add ### `tool box add` needs NAME",
    "tool box add x y ### `tool box add` takes no more words: `y`",
    "tool box add x --count many ### `--count` takes a whole number, not `many`",
    "tool paint green ### `green` is no COLOR",
    "tool box add x --kind green ### `--kind` takes one of red, blue, not `green`",
    "tool box list with 1 ### `tool box list` takes no document by `with`", "tool ### `tool` needs one word more",
    "tool box add x --count ### `--count` needs a value",
    // What means something to a shell
    "echo a | echo b ### a bare `|`: nothing passes through a shell",
    "echo a && echo b ### a bare `&&`: nothing passes through a shell",
    "echo a || echo b ### a bare `||`: nothing passes through a shell",
    "echo a > file ### a bare `<` or `>`: nothing passes through a shell",
    "echo a < file ### a bare `<` or `>`: nothing passes through a shell",
    "echo a 2>err ### a bare `<` or `>`: nothing passes through a shell",
    "echo a; echo b ### a `;` means nothing here", "echo a \\ ### a `\\` at the end of a line\n  --b",
    "echo a \\ \t ### a `\\` at the end of a line\n  --b",
    "echo a & ### a bare `&`: nothing passes through a shell",
    "let s = `ls` ### a backquote or `$(`: nothing passes through a shell",
    "print 1 + `ls` ### a backquote or `$(`: nothing passes through a shell",
    "let s = $(ls) ### a backquote or `$(`: nothing passes through a shell",
    "echo `ls` ### a backquote or `$(`: nothing passes through a shell",
    "echo costs $5 ### a `$` before neither a name nor `{`", "echo $ ### a `$` before neither a name nor `{`",
    "echo \"a $ b\" ### a `$` before neither a name nor `{`",
    "print $x ### a `$` in an expression", "print a && b ### there is no operator `&&`",
    "print !a ### there is no operator `!`",
    // Statements
    "1 + 1 ### the value of this expression is not used\nprint 2",
    "foreach x in [1] { x ### the value of this expression is not used\n print x }",
    "foreach x in [1] { print x\n x }", "let x 5 ### expected `=`, found `5`", "let = 5 ### expected a name, found `=`",
    "if 1 { } ### `if` takes a condition, not an int", "if \"a\" { } ### `if` takes a condition, not a string",
    "assert [] ### `assert` takes a condition, not a list",
    "wait-for 5 ### `wait-for` takes a condition, not an int",
    "wait-for true within 5 ### `within` takes a duration, not an int",
    "foreach x in 5 { } ### `foreach` takes a list or a map, not an int",
    "foreach x in [1] parallel \"a\" { } ### `parallel` takes a whole number, not a string",
    "retry 1.5 { } ### `retry` takes a whole number, not a float",
    "retry 0 { } ### `retry` takes a whole number above 0, not 0",
    "foreach x in [1] parallel 0 { print x } ### `parallel` takes a whole number above 0, not 0",
    "retry 2 every 5 { } ### `every` takes a duration, not an int",
    "return 5 ### `return` outside a task",
    "task f() { foreach x in [1] parallel { return x } } ### `return` can't leave this block",
    "task f() { defer { return 1 } } ### `return` can't leave this block",
    "task f() { let x = try { return 1 } ### `return` can't leave this block\n return x }",
    "} ### `}` closes nothing", "else { } ### `else` without an `if` or a `try` before it",
    "if true { task f() { } } ### a task inside a block",
    "print 1\nrecipe \"late\" ### `recipe` belongs to the head of the recipe",
    "recipe \"a\"\nrecipe \"b\" ### `recipe` a second time",
    "clusters C1 ### `C1` can't be a cluster's name", "clusters a a ### the cluster `a` a second time",
    "recipe \"a $x\" ### expected plain text, found `$`",
    "print 1 print 2 ### the statement has ended, but `print` follows",
    "print 1, ### expected a value, found the end of the file",
    "param x = (echo a) ### the default of `x` runs a command or a task",
    "let x = [1 2] ### a comma or a new line is missing",
    // Brackets
    "let x = (1 ### this `(` is never closed", "if true { ### this `{` is never closed\n  print 1",
    "let x = [1, ### this `[` is never closed",
    "let x = { a: 1 ### this `{` is never closed", "print \"a ### this string is never closed",
    "print 'a ### this string is never closed", "print \"\"\"a ### this string is never closed\nb",
    "print \"${1 ### this `${` is never closed", "print 1) ### the statement has ended, but `)` follows",
    "print \"a ${b\" c\" ### expected `}`, found a string",
    // Numbers, keys, lambdas
    "print 5x ### `5x` has a unit that nbx does not know",
    "print 99999999999999999999 ### `99999999999999999999` is more than 64 bits hold",
    "print 999999999999d ### `999999999999d` is more than 64 bits hold",
    "print { a-b: 1 } ### a name with a hyphen can't be a key", "print { a: 1, a: 2 } ### the key `a` a second time",
    "print { a.b: 1, a.b: 2 } ### the key `a.b` a second time", "print { 1: 2 } ### `1` can't be a key",
    "print \"\\q\" ### an escape that nbx does not know", "print \"\\u{110000}\" ### no such Unicode scalar",
    "print 1 < 2 < 3 ### a comparison of a comparison",
    "let f = x => x ### a function that is no argument of a method",
    "let y = [1].map(x => (echo $x)) ### a command inside a function",
    "task f(x) { return x }\nlet y = [1].map(x => f(x)) ### a command inside a function",
    "print [1].map(5) ### `map` takes a function", "print [1].join(x => x) ### `join` takes no function",
    "print [1].nope(1) ### no value has a method `nope`", "print [1].take(1, 2) ### `take` takes other arguments",
    "print @ ### `@` means nothing here", "print 1 ? 2 ### there is no operator `?`",
    // Tasks
    "task f(a) { }\nf() ### `f` needs the argument `a`", "task f(a) { }\nf(1, 2) ### `f` takes one argument",
    "task f(a) { }\nf(b: 1) ### `f` has no argument `b`",
    "task f(a) { }\nf(1, a: 2) ### the argument `a` a second time",
    "task f(a, b) { }\nf(a: 1, 2) ### an argument without a name after one with a name",
    "g(1) ### there is no task or function `g`",
    "task f() { f() } ### the task `f` calls itself",
    "task f() { g() } ### the task `f` calls itself\ntask g() { f() }",
    "task f() { print x }\nf() ### `f` uses `x`, which is bound only further down\nlet x = 1",
    "print read() ### `read` takes other arguments", "print read(path: 1) ### the arguments of `read` have no names",
    "task f(a = 1, b) { } ### an argument without a name after one with a name",
    // Several in one run
    "1 + 1 ### the value of this expression is not used\nlet = 2 ### expected a name, found `=`\ntask f() { }",
    "print a ### there is no name `a` here\nprint b ### there is no name `b` here\nwait-for 5 ### `wait-for` takes a condition, not an int",
    "let = 1 ### expected a name, found `=`\necho a | b ### a bare `|`: nothing passes through a shell\nprint \"ok\"\nif 1 == 1 { print ) ### `)` closes nothing\n}\nlet y = 5x ### `5x` has a unit that nbx does not know",
    "foreach x in [1] {\n  let = 2 ### expected a name, found `=`\n  print x\n  echo a; b ### a `;` means nothing here\n}\nprint 1 1 ### the statement has ended, but `1` follows",
  ]

  static let advice: [(Named<String>, Named<String>)] = [
    ("let versoin = 1\nprint version", "did you mean `versoin`?"), ("kubctl get", "`exec PROGRAM …` runs any program"),
    ("ehco a", "did you mean `echo`?"), ("forach x in [1] { }", "did you mean `foreach`?"),
    ("let helm = 1\nlet echo = 2", "choose another name, such as `my_echo`"),
    ("tool box ad x", "did you mean `tool box add`?"),
    ("tool box add x --cont 1", "did you mean `--count`?"),
    ("tool paint rad", "did you mean `red`?"), ("tool box add", "for example: tool box add shoes --count 2"),
    ("if 1 = 1 { }", "`==` compares"), ("let a = if 1 = 1 then 2 else 3", "`==` compares"),
    ("assert 1 = 1", "`==` compares; a new value is given to a whole `var`: name = …"),
    ("print [1].cuont()", "did you mean `count`?"),
    ("task server(x) { }\nsevrer(1)", "did you mean `server`?"),
    ("task f(release) { }\nf(relaese: 1)", "did you mean `release`?"),
    ("echo a | b", "keep the first command's result with `let x = …` and hand it on by `with x.out`"),
    ("print x.y", "bind it with `let`, or put it in quotes if it is text"),
    ("task f() { g() }\ntask g() { f() }", "it goes f → g → f; loop with `foreach` instead"),
    ("let x = { a: 1 }.b", "its keys: a"), ("echo on \"c4\"", "did you mean c1?"),
  ]
}

extension String {
  fileprivate var trimmingEnd: String {
    var copy = self
    while copy.last == " " { copy.removeLast() }
    return copy
  }
}
