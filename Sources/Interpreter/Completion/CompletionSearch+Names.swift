import Lexer

/// Names, tasks and functions.
extension CompletionSearch {
  /// The names that are known at the place, the innermost first.
  mutating func addNames() {
    let end = before.file.bytes.count
    var open: Set<UInt32> = []
    var unfinished: Set<UInt32> = []
    for surrounding in place.surroundings {
      switch surrounding {
      case .names(let variables): open.formUnion(variables.map(\.span.start))
      case .binding(let variable): unfinished.insert(variable.span.start)
      default: break
      }
    }
    let names = before.names.reversed().filter { name in
      if name.kind == .task || name.kind == .given || unfinished.contains(name.span.start) { return false }
      return Int(name.scope.end) >= end || open.contains(name.span.start)
    }
    for name in names { addName(name, of: before.file) }
    for name in comprehensionNames + laterNames { addName(name, of: file) }
    for name in importedNames { addName(name.name, of: name.file) }
    for entry in session { add(entry.name, .variable, SessionText.of(entry.value)) }
    for name in before.names where name.kind == .given {
      add(name.text, .variable, NameIndex.role(ofGiven: name.text))
    }
  }

  private mutating func addName(_ name: NameIndex.BoundName, of file: SourceFile) {
    add(name.text, .variable, name.summary(in: file))
  }

  /// A comprehension's names, which stand behind the place.
  private var comprehensionNames: [NameIndex.BoundName] {
    let isInList = place.surroundings.contains { if case .list = $0 { true } else { false } }
    guard isInList else { return [] }
    return index.names.filter {
      $0.kind == .loopVariable && $0.span.start > offset && $0.scope.start <= nameStart && $0.scope.end >= offset
    }
  }

  /// The names of the file's own statements that are bound below the task in which the place is: it may be called later.
  private var laterNames: [NameIndex.BoundName] {
    guard isInTask else { return [] }
    return index.names.filter { index.isOutermost($0) && $0.span.start > offset }
  }

  /// What the files bring in that the file uses above the place.
  private var importedNames: [(name: NameIndex.BoundName, file: SourceFile)] {
    before.mentions.filter(\.isUse).flatMap { mention -> [(name: NameIndex.BoundName, file: SourceFile)] in
      guard let library = brought(by: mention.path) else { return [] }
      return library.exports.filter { $0.kind == .constant }.map { ($0, library.file) }
    }
  }

  /// The index of a file that this one names.
  func brought(by mentioned: String) -> NameIndex? {
    let path = normalized(joined(file.folder, mentioned))
    guard let bytes = completer.read(path) else { return nil }
    return NameIndex(SourceFile(path: path, bytes: bytes), vocabulary: vocabulary)
  }

  /// What tasks may be called, in this file and in those that it uses: a task may stand below its call.
  private var callable: [NameIndex] {
    [before, below] + before.mentions.filter(\.isUse).compactMap { brought(by: $0.path) }
  }

  mutating func addTasks() {
    for index in callable { for task in index.names where task.kind == .task { addTask(task, of: index) } }
  }

  private mutating func addTask(_ task: NameIndex.BoundName, of index: NameIndex) {
    add(
      task.text, .task, index.signature(ofTask: task.text), documentation: index.comment(above: task.statement),
      text: task.text + "(")
  }

  /// The labels of a call's arguments that are not given yet.
  mutating func addLabels(of symbol: Symbol, except given: [Symbol]) {
    let name = symbols[symbol]
    let given = Set(given.map { symbols[$0] })
    for index in callable {
      for parameter in index.parameters(ofTask: name) where !given.contains(parameter.text) {
        let value = index.shownValue(of: parameter)
        let detail = value.isEmpty ? "an argument of \(name)" : "an argument of \(name), \(value) if not given"
        add(parameter.text + ":", .parameter, detail, text: parameter.text + ": ")
      }
    }
  }

  mutating func addFunctions() {
    for function in BuiltinFunction.allCases {
      add(function.rawValue, .function, function.help, text: function.rawValue + "(")
    }
  }

  mutating func addCommands() {
    for name in vocabulary.commandNames {
      guard let command = vocabulary.commands[name] else { continue }
      add(name, .command, command.summary)
    }
  }
}

extension NameIndex.BoundName {
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
      return file.shownAlone(Span(max(range.lowerBound, Int(statement.start)), range.upperBound)).truncated(to: 120)
    }
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
