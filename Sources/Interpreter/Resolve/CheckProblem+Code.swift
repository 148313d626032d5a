import Lexer

extension CheckProblem {
  /// What kind of problem it is, for `nbx explain` and for other programs. One code stands for several problems where
  /// one explanation serves them all.
  var code: String {
    switch self {
    case .unknownName: "unknown-name"
    case .unknownFunction: "unknown-task"
    case .notAValue: "not-a-value"
    case .hidesName: "hidden-name"
    case .changesLet: "changed-let"
    case .changesGivenName: "changed-given-name"
    case .changesAcrossLanes: "changed-across-lanes"
    case .changesOutsideTask: "changed-outside-task"
    case .returnsFromLane: "return-from-lane"
    case .recursion: "recursion"
    case .callsTooDeep, .filesTooDeep: "too-deep"
    case .boundTooLate: "bound-too-late"
    case .missingArgument: "missing-argument"
    case .tooManyArguments, .wrongArgumentCount: "argument-count"
    case .unknownArgument: "unknown-argument"
    case .repeatedArgument: "repeated-argument"
    case .namedFunctionArgument: "named-argument"
    case .unknownMethod: "unknown-method"
    case .lambdaExpected, .noLambdaExpected: "function-argument"
    case .word: "command-words"
    case .noDocument: "no-document"
    case .endsByItself: "ends-by-itself"
    case .goesOn: "goes-on"
    case .listInWord: "list-in-word"
    case .wrongType: "wrong-type"
    case .badClusterName: "cluster-name"
    case .repeatedCluster: "repeated-cluster"
    case .unreadable: "unreadable-file"
    case .fileLoop: "file-loop"
    case .commandInDefault: "command-in-default"
    case .notALibrary: "not-a-library"
    case .unknownParameter: "unknown-parameter"
    case .badParameterValue: "parameter-value"
    }
  }

  /// The problem as it is shown.
  func diagnostic(at place: Location?) -> Diagnostic {
    Diagnostic(title.truncated(to: 200), at: place, code: code).adding("try", advice?.truncated(to: 400))
  }
}
