import Interpreter
import Testing

/// JSON (RFC 8259) is read as it is written, or not at all.
@Suite struct JSONTests {
  @Test(arguments: [
    ("9223372036854775807", "9223372036854775807"), ("-9223372036854775808", "-9223372036854775808"),
    // Beyond what an int holds every digit is kept, as text.
    ("[9223372036854775808]", "[\"9223372036854775808\"]"), ("18446744073709551615", "\"18446744073709551615\""),
    ("-9223372036854775809", "\"-9223372036854775809\""), ("1e3", "1000.0"), ("-0.5", "-0.5"), ("-0", "0"),
    ("2E-1", "0.2"), ("\u{FEFF} {\"a\": 1}", "{\"a\":1}"), ("\"\\ud83d\\ude00\"", "\"😀\""),
    ("\"\\ud83d\\u0041\"", "\"\u{FFFD}A\""), ("\"\\ud83dA\"", "\"\u{FFFD}A\""), ("\"\\ude00\\n\"", "\"\u{FFFD}\\n\""),
    ("\"\\ud83d\\ud83d\\ude00\"", "\"\u{FFFD}😀\""), ("\"\\ud83d\\n\"", "\"\u{FFFD}\\n\""),
  ])
  func reads(_ text: String, _ expected: String) throws {
    #expect(try Value.json(Array(text.utf8)).json().string == expected)
  }

  @Test(arguments: [
    ("01", "a number does not begin with a zero"), ("-01", "a number does not begin with a zero"),
    ("[00]", "a number does not begin with a zero"), ("+1", "no JSON value begins so"),
    ("-", "no JSON value begins so"),
    (".5", "no JSON value begins so"), ("1.", "a digit is due behind the point"),
    ("1.e2", "a digit is due behind the point"),
    ("1e", "a digit is due in the exponent"), ("1e+", "a digit is due in the exponent"),
    ("--1", "no JSON value begins so"),
    ("1-2", "more text behind the end of the value"), ("1e400", "the number is more than a float holds"),
    ("\"\\u+041\"", "four hexadecimal digits are due"), ("\"\\u00\"", "four hexadecimal digits are due"),
    ("\"a\nb\"", "a control character in a string; an escape such as \\n is due"), ("\"a", "a string is never closed"),
    ("\"a\\", "an escape that JSON does not have"), ("\u{FEFF}", "the text ends where a value is due"),
    ("1\u{FEFF}", "more text behind the end of the value"),
  ])
  func refuses(_ text: String, _ message: String) {
    let error = #expect(throws: JSONProblem.self) { try Value.json(Array(text.utf8)) }
    #expect(error?.message == message)
  }

  @Test(arguments: [
    ("3 * 1576149B", "4728447", "size"), ("2 * 1Gi", "2147483648", "size"), ("1Ki - 1Mi", "-1047552", "size"),
    ("2Gi", "\"2Gi\"", "size"), ("1s / 3", "\"333.333333ms\"", "duration"), ("1us + 1ns", "\"1.001us\"", "duration"),
    ("26h + 3m + 250ms", "\"26h3m0.25s\"", "duration"), ("-(1h + 1ns)", "\"-1h0.000000001s\"", "duration"),
    ("1m - 1m", "\"0s\"", "duration"), ("100m", "\"100m\"", "duration"), ("90 * 24h", "\"2160h\"", "duration"),
    ("0ns - 9223372036854775807ns - 1ns", "\"-2562047h47m16.854775808s\"", "duration"),
  ])
  func amountsAreExactAndReadBack(_ amount: String, _ json: String, _ method: String) {
    let found = transcript("let x = \(amount)\nprint x.json, x.json.json.\(method) == x, [x].json")
    #expect(found == "\(json) true [\(json)]")
  }

  @Test func dataIsExactAndTextIsForPeople() {
    let found = transcript(
      """
      let b = 3 * 1576149B
      let t = 1h + 2.0004s
      show $b --limit=$b ${2 * 768Mi} $t ...${[b, t]}
      show with { b: b, t: t }
      print "$b $t", [b, t]
      """)
    #expect(
      found == """
        <4728447><--limit=4728447><1536Mi><1h2.0004s><4728447><1h2.0004s> on c1
         with {"b":4728447,"t":"1h2.0004s"} on c1
        4.5Mi 1h2s [4.5Mi, 1h2s]
        """)
  }

  @Test func whatDiffersInItsLastDigitIsSeenToDiffer() {
    let found = transcript("let b = 3 * 1576149B\nlet c = b + 1B\nassert [b] == [c]")
    #expect(found.contains(" [4728447B]") && found.contains(" [4728448B]"), "\(found)")
  }

  @Test(
    arguments: [
      (1_763_809_310_123_456_789, "2025-11-22T11:01:50.123456789Z"),
      (1_763_809_310_000_000_000, "2025-11-22T11:01:50.000Z"),
      (1_763_809_310_120_000_000, "2025-11-22T11:01:50.120Z"), (-1_000, "1969-12-31T23:59:59.999999Z"),
    ] as [(Int64, String)])
  func timesAreExact(_ nanoseconds: Int64, _ text: String) {
    #expect(Value.time(TimeValue(nanoseconds: nanoseconds)).json().string == "\"\(text)\"")
  }

  @Test func whatIsNoIntIsNeverEqualToOne() {
    let found = transcript(
      """
      let seq = '{ "seq": 18446744073709551615 }'.json.seq
      print seq
      try { print seq == 18446744073709551614.0 } else e { print e }
      """)
    let slip = "a string is never equal to a float"
    #expect(found == "18446744073709551615\nhandled: \(slip)\n\(slip)")
  }
}
