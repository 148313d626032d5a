import TestSupport
import Testing

@testable import Interpreter
@testable import ValuesAndCommands

/// Every method of the table: an expression, and how `print` shows its value.
@Suite(.mayWait) struct MethodTests {
  @Test(arguments: cases) func gives(_ type: String, _ method: String, _ expression: String, _ expected: String) {
    #expect(withoutHandled(transcript("print \(expression)")) == expected)
  }

  @Test(arguments: failures) func fails(_ expression: String, _ title: String) {
    let found = transcript("let value = \(expression)")
    #expect(found.hasPrefix("failed\nerror: \(title)\n"), "\(expression): \(found)")
  }

  @Test func everyMethodHasACase() {
    let tested = Set(MethodTests.cases.map { "\($0.0).\($0.1)" })
    for method in Member.all where !method.isField {
      for kind in method.kinds.all {
        let name = "\(kind.name).\(method.name)\(method.signature.takesFunction ? "(=>)" : "")"
        #expect(tested.contains(name), "no case for \(name)")
      }
    }
  }

  /// What a row says of its closure is what the closure does.
  @Test func rowsSayWhatComesOfThem() {
    var tried = 0
    for member in Member.all where !member.signature.takesFunction {
      let arguments = member.signature.parameters.map { parameter -> Value in
        parameter.kinds.contains(.string) ? "a" : 1
      }
      for kind in member.kinds.all {
        let type = ValueType(kind, of: kind == .list ? .int : .unknown)
        guard let value = try? member.apply(to: type.sample, arguments) else { continue }
        let said = member.signature.gives.type(on: type)
        let found = ValueType(of: value)
        tried += 1
        #expect(!said.isKnown || said.joined(with: found).isKnown, "\(member.signature.usage): \(found)")
        let elements = (said.element, found.element)
        #expect(!elements.0.isKnown || !elements.1.isKnown || elements.0.joined(with: elements.1).isKnown)
      }
    }
    #expect(tried > 60)
    for function in BuiltinFunction.allCases {
      #expect(function.signatures.allSatisfy { $0.name == function.rawValue } && !function.signatures.isEmpty)
    }
  }

