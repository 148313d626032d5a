import Foundation
import Interpreter
import Lexer
import TestSupport
import Testing

/// An index of a file that is right says the same of it as the parser does, and one of anything is made without harm.
@Suite(.mayWait) struct NameIndexTests {
  private static let vocabulary = Vocabulary(host: TestHost())

  private func index(_ text: String) -> NameIndex {
    NameIndex(SourceFile(path: "main.nbx", text: text), vocabulary: NameIndexTests.vocabulary)
  }

  /// Every stretch as `kind:text`, with the kind of its name.
  private func described(_ text: String) -> String {
    let index = index(text)
    return index.stretches.map { stretch in
      let name = index.name(of: stretch).map { "(\($0.kind))" } ?? ""
      return "\(stretch.isBinding ? "+" : "")\(stretch.kind):\(index.text(of: stretch))\(name)"
    }.joined(separator: " ")
  }

  private static let stretches: [(String, String)] = [
    ("let x = 3", "keyword:let +name:x(constant) number:3"),
    ("let x = 3\nprint x", "keyword:let +name:x(constant) number:3 keyword:print name:x(constant)"),
    ("print x\nlet x = 3", "keyword:print name:x keyword:let +name:x(constant) number:3"),
    (
      "foreach k, v in { a: 1 } { print k, v }",
      "keyword:foreach +name:k(loopVariable) +name:v(loopVariable) keyword:in key:a number:1 keyword:print "
        + "name:k(loopVariable) name:v(loopVariable)"
    ),
    (
      "print [x + y for x in [1] if x > 1]",
      "keyword:print name:x(loopVariable) name:y keyword:for +name:x(loopVariable) keyword:in number:1 keyword:if "
        + "name:x(loopVariable) number:1"
    ),
    (
      "let m = [1].map(x => x.abs)\nlet n = { a: 1 }.map((k, v) => k)",
      "keyword:let +name:m(constant) number:1 method:map +name:x(functionParameter) name:x(functionParameter) field:abs "
        + "keyword:let +name:n(constant) key:a number:1 method:map +name:k(functionParameter) +name:v(functionParameter) "
        + "name:k(functionParameter)"
    ),
    (
      "task f(a, b = 1) { return a }\nf(1, b: 2)",
      "keyword:task +task:f(task) +name:a(taskParameter) +name:b(taskParameter) number:1 keyword:return "
        + "name:a(taskParameter) task:f(task) number:1 label:b number:2"
    ),
    (
      "let c = 1\ntool box add x-$c --label=\"$c ${c + 1}\" on c within 5s",
      "keyword:let +name:c(constant) number:1 command:tool subcommand:box subcommand:add word:x- name:c(constant) "
        + "flag:--label= string:\" name:c(constant) string:  name:c(constant) number:1 string:\" keyword:on "
        + "name:c(constant) keyword:within number:5s"
    ),
    (
      "try { fail \"x\" } else err { print err } # it is over",
      "keyword:try keyword:fail string:\"x\" keyword:else +name:err(failure) keyword:print name:err(failure) "
        + "comment:# it is over"
    ),
    (
      "let x = if true then { a: 1 } else { b: 2 }",
      "keyword:let +name:x(constant) keyword:if keyword:true keyword:then key:a number:1 keyword:else key:b number:2"
    ),
    (
      "wait-for tool box list within 3s every 1s \"what\"",
      "keyword:wait-for command:tool subcommand:box subcommand:list keyword:within number:3s keyword:every number:1s "
        + "string:\"what\""
    ),
    (
      "recipe \"r\"\nclusters c1 c2\nparam p = 1 \"help\"\nprint clusters, p",
      "keyword:recipe string:\"r\" keyword:clusters word:c1 word:c2 keyword:param +name:p(parameter) number:1 "
        + "string:\"help\" keyword:print name:clusters(given) name:p(parameter)"
    ),
    (
      "let x = (\nlet y = 1\nprint y",
      "keyword:let +name:x(constant) keyword:let +name:y(constant) number:1 "
        + "keyword:print name:y(constant)"
    ),
    (
      "run \"o.nbx\" a=$z b=1\nprint 1",
      "keyword:run string:\"o.nbx\" word:a= name:z word:b=1 keyword:print number:1"
    ),
  ]

