import TestSupport
import Testing

@testable import Lexer

/// Lines, columns, widths and spelling.
@Suite(.mayWait) struct PositionTests {
  @Test(arguments: [
    ("ab\ncd", 0, 1, 1), ("ab\ncd", 2, 1, 3), ("ab\ncd", 3, 2, 1), ("ab\ncd", 5, 2, 3), ("ab\ncd", 99, 2, 3),
    ("a\r\nb", 3, 2, 1), ("\n\n\n", 2, 3, 1), ("é x", 2, 1, 2), ("e\u{301}x", 3, 1, 2), ("👩‍👩‍👧x", 18, 1, 2),
    ("日本x", 6, 1, 3), ("\u{FEFF}ab", 3, 1, 1), ("\u{FEFF}ab\nc", 4, 1, 2), ("\t\tx", 2, 1, 3), ("", 0, 1, 1),
  ])
  func lineAndColumn(_ text: Named<String>, _ offset: Int, _ line: Int, _ column: Int) {
    let position = SourceFile(path: "x", text: text.value).position(of: offset)
    #expect(position.line == line)
    #expect(position.column == column)
  }

  @Test(arguments: [
    ("abc", 3), ("é", 1), ("e\u{301}", 1), ("日本", 4), ("😀", 2), ("a\u{200B}", 1), ("", 0), ("ｆ", 2), ("❤️", 2),
  ])
  func width(_ text: String, _ columns: Int) { #expect(displayWidth(text) == columns) }

  @Test func cutsToAWidth() {
    #expect("abcdef".truncated(to: 4) == "abc…")
    #expect("abcd".truncated(to: 4) == "abcd")
    #expect("日本語".truncated(to: 4) == "日…")
    #expect("ab".padded(to: 4) == "ab  ")
  }

  @Test(arguments: [
    ("a\tb\r\n  c ", "a b c"), ("é\u{A0}\u{2003}x", "é x"), ("a\u{7}b\u{2028}", "a␇b\u{FFFD}"), ("", ""),
  ])
  func `a stretch is shown on one line`(_ text: String, _ shown: String) {
    #expect(SourceFile(path: "x", text: text).shownText(Span(0, text.utf8.count)) == shown)
  }

  @Test(arguments: [
    ("kubctl", "kubectl"), ("hlem", "helm"), ("stpe", "step"), ("VERSION", "version"), ("x", nil), ("completely", nil),
    ("", nil),
  ])
  func suggests(_ word: String, _ expected: String?) {
    #expect(nearestSpelling(to: word, among: ["kubectl", "helm", "step", "version", "if"]) == expected)
  }

  @Test(arguments: [
    ("1h30m", 5_400_000_000_000), ("500ms", 500_000_000), ("1.5s", 1_500_000_000), ("9223372036854775807ns", Int64.max),
    ("2µs", 2000), ("0s", 0),
    ("1_000ms", 1_000_000_000), ("1d", 86_400_000_000_000),
  ])
  func durations(_ text: String, _ nanoseconds: Int64) { #expect(Units.nanoseconds(in: text) == nanoseconds) }

  @Test(arguments: [
    ("2Gi", Int64(2_147_483_648)), ("10MB", 10_000_000), ("1.5Ki", 1536), ("512B", 512), ("8191Pi", 8191 << 50),
  ])
  func sizes(_ text: String, _ bytes: Int64) { #expect(Units.bytes(in: text) == bytes) }

  @Test(arguments: ["", "5", "s", "5x", "5 s", "1h30", "-5s", "8192Pi", "300000d", "1..5s", ".s", "5ss"])
  func neither(_ text: String) {
    #expect(Units.nanoseconds(in: text) == nil)
    #expect(Units.bytes(in: text) == nil)
  }

  @Test func findsTheFirstByteThatIsNoText() {
    for (bytes, expected) in [
      (Array("héllo".utf8), nil), ([0x61, 0xff], 1), ([0xc3], 0), (Array("日本".utf8) + [0xe6, 0x97], 6),
      ([0xed, 0xa0, 0x80], 0),
    ] as [([UInt8], Int?)] {
      #expect(SourceFile(path: "x", bytes: bytes).firstInvalidByte == expected)
    }
  }

  @Test func keywordsComeFirstInATableOfNames() {
    var names = NameTable()
    #expect(names.count == Keyword.allCases.count)
    for keyword in Keyword.allCases {
      #expect(names.find(keyword.text) == Symbol(index: keyword.rawValue))
      #expect(Keyword(symbol: Symbol(index: keyword.rawValue)) == keyword)
    }
    let symbols = (0..<5000).map { names.intern("name_\($0)") }
    #expect(Set(symbols).count == 5000)
    #expect(names.intern("name_77") == symbols[77])
    #expect(names[symbols[4999]] == "name_4999")
    #expect(names.find("never") == nil)
    let file = SourceFile(path: "x", text: " name_77")
    #expect(names.find(Span(1, 8), in: file) == symbols[77])
    #expect(names.find(Span(2, 99), in: file) == nil)
    #expect(Keyword(symbol: symbols[0]) == nil)
  }
}