  static let cases: [(String, String, String, String)] = [
    ("list", "count", "[1, 2].count", "2"), ("list", "first", "[1, 2].first", "1"),
    ("list", "last", "(1..5).last", "5"),
    ("list", "sort", "[3, 1, 2].sort", "[1, 2, 3]"),
    ("list", "sort(=>)", "[\"bb\", \"a\"].sort(x => x.count)", "[\"a\", \"bb\"]"),
    ("list", "reverse", "[1, 2].reverse", "[2, 1]"), ("list", "unique", "[1, 2, 1].unique", "[1, 2]"),
    ("list", "unique", "[\"a\", \"b\", \"a\"].unique", "[\"a\", \"b\"]"),
    ("list", "join", "[1, \"a\", 2s].join(\"-\")", "1-a-2s"), ("list", "join", "[1, 2].join", "12"),
    ("list", "contains", "[1, 2].contains(2)", "true"), ("list", "index_of", "[\"a\", \"b\"].index_of(\"b\")", "1"),
    ("list", "take", "[1, 2, 3].take(2)", "[1, 2]"), ("list", "drop", "[1, 2, 3].drop(2)", "[3]"),
    ("list", "flatten", "[[1], [2, [3]], 4].flatten", "[1, 2, [3], 4]"), ("list", "sum", "[1s, 2s].sum", "3s"),
    ("list", "sum", "[].sum", "0"), ("list", "min", "[3, 1].min", "1"), ("list", "max", "[3, 1].max", "3"),
    ("list", "min(=>)", "[{ a: 2 }, { a: 1 }].min(x => x.a).a", "1"),
    ("list", "max(=>)", "[{ a: 2 }, { a: 1 }].max(x => x.a).a", "2"),
    ("list", "quantile", "(1..100).quantile(0.99)", "100"), ("list", "quantile", "[1, 2, 3].quantile(0.5)", "2"),
    ("list", "map(=>)", "[1, 2].map(x => x * 2)", "[2, 4]"),
    ("list", "filter(=>)", "[1, 2, 3].filter(x => x > 1)", "[2, 3]"),
    ("list", "all(=>)", "[1, 2].all(x => x > 0)", "true"), ("list", "any(=>)", "[1, 2].any(x => x > 1)", "true"),
    (
      "list", "group_by(=>)", "[1, 2, 3].group_by(x => if x > 1 then \"many\" else \"one\")",
      "{ one: [1], many: [2, 3] }"
    ),
    ("list", "json", "[1, \"a\", null].json", "[1,\"a\",null]"),
    ("map", "count", "{ a: 1 }.count", "1"), ("map", "keys", "{ b: 1, a: 2 }.keys", "[\"b\", \"a\"]"),
    ("map", "values", "{ b: 1, a: 2 }.values", "[1, 2]"), ("map", "entries", "{ a: 1 }.entries.first.value", "1"),
    ("map", "contains", "{ a: 1 }.contains(\"a\")", "true"),
    ("map", "without", "{ a: 1, b: 2 }.without(\"a\")", "{ b: 2 }"),
    ("map", "without", "{ a: 1, b: 2, c: 3 }.without([\"a\", \"c\"])", "{ b: 2 }"),
    ("map", "map(=>)", "{ a: 1 }.map((k, v) => \"$k$v\")", "[\"a1\"]"),
    ("map", "filter(=>)", "{ a: 1, b: 2 }.filter((k, v) => v > 1)", "{ b: 2 }"),
    ("map", "all(=>)", "{ a: 1 }.all((k, v) => v == 1)", "true"),
    ("map", "any(=>)", "{ a: 1 }.any((k, v) => k == \"b\")", "false"),
    ("map", "json", "{ a: { b: 1.5 } }.json", "{\"a\":{\"b\":1.5}}"),
    ("duration", "json", "(1.5s * 1).json", "\"1.5s\""), ("size", "json", "(2 * 1Ki).json", "2048"),
    ("time", "json", "now().json.count > 20", "true"), ("int", "json", "5.json", "5"),
    ("float", "json", "1.5.json", "1.5"), ("bool", "json", "true.json", "true"),
    ("null", "json", "null.json", "null"),
    ("string", "count", "\"añ😀\".count", "3"), ("cluster", "count", "clusters[0].count", "2"),
    ("string", "lower", "\"AB\".lower", "ab"), ("secret", "lower", "secret(\"AB\").lower", "•••"),
    ("cluster", "lower", "clusters[0].lower", "c1"),
    ("string", "upper", "\"ab\".upper", "AB"), ("secret", "upper", "secret(\"ab\").upper", "•••"),
    ("cluster", "upper", "clusters[0].upper", "C1"),
    ("string", "trim", "\" a \\n\".trim + \"|\"", "a|"), ("secret", "trim", "secret(\" a \").trim", "•••"),
    ("cluster", "trim", "clusters[0].trim", "c1"),
    ("string", "lines", "\"a\\nb\\n\".lines", "[\"a\", \"b\"]"),
    ("secret", "lines", "secret(\"a\\nb\").lines", "[\"•••\", \"•••\"]"),
    ("cluster", "lines", "clusters[0].lines", "[\"c1\"]"),
    ("string", "split", "\"a,b,,c\".split(\",\")", "[\"a\", \"b\", \"\", \"c\"]"),
    ("string", "split", "\" a  b \".split", "[\"a\", \"b\"]"),
    ("secret", "split", "secret(\"a b\").split", "[\"•••\", \"•••\"]"),
    ("cluster", "split", "clusters[0].split(\"c\")", "[\"\", \"1\"]"),
    ("string", "replace", "\"a.b.c\".replace(\".\", \"-\")", "a-b-c"),
    ("secret", "replace", "secret(\"ab\").replace(\"a\", \"x\")", "x•••"),
    ("cluster", "replace", "clusters[0].replace(\"c\", \"k\")", "k1"),
    ("string", "starts_with", "\"abc\".starts_with(\"ab\")", "true"),
    ("secret", "starts_with", "secret(\"abc\").starts_with(\"b\")", "false"),
    ("cluster", "starts_with", "clusters[0].starts_with(\"c\")", "true"),
    ("string", "ends_with", "\"abc\".ends_with(\"bc\")", "true"),
    ("secret", "ends_with", "secret(\"abc\").ends_with(\"c\")", "true"),
    ("cluster", "ends_with", "clusters[0].ends_with(\"1\")", "true"),
    ("string", "contains", "\"abc\".contains(\"b\")", "true"),
    ("secret", "contains", "secret(\"abc\").contains(\"z\")", "false"),
    ("cluster", "contains", "clusters[0].contains(\"1\")", "true"),
    ("string", "base64", "\"gwp\".base64", "Z3dw"), ("secret", "base64", "secret(\"gwp\").base64", "•••"),
    ("cluster", "base64", "clusters[0].base64", "YzE="),
    ("string", "base64_decoded", "\"Z3dw\".base64_decoded", "gwp"),
    ("secret", "base64_decoded", "secret(\"Z3dw\").base64_decoded", "•••"),
    ("cluster", "base64_decoded", "(try clusters[0].base64_decoded).ok", "false"),
    ("string", "json", "'{\"b\": 1, \"a\": [true, null]}'.json", "{ b: 1, a: [true, null] }"),
    ("secret", "json", "secret('{\"n\": 5, \"t\": \"x\"}').json", "{ n: \"•••\", t: \"•••\" }"),
    ("cluster", "json", "(try clusters[0].json).ok", "false"),
    ("string", "int", "\" 42\\n\".int + 1", "43"), ("string", "float", "\"1.5\".float", "1.5"),
    ("string", "duration", "\"90s\".duration == 1m30s", "true"),
    ("string", "size", "\"2Gi\".size.bytes", "2147483648"), ("int", "round", "5.round", "5"),
    ("float", "round", "2.345.round(1)", "2.3"),
    ("float", "round", "2.5.round", "3"), ("int", "floor", "5.floor", "5"), ("float", "floor", "-1.5.floor", "-1"),
    ("int", "ceil", "5.ceil", "5"), ("float", "ceil", "1.2.ceil", "2"), ("int", "abs", "(-5).abs", "5"),
    ("float", "abs", "(-1.5).abs", "1.5"),
    ("int", "size", "4728447.size == 4728447B", "true"), ("string", "size", "\"-5\".size.bytes", "-5"),
    ("int", "float", "5.float", "5.0"), ("float", "int", "1.9.int", "1"),
    ("duration", "seconds", "1m30s.seconds", "90.0"),
    ("duration", "milliseconds", "1.5s.milliseconds", "1500.0"), ("size", "bytes", "1Ki.bytes", "1024"),
    ("time", "unix", "now().unix > 1000000000.0", "true"),
  ]

