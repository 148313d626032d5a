import Lexer

extension LintProblem {
  /// What kind of finding it is, for `nbx explain` and for other programs.
  var code: String {
    switch self {
    case .unusedName: "unused-name"
    case .unusedParameter: "unused-parameter"
    case .unusedTask: "unused-task"
    case .unusedLibrary: "unused-library"
    case .unchangedVar: "unchanged-var"
    case .fixedWait: "fixed-wait"
    case .unreadOutcome: "unread-outcome"
    case .mismatchedTypes: "mismatched-types"
    case .unreachable: "unreachable"
    case .constantCondition: "constant-condition"
    case .sameOperands: "same-operands"
    case .repeatedCondition: "repeated-condition"
    case .repeatedStep: "repeated-step"
    }
  }

  func diagnostic(at place: Location) -> Diagnostic {
    Diagnostic(title.truncated(to: 200), at: place, severity: .warning, code: code)
      .adding("try", advice?.truncated(to: 400))
  }
}
