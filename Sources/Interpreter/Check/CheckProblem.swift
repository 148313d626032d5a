import Lexer

/// What can be wrong with the names, calls and types of a recipe before it runs, as plain data.
enum CheckProblem: Sendable {
  case unknownName(String, suggestion: String?)
  case unknownFunction(String, suggestion: String?)
  case notAValue(String, kind: String, advice: String)
  case hidesName(String, firstBound: String)
  case changesLet(String)
  case changesGivenName(String)
  case changesAcrossLanes(String)
  case changesOutsideTask(String)
  case returnsFromLane
  case recursion([String])
  case callsTooDeep(limit: Int)
  case boundTooLate(task: String, name: String)
  case missingArgument(String, of: String)
  case tooManyArguments(of: String, most: Int)
  case unknownArgument(String, of: String, suggestion: String?)
  case repeatedArgument(String)
  case namedFunctionArgument(String)
  case wrongArgumentCount(of: String, help: String)
  case unknownMethod(String, suggestion: String?)
  case lambdaExpected(method: String, help: String)
  case noLambdaExpected(method: String, help: String)
  case word(String, advice: String?)
  case noDocument(String)
  case endsByItself(String)
  case goesOn(String)
  case listInWord(String)
  case wrongType(what: String, expected: String, found: String, advice: String)
  case badClusterName(String)
  case repeatedCluster(String)
  case unreadable(String, reason: String)
  case fileLoop([String])
  case filesTooDeep(limit: Int)
  case commandInDefault(String)
  case notALibrary(String)
  case unknownParameter(String, recipe: String, suggestion: String?)
  case badParameterValue(String, expected: String)

  var title: String {
    switch self {
    case .unknownName(let name, _): "there is no name `\(name)` here"
    case .unknownFunction(let name, _): "there is no task or function `\(name)`"
    case .notAValue(let name, let kind, _): "`\(name)` is \(kind), not a value"
    case .hidesName(let name, _): "`\(name)` is bound already"
    case .changesLet(let name): "`\(name)` is bound by `let` and can't change"
    case .changesGivenName(let name): "`\(name)` can't change"
    case .changesAcrossLanes(let name): "`\(name)` is changed across a `parallel` boundary"
    case .changesOutsideTask(let name): "a task can't change `\(name)`, which is bound outside of it"
    case .returnsFromLane: "`return` can't leave this block"
    case .recursion(let names): "the task `\(names[0])` calls itself"
    case .callsTooDeep(let limit): "tasks call each other more than \(limit) deep"
    case .boundTooLate(let task, let name): "`\(task)` uses `\(name)`, which is bound only further down"
    case .missingArgument(let name, let task): "`\(task)` needs the argument `\(name)`"
    case .tooManyArguments(let task, let most): "`\(task)` takes \(most == 1 ? "one argument" : "\(most) arguments")"
    case .unknownArgument(let name, let task, _): "`\(task)` has no argument `\(name)`"
    case .repeatedArgument(let name): "the argument `\(name)` a second time"
    case .namedFunctionArgument(let function): "the arguments of `\(function)` have no names"
    case .wrongArgumentCount(let name, _): "`\(name)` takes other arguments"
    case .unknownMethod(let name, _): "no value has a method `\(name)`"
    case .lambdaExpected(let method, _): "`\(method)` takes a function"
    case .noLambdaExpected(let method, _): "`\(method)` takes no function"
    case .word(let message, _): message
    case .noDocument(let command): "`\(command)` takes no document by `with`"
    case .endsByItself(let command): "`\(command)` ends by itself"
    case .goesOn(let command): "`\(command)` goes on until it is ended"
    case .listInWord(let kind): "\(kind) in a word"
    case .wrongType(let what, let expected, let found, _): "\(what) takes \(expected), not \(found)"
    case .badClusterName(let name): "`\(name)` can't be a cluster's name"
    case .repeatedCluster(let name): "the cluster `\(name)` a second time"
    case .unreadable(let path, let reason): "can't read \(path): \(reason)"
    case .fileLoop(let files): "these files bring in each other: \(files.joined(separator: " → "))"
    case .filesTooDeep(let limit): "files bring in each other more than \(limit) deep"
    case .commandInDefault(let name): "the default of `\(name)` runs a command or a task"
    case .notALibrary: "a file for `use` holds tasks and lets only"
    case .unknownParameter(let name, let recipe, _): "\(recipe) has no parameter `\(name)`"
    case .badParameterValue(let name, let expected): "the parameter `\(name)` takes \(expected)"
    }
  }

