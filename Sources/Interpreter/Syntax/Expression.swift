import Lexer

/// A node of an expression's tree. After resolving, nothing in it changes, so that all lanes may read it.
public final class Expression: @unchecked Sendable {
  public let span: Span
  public let form: Form
  /// What the evaluator asks before all else, since loops are made of it.
  let shape: Shape
  private let storedDepth: Int32
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
    storedDepth = Int32(depth)
    shape =
      switch form {
      case .name: .name
      case .literal(.int): .int
      default: .other
      }
  }

  public enum Form: Sendable {
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
    case field(Expression, FieldName)
    case index(Expression, Expression)
    case method(MethodCall)
    case call(Call)
    case command(CommandCall)
    indirect case attempt(Attempt)
    /// `foreach`, `parallel`, `step` or `retry` for the value of its block.
    case statement(Statement)
    /// Where a value is due and none stands, or none that makes sense. A program that holds one is never run.
    case missing
  }
}

/// A part of a string or a word.
public enum TextPiece: Sendable {
  case text(String)
  case expression(Expression)
}

/// The name behind a dot.
public struct FieldName: Sendable {
  public let text: String
  public let span: Span
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
public struct MapEntry: Sendable {
  public enum Key: Sendable {
    case path([String])
    /// A key in quotes that holds more than plain text.
    case text(Expression)
  }
  public let key: Key
  public let keySpan: Span
  public let value: Expression
}

/// A name that a recipe binds, and its place in the frame.
public final class Variable: @unchecked Sendable {
  public let symbol: Symbol
  public let span: Span
  var slot = 0

  init(_ symbol: Symbol, _ span: Span) {
    self.symbol = symbol
    self.span = span
  }
}

/// `[element for variables in source if condition]`
public struct Comprehension: Sendable {
  public let element: Expression
  public let variables: [Variable]
  public let source: Expression
  public let condition: Expression?
}

/// `base.name(arguments)`
public final class MethodCall: @unchecked Sendable {
  public enum Argument: Sendable {
    case value(Expression)
    case lambda(Lambda)
  }
  public let base: Expression
  public let name: FieldName
  public let arguments: [Argument]

  init(base: Expression, name: FieldName, arguments: [Argument]) {
    self.base = base
    self.name = name
    self.arguments = arguments
  }
}

/// `x => body`, or `(a, b) => body`
public struct Lambda: Sendable {
  public let parameters: [Variable]
  public let body: Expression
  public let span: Span
}

/// `name(arguments)`: a task of the recipe, or a function of the language.
public final class Call: @unchecked Sendable {
  public struct Argument: Sendable {
    public let label: Symbol?
    public let value: Expression
    public let span: Span
  }
  public let name: Symbol
  public let nameSpan: Span
  public let arguments: [Argument]
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
public struct Attempt: Sendable {
  public enum Body: Sendable {
    case expression(Expression)
    case block(Block)
  }
  public let body: Body
  public let span: Span
}

/// A command with its words and endings.
public final class CommandCall: @unchecked Sendable {
  let symbol: Symbol
  public let name: String
  public let nameSpan: Span
  public let words: [Word]
  public let document: Expression?
  public let cluster: Expression?
  public let limit: Expression?
  public let span: Span
  /// Whether the recipe reads the `.json` of what it gives. Set by the resolver.
  var readsJSON = false

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
public struct Word: Sendable {
  /// Nil if the word is bare from its first letter to its last, as nearly all are: then the file's text is the word, so
  /// that reading a recipe makes no copies of it.
  private let parts: [TextPiece]?
  public let span: Span
  /// `...$list`: each element is a word.
  public let isSpread: Bool

  init(bare span: Span) {
    parts = nil
    isSpread = false
    self.span = span
  }

  init(pieces: [TextPiece], isSpread: Bool, span: Span) {
    parts = pieces
    self.isSpread = isSpread
    self.span = span
  }

  var isBare: Bool { parts == nil }

  /// What is filled in during the run.
  var values: [Expression] { parts?.compactMap(\.expression) ?? [] }

  /// What the word is made of; `file` is the one that it stands in.
  public func pieces(in file: SourceFile) -> [TextPiece] { parts ?? [.text(file.text(span))] }

  /// The word, if it can be known before the run.
  public func literal(in file: SourceFile) -> String? {
    guard let parts else { return file.text(span) }
    guard !isSpread else { return nil }
    var text = ""
    for piece in parts {
      guard case .text(let part) = piece else { return nil }
      text += part
    }
    return text
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
