import Lexer

/// A node of an expression's tree. After resolving, nothing in it changes, so that all lanes may read it.
package final class Expression: @unchecked Sendable {
  package let span: Span
  package let form: Form
  /// What the evaluator asks before all else, since loops are made of it.
  let shape: Shape
  private let storedDepth: Int16
  private var storedSlot: Int32 = 0

  enum Shape: UInt8, Sendable { case name, int, other }

  /// How many levels of nodes lie below; bounded, since evaluation goes as deep.
  var depth: Int { Int(storedDepth) }

  /// Of a name: its place in the frame, or `-1 - place` in the frame of the file's own statements. Set by the resolver.
  var slot: Int {
    get { Int(storedSlot) }
    set { storedSlot = Int32(truncatingIfNeeded: newValue) }
  }

  init(_ form: Form, _ span: Span, depth: Int = 0) {
    self.form = form
    self.span = span
    storedDepth = Int16(depth)
    shape =
      switch form {
      case .name: .name
      case .literal(.int): .int
      default: .other
      }
  }

  /// No case takes more room than three nodes: a tree is many of these.
  package enum Form: Sendable {
    case literal(Value)
    case text([TextPiece])
    case name(Symbol)
    case list([Expression])
    case map([MapEntry])
    indirect case comprehension(Comprehension)
    case negate(Expression)
    case not(Expression)
    case and(Expression, Expression)
    case or(Expression, Expression)
    case coalesce(Expression, Expression)
    case binary(BinaryOperator, Expression, Expression)
    case conditional(Expression, Expression, Expression)
    indirect case field(Expression, FieldName)
    case index(Expression, Expression)
    case method(MethodCall)
    case call(Call)
    case command(CommandCall)
    indirect case attempt(Attempt)
    /// `foreach`, `parallel`, `step` or `retry` for the value of its block.
    indirect case statement(Statement)
    /// Where a value is due and none stands, or none that makes sense. A program that holds one is never run.
    case missing
  }
}

/// A part of a string or a word.
package enum TextPiece: Sendable {
  case text(String)
  case expression(Expression)
}

/// The name behind a dot.
package struct FieldName: Sendable {
  package let text: String
  package let span: Span
  private let place: Int32

  init(_ text: String, _ span: Span) {
    self.text = text
    self.span = span
    place = Member.place(of: text).map { Int32($0) } ?? -1
  }

  /// The fields and methods of that name.
  var members: [Member] { place < 0 ? [] : Member.groups[Int(place)] }
}

/// One entry of a map; a dotted key has a path of several names.
package struct MapEntry: Sendable {
  package enum Key: Sendable {
    case path([String])
    /// A key in quotes that holds more than plain text.
    case text(Expression)
  }
  package let key: Key
  package let keySpan: Span
  package let value: Expression
}

/// A name that a recipe binds, and its place in the frame.
package final class Variable: @unchecked Sendable {
  package let symbol: Symbol
  package let span: Span
  var slot = 0

  init(_ symbol: Symbol, _ span: Span) {
    self.symbol = symbol
    self.span = span
  }
}

/// `[element for variables in source if condition]`
package struct Comprehension: Sendable {
  package let element: Expression
  package let variables: [Variable]
  package let source: Expression
  package let condition: Expression?
}

/// `base.name(arguments)`
package final class MethodCall: @unchecked Sendable {
  package enum Argument: Sendable {
    case value(Expression)
    case lambda(Lambda)
  }
  package let base: Expression
  package let name: FieldName
  package let arguments: [Argument]

  init(base: Expression, name: FieldName, arguments: [Argument]) {
    self.base = base
    self.name = name
    self.arguments = arguments
  }
}

/// `x => body`, or `(a, b) => body`
package struct Lambda: Sendable {
  package let parameters: [Variable]
  package let body: Expression
  package let span: Span
}

