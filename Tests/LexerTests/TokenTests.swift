import TestSupport
import Testing

@testable import Lexer

/// Texts and the tokens that they are read as.
@Suite(.mayWait) struct TokenTests {
  private func tokens(_ text: String) -> String {
    var lexer = Lexer(SourceFile(path: "x", text: text), names: NameTable())
    var found: [String] = []
    while true {
      do throws(SyntaxError) {
        let token = try lexer.next()
        if token.kind == .endOfFile { return found.joined(separator: " ") }
        found.append("\(token.kind)")
      } catch {
        return (found + ["\(error.problem)"]).joined(separator: " ")
      }
    }
  }

  @Test(arguments: [
    ("", ""), ("# only a comment", ""), ("a b1 _c", "name name name"), ("let wait-for if", "keyword keyword keyword"),
    ("wait-forx", "name minus name"),
    ("1 1.5 1e3 30s 2Gi 1h30m 1_000", "integer float float duration size duration integer"),
    ("1..3 0..<3", "integer closedRange integer integer halfOpenRange integer"),
    ("1.field", "integer dot name"), ("a.b[0]", "name dot name leftBracket integer rightBracket"),
    ("== != <= >= < > = =>", "equal notEqual lessOrEqual greaterOrEqual less greater assign arrow"),
    ("+ - * / % ??", "plus minus star slash percent coalesce"),
    ("( ) [ ] { } , :", "leftParenthesis rightParenthesis leftBracket rightBracket leftBrace rightBrace comma colon"),
    ("$x", "dollarInExpression"), ("a && b", "name foreignOperator(\"&&\", use: \"and\")"), ("a; b", "name semicolon"),
    ("...x", "spreadOutsideWords"), ("`x`", "shellSubstitution"), ("$(x)", "shellSubstitution"),
    ("5x", "unknownUnit(\"5x\")"), ("é", "strayCharacter(\"é\")"),
    ("a?b", "name foreignOperator(\"?\", use: \"if c then a else b\")"),
    ("\"", "quote"), ("'''", "rawTripleQuote"),
  ])
  func reads(_ text: String, _ expected: String) { #expect(tokens(text) == expected) }

  @Test func tellsWhereLinesBegin() throws {
    var lexer = Lexer(SourceFile(path: "x", text: "a b\n\n  # c\n  d(e)"), names: NameTable())
    var found: [String] = []
    for _ in 0..<5 {
      let token = try lexer.next()
      found.append("\(token.startsLine) \(token.followsSpace)")
    }
    #expect(found == ["false false", "false true", "true true", "false false", "false false"])
  }

  @Test func readsTheDiagnosticInColour() {
    let file = SourceFile(path: "x.nbx", text: "abc")
    let diagnostic = Diagnostic("wrong", at: Location(file, Span(0, 3)), severity: .warning).adding("try", "other")
    #expect(
      diagnostic.rendered(.plain) == "warning: wrong\n  --> x.nbx:1:1\n   |\n 1 | abc\n   | ^^^\n   |\n   = try: other")
    #expect(diagnostic.rendered(.marked).fitForTerminal.contains("\u{1B}[33m^^^\u{1B}[39m"))
  }
}
