import Lexer

/// A file as an editor sees it: what each stretch of it is, what its names mean and where they are known, however broken
/// it is. All of it is taken from the tree that also runs.
package struct NameIndex: Sendable {
  package let file: SourceFile
  /// What the symbols of its tree mean.
  let symbols: NameTable
  /// In the order of the text.
  package internal(set) var stretches: [Stretch] = []
  package internal(set) var names: [BoundName] = []
  /// In the order of the text.
  package internal(set) var commands: [CommandCall] = []
  /// What an outline shows: the recipe's title, its tasks and its steps.
  package internal(set) var parts: [Part] = []
  /// The files that `use` and `run` name.
  package internal(set) var mentions: [FileMention] = []
  /// The labels of arguments, by where they begin: the name of what is called.
  package internal(set) var labels: [Int: String] = [:]

  /// A name that the file binds, or that every recipe knows.
  package struct BoundName: Sendable {
    package enum Kind: Sendable {
      case constant, variable, parameter, task, taskParameter, loopVariable, failure, functionParameter, given
    }
    package let kind: Kind
    package let text: String
    /// Where it is bound; empty for what every recipe knows.
    package let span: Span
    /// The statement that binds it.
    package let statement: Span
    /// Its value or its default; of a loop's name, what the loop goes over.
    let value: Expression?
    /// Where it can be used.
    package internal(set) var scope: Span
    /// Of a task's parameter: the task.
    package let task: Int32
  }

  package struct Part: Sendable {
    package enum Kind: Sendable { case recipe, step, task }
    package let kind: Kind
    /// The text that names it.
    package let name: Span
    package let span: Span
  }

  /// `use "lib.nbx"`, `run "other.nbx" name=value`
  package struct FileMention: Sendable {
    package let isUse: Bool
    /// The path as it is written, and where, without its quotes.
    package let path: String
    package let span: Span
    /// The names of the arguments behind the path.
    package let arguments: [Span]
  }

  /// Reads a file.
  package init(_ file: SourceFile, vocabulary: Vocabulary) {
    var parser = Parser(file, vocabulary: vocabulary, names: vocabulary.names, for: .editing)
    let unit = parser.parse()
    self.init(unit, parser)
  }

  /// - Parameter parser: the one that has read the unit.
  init(_ unit: Unit, _ parser: Parser) {
    var builder = NameIndexBuilder(unit, parser)
    builder.indexFile()
    self = builder.index
  }

  init(file: SourceFile, symbols: NameTable) {
    self.file = file
    self.symbols = symbols
  }

  /// The stretch at an offset: the one that goes on there, else the one that ends there.
  package func stretch(at offset: Int) -> Stretch? {
    var low = 0
    var high = stretches.count
    while low < high {
      let middle = (low + high) / 2
      if Int(stretches[middle].span.end) < offset { low = middle + 1 } else { high = middle }
    }
    let touching = stretches[low...].prefix(2).filter { $0.span.start <= offset && offset <= $0.span.end }
    return touching.first { offset < $0.span.end } ?? touching.first
  }

  /// The name that the file's own statements or a task binds, which a stretch speaks of.
  package func name(of stretch: Stretch) -> BoundName? { stretch.name < 0 ? nil : names[Int(stretch.name)] }

  /// What a name means at a place, if it is one that is bound above it.
  func name(_ text: String, knownAt offset: Int) -> BoundName? {
    names.last { $0.text == text && $0.kind != .task && $0.scope.start <= offset && offset <= $0.scope.end }
  }

  package func text(of stretch: Stretch) -> String { file.text(stretch.span) }

  /// What others get by `use`: the tasks, and the names that `let` binds outside of all blocks.
  package var exports: [BoundName] { exportPlaces.map { names[$0] } }

  /// The same, by their places among the names.
  package var exportPlaces: [Int] {
    names.indices.filter { names[$0].kind == .task || (names[$0].kind == .constant && isOutermost(names[$0])) }
  }

  /// Whether a name is bound outside of all blocks.
  package func isOutermost(_ name: BoundName) -> Bool {
    switch name.kind {
    case .constant, .variable, .parameter: Int(name.scope.end) >= file.bytes.count
    default: false
    }
  }

  /// The recipe's parameters.
  package var parameters: [BoundName] { names.filter { $0.kind == .parameter } }

  /// The parameters of a task.
  package func parameters(ofTask name: String) -> [BoundName] {
    guard let task = names.firstIndex(where: { $0.kind == .task && $0.text == name }) else { return [] }
    return names.filter { $0.task == task }
  }

  /// The command whose name or words stand at a place.
  package func command(at offset: Int) -> CommandCall? {
    commands.last { $0.nameSpan.start <= offset && offset <= $0.words.last?.span.end ?? $0.nameSpan.end }
  }

  /// What the recipe says that it does.
  package var title: String? {
    guard let part = parts.first(where: { $0.kind == .recipe }), part.name.end > part.name.start + 1 else { return nil }
    return file.text(Span(Int(part.name.start) + 1, Int(part.name.end) - 1))
  }

  /// How a name is bound, as a person reads it: secrets are masked.
  package func statement(of name: BoundName) -> String {
    switch name.kind {
    case .given: return name.text
    case .taskParameter, .loopVariable, .failure, .functionParameter:
      let line = file.lineRange(around: Int(name.span.start))
      return file.shownAlone(Span(line.lowerBound, line.upperBound))
    case .task: return file.shownAlone(Span(Int(name.statement.start), Int(name.span.end)))
    case .constant, .variable, .parameter: return file.shownAlone(name.statement).truncated(to: 400)
    }
  }

  /// One line about a name: how it is bound.
  func summary(of name: BoundName) -> String {
    switch name.kind {
    case .constant, .variable, .parameter:
      let line = file.lineRange(around: Int(name.span.start))
      let start = max(line.lowerBound, Int(name.statement.start))
      return file.shownAlone(Span(start, line.upperBound)).truncated(to: 120)
    default: return role(of: name)
    }
  }

  /// What a name is, in a few words.
  package func role(of name: BoundName) -> String {
    switch name.kind {
    case .constant: "bound by `let`"
    case .variable: "bound by `var`: it may change"
    case .parameter: "a parameter: `\(name.text)=…` on the command line"
    case .task: "a task"
    case .taskParameter:
      shownValue(of: name).isEmpty
        ? "an argument of the task" : "an argument of the task, \(shownValue(of: name)) if not given"
    case .loopVariable: "each element in turn"
    case .failure: "the failure, as text"
    case .functionParameter: "what the function is given"
    case .given: NameIndex.role(ofGiven: name.text)
    }
  }

  /// The same of a name that every recipe knows.
  package static func role(ofGiven name: String) -> String {
    name == "clusters" ? "the list of the run's clusters" : "what the recipe runs on"
  }

  /// `deploy(release, namespace = "apps")`
  package func signature(ofTask name: String) -> String {
    let list = parameters(ofTask: name).map { parameter in
      let value = shownValue(of: parameter)
      return value.isEmpty ? parameter.text : "\(parameter.text) = \(value)"
    }
    return "\(name)(\(list.joined(separator: ", ")))"
  }

  /// The default of a task's parameter as it is written; empty if there is none.
  func shownValue(of parameter: BoundName) -> String {
    parameter.value.map { file.shownAlone($0.span).truncated(to: 60) } ?? ""
  }

  /// The comment right above a statement, without its signs.
  package func comment(above statement: Span) -> String {
    var lines: [String] = []
    var end = file.lineRange(around: Int(statement.start)).lowerBound
    while end > 0, lines.count < 30 {
      let line = file.lineRange(around: end - 1)
      let text = file.text(Span(line.lowerBound, line.upperBound)).drop { $0 == " " || $0 == "\t" }
      guard text.hasPrefix("#") else { break }
      lines.append(String(text.drop { $0 == "#" }.drop { $0 == " " }))
      end = line.lowerBound
    }
    return lines.reversed().joined(separator: "\n")
  }
}

extension SourceFile {
  /// A statement or a value as people see it, its secrets masked. Only what stands in it is looked at: that takes no
  /// longer in a long file.
  func shownAlone(_ span: Span) -> String {
    let range = span.range.clamped(to: 0..<bytes.count).prefix(2000)
    let part = SourceFile(path: path, bytes: Array(bytes[range]))
    return part.shownText(Span(0, range.count))
  }
}

/// Paths as recipes write them.
package enum SourcePath {
  /// A path without `.` and without `..` behind a folder, so that one file has one name.
  package static func normalized(_ path: String) -> String { Interpreter.normalized(path) }

  /// The path that a file in `folder` means.
  package static func joined(_ folder: String, _ path: String) -> String {
    Interpreter.normalized(Interpreter.joined(folder, path))
  }
}
