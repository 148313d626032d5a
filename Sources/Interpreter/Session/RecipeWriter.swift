import Lexer

/// Writes good statements as a recipe.
struct RecipeWriter {
  /// A part of the recipe, of whole lines.
  struct Chunk {
    let text: String
    /// A comment of one line above it.
    var note: String?
    /// Why it is left out.
    var reason: String?

    var lines: String {
      if let reason {
        return "# left out (\(reason.replacingLineEnds(with: " "))): " + text.replacingLineEnds(with: "\n#   ")
      }
      return (note.map { "# \($0)\n" } ?? "") + text
    }
  }

  let path: String
  let workingFolder: String
  let names: NameTable
  let vocabulary: Vocabulary
  /// How often each name is bound, and how often it has been so far.
  private var bindings: [Symbol: Int] = [:]
  private var written: [Symbol: Int] = [:]
  /// The libraries that have been brought in: once is enough.
  private var libraries: Set<String> = []

  init(path: String, workingFolder: String, names: NameTable, vocabulary: Vocabulary) {
    self.path = path
    self.workingFolder = workingFolder
    self.names = names
    self.vocabulary = vocabulary
  }

  /// The head, then each part.
  ///
  /// - Parameter isFit: whether a head has no errors.
  mutating func chunks(of good: GoodStatements, clusters: [String], isFit: (String) -> Bool) -> [Chunk] {
    for part in good.parts { for symbol in part.form.bound { bindings[symbol, default: 0] += 1 } }
    var head = ["recipe \(Value.quoted(good.title ?? "Saved from a session"))"]
    if !clusters.isEmpty { head.append("clusters \(clusters.joined(separator: " "))") }
    var body: [Chunk] = []
    for part in good.parts {
      let unit = part.unit
      switch part.form {
      case .parameter(let parameter):
        let text = edited(parameter.span, in: unit)
        let isOnlyOne = bindings[parameter.variable.symbol] == 1
        if isOnlyOne, isFit((head + [text]).joined(separator: "\n")) {
          head.append(text)
        } else {
          let value = edited(parameter.value.span, in: unit)
          body.append(Chunk(text: "\(binder(parameter.variable.symbol, "let "))\(parameter.name) = \(value)"))
        }
      case .task(let task):
        body.append(Chunk(text: edited(task.span, in: unit), note: unclearPath(task.span, in: unit)))
      case .statement(let statement):
        let reason = good.haveTasksChanged ? changedTask(of: statement, part, good) : nil
        // What is left out binds nothing.
        if let reason {
          body.append(Chunk(text: unit.file.text(statement.span), reason: reason))
        } else if let text = text(of: statement, in: unit) {
          body.append(Chunk(text: text, note: unclearPath(statement.span, in: unit)))
        }
      }
    }
    return head.map { Chunk(text: $0) } + [Chunk(text: "")] + body
  }

  static func text(of chunks: [Chunk]) -> String { chunks.map(\.lines).joined(separator: "\n") + "\n" }

  /// The chunk that a line belongs to.
  static func place(ofLine line: Int, in chunks: [Chunk]) -> Int? {
    var next = 1
    for (place, chunk) in chunks.enumerated() {
      next += chunk.lines.utf8.count { $0 == UInt8(ascii: "\n") } + 1
      if line < next { return place }
    }
    return nil
  }

  // MARK: Parts

  private mutating func text(of statement: Statement, in unit: Unit) -> String? {
    switch statement {
    case .bind(let bind):
      let keyword = binder(bind.variable.symbol, bind.isVar ? "var " : "let ")
      return keyword + edited(Span(Int(bind.variable.span.start), Int(bind.span.end)), in: unit)
    case .use(let use):
      guard libraries.insert(normalized(joined(unit.folder, use.path))).inserted else { return nil }
      return edited(use.span, in: unit)
    case .expression(let expression):
      switch expression.form {
      case .call, .command, .method, .attempt, .statement: return edited(expression.span, in: unit)
      default: return "print " + edited(expression.span, in: unit)
      }
    default: return edited(statement.span, in: unit)
    }
  }

  /// What stands before a name that is bound: one that the session binds several times may change in the recipe.
  private mutating func binder(_ symbol: Symbol, _ keyword: String) -> String {
    let before = written[symbol, default: 0]
    written[symbol] = before + 1
    guard let all = bindings[symbol], all > 1 else { return keyword }
    return before == 0 ? "var " : ""
  }

  /// The expressions of a stretch of an input.
  func forEachExpression(_ span: Span, in unit: Unit, _ body: (Expression) -> Void) {
    func look(_ expression: Expression) {
      if expression.span.start >= span.start, expression.span.start < span.end { body(expression) }
    }
    for parameter in unit.parameters { parameter.value.forEachExpression(look) }
    for task in unit.tasks { task.forEachExpression(look) }
    unit.body.forEachExpression(look)
  }
}

extension GoodStatements.Form {
  /// The names that it binds for the rest of the recipe.
  fileprivate var bound: [Symbol] {
    switch self {
    case .parameter(let parameter): [parameter.variable.symbol]
    case .statement(.bind(let bind)): [bind.variable.symbol]
    case .statement, .task: []
    }
  }
}
