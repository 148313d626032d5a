import Interpreter
import Lexer
import TestSupport
import Testing

/// Text that was made to break a parser: it is refused with a place, and nothing crashes or hangs.
@Suite(.mayWait) struct HostileTests {
  /// Checks a text; what comes of it must have a place, unless it is a good recipe.
  @discardableResult
  private func check(_ bytes: [UInt8]) -> [Diagnostic] {
    let host = TestHost()
    checkForm(of: bytes, Vocabulary(host: host))
    do throws(ProgramErrors) {
      _ = try Program.load("main.nbx", vocabulary: Vocabulary(host: host)) { path in
        path == "main.nbx" ? .success(bytes) : .failure(FileProblem("no such file"))
      }
      return []
    } catch {
      #expect(!error.diagnostics.isEmpty)
      for diagnostic in error.diagnostics.prefix(3) {
        #expect(diagnostic.location != nil, "\(diagnostic.title)")
        #expect(diagnostic.rendered(.plain).utf8.count < 10_000)
      }
      return error.diagnostics
    }
  }

  /// The form of what can be read is its own form.
  private func checkForm(of bytes: [UInt8], _ vocabulary: Vocabulary) {
    guard let form = try? RecipeFormatter.format(SourceFile(path: "main.nbx", bytes: bytes), vocabulary: vocabulary)
    else { return }
    // Large texts take seconds in a debug build, and say no more than less does.
    guard bytes.count < (Campaign.isWhole ? 300_000 : 20_000) else { return }
    let again = try? RecipeFormatter.format(SourceFile(path: "main.nbx", bytes: form), vocabulary: vocabulary)
    #expect(form == again, "\(String(decoding: bytes.prefix(1000), as: UTF8.self))")
  }

  @discardableResult
  private func check(_ text: String) -> [Diagnostic] { check(Array(text.utf8)) }

  /// How often a piece stands in a text. Without a limit to nesting it would be more than a stack holds.
  private static let many = Campaign.size(8000, whole: 100_000)

  @Test(arguments: [
    "(", "[", "{", "print (", "print [", "print { a: ", "let x = \"${", "if true {", "try {", "echo ${", "task f() {",
    "if ", "- ", "not ", "print not ", "try ", "if true then ", "[1].map(x => ", "f(", "([{ a: ",
    "wait-for (", "retry 1 { foreach x in [", "step \"${\"${", "x = [ y for y in ", "assert (", "parallel {", "(try {",
  ])
  func deepNesting(_ opening: String) {
    let found = check(String(repeating: opening, count: HostileTests.many))
    #expect((1...2).contains(found.count))
  }

  @Test(arguments: [
    ")", "]", "}", "\"", "'", "\"\"\"", "$", "\\", "#", "-", ".", ",", "\n", "\r", "\t", "else ", "@", "é", "1 ", "a ",
    "a.", "\"a\" ",
    "if true { } else ", "} else { ", "print 1\n", "\"\\", "'\"", "echo \\\n",
  ])
  func repeated(_ piece: Named<String>) { check(String(repeating: piece.value, count: HostileTests.many)) }

  @Test func oneVeryLongLine() {
    let size = Campaign.size(50_000, whole: 2_000_000)
    let long = String(repeating: "a", count: size)
    #expect(!check("print \(long)").isEmpty)
    #expect(check("print \"\(long)\"").isEmpty)
    #expect(check("echo \(long)").isEmpty)
    #expect(!check(long).isEmpty)
    #expect(!check("\(long) \(long)").isEmpty)
    #expect(check("let x = [" + String(repeating: "1, ", count: size / 3) + "]").isEmpty)
    #expect(check("let x = [" + String(repeating: "1\n", count: size / 2) + "]").isEmpty)
    #expect(check("echo " + String(repeating: "a ", count: size / 2)).isEmpty)
    #expect(check("#" + long).isEmpty)
    #expect(!check("print " + String(repeating: "1+", count: size / 2) + "1").isEmpty)
    #expect(!check("print " + String(repeating: "9", count: size)).isEmpty)
    #expect(!check("print x" + String(repeating: ".a", count: size / 2)).isEmpty)
    #expect(!check("print 5" + long).isEmpty)
  }