  var advice: String? {
    switch self {
    case .unknownFunction(let name, _) where ForeignWords.advice(onWord: name) != nil: ForeignWords.advice(onWord: name)
    case .unknownMethod(let name, _) where ForeignWords.advice(onMember: name) != nil:
      ForeignWords.advice(onMember: name)
    case .unknownName(_, let suggestion), .unknownFunction(_, let suggestion), .unknownArgument(_, _, let suggestion),
      .unknownMethod(_, let suggestion), .unknownParameter(_, _, let suggestion):
      suggestion.map { "did you mean `\($0)`?" } ?? fallbackAdvice
    case .notAValue(_, _, let advice): advice
    case .hidesName(_, let firstBound): "choose another name; it was bound at \(firstBound)"
    case .changesLet: "bind it with `var` where it is bound first"
    case .changesGivenName(let name): "bind a name of your own: `var my_\(name) = …`"
    case .changesAcrossLanes:
      "lanes run at once: let the `foreach` give a list, as in `let all = foreach x in xs parallel { … }`"
    case .changesOutsideTask: "give it to the task as an argument and `return` the new value"
    case .returnsFromLane:
      "it stands in a `parallel`, a `defer` or a block whose value is used: let the block give a value, and `return` that"
    case .recursion(let names): "it goes \((names + [names[0]]).joined(separator: " → ")); loop with `foreach` instead"
    case .callsTooDeep: "join some of the tasks"
    case .boundTooLate(_, let name): "move the `let \(name)` above this call"
    case .missingArgument(let name, _): "add it, by its place or as `\(name): …`"
    case .tooManyArguments: "take some away"
    case .repeatedArgument: "keep one of the two"
    case .namedFunctionArgument: "leave the names out"
    case .wrongArgumentCount(_, let help), .lambdaExpected(_, let help), .noLambdaExpected(_, let help): help
    case .word(_, let advice): advice
    case .noDocument: "leave `with` out; give words instead"
    case .endsByItself:
      "give it before the block; behind `during` stands what goes on, as `nats reply`, a bench with --rate, a program"
    case .goesOn(let command): "say how long: during \(command) … { … }"
    case .listInWord: "`...$list` gives a word for each element; `.join(\" \")` makes one text; `.json` writes it out"
    case .wrongType(_, _, _, let advice): advice
    case .badClusterName: "cluster names have small letters, digits and hyphens, at most 32, and begin with a letter"
    case .repeatedCluster: "name each cluster once"
    case .unreadable: "paths start from the folder of the file that they stand in"
    case .fileLoop: "move what both need into a third file"
    case .filesTooDeep: "join some of the files"
    case .commandInDefault: "defaults are known before the run: use literals, `env(…)` or other parameters"
    case .notALibrary: "`run` runs a recipe; move the tasks that you need into a file of their own"
    case .badParameterValue(_, let expected):
      "give it \(expected)" + (CheckProblem.spelling[String(expected.prefix { $0 != "," })] ?? "")
    }
  }

  /// How a parameter of a type that can be written in several ways is given on the command line.
  private static let spelling = [
    "a list": ", as 1,2 or [1, 2]", "a map": ", as { a: 1 } or JSON", "a duration": ", as 500ms or -1h30m",
    "a size": ", as 512Mi", "a bool": ": true or false",
  ]

  private var fallbackAdvice: String? {
    switch self {
    case .unknownName(let name, _):
      ForeignWords.advice(onWord: name) ?? "bind it with `let`, or put it in quotes if it is text"
    case .unknownFunction: "define it: `task name(…) { … }`"
    case .unknownMethod: "docs/language.md has the table of methods"
    case .unknownParameter: "`nbx run RECIPE --help` lists a recipe's parameters"
    default: nil
    }
  }

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
