import Lexer

/// Statements between braces, or all of a file.
public struct Block: Sendable {
  public let statements: [Statement]
  public let span: Span
  /// Whether something is left to do at its end.
  let hasDefer: Bool

  init(statements: [Statement], span: Span) {
    self.statements = statements
    self.span = span
    hasDefer = statements.contains { if case .defer = $0 { true } else { false } }
  }
}

public enum Statement: Sendable {
  case bind(Bind)
  case assign(Assign)
  case conditional(Conditional)
  case foreach(Foreach)
  case parallel(Block, Span)
  indirect case step(Step)
  indirect case retry(Retry)
  indirect case during(During)
  case `return`(Expression?, Span)
  case use(Use)
  case run(RunRecipe)
  indirect case wait(Wait)
  indirect case assert(Assert)
  indirect case attempt(TryStatement)
  case `defer`(Block, Span)
  case print([Expression], Span)
  case fail(Expression, Span)
  case skip(Expression, Span)
  case expression(Expression)
  /// What could not be read as a statement. A program that holds one is never run.
  indirect case broken(Broken)

  public var span: Span {
    switch self {
    case .bind(let node): node.span
    case .assign(let node): node.span
    case .conditional(let node): node.span
    case .foreach(let node): node.span
    case .step(let node): node.span
    case .retry(let node): node.span
    case .during(let node): node.span
    case .use(let node): node.span
    case .run(let node): node.span
    case .wait(let node): node.span
    case .assert(let node): node.span
    case .attempt(let node): node.span
    case .parallel(_, let span), .return(_, let span), .defer(_, let span), .print(_, let span), .fail(_, let span),
      .skip(_, let span):
      span
    case .expression(let expression): expression.span
    case .broken(let node): node.span
    }
  }
}

/// What has been read of a statement that is broken, in pieces: its beginning as far as it made sense, and whatever else
/// stands there. Nothing in it counts as written; it is for those who look at a text that is being typed.
public struct Broken: Sendable {
  public let statements: [Statement]
  public let tasks: [Task]
  public let parameters: [Parameter]
  public let span: Span
}

/// `let name = value`, `var name = value`
public final class Bind: Sendable {
  public let variable: Variable
  public let isVar: Bool
  public let value: Expression
  public let span: Span

  init(variable: Variable, isVar: Bool, value: Expression, span: Span) {
    self.variable = variable
    self.isVar = isVar
    self.value = value
    self.span = span
  }
}

/// `name = value`
public final class Assign: Sendable {
  public let variable: Variable
  public let value: Expression
  public let span: Span
  /// What is added, in `name = name + more`.
  let addition: Expression?
  /// What is taken away, in `name = name.without(keys)`.
  let removal: Expression?

  init(variable: Variable, value: Expression, span: Span) {
    self.variable = variable
    self.value = value
    self.span = span
    var addition: Expression?
    var removal: Expression?
    switch value.form {
    case .binary(.add, let left, let right):
      if case .name(variable.symbol) = left.form { addition = right }
    case .method(let call):
      if case .name(variable.symbol) = call.base.form, call.name.text == "without", call.arguments.count == 1,
        case .value(let keys) = call.arguments[0]
      {
        removal = keys
      }
    default: break
    }
    self.addition = addition
    self.removal = removal
  }
}

/// `if … { } else if … { } else { }`
public final class Conditional: Sendable {
  public let branches: [(condition: Expression, body: Block)]
  public let otherwise: Block?
  public let span: Span

  init(branches: [(condition: Expression, body: Block)], otherwise: Block?, span: Span) {
    self.branches = branches
    self.otherwise = otherwise
    self.span = span
  }
}

/// `foreach x in list parallel 4 { }`
public final class Foreach: Sendable {
  public enum Order: Sendable {
    case oneByOne
    case allAtOnce
    case atMost(Expression)
  }
  public let variables: [Variable]
  public let source: Expression
  public let order: Order
  public let body: Block
  public let span: Span

  init(variables: [Variable], source: Expression, order: Order, body: Block, span: Span) {
    self.variables = variables
    self.source = source
    self.order = order
    self.body = body
    self.span = span
  }
}

/// `step "name" on c2 within 5m { }`
public struct Step: Sendable {
  public let name: Expression
  public let cluster: Expression?
  public let limit: Expression?
  public let body: Block
  public let span: Span
}

/// `retry 5 every 2s { }`
public struct Retry: Sendable {
  public let count: Expression
  public let pause: Expression?
  public let body: Block
  public let span: Span
}

/// `during nats reply time "late" { }`, `during load = nats bench pub orders.new --rate 1000/s { }`
public struct During: Sendable {
  /// What the command has given, behind the block.
  public let variable: Variable?
  public let call: CommandCall
  public let body: Block
  public let span: Span
}

/// `use "lib.nbx"`
public final class Use: @unchecked Sendable {
  public let path: String
  /// Where the path stands, without its quotes.
  public let pathSpan: Span
  public let span: Span
  /// The names it brings in: the library's place of each, and this file's. Set by the resolver.
  var imported: [(library: Int, own: Int)] = []
  var unit: Unit?

  init(path: String, pathSpan: Span, span: Span) {
    self.path = path
    self.pathSpan = pathSpan
    self.span = span
  }
}

/// `run "other.nbx" name=value`
public final class RunRecipe: @unchecked Sendable {
  public struct Argument: Sendable {
    public let name: String
    public let value: Word
    public let span: Span
  }
  public let path: String
  /// Where the path stands, without its quotes.
  public let pathSpan: Span
  public let arguments: [Argument]
  public let span: Span
  /// Set by the resolver.
  var unit: Unit?

  init(path: String, pathSpan: Span, arguments: [Argument], span: Span) {
    self.path = path
    self.pathSpan = pathSpan
    self.arguments = arguments
    self.span = span
  }
}

/// `wait-for condition within 30s every 500ms "what"`
public struct Wait: Sendable {
  public let condition: Expression
  /// A command alone is waited for until it succeeds, whatever it gives.
  public let isCommand: Bool
  public let limit: Expression?
  public let pause: Expression?
  public let text: Expression?
  public let span: Span
}

/// `assert condition, "what"`
public struct Assert: Sendable {
  public let condition: Expression
  public let text: Expression?
  public let span: Span
}

/// `try { } else err { }`
public struct TryStatement: Sendable {
  public let body: Block
  public let error: Variable?
  public let handler: Block?
  public let span: Span
}