  static let failures: [(String, String)] = [
    ("[1, \"a\"].sort", "a string and an int have no order"), ("[[1]].join", "`join` takes text, not a list"),
    ("[1].index_of(2)", "the list does not hold 2"), ("[1].take(-1)", "`take` takes a whole number from 0"),
    ("[].min", "the list is empty: it has no least element"), ("[1].quantile(2)", "a quantile lies between 0 and 1"),
    ("[1].quantile(\"a\")", "`quantile` takes a number from 0 to 1, not a string"),
    ("[1].filter(x => x)", "`filter` takes a condition, not an int"),
    ("[1].group_by(x => secret(\"s\"))", "a secret can't be a key"),
    ("5.lines", "an int has no field `lines`"), ("5.join(\"a\")", "an int has no method `join`"),
    ("\"a\".split(\"\")", "`split` takes a text that is not empty"),
    ("\"x\".int", "\"x\" is not a whole number"), ("\"nan\".float", "\"nan\" is not a number"),
    ("\"-inf\".float", "\"-inf\" is not a number"), ("\"1e999\".float", "\"1e999\" is not a number"),
    ("\"--5s\".duration", "\"--5s\" is not a duration"), ("\"5\".duration", "\"5\" is not a duration"),
    ("secret(\"5\").int", "a secret has no field `int`"),
    ("secret(\"5\").float", "a secret has no field `float`"),
    ("secret(\"abc\").count", "a secret has no field `count`"),
    ("\"%%\".base64_decoded", "the text is no Base64 of UTF-8 text"),
    ("1e300.int", "1e+300 is more than an int holds"), ("[1, 2, 2].map(x => x.nope)", "an int has no field `nope`"),
  ]
}
