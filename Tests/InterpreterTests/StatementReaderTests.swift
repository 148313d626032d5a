import Foundation
import TestSupport
import Testing

@testable import Interpreter
@testable import ValuesAndCommands

/// Where statements end in lines that come one after the other.
struct StatementReaderTests {
  private func statements(_ text: String) -> [String] {
    var reader = StatementReader(vocabulary: Vocabulary(host: TestHost()))
    var found: [String] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if let statement = reader.add(String(line)) { found.append(statement.text) }
    }
    if let statement = reader.finish() { found.append(statement.text) }
    return found
  }

  @Test(arguments: [
    ["let a = 1", "let b = 2"],
    ["let a =\n  1 +\n  2", "a"],
    ["if a {\n  print 1\n}\nelse {\n  print 2\n}", "print 3"],
    ["if a {\n  print 1\n}", "let else_ = 2"],
    ["echo a\n  --flag\n  with { a: 1 }\n  within 5s", "print 1"],
    ["echo a\n  # what follows is a flag\n\n  --flag", "echo b"],
    ["let t = \"\"\"\n  if x {\n  print\n  \"\"\"", "t"],
    ["let m = {\n  a: \"}\", b: ')'\n  c: [1\n2]\n}", "m"],
    ["print \"${ {a: 1}.a } {\"", "print 2"],
    ["print \"unclosed", "print 2"],
    ["if a = 3 {\n  print \"not by itself\"\n}", "print 2"],
    ["if nope nope {\n  echo [1\n]\n}", "print 2"],
    ["echo it's {", "print 2"], ["echo a", "!b", "0swait c", "$d", "echo e"],
    // What stands in a block is never taken for statements of its own, however its head is broken.
    ["foreach x in (1..3 {\n  echo a\n  echo b\n}\nprint 1\n)", "print 2"],
    ["let m = {\n  a: 1\nprint m\n}", "print 2"], ["f(1\nlet t = 2\n)", "t"],
    ["task f(x,\n  echo a\n  echo b\n}", "print 2"],
    ["task f(a) {\n  return a\n}", "f(1)"],
    ["wait-for\n  a == 1", "b"],
  ]) func `statements end where they end`(expected: Named<[String]>) {
    #expect(statements(expected.value.joined(separator: "\n")) == expected.value)
  }

  @Test func `what is never closed is one statement`() {
    let text = "foreach i in 1..3 {\n  echo a\n  echo b"
    #expect(statements(text) == [text])
  }

  @Test func `lines are counted`() {
    var reader = StatementReader(vocabulary: Vocabulary(host: TestHost()))
    var lines: [Int] = []
    for line in ["", "# c", "print 1", "if true {", "}", "print 2"] {
      if let found = reader.add(line) { lines.append(found.line) }
    }
    #expect(lines + [reader.finish()?.line] == [3, 4, 6])
  }

  /// A map of very many lines, a command with thousands of flags, thousands of statements: nothing is read again and
  /// again.
  @Test func `long statements are read at once`() {
    let thousands = Campaign.size(1500, whole: 20_000)
    let map = "let m = {\n" + (0..<5 * thousands).map { "  k\($0): [\($0), \"}\"]" }.joined(separator: "\n") + "\n}"
    let command = "echo a\n" + (0..<thousands).map { "  --flag\($0) value" }.joined(separator: "\n")
    let many = (0..<thousands).map { "let n\($0) = \($0)" }
    #expect(statements(map + "\n" + command + "\n" + many.joined(separator: "\n")) == [map, command] + many)
  }

  @Test(arguments: [
    ("let x =", true), ("if x {", true), ("if x", true), ("[1,", true), ("1 +", true), ("'''", true), ("", false),
    ("let x = 1", false), ("if x = 3 {", false), ("print \"a", false), ("}", false), ("step \"a\" {\n}", false),
    (Named(String(repeating: "[", count: 100_000)), false), ("\u{0}", false),
  ]) func `a typed text is finished or not`(text: Named<String>, isUnfinished: Bool) {
    let vocabulary = Vocabulary(host: TestHost())
    #expect(StatementReader.isUnfinished(text.value, vocabulary: vocabulary, isTyped: true) == isUnfinished)
  }
}