  /// What is broken is read by the same grammar, and is over where the next statement plainly begins.
  private static let broken: [(String, String)] = [
    ("let x = [1, 2\ntask f() { return x }\nf()", "x(constant) f(task)"),
    ("print f(a,\nlet y = 1\nprint y", "y(constant)"),
    ("let m = {\n  a: 1 2\n  b: [y]\n}\nlet z = m", "m(constant) z(constant)"),
    ("let m = { a: 1\nlet z = m\nprint z", "m(constant) z(constant)"),
    ("foreach x on [1] {\n  let inner = x\n}\nlet z = 1", "x(loopVariable) inner(constant) z(constant)"),
    ("if a = 3 {\n  let inner = 1\n}\nlet z = 1", "inner(constant) z(constant)"),
    ("while x {\n  let inner = 1\n}\nlet z = 1", "inner(constant) z(constant)"),
    ("task f(a, b {\n  print a, b\n}\nf(1, b: 2)", "f(task) a(taskParameter) b(taskParameter)"),
    ("if true {\n  task f(a) { print a }\n  let y = 1", "f(task) a(taskParameter) y(constant)"),
    ("let x = 5q\nprint \"it ${x\nlet y = 1", "x(constant) y(constant)"),
    ("print [1].map(e => e + ).map((k, v) => k", "e(functionParameter) k(functionParameter) v(functionParameter)"),
    ("let x = \"open\nlet y = 1\ntool box \"$x\nlet z = 1", "x(constant) y(constant) z(constant)"),
    ("let let = 3\nlet x = 1", "let(constant) x(constant)"), ("}\n)\nlet x = 1", "x(constant)"),
    ("try { } else err print err }\nlet z = 1", "err(failure) z(constant)"),
    ("run \"o.nbx a=1\nlet z = 1", "z(constant)"),
    ("let x = try {\n  let y = (\n}\nlet z = 1", "x(constant) y(constant) z(constant)"),
  ]

  @Test(arguments: broken.map { (Named($0), Named($1)) }) func `what a broken text binds`(
    text: Named<String>, expected: Named<String>
  ) {
    let names = index(text.value).names.filter { $0.kind != .given }.sorted { $0.span.start < $1.span.start }
    #expect(names.map { "\($0.text)(\($0.kind))" }.joined(separator: " ") == expected.value)
  }

  @Test(arguments: stretches.map { (Named($0), Named($1)) }) func `each stretch of the text`(
    text: Named<String>, expected: Named<String>
  ) { #expect(described(text.value) == expected.value) }

  private static let recipes: [String] = {
    let root = (0..<4).reduce(#filePath) { path, _ in (path as NSString).deletingLastPathComponent } + "/recipes"
    let names = FileManager.default.enumerator(atPath: root)?.compactMap { $0 as? String } ?? []
    return names.filter { $0.hasSuffix(".nbx") }.sorted().map { "\(root)/\($0)" }
  }()

  @Test(arguments: recipes) func `every name of the recipes that ship means something`(path: String) throws {
    let file = SourceFile(path: path, text: try String(contentsOfFile: path, encoding: .utf8))
    let vocabulary = Vocabulary(host: RecipeHost())
    let index = NameIndex(file, vocabulary: vocabulary)
    var brought: Set<String> = []
    for mention in index.mentions where mention.isUse {
      let library = "\(file.folder)/\(mention.path)"
      let text = try String(contentsOfFile: library, encoding: .utf8)
      let exports = NameIndex(SourceFile(path: library, text: text), vocabulary: vocabulary).exports
      brought.formUnion(exports.map(\.text))
    }
    var last: UInt32 = 0
    for stretch in index.stretches {
      #expect(stretch.span.start >= last && stretch.span.end >= stretch.span.start)
      last = stretch.span.end
      guard stretch.kind == .name || stretch.kind == .task, index.name(of: stretch) == nil else { continue }
      let line = file.lineRange(around: Int(stretch.span.start))
      #expect(
        brought.contains(index.text(of: stretch)),
        "\(index.text(of: stretch)) in \(file.text(Span(line.lowerBound, line.upperBound)))")
    }
  }

  /// A host with the names of all commands that recipes give.
  private struct RecipeHost: Interpreter.Host {
    let commands: [any Command] = [
      "nats", "kubectl", "helm", "k3d", "docker", "linkerd", "exec", "region", "link", "fault", "http", "write",
      "sleep", "page",
    ].map { TestCommand(name: $0) { _ in .null } }
    let constants = [HostConstant("target") { .null }]
  }

  @Test func `any text has an index`() {
    var random = SeededNumbers(seed: 1)
    let pieces = [
      "let x", "=", "(", ")", "[", "]", "{", "}", "\"", "'", "\"\"\"", "$x", "${", "\n", " ", "#", "tool box", "--a",
      "...$x",
      "foreach a in", "for b in", "=>", "(a, b)", "task t(", "else", "if", "then", "use \"x\"", "run \"y\"", "\\", ".",
      ",",
      ":", "on", "with", "é", "\u{0}", "1s", "x", "step", "clusters",
    ]
    for _ in 0..<3000 {
      let text = (0..<Int.random(in: 1...40, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
        .joined(separator: Bool.random(using: &random) ? " " : "")
      let index = index(text)
      let count = text.utf8.count
      #expect(index.stretches.allSatisfy { Int($0.span.end) <= count }, "\(text.debugDescription)")
      for pair in zip(index.stretches, index.stretches.dropFirst()) {
        #expect(pair.0.span.end <= pair.1.span.start, "\(text.debugDescription)")
      }
    }
  }

  @Test(arguments: ["(", "[", "{", "\"${", "[x for x in ", "(]", "x => ", "task t(", "tool \"${"])
  func `thousands of them do no harm`(piece: String) {
    let count = Campaign.size(8000, whole: 100_000)
    let index = index("let a = " + String(repeating: piece, count: count))
    #expect(index.names.contains { $0.text == "a" })
  }
}
