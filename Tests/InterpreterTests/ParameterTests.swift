import Interpreter
import TestSupport
import Testing

/// What the text of `name=value` means: whatever `--help` shows as a default is read back as that, and more.
@Suite(.mayWait) struct ParameterTests {
  /// A default, what is given in its place, and what is made of it: its JSON, or nothing if it is refused.
  static let given: [(String, String, String?)] = [
    // As the recipe would write it.
    ("[1]", "[4, 5]", "[4,5]"), ("[1]", "[]", "[]"), ("[\"x\"]", "[\"a b\", \"c,d\"]", #"["a b","c,d"]"#),
    ("[\"x\"]", "['a', 'b']", #"["a","b"]"#), ("[2s]", "[500ms, -1s]", #"["500ms","-1s"]"#),
    ("[[1]]", "[[1, 2], [3]]", "[[1,2],[3]]"), ("[]", "[1, \"a\"]", #"[1,"a"]"#), ("[1.5]", "[1, 2.5]", "[1.0,2.5]"),
    ("1..3", "2..5", "[2,3,4,5]"), ("1..3", "0..<3", "[0,1,2]"), ("1..3", "[7, 9]", "[7,9]"),
    ("[1]", "3..5", "[3,4,5]"),
    ("{}", "{ a: 1, \"b c\": [2], d.e: true }", #"{"a":1,"b c":[2],"d":{"e":true}}"#),
    ("{ a: 1 }", "{}", "{}"), ("{ a: 1 }", "{ x.y: 1, x.z: 2 }", #"{"x":{"y":1,"z":2}}"#),
    ("5s", "-30s", #""-30s""#), ("5s", "-1h30m", #""-1h30m""#), ("1", "1_000", "1000"), ("1", "-5", "-5"),
    ("1", "-9223372036854775808", "-9223372036854775808"), ("1.5", "-2", "-2.0"), ("1.5", "1_0.5", "10.5"),
    ("1Gi", "512Mi", #""512Mi""#), ("true", "false", "false"),
    // With commas alone, and as JSON.
    ("[1]", "4,5", "[4,5]"), ("[1]", "7", "[7]"), ("[1]", "", "[]"), ("[\"x\"]", "a b,c", #"["a b","c"]"#),
    ("[\"x\"]", "[a,b", #"["[a","b"]"#), ("[2s]", "1s,-2s", #"["1s","-2s"]"#), ("1..3", "4,6", "[4,6]"),
    ("{}", #"{"a": {"b": [1, null]}}"#, #"{"a":{"b":[1,null]}}"#),
    // Text is text.
    ("\"x\"", "[1, 2]", #""[1, 2]""#), ("\"x\"", "\"quoted\"", #""\"quoted\"""#), ("null", "-1s", #""-1s""#),
    ("null", "null", "null"), ("null", "\"null\"", #""null""#), ("null", "'null'", #""null""#),
    ("null", "nul", #""nul""#), ("[null]", "null,a", #"[null,"a"]"#), ("[]", "null,a", #"["null","a"]"#),
    // Of another type, or no literal at all.
    ("1.5", "0x10", nil),
    ("[1]", "[\"a\"]", nil), ("[1]", "[1, x]", nil), ("[\"x\"]", "[a, b]", nil), ("[1]", "[1", nil), ("[1]", "a", nil),
    ("{}", "[1]", nil), ("{}", "a: 1", nil), ("5s", "5", nil), ("5s", "--5s", #""5s""#), ("5s", "1Gi", nil),
    ("1", "1.5", nil), ("1", "\"1\"", nil), ("1", "1 2", nil), ("1", "", nil), ("1..3", "\"a\"..3", nil),
    ("{}", "{ a: env(\"HOME\") }", nil), ("[\"x\"]", "[env(\"HOME\")]", nil), ("{}", "{ a: \"${1}\" }", nil),
    ("true", "yes", nil),
  ]

  @Test(arguments: given) func `is read by its default's type`(_ value: String, _ text: String, _ expected: String?) {
    let said = transcript("param p = \(value)\nprint [p].json", arguments: ["p": text])
    if let expected {
      #expect(said == "[\(expected)]")
    } else {
      #expect(said.hasPrefix("refused\nerror: the parameter `p` takes"), "\(said)")
    }
  }

  @Test(arguments: [
    ("[1]", "x", "as 1,2 or [1, 2]"), ("{}", "x", "as { a: 1 } or JSON"), ("5s", "x", "as 500ms"),
    ("true", "x", "true or false"), ("1", "x", "give it an int"),
    ("[1]", "[1, a]", "takes a list, each element an int, not `[1, a]`"),
  ]) func `a refusal says how it is written`(_ value: String, _ text: String, _ advice: String) {
    #expect(transcript("param p = \(value)\nprint [p].json", arguments: ["p": text]).contains(advice))
  }

  /// Wherever the default has a secret, the value has one, and what does not fit is not quoted.
  @Test(arguments: [
    ("[secret(\"x\")]", "[\"hunter22\", \"hunter23\"]", #"["•••", "•••"]"#),
    (
      "{ pw: secret(\"x\"), x.pw: secret(\"y\"), u: \"a\" }", #"{"pw":"hunter22","x":{"pw":23},"u":"b"}"#,
      #"{ pw: "•••", x: { pw: "•••" }, u: "b" }"#
    ),
    ("[{ pw: secret(\"x\") }]", "[{ pw: \"hunter22\" }]", "│ ••• │"),
    ("[secret(\"x\")]", "[\"hunter22\", 5]", "takes a list, not `•••`"),
    ("{ pw: secret(\"x\") }", "{ pw: hunter22 }", "takes a map, not `•••`"),
  ]) func `a secret within stays one`(_ value: String, _ text: String, _ shown: String) {
    let said = transcript("param p = \(value)\nprint p", arguments: ["p": text])
    #expect(said.contains(shown) && !said.contains("hunter"), "\(said)")
  }

  @Test(arguments: [
    "[1, 2]", "['a b']", "{ a: 1, b.c: [2s] }", "1..5", "0..<4", "-5s", "-2.5", "-1Gi", "[-1Gi, 2Mi]", "1_000", "512Mi",
    "[-1s, 2m]",
    "[[], [1]]", "null",
  ]) func `a default is read back as itself`(_ value: String) {
    let recipe = "param p = \(value)\nprint [p].json"
    #expect(transcript(recipe, arguments: ["p": value]) == transcript(recipe))
  }

  // MARK: Defaults that never hold

  @Test(arguments: [
    ("param p = \"x ${clusters}\"", "a list in a word"), ("param q = [1]\nparam p = \"x $q\"", "a list in a word"),
    ("param p = -\"a\"", "`-` takes a number, not a string"),
    ("param p = clusters + 1", "`+` does not take a list and an int"),
    ("param q = 1s\nparam p = q + 1", "`+` does not take a duration and an int"),
    ("param p = 1.nope", "an int has no field `nope`"),
    ("param p = [\"${clusters}\"]", "a list in a word"), ("param p = { a: \"${clusters}\" }", "a list in a word"),
  ]) func `a default that fails in every run is an error`(_ recipe: String, _ said: String) throws {
    let found = errors(recipe)
    #expect(found.count == 1 && found[0].contains(said), "\(found)")
    // A run says so before it begins, too.
    #expect(problems(recipe + "\nprint p").map { $0.drop { $0 != " " }.dropFirst() } == found.map { $0[...] })
  }

  @Test(arguments: [
    "param p = if target.name == \"test\" then 1 else \"x ${clusters}\"", "param p = try \"x ${clusters}\"",
    "param p = null ?? 1", "param p = \"x ${clusters.count}\"", "param p = \"x ${clusters.first}\"",
    "param p = clusters.map(c => \"on $c\")",
  ]) func `one that may hold is none`(_ recipe: String) {
    #expect(errors(recipe) == [])
  }

  private func errors(_ recipe: String) -> [String] {
    let checked = Program.check("main.nbx", vocabulary: Vocabulary(host: TestHost())) { _ in
      .success(Array((recipe + "\nprint p").utf8))
    }
    return checked.diagnostics.filter { $0.severity == .error }.map(\.title)
  }
}
