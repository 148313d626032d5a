import Lexer

/// Statements between braces, or all of a file.
package struct Block: Sendable {
  package let statements: [Statement]
  package let span: Span
  /// Whether something is left to do at its end.
  let hasDefer: Bool

  init(statements: [Statement], span: Span) {
    self.statements = statements
    self.span = span
    hasDefer = statements.contains { if case .defer = $0 { true } else { false } }
  }
}

package enum Statement: Sendable {
  case bind(Bind)
  case assign(Assign)
  case conditional(Conditional)
  case foreach(Foreach)
  indirect case parallel(Block, Span)
  indirect case step(Step)
  indirect case retry(Retry)
  indirect case during(During)
  case `return`(Expression?, Span)
  case use(Use)
  case run(RunRecipe)
  indirect case wait(Wait)
  indirect case assert(Assert)
  indirect case attempt(TryStatement)
  indirect case `defer`(Block, Span)
  case print([Expression], Span)
  case fail(Expression, Span)
  case skip(Expression, Span)
  case expression(Expression)
  /// What could not be read as a statement. A program that holds one is never run.
  indirect case broken(Broken)

  package var span: Span {
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
package struct Broken: Sendable {
  package let statements: [Statement]
  package let tasks: [Task]
  package let parameters: [Parameter]
  package let span: Span
}

/// `let name = value`, `var name = value`
package final class Bind: Sendable {
  package let variable: Variable
  package let isVar: Bool
  package let value: Expression
  package let span: Span

  init(variable: Variable, isVar: Bool, value: Expression, span: Span) {
    self.variable = variable
    self.isVar = isVar
    self.value = value
    self.span = span
  }
}

/// `name = value`
package final class Assign: Sendable {
  package let variable: Variable
  package let value: Expression
  package let span: Span
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
package final class Conditional: Sendable {
  package let branches: [(condition: Expression, body: Block)]
  package let otherwise: Block?
  package let span: Span

  init(branches: [(condition: Expression, body: Block)], otherwise: Block?, span: Span) {
    self.branches = branches
    self.otherwise = otherwise
    self.span = span
  }
}

/// `foreach x in list parallel 4 { }`
package final class Foreach: Sendable {
  package enum Order: Sendable {
    case oneByOne
    case allAtOnce
    case atMost(Expression)
  }
  package let variables: [Variable]
  package let source: Expression
  package let order: Order
  package let body: Block
  package let span: Span

  init(variables: [Variable], source: Expression, order: Order, body: Block, span: Span) {
    self.variables = variables
    self.source = source
    self.order = order
    self.body = body
    self.span = span
  }
}

/// `step "name" on c2 within 5m { }`
package struct Step: Sendable {
  package let name: Expression
  package let cluster: Expression?
  package let limit: Expression?
  package let body: Block
  package let span: Span
}

/// `retry 5 every 2s { }`
package struct Retry: Sendable {
  package let count: Expression
  package let pause: Expression?
  package let body: Block
  package let span: Span
}

/// `during nats reply time "late" { }`, `during load = nats bench pub orders.new --rate 1000/s { }`
package struct During: Sendable {
  /// What the command has given, behind the block.
  package let variable: Variable?
  package let call: CommandCall
  package let body: Block
  package let span: Span
}

/// `use "lib.nbx"`
package final class Use: @unchecked Sendable {
  package let path: String
  /// Where the path stands, without its quotes.
  package let pathSpan: Span
  package let span: Span
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
package final class RunRecipe: @unchecked Sendable {
  package struct Argument: Sendable {
    package let name: String
    package let value: Word
    package let span: Span
  }
  package let path: String
  /// Where the path stands, without its quotes.
  package let pathSpan: Span
  package let arguments: [Argument]
  package let span: Span
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
package struct Wait: Sendable {
  package let condition: Expression
  /// A command alone is waited for until it succeeds, whatever it gives.
  package let isCommand: Bool
  package let limit: Expression?
  package let pause: Expression?
  package let text: Expression?
  package let span: Span
}

/// `assert condition, "what"`
package struct Assert: Sendable {
  package let condition: Expression
  package let text: Expression?
  package let span: Span
}

/// `try { } else err { }`
package struct TryStatement: Sendable {
  package let body: Block
  package let error: Variable?
  package let handler: Block?
  package let span: Span
}
