import Lexer

/// One file of a program: a recipe, or a library of tasks and lets.
package final class Unit: @unchecked Sendable {
  package let file: SourceFile
  package let title: String?
  /// The clusters that the recipe runs with if the command line names none.
  package let clusters: [String]
  package let parameters: [Parameter]
  package let tasks: [Task]
  /// Every `use` and `run` of the file, wherever they stand.
  let uses: [Use]
  let runs: [RunRecipe]
  /// Which of the vocabulary's commands it gives, by their places there.
  let usedCommands: [Bool]
  package let body: Block
  /// Where `recipe` stands, for messages, and the text behind it with its quotes.
  package let titleSpan: Span?
  package let titleTextSpan: Span?

  // Set by the resolver.
  /// Its place among the program's units.
  var index = 0
  /// Of an input of a session: the place of the session's first. All of them work on one frame.
  var sessionStart: Int?
  /// Whose names the statements see: two units of which this is the same share a frame.
  var nameSpace: Int { sessionStart ?? index }
  /// How many values the frame of the file's own statements holds.
  var frameSize = 0
  /// The clusters that the words of its commands name, and where.
  var namedClusters: [(name: String, span: Span)] = []
  /// The slots of the names that the language and the host give.
  var given: [(name: String, slot: Int)] = []

  init(
    file: SourceFile, title: RecipeTitle?, clusters: [String], parameters: [Parameter], tasks: [Task],
    uses: [Use], runs: [RunRecipe], usedCommands: [Bool], body: Block
  ) {
    self.file = file
    self.title = title?.text
    titleSpan = title?.span
    titleTextSpan = title?.textSpan
    self.clusters = clusters
    self.parameters = parameters
    self.tasks = tasks
    self.uses = uses
    self.runs = runs
    self.usedCommands = usedCommands
    self.body = body
  }

  /// The folder that paths in the file start from.
  package var folder: String { file.folder }
  /// The folder that its commands work in: where nbx was started, if the file lies in no folder of the machine.
  var workingFolder: String { file.isOnDisk ? folder : "." }
}

/// `recipe "what it does"`
struct RecipeTitle {
  let text: String
  /// Where the keyword stands, and where the text does, with its quotes.
  let span: Span
  let textSpan: Span
}

/// `param name = default "help"`
package final class Parameter: Sendable {
  package let variable: Variable
  package let name: String
  package let value: Expression
  package let help: String
  package let span: Span

  /// Whether its default is a secret: then what the command line gives is one too.
  package var isSecret: Bool {
    if case .call(let call) = value.form, case .function(.secret) = call.callee { true } else { false }
  }

  init(variable: Variable, name: String, value: Expression, help: String, span: Span) {
    self.variable = variable
    self.name = name
    self.value = value
    self.help = help
    self.span = span
  }
}

/// `task name(a, b = 1) { }`
package final class Task: @unchecked Sendable {
  package struct Parameter: Sendable {
    package let variable: Variable
    package let value: Expression?
  }
  package let symbol: Symbol
  package let name: String
  package let nameSpan: Span
  package let parameters: [Parameter]
  package let body: Block
  package let span: Span

  // Set by the resolver.
  /// Which of the program's units it belongs to, and its place among that unit's tasks.
  var unit = 0
  var index = 0
  var frameSize = 0

  init(
    symbol: Symbol, name: String, nameSpan: Span, parameters: [Parameter], body: Block, span: Span
  ) {
    self.symbol = symbol
    self.name = name
    self.nameSpan = nameSpan
    self.parameters = parameters
    self.body = body
    self.span = span
  }
}

extension Unit {
  /// The parameters whose values may be secret: what a secret or a command is in the default of, and what is made of
  /// such a parameter.
  package var secretParameters: Set<String> {
    var secret: Set<Symbol> = []
    var names: Set<String> = []
    for parameter in parameters where parameter.value.mayBeSecret(secret) {
      secret.insert(parameter.variable.symbol)
      names.insert(parameter.name)
    }
    return names
  }
}

extension Expression {
  /// - Parameter names: those bound to secrets.
  fileprivate func mayBeSecret(_ names: Set<Symbol>) -> Bool {
    switch form {
    case .name(let symbol): return names.contains(symbol)
    case .call(let call):
      switch call.callee {
      case .function(.secret), .task: return true
      case .function, .unresolved: break
      }
    // What a command gives may be secret.
    case .command, .statement: return true
    case .comprehension(let node): if node.element.mayBeSecret(names) { return true }
    case .method(let call):
      for case .lambda(let lambda) in call.arguments where lambda.body.mayBeSecret(names) { return true }
    default: break
    }
    return parts.contains { $0.mayBeSecret(names) }
  }
}
