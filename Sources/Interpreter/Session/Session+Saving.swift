import Lexer

extension Session {
  /// The session's good statements as a recipe that has no errors. What can't be part of one is left in as a comment.
  ///
  /// - Parameters:
  ///   - path: the file that it is for: the files that it names are named from there.
  ///   - workingFolder: where the session runs, absolute.
  public func recipe(for path: String, workingFolder: String) -> String {
    var writer = RecipeWriter(path: path, workingFolder: workingFolder, names: names)
    let chunks = writer.chunks(of: good, clusters: clusterNames) { head in
      (try? Program.parse(head, vocabulary: vocabulary)) != nil
    }
    var leftOut: Set<Int> = []
    while true {
      let text = RecipeWriter.text(of: chunks, leavingOut: leftOut)
      let wrong = wrongLines(in: text, path: path)
      let places = Set(wrong.compactMap { line in RecipeWriter.place(ofLine: line, in: chunks, leavingOut: leftOut) })
      if places.isEmpty { return text }
      leftOut.formUnion(places)
    }
  }

  /// The lines in which a recipe has errors.
  private func wrongLines(in text: String, path: String) -> [Int] {
    let own = normalized(path)
    do throws(ProgramErrors) {
      _ = try Program.load(path, vocabulary: vocabulary) { asked in
        asked == own ? .success(Array(text.utf8)) : self.read(asked)
      }
      return []
    } catch {
      return error.diagnostics.compactMap { diagnostic in
        guard let location = diagnostic.location, location.file.path == own else { return nil }
        return location.file.position(of: Int(location.span.start)).line
      }
    }
  }
}

/// Writes good statements as a recipe.
struct RecipeWriter {
  let path: String
  let workingFolder: String
  let names: NameTable
  /// How often each name is bound, and how often it has been so far.
  private var bindings: [Symbol: Int] = [:]
  private var written: [Symbol: Int] = [:]
  /// The libraries that have been brought in: once is enough.
  private var libraries: Set<String> = []

  init(path: String, workingFolder: String, names: NameTable) {
    self.path = path
    self.workingFolder = workingFolder
    self.names = names
  }

  /// The head, then each part, as texts of whole lines.
  ///
  /// - Parameter isFit: whether a head has no errors.
  mutating func chunks(of good: GoodStatements, clusters: [String], isFit: (String) -> Bool) -> [String] {
    for (_, part) in good.parts { for symbol in part.bound { bindings[symbol, default: 0] += 1 } }
    var head = ["recipe \(Value.quoted(good.title ?? "Saved from a session"))"]
    if !clusters.isEmpty { head.append("clusters \(clusters.joined(separator: " "))") }
    var body: [String] = []
    for (unit, part) in good.parts {
      switch part {
      case .parameter(let parameter):
        let text = unit.file.text(parameter.span)
        let isOnlyOne = bindings[parameter.variable.symbol] == 1
        if isOnlyOne, isFit((head + [text]).joined(separator: "\n")) {
          head.append(text)
        } else {
          let value = unit.file.text(parameter.value.span)
          body.append("\(binder(parameter.variable.symbol, "let "))\(parameter.name) = \(value)")
        }
      case .task(let task): body.append(edited(task.span, in: unit))
      case .statement(let statement): if let text = text(of: statement, in: unit) { body.append(text) }
      }
    }
    return head + [""] + body
  }

  static func text(of chunks: [String], leavingOut leftOut: Set<Int>) -> String {
    chunks.enumerated().map { place, chunk in
      leftOut.contains(place) ? "# left out: " + chunk.replacingLineEnds(with: "\n#   ") : chunk
    }.joined(separator: "\n") + "\n"
  }

  /// The chunk that a line belongs to; nil if that is left out already.
  static func place(ofLine line: Int, in chunks: [String], leavingOut leftOut: Set<Int>) -> Int? {
    var next = 1
    for (place, chunk) in chunks.enumerated() {
      next += chunk.utf8.count { $0 == UInt8(ascii: "\n") } + 1
      if line < next { return leftOut.contains(place) ? nil : place }
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

  /// A stretch of an input, with the files that it names named from the recipe's folder.
  private func edited(_ span: Span, in unit: Unit) -> String {
    var places: [(start: Int, path: String)] = []
    for use in unit.uses { places.append((Int(use.span.start), use.path)) }
    for run in unit.runs { places.append((Int(run.span.start), run.path)) }
    places = places.filter { $0.start >= Int(span.start) && $0.start < Int(span.end) }.sorted { $0.start < $1.start }
    var text = ""
    var next = Int(span.start)
    for place in places {
      guard let literal = literal(after: place.start, in: unit.file) else { continue }
      text += unit.file.text(Span(next, literal.lowerBound))
      text += Value.quoted(pathFromRecipe(joined(unit.folder, place.path)))
      next = literal.upperBound
    }
    return text + unit.file.text(Span(next, Int(span.end)))
  }

  /// The quoted text that comes next.
  private func literal(after start: Int, in file: SourceFile) -> Range<Int>? {
    let bytes = file.bytes
    let quotes = [UInt8(ascii: "\""), UInt8(ascii: "'")]
    guard let opening = bytes[start...].firstIndex(where: quotes.contains) else { return nil }
    guard let closing = bytes[(opening + 1)...].firstIndex(of: bytes[opening]), closing > opening + 1 else {
      return nil
    }
    return opening..<(closing + 1)
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

extension GoodStatements.Part {
  /// The names that it binds for the rest of the recipe.
  fileprivate var bound: [Symbol] {
    switch self {
    case .parameter(let parameter): [parameter.variable.symbol]
    case .statement(.bind(let bind)): [bind.variable.symbol]
    case .statement, .task: []
    }
  }
}
