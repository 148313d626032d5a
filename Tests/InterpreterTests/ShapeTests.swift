import Interpreter
import Lexer
import TestSupport
import Testing

/// What commands give, as their forms say: what check makes of it, and how it is told.
@Suite(.mayWait) struct ShapeTests {
  private struct MeasuringHost: Host {
    let commands: [any Command] = [
      TestCommand(name: "measure", grammar: .forms(ShapeTests.forms)) { _ in .null },
      TestCommand(name: "echo") { _ in .null },
    ]
  }

  private static let place = Shape.map("a place", [Field("name", .text), Field("size", .size, "how large")])
  private static let forms = [
    CommandForm(
      "one", "measures", positionals: [Positional("UNIT", optional: true, gives: .text)],
      flags: [Flag("--open", .toggle, "more", gives: .map("", open: true, [Field("name", .text)]))],
      gives: .map(
        "a measure",
        [
          Field("count", .int),
          Field("latency", .map("", [Field("p50", .duration), Field("p99", .duration, "the slowest")])),
          Field("place", place, optional: true), Field("own", .anyMap),
        ])),
    CommandForm("all", "measures all", gives: .list(place)),
    CommandForm("either", "measures one or all"),
    CommandForm(
      "plain", "measures plainly", gives: .map("", [Field("a", .int), Field("b", .map("", [Field("c", .int)]))])),
  ]

  @Test(arguments: [
    ("let m = measure one\nprint m.cuont", "a measure has no field `cuont`", "did you mean `count`?"),
    ("print (measure one).frobnicate", "a measure has no field", "its fields: count, latency, place, own"),
    ("print (measure one).latency.p90", "`latency` has no field `p90`", "did you mean `p50`?"),
    ("print (measure plain).frobnicate", "what this `measure` gives has no field `frobnicate`", "its fields: a, b"),
    ("let m = measure one\nprint m.place.nam", "a place has no field `nam`", "did you mean `name`?"),
    ("foreach p in (measure all) { print p.sise }", "a place has no field", "`size`"),
    ("print [p.sise for p in (measure all)]", "a place has no field", "`size`"),
    ("print (measure all).filter(p => p.sise > 1Ki)", "a place has no field", "`size`"),
    ("print (measure all)[0].sise", "a place has no field", "`size`"),
    ("print (measure all).last.sise", "a place has no field", "`size`"),
    ("let m = measure one\nlet l = m.latency\nprint l.p9", "`l` has no field `p9`", "`p99`"),
  ]) func `a field that a command never gives is found`(_ recipe: String, _ title: String, _ advice: String) throws {
    let found = findings(recipe)
    let first = try #require(found.first, "\(recipe)")
    #expect(found.count == 1 && first.title.contains(title) && first.code == "mismatched-types", "\(first.title)")
    #expect(first.notes.contains { $0.text.contains(advice) }, "\(first.notes)")
  }

  @Test(arguments: [
    "let m = measure one\nprint m.count, m.latency.p99, m.place.name, m.own.anything, m.keys",
    "print (measure one --open).anything", "print (measure one cm).count, (measure one cm).trim",
    "print (measure either).name, (measure either).anything", "print (measure one).nothing ?? 1",
    "let w = [\"one\"]\nprint (measure ...$w).anything", "let u = \"one\"\nprint (measure $u).anything",
    "if (measure one).count > 1 { let m = measure one\nprint m.count }\nforeach m in [{ b: 1 }] { print m.b }",
    "task f(m) { print m.anything }\nf((measure one))", "var m = measure one\nm = { b: 1 }\nprint m.b",
    "print (echo x).anything ?? 1",
  ]) func `what may be is let be`(_ recipe: String) {
    #expect(findings(recipe).isEmpty, "\(findings(recipe).map(\.title))")
  }

  @Test(arguments: [
    ("print (measure plain ).s", "print (measure plain).s"),
    ("print (measure\tplain\n).b.d", "print (measure plain).b.d"),
    ("print (measure plain)[ \"b\"].d", "print (measure plain)[\"b\"].d"),
  ]) func `it is called the same however it is laid out`(_ loose: String, _ formatted: String) {
    let said = findings(loose).map(\.title)
    #expect(said.count == 1 && said == findings(formatted).map(\.title), "\(said)")
  }

  private func findings(_ recipe: String) -> [Diagnostic] {
    Program.check("main.nbx", vocabulary: Vocabulary(host: MeasuringHost())) { _ in .success(Array(recipe.utf8)) }
      .diagnostics
  }

  @Test func `it is told in lines`() {
    let form = ShapeTests.forms[0]
    #expect(form.results.map(\.summary) == ["gives a measure", "with UNIT gives a string", "with --open gives a map"])
    #expect(form.namedResults.map(\.name) == ["a measure", "a place"])
    #expect(
      form.namedResults[0].lines.map { "\($0.name): \($0.help)" } == [
        "count: int", "latency: map", "latency.p50: duration", "latency.p99: duration: the slowest", "place?: a place",
        "own: map",
      ])
    let text = form.documentation(of: "measure")
    #expect(text.contains("- gives a measure\n") && text.contains("`latency.p99` duration: the slowest"))
    #expect(ShapeTests.forms[1].results.map(\.summary) == ["gives a list, each a place"])
  }
}
