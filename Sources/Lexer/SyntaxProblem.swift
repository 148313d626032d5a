/// What can be wrong with the form of a recipe, as plain data; `SyntaxProblem+Text.swift` says it in words.
public enum SyntaxProblem: Sendable, Equatable {
  // Characters
  case notUTF8
  case strayCharacter(String)
  case zeroByte
  case dollarInExpression, dollarBeforeNothing
  case foreignOperator(String, use: String)
  case semicolon, spreadOutsideWords
  case unknownUnit(String)
  case numberTooLarge(String)
  case unclosedString(tripled: Bool)
  case unknownEscape, badUnicodeEscape
  // Words
  case shellPipe, shellAnd, shellOr, shellBackground, shellRedirection, shellSubstitution, backslashAtLineEnd
  case spreadWithinWord, spreadOfNothing, flagAfterEnding
  case wordAfterEnding(String)
  case repeatedEnding(String)
  case unknownCommand(String, suggestion: String?)
  case bareCommandInExpression(String)
  // Structure
  case expected(String, found: String)
  case unclosed(String)
  case unmatchedClosing(String)
  case tooDeep(limit: Int)
  case trailingText(String)
  case missingComma
  case reservedName(String, kind: String)
  case headerTooLate(String)
  case repeatedHeader(String)
  case taskInsideBlock, useInsideBlock, returnOutsideTask
  case elseWithoutIf
  case lambdaElsewhere, lambdaWithCommand
  case valueNotUsed
  case badKey(String)
  case repeatedKey(String)
  case literalPathNeeded(String)
  case argumentForm(String)
  case positionalAfterNamed, chainedComparison
}

/// A problem and its place.
public struct SyntaxError: Error, Sendable {
  public let problem: SyntaxProblem
  public let span: Span

  public init(_ problem: SyntaxProblem, _ span: Span) {
    self.problem = problem
    self.span = span
  }

  public func diagnostic(in file: SourceFile) -> Diagnostic {
    Diagnostic(
      problem.title.truncated(to: 200), at: Location(file, span), label: problem.label, code: problem.code
    )
    .adding("try", problem.advice?.truncated(to: 400))
  }
}
