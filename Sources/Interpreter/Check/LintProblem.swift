import Lexer

/// What is most likely a mistake in a recipe that could run, as plain data. `nbx check` shows it; it never stops a run.
enum LintProblem: Sendable {
  case unusedName(String, Binding.Role)
  case unusedParameter(String, ofTask: Bool)
  case unusedTask(String)
  case unusedLibrary(String)
  case unchangedVar(String)
  case fixedWait
  case unreadOutcome(name: String?)
  /// What a run would say, if it came there.
  case mismatchedTypes(String, advice: String?)
  case unreachable(after: String)
  case constantCondition(Bool)
  case sameOperands(String)
  case repeatedCondition(line: Int)
  case repeatedStep(String, line: Int)

  /// Whether it is so whatever the errors in the same file turn out to mean.
  var holdsBesideErrors: Bool {
    switch self {
    case .mismatchedTypes, .unreachable, .constantCondition, .sameOperands, .repeatedCondition, .repeatedStep: true
    case .unusedName, .unusedParameter, .unusedTask, .unusedLibrary, .unchangedVar, .fixedWait, .unreadOutcome: false
    }
  }

  var title: String {
    switch self {
    case .unusedName(let name, _): "`\(name)` is never used"
    case .unusedParameter(let name, _): "the parameter `\(name)` is never used"
    case .unusedTask(let name): "the task `\(name)` is never called"
    case .unusedLibrary(let path): "nothing of \(path) is used"
    case .unchangedVar(let name): "`\(name)` is bound by `var` and never changes"
    case .fixedWait: "nothing that this looks at can change"
    case .unreadOutcome(let name?): "`\(name)` holds an outcome that nobody reads"
    case .unreadOutcome(nil): "nobody reads the outcome of this `try`"
    case .mismatchedTypes(let message, _): message
    case .unreachable: "this is never reached"
    case .constantCondition(let value): "this condition is always \(value)"
    case .sameOperands(let op): "both sides of `\(op)` are the same"
    case .repeatedCondition(let line): "this condition stands in line \(line) already"
    case .repeatedStep(let name, _): "the step \"\(name)\" a second time"
    }
  }

  var advice: String? {
    switch self {
    case .unusedName(let name, .silenced):
      "write the command without `let`, or call it `_\(name)` if it is only there to keep the command quiet"
    case .unusedName(let name, .error): "leave the name out: `else { … }`; or show it: print \(name)"
    case .unusedName(let name, _): "take it away, or call it `_\(name)` if that is meant"
    case .unusedParameter(let name, ofTask: true): "take it away, or call it `_\(name)` if that is meant"
    case .unusedParameter(_, ofTask: false): "take it away: who gives it would wait in vain for something to change"
    case .unusedTask(let name): "take it away, or call it `_\(name)` if it is kept for later"
    case .unusedLibrary: "take the `use` away"
    case .unchangedVar: "bind it with `let`"
    case .fixedWait: "ask a command or a function in it; `assert` checks what does not change"
    case .unreadOutcome(let name?): "ask it: if not \(name) { … }; or say that a failure is fine: try { … } else { }"
    case .unreadOutcome(nil): "say that a failure is fine: try { … } else { }; or bind it and ask it: let done = try …"
    case .mismatchedTypes(_, let advice): advice
    case .unreachable(let word): "the `\(word)` before it ends what it stands in: take this away, or move it up"
    case .constantCondition: "take the condition away, or compare something that differs from run to run"
    case .sameOperands: "compare with what was meant"
    case .repeatedCondition: "this branch is never taken: take it away, or mend its condition"
    case .repeatedStep(_, let line): "choose another name: `--from` and `--only` go to the one in line \(line)"
    }
  }

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
