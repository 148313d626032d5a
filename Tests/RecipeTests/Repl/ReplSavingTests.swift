import Foundation
import TestSupport
import Testing

/// What `:save` writes.
struct ReplSavingTests {
  @Test func `what went well is saved as a recipe that does the same`() throws {
    let nbx = try NbxProgram()
    let library = try nbx.write("let base = 7\ntask twice(x) { return x * 2 }", to: "lib.nbx")
    let saved = nbx.folder + "/below/saved.nbx"
    try FileManager.default.createDirectory(atPath: nbx.folder + "/below", withIntermediateDirectories: true)
    let ended = try nbx.repl(
      """
      use "\(library)"
      param size = 3 "of all"
      let x = 1
      let y = nope
      let x = x + base
      task f(a) { return a + x }
      print f(1), size
      x * 2
      let x = "text"
      print x, f("s")
      fail "not kept"
      [twice(i) for i in 1..3]
      if x == "text" {
        print "yes"
      }
      use "\(library)"
      defer { print "end of $x" }
      :save \(saved)
      :save \(saved)
      :save! \(saved)
      :save nowhere.txt
      """)
    #expect(ended.output.contains("\(saved) is there already"))
    #expect(ended.output.contains("a recipe's name ends in .nbx"))
    #expect(ended.output.components(separatedBy: "nbx run \(saved)").count == 3)
    let checked = try nbx.run(["check", saved])
    #expect(checked.status == 0, "\(checked.errorOutput)")
    let run = try nbx.run(["run", saved])
    #expect(run.status == 0, "\(run.errorOutput)")
    #expect(run.output == "9 3\n16\ntext stext\n[2, 4, 6]\nyes\nend of text\n")
  }

  @Test func `a recipe with a secret in it is for its owner alone`() throws {
    let nbx = try NbxProgram()
    let saved = nbx.folder + "/saved.nbx"
    _ = try nbx.repl("let p = secret(\"hunter22\")\n:save \(saved)")
    #expect(try FileManager.default.attributesOfItem(atPath: saved)[.posixPermissions] as? Int == 0o600)
  }

  @Test func `what can't be part of a recipe any more is left out of it`() throws {
    let nbx = try NbxProgram()
    let saved = nbx.folder + "/saved.nbx"
    _ = try nbx.repl("task f(a) { return a }\nprint f(1)\ntask f(a, b) { return a + b }\nprint f(1, 2)\n:save \(saved)")
    #expect(try nbx.run(["check", saved]).status == 0)
    let text = try String(contentsOfFile: saved, encoding: .utf8)
    #expect(text.contains("# left out (the task `f` was another one then): print f(1)\n"))
    #expect(try nbx.run(["run", saved]).output == "3\n")
  }

  @Test func `files are named from the recipe's folder`() throws {
    let nbx = try NbxProgram()
    for folder in ["lib", "sub"] {
      try FileManager.default.createDirectory(atPath: "\(nbx.folder)/\(folder)", withIntermediateDirectories: true)
    }
    _ = try nbx.write("let base = 7\n", to: "lib/l.nbx")
    _ = try nbx.write("print read(\"l.nbx\").lines.count\n", to: "lib/x.nbx")
    let ended = try nbx.repl(
      """
      print read("lib/l.nbx").lines.count, exists( 'lib/l.nbx' ), "${exists("lib/l.nbx")}"
      use "lib/l.nbx"
      let name = "lib/none"
      print exists(name)
      exec cat lib/l.nbx
      exec echo lib/none
      :load lib/x.nbx
      :save! sub/o.nbx
      :save! o.nbx
      """, in: nbx.folder)
    #expect(ended.output.contains("look at 2 paths that"), "\(ended.output)")
    #expect(ended.output.components(separatedBy: "look at").count == 2)
    let text = try String(contentsOfFile: nbx.folder + "/sub/o.nbx", encoding: .utf8)
    let note = "# Look at the path in `exists(…)`: in the session it started from \".\"."
    #expect(text.contains(note + "\nprint exists(name)\n"))
    let other = "# Look at `lib/l.nbx`: in the session it started from \".\"."
    #expect(text.contains(other + "\nexec cat lib/l.nbx\nexec echo lib/none\n"))
    for (saved, content) in [("o.nbx", "let base = 7\n"), ("sub/o.nbx", "")] {
      let run = try nbx.run(["run", nbx.folder + "/" + saved])
      #expect(run.output.hasPrefix("1 true true\nfalse\n" + content), "\(run.errorOutput)")
      #expect(run.output.hasSuffix("lib/none\n1\n") == (saved == "o.nbx"))
    }
  }

  @Test func `a statement that called a task of before is no part of the recipe`() throws {
    let nbx = try NbxProgram()
    let saved = nbx.folder + "/saved.nbx"
    let ended = try nbx.repl(
      """
      task f() { return 1 }
      task g() { return f() + 10 }
      task h() { return 5 }
      print f()
      print "${g()}"
      print h()
      task f() { return 2 }
      print f(), g(), h()
      :save \(saved)
      """)
    #expect(ended.output.hasSuffix("nbx run \(saved)\nleft out: 2 statements; comments in it say why\n"))
    #expect(try nbx.run(["run", saved]).output == "5\n2 12 5\n")
    let text = try String(contentsOfFile: saved, encoding: .utf8)
    #expect(text.contains("# left out (the task `f` was another one then): print \"${g()}\"\n"))
  }

  @Test func `what is said of the file can be copied to a shell`() throws {
    let nbx = try NbxProgram()
    let ended = try nbx.repl(
      "print   1\n:save my file.nbx\n:save .\n:save nowhere/\n:save .nbx\n:save x", in: nbx.folder)
    #expect(ended.output.contains("nbx run 'my file.nbx'\n"))
    #expect(ended.output.contains("try: :save ./NAME.nbx\n"))
    #expect(ended.output.contains("try: :save nowhere/NAME.nbx\n"))
    #expect(ended.output.contains("try: :save NAME.nbx\n"))
    #expect(ended.output.contains("try: :save x.nbx\n"))
    #expect(try nbx.run(["fmt", "--check", nbx.folder + "/my file.nbx"]).status == 0)
  }
}