  @Test func longBlocksAndChains() {
    let many = HostileTests.many
    #expect(check("if true {\n" + String(repeating: "print 1\n", count: many / 2) + "}").isEmpty)
    #expect(check("if true { }" + String(repeating: " else if true { }", count: many / 5)).isEmpty)
    #expect(!check("print if true then 1" + String(repeating: " else if true then 1", count: many / 5)).isEmpty)
    let names = (0..<many / 5).map { "let name_\($0) = \($0)" }.joined(separator: "\n")
    #expect(check(names).isEmpty)
    let last = many / 20
    let tasks =
      (0..<last).map { "task t\($0)() { t\($0 + 1)() }" }.joined(separator: "\n") + "\ntask t\(last)() { }"
    #expect(check(tasks).map(\.title) == ["tasks call each other more than 40 deep"])
    let wide = "task f() { }\n" + String(repeating: "f()\n", count: many / 5)
    #expect(check(wide).isEmpty)
    let ladder =
      (0..<30).map { "task t\($0)() {\n t\($0 + 1)()\n t\($0 + 1)()\n}" }.joined(separator: "\n") + "\ntask t30() { }"
    #expect(check(ladder).isEmpty)
  }

  @Test func everythingUnclosed() {
    for piece in ["(", "[", "{", "\"", "'", "\"\"\"", "'''", "${", "\"${", "if x {", "let x = (", "task f("] {
      for end in ["", "\n", " ", "a", "\"", "#", "\\", "$", "\r\n", "\n\n}", "\0"] { check(piece + end) }
    }
  }

  @Test func bytesThatAreNoText() {
    #expect(check([0xff, 0xfe]).map(\.title) == ["the text is not UTF-8"])
    #expect(check(Array("print 1\n".utf8) + [0xc3]).map(\.title) == ["the text is not UTF-8"])
    #expect(check(Array("print 1".utf8) + [0]).map(\.title) == ["a zero byte stands in the text"])
  }

  @Test func filesWithoutEnd() {
    let host = TestHost()
    let files = Dictionary(uniqueKeysWithValues: (0..<3000).map { ("f\($0).nbx", "use \"f\($0 + 1).nbx\"") })
    do throws(ProgramErrors) {
      _ = try load("use \"f0.nbx\"", files: files, host)
      Issue.record("a chain of 3000 files was read")
    } catch {
      #expect(error.diagnostics.map(\.title) == ["files bring in each other more than 32 deep"])
    }
  }

  // MARK: Random text

  @Test(arguments: 0..<8) func randomBytes(_ seed: Int) {
    var generator = SeededNumbers(seed: seed)
    for _ in 0..<150 {
      let count = Int.random(in: 0..<300, using: &generator)
      check((0..<count).map { _ in UInt8.random(in: 1...255, using: &generator) })
      check((0..<count).map { _ in UInt8.random(in: 9..<127, using: &generator) })
    }
  }

  private static let pieces = [
    "let ", "var ", "x", " = ", "1", "\"a\"", "'b'", "[", "]", "{", "}", "(", ")", "\n", " ", ", ", ": ", ".", "$x",
    "${", "if ", "else ", "foreach ", " in ",
    " parallel ", "step ", "retry 2 ", "every 1s ", "task f", "return ", "use \"a\"", "run \"b\" c=1", "wait-for ",
    " within 5s", " with ", " on ", "assert ",
    "try ", "defer ", "print ", "fail ", "skip ", "echo ", "tool box add ", "--count 1", "-", "+", "*", "??", "==",
    " and ", " or ", "not ", "=>", "...", "..",
    "#c\n", "\"\"\"", "clusters", "null", "true", "5m", "2Gi", "é", "\t", "\r\n", " then ", " for ", "\\", "|", ";",
    "recipe \"t\"\n", "param p = 1\n",
  ]

  @Test(arguments: 0..<8) func randomPieces(_ seed: Int) {
    var generator = SeededNumbers(seed: 100 + seed)
    for _ in 0..<300 {
      let count = Int.random(in: 1..<60, using: &generator)
      check((0..<count).map { _ in HostileTests.pieces.randomElement(using: &generator) ?? "" }.joined())
    }
  }

  @Test(arguments: 0..<8) func mutatedRecipes(_ seed: Int) {
    var generator = SeededNumbers(seed: 200 + seed)
    let recipes = StatementTests.cases.map(\.recipe) + WordTests.lines.map(\.0.value) + CheckTests.corpus.map(\.value)
    for _ in 0..<300 {
      var bytes = Array((recipes.randomElement(using: &generator) ?? "").utf8)
      for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0: bytes.remove(at: place)
        case 1: bytes[place] = UInt8.random(in: 9..<127, using: &generator)
        case 2:
          bytes.insert(contentsOf: Array((HostileTests.pieces.randomElement(using: &generator) ?? "").utf8), at: place)
        default: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...12, using: &generator)))
        }
      }
      check(bytes)
    }
  }
}
