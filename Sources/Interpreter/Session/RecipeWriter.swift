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
    case .statement(.during(let node)): [node.variable].compactMap { $0?.symbol }
    case .statement, .task: []
    }
  }
}

/// The files that a recipe names: from its own folder, not from the one in which the session runs.
extension RecipeWriter {
  /// A stretch of an input, with the files that it names named from the recipe's folder.
  func edited(_ span: Span, in unit: Unit) -> String {
    var places = (unit.uses.map { ($0.pathSpan, $0.path) } + unit.runs.map { ($0.pathSpan, $0.path) }).filter { place in
      place.0.start >= span.start && place.0.start < span.end
    }.map { (literal: Span(Int($0.0.start) - 1, Int($0.0.end) + 1), path: $0.1) }
    for call in fileCalls(span, in: unit) {
      if let path = path(of: call) { places.append((call.arguments[0].value.span, path)) }
    }
    var text = ""
    var next = Int(span.start)
    for place in places.sorted(by: { $0.literal.start < $1.literal.start }) {
      text += unit.file.text(Span(next, Int(place.literal.start)))
      text += Value.quoted(pathFromRecipe(joined(unit.folder, place.path)))
      next = Int(place.literal.end)
    }
    return text + unit.file.text(Span(next, Int(span.end)))
  }

  /// What is to be said of a stretch that names files in a way that can't be named anew: they start from the recipe's
  /// folder now.
  func unclearPath(_ span: Span, in unit: Unit) -> String? {
    guard pathFromRecipe(joined(unit.folder, "x")) != "x" else { return nil }
    let call = fileCalls(span, in: unit).first { path(of: $0) == nil }
    let unclear = call.map { "the path in `\(unit.file.text($0.nameSpan))(…)`" }
    guard let path = unclear ?? namedFile(span, in: unit) else { return nil }
    return "Look at \(path): in the session it started from \(Value.quoted(unit.folder))."
  }

  /// A word of a command that is the name of a file: only the command knows whether it is meant.
  private func namedFile(_ span: Span, in unit: Unit) -> String? {
    var found: String?
    forEachExpression(span, in: unit) { expression in
      guard found == nil, case .command(let call) = expression.form else { return }
      for word in call.words where word.isBare {
        guard let name = unit.file.text(word.span).split(separator: "=").last, !name.hasPrefix("/"),
          Paths.exist(joined(unit.folder, String(name)))
        else { continue }
        found = "`\(name)`"
        return
      }
    }
    return found
  }

  /// The calls of `read` and `exists` in a stretch.
  private func fileCalls(_ span: Span, in unit: Unit) -> [Call] {
    var found: [Call] = []
    forEachExpression(span, in: unit) { expression in
      guard case .call(let call) = expression.form else { return }
      switch BuiltinFunction(rawValue: names[call.name]) {
      case .read, .exists: found.append(call)
      default: break
      }
    }
    return found
  }

  /// The path that a call names, if that is a text as it stands and all that the call is given.
  private func path(of call: Call) -> String? {
    guard call.arguments.count == 1, case .literal(.string(let path)) = call.arguments[0].value.form else { return nil }
    return path
  }

  private func pathFromRecipe(_ target: String) -> String {
    let target = normalized(target)
    guard !target.hasPrefix("/") else { return target }
    let folders = normalized(path).split(separator: "/").dropLast()
    if folders.isEmpty { return target }
    guard !path.hasPrefix("/"), !folders.contains("..") else { return normalized("\(workingFolder)/\(target)") }
    return folders.map { _ in "../" }.joined() + target
  }
}

/// Tasks that a session has defined anew. In a recipe a task is the same from its first line to its last, so a statement
/// that called another one by that name is no part of it.
extension RecipeWriter {
  /// Why a statement would call something else in the recipe than it did in the session.
  func changedTask(
    of statement: Statement, _ part: GoodStatements.Part, _ good: GoodStatements
  ) -> String? {
    var open = called(statement.span, in: part.unit)
    var seen: Set<Symbol> = []
    while let symbol = open.popLast() {
      guard seen.insert(symbol).inserted else { continue }
      let then = part.tasks[symbol]
      guard then?.task === good.tasks[symbol] else { return "the task `\(names[symbol])` was another one then" }
      if let then { open += called(then.task.span, in: then.unit) }
    }
    return nil
  }

  /// The tasks that a stretch calls.
  private func called(_ span: Span, in unit: Unit) -> [Symbol] {
    var found: [Symbol] = []
    forEachExpression(span, in: unit) { expression in
      if case .call(let call) = expression.form, !vocabulary.isFunction(call.name) { found.append(call.name) }
    }
    return found
  }
}

/// What of a session went well, in its order: what a recipe made of it holds.
struct GoodStatements {
  enum Form {
    case statement(Statement)
    case parameter(Parameter)
    case task(Task)
  }

  struct Part {
    let unit: Unit
    let form: Form
    /// The session's own tasks when it was run.
    let tasks: [Symbol: (task: Task, unit: Unit)]
  }

  private(set) var title: String?
  private(set) var parts: [Part] = []
  /// The tasks among the parts.
  private(set) var tasks: [Symbol: Task] = [:]
  /// Whether a name has meant several tasks, or one that is no more.
  private(set) var haveTasksChanged = false

  mutating func addHead(of unit: Unit) {
    title = unit.title ?? title
    parts += unit.parameters.map { Part(unit: unit, form: .parameter($0), tasks: [:]) }
  }

  mutating func add(_ statement: Statement, of unit: Unit, in scope: SessionScope) {
    parts.append(Part(unit: unit, form: .statement(statement), tasks: scope.own))
  }

  /// A task that is defined anew takes the place of the one before.
  mutating func addTasks(of unit: Unit) {
    for task in unit.tasks {
      if let former = tasks[task.symbol] { remove(former) }
      parts.append(Part(unit: unit, form: .task(task), tasks: [:]))
      tasks[task.symbol] = task
    }
  }

  mutating func remove(_ task: Task) {
    haveTasksChanged = true
    parts.removeAll { if case .task(let other) = $0.form { other === task } else { false } }
    if tasks[task.symbol] === task { tasks[task.symbol] = nil }
  }
}
