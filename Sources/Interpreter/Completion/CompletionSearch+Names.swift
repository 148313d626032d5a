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
    for name in names { addName(name, of: before) }
    for name in comprehensionNames + laterNames { addName(name, of: index) }
    for library in used { for name in library.exports where name.kind == .constant { addName(name, of: library) } }
    for entry in session { add(entry.name, .variable, entry.value.summary) }
    for name in before.names where name.kind == .given {
      add(name.text, .variable, NameIndex.role(ofGiven: name.text))
    }
  }

  private mutating func addName(_ name: NameIndex.BoundName, of index: NameIndex) {
    add(name.text, .variable, index.summary(of: name))
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

  /// The files that the file uses above the place.
  private var used: [NameIndex] { before.mentions.filter(\.isUse).compactMap { brought(by: $0.path) } }

  /// The index of a file that this one names.
  func brought(by mentioned: String) -> NameIndex? {
    let path = normalized(joined(file.folder, mentioned))
    guard let bytes = completer.read(path) else { return nil }
    return NameIndex(SourceFile(path: path, bytes: bytes), vocabulary: vocabulary)
  }

  /// What tasks may be called, in this file and in those that it uses: a task may stand below its call.
  private var callable: [NameIndex] { [before, below] + used }

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
        add(parameter.text + ":", .parameter, index.role(of: parameter), text: parameter.text + ": ")
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
