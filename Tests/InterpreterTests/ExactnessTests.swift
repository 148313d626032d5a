import TestSupport
import Testing

@testable import Interpreter
@testable import ValuesAndCommands

/// What is the same and what is not: texts by their code points, numbers to the last digit.
@Suite(.mayWait) struct ExactnessTests {
  @Test(arguments: [
    (#""\u{e9}" == "e\u{301}""#, "false"), (#""\u{e9}" != "e\u{301}""#, "true"), (#""\u{e9}" == "\u{e9}""#, "true"),
    (#""\u{212b}" == "\u{c5}""#, "false"), (#""a\u{323}\u{307}" == "a\u{307}\u{323}""#, "false"),
    (#"["\u{e9}"] == ["e\u{301}"]"#, "false"), (#"{ a: "\u{e9}" } == { a: "e\u{301}" }"#, "false"),
    (#"{ "\u{e9}": 1 } == { "e\u{301}": 1 }"#, "false"), (#"secret("\u{e9}") == "e\u{301}""#, "false"),
    (#""e\u{301}" in ["\u{e9}"]"#, "false"), (#""e\u{301}" in { "\u{e9}": 1 }"#, "false"),
    (#""e\u{301}" in "\u{e9}""#, "false"), (#"["\u{e9}"].contains("e\u{301}")"#, "false"),
    (#"["\u{e9}", "e\u{301}"].index_of("e\u{301}")"#, "1"),
    (#"'{"\u00e9":1,"e\u0301":2}'.json.count"#, "2"),
    (
      #"'{"1":0,"2":0,"3":0,"4":0,"5":0,"6":0,"7":0,"8":0,"9":0,"a":0,"b":0,"\u00e9":1,"e\u0301":2}'.json["e\u{301}"]"#,
      "2"
    ),
    (#"{ "\u{e9}": 1, "e\u{301}": 2 }.values"#, "[1, 2]"),
    (#"[{ "${x}\u{e9}": 1, "${x}e\u{301}": 2 }.values for x in [""]]"#, "[[1, 2]]"),
    (#"({ "\u{e9}": 1 } + { "e\u{301}": 2 }).values"#, "[1, 2]"),
    (#"{ "\u{e9}": 1, "e\u{301}": 2 }.without("\u{e9}").values"#, "[2]"),
    (#"["\u{e9}", "e\u{301}"].unique.count"#, "2"), (#"(["\u{e9}", "e\u{301}"] - "\u{e9}").count"#, "1"),
    (#"["\u{e9}", "e\u{301}"].group_by(x => x).count"#, "2"),
    (#""\u{e9}".replace("e\u{301}", "x") == "\u{e9}""#, "true"), (#""\u{e9}".split("e\u{301}").count"#, "1"),
    (#""\u{e9}".starts_with("e\u{301}")"#, "false"), (#""e\u{301}".starts_with("e")"#, "true"),
    (#""\u{e9}".ends_with("e\u{301}")"#, "false"), (#""\u{e9}".contains("e\u{301}")"#, "false"),
  ])
  func textsAreTheSameByTheirCodePoints(_ expression: String, _ expected: String) {
    #expect(transcript("print \(expression)") == expected)
  }

  @Test func aRangeOfMoreThanAnIntHoldsIsNotCounted() {
    let found = transcript(
      """
      print (1..9223372036854775807).count, (0..<9223372036854775807).count
      foreach first in [0, -9223372036854775808] { try { print (first..9223372036854775807).count } else e { print e } }
      """)
    let refusal = "the list has more elements than an int holds"
    #expect(
      found == "9223372036854775807 9223372036854775807"
        + String(repeating: "\nhandled: \(refusal)\n\(refusal)", count: 2))
  }

  @Test(arguments: [
    ("9007199254740993 == 9007199254740992.0", "false"), ("9007199254740992.0 == 9007199254740993", "false"),
    ("9007199254740992 == 9007199254740992.0", "true"), ("1 == 1.0 and 0 == -0.0 and 1 != 1.5", "true"),
    ("9007199254740993 > 9007199254740992.0", "true"), ("9007199254740993 <= 9007199254740992.0", "false"),
    ("9007199254740992.0 < 9007199254740993", "true"), ("9007199254740992.0 >= 9007199254740993", "false"),
    ("9223372036854775807 < 9223372036854775808.0", "true"), ("9223372036854775807 == 9223372036854775808.0", "false"),
    ("-9223372036854775808 == -9223372036854775808.0", "true"), ("-9223372036854775808 > -1e30", "true"),
    ("1e30 > 9223372036854775807 and 1 > -1e30 and -1e30 < 1", "true"),
    ("1 < 1.5 and 2 > 1.5 and -1 > -1.5 and -2 < -1.5 and 1.5 > 1 and 1.5 < 2", "true"),
    ("1 < 1.0 or 1 > 1.0 or 1.0 < 1 or 1.0 > 1 or 2 < 1.5 or -1 < -1.5", "false"),
    ("9007199254740993 in [9007199254740992.0]", "false"), ("2 in [2.0]", "true"),
    ("[9007199254740992.0, 9007199254740993, 9007199254740992].unique.count", "2"), ("[1, 1.0].unique.count", "1"),
    ("([9007199254740993] - 9007199254740992.0).count", "1"), ("[1..2, [1.0, 2.0]].unique.count", "1"),
    ("[9007199254740993, 9007199254740992.0].max == 9007199254740993", "true"),
  ])
  func numbersAreTheSameToTheLastDigit(_ expression: String, _ expected: String) {
    #expect(transcript("print \(expression)") == expected)
  }

  @Test(arguments: ["0x10", "0x1p3", "-0x1", "1_0", "inf", "nan", "infinity", "1e999", ".", ""])
  func isNoFloat(_ text: String) {
    let found = transcript("print \"\(text)\".float")
    #expect(found.hasPrefix("failed\nerror: \"\(text)\" is not a number\n"), "\(found)")
  }

  @Test(arguments: [("10", "10.0"), ("-2.5", "-2.5"), ("+1e3", "1000.0"), (" 7 ", "7.0"), ("1E-2", "0.01")])
  func isAFloat(_ text: String, _ expected: String) { #expect(transcript("print \"\(text)\".float") == expected) }

  @Test func aSecretIsCoveredInEachOfItsForms() {
    let registry = SecretRegistry()
    let forms = ["passw\u{f6}rd-of-all", "passwo\u{308}rd-of-all"]
    for form in forms { registry.add(.secret(form)) }
    for form in forms { #expect(registry.covering("<\(form)>").masked == "<•••>") }
    #expect(registry.areIn("a \(forms[1])") && !registry.areIn("password-of-all"))
  }
}
