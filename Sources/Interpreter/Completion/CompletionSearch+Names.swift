import Lexer

/// Names, tasks and functions.
extension CompletionSearch {
  /// The names that are known at the place, the innermost first.
  mutating func addNames() {
    let names = reader.namesInScope.map { reader.sketch.names[Int($0)] }
    for name in names where name.kind != .task && name.kind != .given { addName(name, of: reader.sketch.file) }
    for name in comprehensionNames { addName(name, of: file) }
    for name in importedNames where name.name.kind == .constant { addName(name.name, of: name.file) }
    for entry in session { add(entry.name, .variable, SessionText.of(entry.value)) }
    for name in names where name.kind == .given {
      add(name.text, .variable, name.text == "clusters" ? "the list of the run's clusters" : "what the recipe runs on")
    }
  }

  private mutating func addName(_ name: Sketch.BoundName, of file: SourceFile) {
    add(name.text, .variable, name.summary(in: file))
  }

  /// A comprehension's names, which stand behind the place.
  private var comprehensionNames: [Sketch.BoundName] {
    guard reader.frames.contains(where: { $0.kind == .list }) else { return [] }
    return sketch.names.filter {
      $0.kind == .loopVariable && $0.span.start > offset && $0.scope.start <= nameStart && $0.scope.end >= offset
    }
  }

  /// What the files bring in that the file uses above the place.
  private var importedNames: [(name: Sketch.BoundName, file: SourceFile)] {
    reader.sketch.mentions.filter(\.isUse).flatMap { mention -> [(name: Sketch.BoundName, file: SourceFile)] in
      guard let library = brought(by: mention) else { return [] }
      return library.exports.map { ($0, library.file) }
    }
  }

  func brought(by mention: Sketch.FileMention) -> Sketch? {
    let path = normalized(joined(file.folder, mention.path))
    guard let bytes = completer.read(path) else { return nil }
    return Sketch(SourceFile(path: path, bytes: bytes), vocabulary: vocabulary)
  }

  mutating func addTasks() {
    for part in parts { for task in part.names where task.kind == .task { addTask(task, of: part) } }
    for mention in reader.sketch.mentions where mention.isUse {
      guard let library = brought(by: mention) else { continue }
      for task in library.names where task.kind == .task { addTask(task, of: library) }
    }
  }

  private mutating func addTask(_ task: Sketch.BoundName, of sketch: Sketch) {
    add(
      task.text, .task, sketch.signature(ofTask: task.text), documentation: sketch.comment(above: task.statement),
      text: task.text + "(")
  }

  mutating func addFunctions() {
    for function in BuiltinFunction.allCases {
      add(function.rawValue, .function, function.help, text: function.rawValue + "(")
    }
  }

  /// The labels of a call's arguments that are not given yet.
  mutating func addLabels(of symbol: Symbol) {
    let name = reader.lexer.names[symbol]
    let first = top.firstMark
    let marks = reader.sketch.marks
    let given = Set(marks[min(first, marks.count)...].filter { $0.kind == .label }.map { reader.sketch.text(of: $0) })
    let uses = reader.sketch.mentions.filter(\.isUse)
    for sketch in parts + uses.compactMap({ brought(by: $0) }) {
      for parameter in sketch.parameters(ofTask: name) where !given.contains(parameter.text) {
        let value = sketch.shownValue(of: parameter)
        let detail = value.isEmpty ? "an argument of \(name)" : "an argument of \(name), \(value) if not given"
        add(parameter.text + ":", .parameter, detail, text: parameter.text + ": ")
      }
    }
  }

  mutating func addCommands() {
    for name in vocabulary.commandNames {
      guard let command = vocabulary.commands[name] else { continue }
      add(name, .command, command.summary)
    }
  }
}

extension Sketch.BoundName {
  /// One line about it: how it is bound.
  func summary(in file: SourceFile) -> String {
    let range = file.lineRange(around: Int(span.start))
    switch kind {
    case .loopVariable: return "each element in turn"
    case .failure: return "the failure, as text"
    case .functionParameter: return "what the function is given"
    case .given: return "known to every recipe"
    case .task, .taskParameter: return "a parameter of the task"
    case .constant, .variable, .parameter:
      return file.shownAlone(Span(max(range.lowerBound, statement), range.upperBound)).truncated(to: 120)
    }
  }
}

extension Sketch {
  /// `deploy(release, namespace = "apps")`
  public func signature(ofTask name: String) -> String {
    let list = parameters(ofTask: name).map { parameter in
      let value = shownValue(of: parameter)
      return value.isEmpty ? parameter.text : "\(parameter.text) = \(value)"
    }
    return "\(name)(\(list.joined(separator: ", ")))"
  }

  /// The default of a task's parameter as it is written; empty if there is none.
  func shownValue(of parameter: BoundName) -> String {
    parameter.value.end > parameter.value.start ? file.shownAlone(parameter.value).truncated(to: 60) : ""
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

/// A session's value in one line.
enum SessionText {
  static func of(_ value: Value) -> String {
    switch value {
    case .list(let elements): "a list of \(elements.count)"
    case .map(let map): "a map of \(map.count)"
    case .record: "what a program gave"
    default: (value.asText?.masked ?? value.typeWithArticle).truncated(to: 80)
    }
  }
}