/// `name(arguments)`: a task of the recipe, or a function of the language.
package final class Call: @unchecked Sendable {
  package struct Argument: Sendable {
    package let label: Symbol?
    package let value: Expression
    package let span: Span
  }
  package let name: Symbol
  package let nameSpan: Span
  package let arguments: [Argument]
  /// What is called. Set by the resolver.
  var callee: Callee = .unresolved

  enum Callee {
    case unresolved
    case task(Task)
    case function(BuiltinFunction)
  }

  init(name: Symbol, nameSpan: Span, arguments: [Argument]) {
    self.name = name
    self.nameSpan = nameSpan
    self.arguments = arguments
  }
}

/// `try X` or `try { … }`
package struct Attempt: Sendable {
  package enum Body: Sendable {
    case expression(Expression)
    case block(Block)
  }
  package let body: Body
  package let span: Span
}

/// A command with its words and endings.
package final class CommandCall: @unchecked Sendable {
  let symbol: Symbol
  /// Whether the recipe reads the `.json` of what it gives. Set by the resolver.
  var readsJSON = false
  package let name: String
  package let nameSpan: Span
  package let words: [Word]
  package let document: Expression?
  package let cluster: Expression?
  package let limit: Expression?
  package let span: Span

  init(
    symbol: Symbol, name: String, nameSpan: Span, words: [Word], document: Expression?, cluster: Expression?,
    limit: Expression?, span: Span
  ) {
    self.symbol = symbol
    self.name = name
    self.nameSpan = nameSpan
    self.words = words
    self.document = document
    self.cluster = cluster
    self.limit = limit
    self.span = span
  }
}

/// One word of a command.
package struct Word: Sendable {
  let content: Content
  package let span: Span

  /// As small as can be: a recipe is words for the most part.
  enum Content: Sendable {
    /// Bare from its first letter to its last, as nearly all are: the file's text is the word, so that reading a recipe
    /// makes no copies of it.
    case bare
    /// `$name` or `${…}` and nothing else.
    case value(Expression)
    case pieces([TextPiece])
    /// `...$list`: each element is a word.
    case spread(Expression)
  }

  init(_ content: Content, _ span: Span) {
    self.content = content
    self.span = span
  }

  var isBare: Bool { if case .bare = content { true } else { false } }
  package var isSpread: Bool { if case .spread = content { true } else { false } }

  /// What is filled in during the run.
  var values: [Expression] {
    switch content {
    case .bare: []
    case .value(let value), .spread(let value): [value]
    case .pieces(let pieces): pieces.compactMap(\.expression)
    }
  }

  /// What the word is made of; `file` is the one that it stands in.
  package func pieces(in file: SourceFile) -> [TextPiece] {
    switch content {
    case .bare: [.text(file.text(span))]
    case .value(let value), .spread(let value): [.expression(value)]
    case .pieces(let pieces): pieces
    }
  }

  /// The word, if it can be known before the run.
  package func literal(in file: SourceFile) -> String? {
    switch content {
    case .bare: return file.text(span)
    case .value, .spread: return nil
    case .pieces(let pieces):
      var text = ""
      for piece in pieces {
        guard case .text(let part) = piece else { return nil }
        text += part
      }
      return text
    }
  }
}

extension TextPiece {
  var expression: Expression? { if case .expression(let expression) = self { expression } else { nil } }
}

extension Expression {
  /// Its value, as far as it can be known before the run; what cannot is `.later`.
  var foreseen: Value {
    switch form {
    case .literal(let value): return value
    case .list(let elements): return .list(elements.map(\.foreseen))
    case .text(let pieces):
      var text = ""
      for piece in pieces {
        guard case .text(let part) = piece else { return .later(.knownLater) }
        text += part
      }
      return .string(text)
    case .map(let entries):
      var map = ValueMap()
      for entry in entries {
        guard case .path(let path) = entry.key, let key = path.first, path.count == 1 else {
          return .later(.knownLater)
        }
        map[key] = entry.value.foreseen
      }
      return .map(map)
    default: return .later(.knownLater)
    }
  }
}
