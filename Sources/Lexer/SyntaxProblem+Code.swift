extension SyntaxProblem {
  /// What kind of problem it is, for `nbx explain` and for other programs. One code stands for several problems where
  /// one explanation serves them all.
  public var code: String {
    switch self {
    case .notUTF8, .zeroByte: "not-text"
    case .strayCharacter: "stray-character"
    case .dollarInExpression: "dollar-in-expression"
    case .dollarBeforeNothing: "lone-dollar"
    case .foreignOperator: "foreign-operator"
    case .semicolon: "semicolon"
    case .spreadOutsideWords, .spreadWithinWord, .spreadOfNothing: "stray-spread"
    case .unknownUnit: "unknown-unit"
    case .numberTooLarge: "number-too-large"
    case .unclosedString: "unclosed-string"
    case .unknownEscape, .badUnicodeEscape: "bad-escape"
    case .shellPipe, .shellAnd, .shellOr, .shellBackground, .shellRedirection, .shellSubstitution, .backslashAtLineEnd:
      "shell-syntax"
    case .flagAfterEnding, .wordAfterEnding: "word-after-ending"
    case .repeatedEnding: "repeated-ending"
    case .unknownCommand: "unknown-command"
    case .bareCommandInExpression: "bare-command"
    case .expected: "unexpected-text"
    case .unclosed: "unclosed-bracket"
    case .unmatchedClosing: "unmatched-bracket"
    case .tooDeep: "too-deep"
    case .trailingText: "trailing-text"
    case .missingComma: "missing-comma"
    case .reservedName: "reserved-name"
    case .headerTooLate: "late-header"
    case .repeatedHeader: "repeated-header"
    case .taskInsideBlock, .useInsideBlock: "inside-block"
    case .returnOutsideTask: "return-outside-task"
    case .elseWithoutIf: "lone-else"
    case .lambdaElsewhere: "stray-function"
    case .lambdaWithCommand: "command-in-function"
    case .valueNotUsed: "unused-value"
    case .badKey: "bad-key"
    case .repeatedKey: "repeated-key"
    case .literalPathNeeded: "literal-path"
    case .argumentForm: "argument-form"
    case .positionalAfterNamed: "argument-order"
    case .chainedComparison: "chained-comparison"
    }
  }
}
