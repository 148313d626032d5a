import TestSupport
import Testing

/// Operators, literals and what binds more tightly: an expression, and how `print` shows its value.
@Suite(.mayWait) struct ExpressionTests {
  @Test(arguments: values) func hasValue(_ expression: String, _ expected: Named<String>) {
    #expect(withoutHandled(transcript("print \(expression)")) == expected.value)
  }

  @Test(arguments: failures) func failsWith(_ expression: String, _ title: String) {
    let found = withoutHandled(transcript("let value = \(expression)"))
    #expect(found.hasPrefix("failed\nerror: \(title)\n"), "\(expression): \(found)")
  }

  static let values: [(String, Named<String>)] = [
    // Numbers
    ("1 + 2 * 3", "7"), ("(1 + 2) * 3", "9"), ("7 / 2", "3"), ("-7 / 2", "-3"), ("7 % 3", "1"), ("-7 % 3", "-1"),
    ("7.5 % 2", "1.5"), ("1 / 4.0", "0.25"), ("2.0", "2.0"), ("1e3", "1000.0"), ("1_000_000", "1000000"),
    ("10 - 2 - 3", "5"), ("2 - -3", "5"), ("- -3", "3"), ("1.5 + 1", "2.5"),
    ("9223372036854775807", "9223372036854775807"),
    ("-9223372036854775807 - 1", "-9223372036854775808"), ("-9223372036854775808", "-9223372036854775808"),
    ("- 9_223_372_036_854_775_808 + 1", "-9223372036854775807"),
    ("[-9223372036854775808][0].json", "-9223372036854775808"),
    ("1e308 - 1e308", "0.0"), ("1e308.round(2)", "1e+308"), ("1e100 > 1", "true"), ("(5 % 1)", "0"),
    // Comparisons
    ("1 == 1.0", "true"), ("1 != 2", "true"), ("1 < 2", "true"), ("2 <= 2", "true"), ("3 > 2.5", "true"),
    ("2 >= 3", "false"), (#""a" < "b""#, "true"), (#""a" == 'a'"#, "true"), ("1s < 1m", "true"), ("60s == 1m", "true"),
    ("1Ki == 1024B", "true"), ("1kB < 1Ki", "true"), ("null == null", "true"), ("1 == null", "false"),
    ("null != \"x\"", "true"), ("clusters[0] == \"c1\"", "true"), ("\"c1\" == clusters[0]", "true"),
    ("clusters[0] == clusters[1]", "false"), ("secret(\"x\") == \"x\"", "true"), ("(echo hi) == \"hi\"", "true"),
    ("[1, 2] == [1, 2]", "true"), ("[1, 2] == 1..2", "true"), ("1..3 == 1..3", "true"), ("[] == 1..0", "true"),
    ("{ a: 1, b: 2 } == { b: 2, a: 1 }", "true"), ("{ a: 1 } == { a: 2 }", "false"), ("[1] == [1, 2]", "false"),
    // `in`
    ("2 in [1, 2]", "true"), ("3 in 1..2", "false"), ("\"a\" in { a: 1 }", "true"), ("\"b\" in \"abc\"", "true"),
    ("clusters[0] in clusters", "true"), ("\"c9\" in clusters", "false"), ("not 3 in [1]", "true"),
    // `matches` is unanchored
    ("\"abc\" matches \"b\"", "true"), ("\"abc\" matches '^b'", "false"), ("\"abc\" matches '^a.c$'", "true"),
    ("\"v1.17.2\" matches '^v\\d+\\.\\d+\\.\\d+$'", "true"), ("\"ab\" matches '^(a|b)+$'", "true"),
    ("\"aab\" matches 'a{2}b'", "true"), ("\"x y\" matches '\\bx\\b'", "true"), ("\"\" matches ''", "true"),
    ("\"fo\" matches '[^a-m]o'", "false"), ("\"tea\" matches '(?:t|s)ea?'", "true"),
    // Logic, loosest first
    ("true and not false", "true"), ("true or false and false", "true"), ("not true or true", "true"),
    ("not true == false", "true"), ("1 < 2 and 2 < 3", "true"), ("false and 1 / 0 == 1", "false"),
    ("true or 1 / 0 == 1", "true"), ("null ?? 1", "1"), ("{}.x ?? \"d\"", "d"), ("[].first ?? 0", "0"),
    ("[1][5] ?? 9", "9"), ("{ a: null }.a ?? 3", "3"), ("null ?? null ?? 4", "4"), ("{}.a.b.c ?? 1", "1"),
    ("(false) ?? true", "false"), ("null ?? 1 + 1", "2"), ("if 1 == 1 then \"a\" else \"b\"", "a"),
    ("if false then 1 else if true then 2 else 3", "2"), ("1 + (if true then 1 else 2)", "2"),
    // Ranges
    ("1..3", "[1, 2, 3]"), ("0..<3", "[0, 1, 2]"), ("3..1", "[]"), ("(1..1000000000000).count", "1000000000000"),
    ("1..2 + 1", "[1, 2, 3]"), ("(1..3)[-1]", "3"), ("(1..3).sum", "6"), ("1..1000", "1..1000"),
    ("500 in 1..1000000000000", "true"), ("(0..<0).count", "0"),
    // Lists and maps
    ("[1, 2] + [3]", "[1, 2, 3]"), ("[1, 2, 1, 3] - 1", "[2, 3]"), ("[1, 2, 3] - [1, 3]", "[2]"),
    ("clusters - \"c2\"", "[c1, c3]"), ("clusters - clusters[0]", "[c2, c3]"), ("clusters - clusters", "[]"),
    ("[[1, 2], [3]][0][1]", "2"), ("[1, 2, 3][-1]", "3"), ("[]", "[]"), ("{}", "{}"), ("[1, 2,]", "[1, 2]"),
    ("{ a: 1 } + { b: 2 }", "{ a: 1, b: 2 }"), ("{ a: { x: 1, y: 2 } } + { a: { y: 3 } }", "{ a: { x: 1, y: 3 } }"),
    ("{ a: [1] } + { a: [2] }", "{ a: [2] }"), ("{ a.b: 1, a.c: 2 }", "{ a: { b: 1, c: 2 } }"),
    ("{ a.b.c: 1 }.a.b.c", "1"), ("{ \"a.b\": 1 }", "{ \"a.b\": 1 }"), ("{ 'x-y': 1 }[\"x-y\"]", "1"),
    ("{ a: { b: 1 }, a.c: 2 }", "{ a: { b: 1, c: 2 } }"), ("{ if: 1, on: 2 }.on", "2"),
    ("[x * x for x in 1..4 if x % 2 == 0]", "[4, 16]"),
    ("[\"$k=$v\" for k, v in { a: 1, b: 2 }]", "[\"a=1\", \"b=2\"]"),
    ("[c.name for c in clusters]", "[\"c1\", \"c2\", \"c3\"]"), ("[c.index for c in clusters]", "[0, 1, 2]"),
    ("[a + b for a, b in [[1, 2], [3, 4]]]", "[3, 7]"), ("{ a: 1 }.a", "1"), ("{ count: 7 }.count", "7"),
    // Text
    ("\"a\" + \"b\"", "ab"), ("\"a${1 + 1}b\"", "a2b"), ("'a$b'", "a$b"), (#""\t|\u{41}|\\|\$|\"""#, "\t|A|\\|$|\""),
    ("clusters[0] + \"-js\"", "c1-js"), ("\"${\"nested ${1 + 1}\"}\"", "nested 2"),
    ("''", ""), ("\"${clusters[0]}.local\"", "c1.local"), ("\"${true} ${1.5} ${2Gi} ${1m30s}\"", "true 1.5 2Gi 1m30s"),
    // Durations and sizes keep their spelling; what is computed is written in the largest fitting units.
    ("100m", "100m"), ("90m", "90m"), ("90m + 0s", "1h30m"),
    ("{ cpu: 100m, disk: 2Gi }.json", "{\"cpu\":\"100m\",\"disk\":\"2Gi\"}"),
    ("500ms + 500ms", "1s"), ("1h30m * 2", "3h"), ("1m / 4", "15s"), ("1m / 1s", "60.0"), ("2Gi * 2", "4Gi"),
    ("3 * 10ms", "30ms"), ("1.5s", "1.5s"), ("0.5 * 1m", "30s"), ("1Gi / 1Mi", "1024.0"), ("-5s", "-5s"),
    ("10MB + 0B", "9.5Mi"), ("1d", "1d"), ("25h + 0s", "1d1h"), ("2s - 5s", "-3s"), ("\"${0.1s + 0s}\"", "100ms"),
    // `try`
    ("(try echo x).ok", "true"), ("(try bad).ok", "false"), ("(try echo x).value", "x"),
    ("(try bad).value == null", "true"),
    ("(try (1 / 0)).error", "division by zero"), ("if (try bad) then 1 else 2", "2"),
    ("(try echo a).error == null", "true"),
    ("not (try bad)", "true"), ("try { 1 }", "ok: 1"),
    // Commands as expressions
    ("(echo a b)", "a b"), ("(echo a).out + \"|\"", "a\n|"), ("(echo a b).lines", "[\"a b\"]"), ("(echo x).code", "0"),
    ("(json '{\"a\": [1, 2.5, \"x\"]}').json.a", "[1, 2.5, \"x\"]"), ("(json '{}').err", "warned\n"),
    ("[(echo $c on c) for c in clusters].count", "3"), ("(echo a).starts_with(\"a\")", "true"),
    ("\"got ${(echo a)}\"", "got a"), ("(servers).count", "2"), ("(servers)[1].name", "n2"),
    ("target.kubernetes", "false"), ("clusters.count", "3"), ("clusters[1].name", "c2"),
  ]

  static let failures: [(String, String)] = [
    ("9223372036854775807 + 1", "the result of `+` is more than 64 bits hold"),
    ("9223372036854775807 * 2", "the result of `*` is more than 64 bits hold"),
    ("-9223372036854775807 - 2", "the result of `-` is more than 64 bits hold"),
    ("(-9223372036854775807 - 1) / -1", "the result of `/` is more than 64 bits hold"),
    ("-(-9223372036854775807 - 1)", "the result of `-` is more than 64 bits hold"),
    ("8000Pi * 5000", "the result of `*` is more than 64 bits hold"),
    ("1 / 0", "division by zero"), ("1 % 0", "division by zero"), ("1.5 / 0.0", "division by zero"),
    ("1s / 0", "division by zero"), ("1e308 * 10", "the result of `*` is more than a float holds"),
    ("1e308 + 1e308", "the result of `+` is more than a float holds"),
    ("-1e308 - 1e308", "the result of `-` is more than a float holds"),
    ("1e308 / 0.1", "the result of `/` is more than a float holds"),
    ("[1e308, 1e308].sum", "the result of `+` is more than a float holds"),
    ("1 + \"a\"", "`+` does not take an int and a string"), ("\"a\" * 2", "`*` does not take a string and an int"),
    ("1s + 1", "`+` does not take a duration and an int"), ("{} - 1", "`-` does not take a map and an int"),
    ("-\"a\"", "`-` takes a number, not a string"), ("1 == \"1\"", "an int is never equal to a string"),
    ("1s == 1", "a duration is never equal to an int"), ("true == 1", "a bool is never equal to an int"),
    ("1 < \"a\"", "an int and a string have no order"), ("[1] < [2]", "a list and a list have no order"),
    ("\"a\" in 5", "`in` looks into a list, a map or text, not into an int"),
    ("1.5 in 1..2", "a range holds ints, not a float"),
    ("1..\"a\"", "`..` takes two ints, not an int and a string"),
    ("\"a\" matches '('", "the pattern \"(\" can't be read: a `(` is never closed"),
    ("{ a: 1 }.b", "the map has no key `b`"), ("[1][1]", "the list has no element 1"),
    ("[1][-2]", "the list has no element -2"),
    ("null.x", "null has no field `x`"), ("5.x", "an int has no field `x`"),
    ("[].first", "the list is empty: it has no first element"),
    ("{ a: 1 }[1 == 1]", "the map has no key `true`"), ("[1][\"a\"]", "a list's index is an int, not a string"),
    ("1 and true", "`and` takes a condition, not an int"), ("not null", "`not` takes a condition, not null"),
    ("\"a${{ a: 1 }.b}\"", "the map has no key `b`"), ("\"${clusters}\"", "a list in text"),
    ("[x for x in 5]", "a loop goes over a list or a map, not an int"),
    ("[x for x, y in [1]]", "2 names for an int"), ("(try bad).nope", "an outcome has no field `nope`"),
    ("{ a: { b: 1 }, a.b: 2 }", "the key `a` a second time"),
    ("(1..9000000000).reverse", "the range 1..9000000000 is too long to be a list"),
    ("[x for x in 1..90000000]", "a loop can't give more than 10000000 values"),
    ("random(0)", "`random` has nothing to choose from"),
    ("random(-9223372036854775807 - 1)", "`random` has nothing to choose from"),
    ("env(\"NBX_SURELY_NOT_SET\")", "the environment has no NBX_SURELY_NOT_SET"),
    ("read(\"nowhere.txt\")", "can't read nowhere.txt: there is no such file"),
    ("(json 'nope').json", "the output is no JSON: no JSON value begins so (byte 0)"),
    ("bad", "bad failed on c1 (exit 1)"), ("misused", "misused failed (no such word)"),
  ]
}
