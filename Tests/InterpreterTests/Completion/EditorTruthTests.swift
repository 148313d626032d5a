import Foundation
import Lexer
import TestSupport
import Testing

@testable import Interpreter
@testable import ValuesAndCommands

/// What an editor sees is what runs: every name of a recipe means to the index what it means to the resolver, completion
/// offers it where it stands, and none of that hangs on how much white space stands between two words.
@Suite(.mayWait) struct EditorTruthTests {
  private static let host = StandIns()

  // MARK: Names

  /// Where every name that a file speaks of is bound in it, by where it is spoken of; as the resolver has it.
  private struct Resolved {
    private(set) var bindings: [UInt32: UInt32] = [:]
    private(set) var references: [Span] = []
    private var places: [Slot: UInt32] = [:]
    private var pending: [(span: Span, slot: Slot)] = []

    struct Slot: Hashable {
      let task: Int
      let slot: Int
    }

    init(_ unit: Interpreter.Unit) {
      for parameter in unit.parameters {
        note(parameter.variable, task: -1)
        parameter.value.forEachExpression { refer($0, task: -1) }
      }
      bind(unit.body, task: -1)
      unit.body.forEachExpression { refer($0, task: -1) }
      for task in unit.tasks {
        for parameter in task.parameters { note(parameter.variable, task: task.index) }
        bind(task.body, task: task.index)
        task.forEachExpression { refer($0, task: task.index) }
      }
      for (span, slot) in pending {
        guard let place = places[slot] else { continue }
        bindings[span.start] = place
        references.append(span)
      }
    }

    private mutating func note(_ variable: Variable, task: Int) {
      places[Slot(task: task, slot: variable.slot)] = variable.span.start
      bindings[variable.span.start] = variable.span.start
    }

    private mutating func bind(_ block: Block, task: Int) {
      for statement in block.statements { bind(statement, task: task) }
    }

    private mutating func bind(_ statement: Statement, task: Int) {
      switch statement {
      case .bind(let node): note(node.variable, task: task)
      case .assign(let node): pending.append((node.variable.span, Slot(task: task, slot: node.variable.slot)))
      case .foreach(let node): for variable in node.variables { note(variable, task: task) }
      case .attempt(let node): if let error = node.error { note(error, task: task) }
      case .during(let node): if let variable = node.variable { note(variable, task: task) }
      default: break
      }
      for block in statement.blocks { bind(block, task: task) }
    }

    private mutating func refer(_ expression: Interpreter.Expression, task: Int) {
      switch expression.form {
      case .name:
        let slot = expression.slot
        pending.append((expression.span, slot < 0 ? Slot(task: -1, slot: -1 - slot) : Slot(task: task, slot: slot)))
      case .comprehension(let node): for variable in node.variables { note(variable, task: task) }
      case .method(let call):
        for case .lambda(let lambda) in call.arguments {
          for variable in lambda.parameters { note(variable, task: task) }
        }
      case .statement(let statement): bind(statement, task: task)
      case .attempt(let attempt): if case .block(let block) = attempt.body { bind(block, task: task) }
      case .call(let call):
        guard case .task(let called) = call.callee, called.unit == 0 else { return }
        bindings[call.nameSpan.start] = called.nameSpan.start
        for argument in call.arguments {
          guard let label = argument.label else { continue }
          let parameter = called.parameters.first { $0.variable.symbol == label }
          bindings[argument.span.start] = parameter?.variable.span.start
        }
      default: break
      }
    }
  }

  private static func program(_ text: String, _ path: String) throws -> Program {
    try Program.load(path, vocabulary: Vocabulary(host: host)) { asked in
      if asked == normalized(path) { return .success(Array(text.utf8)) }
      return FileManager.default.contents(atPath: asked).map { .success(Array($0)) } ?? .failure(FileProblem("none"))
    }
  }

  private static let texts: [(path: String, text: String)] =
    FormatTests.recipes.map { FormatTests.root.appending(path: $0).path }.map { path in
      (path, (try? String(contentsOfFile: path, encoding: .utf8)) ?? "")
    }
    // Examples stand beside the folder `recipes`, as `nbx recipes copy recipes` lays it.
    + DocumentationTests.examples.map {
      (FormatTests.root.appending(path: $0.testDescription.replacing("docs/", with: "")).path, $0.text)
    }

  /// Of so many places in a row completion is asked at one.
  private static let stride = Campaign.size(90, whole: 9)

  @Test(arguments: texts.indices) func `each name means what it means when it runs`(place: Int) throws {
    let (path, text) = EditorTruthTests.texts[place]
    let vocabulary = Vocabulary(host: EditorTruthTests.host)
    let completer = Completer(vocabulary: vocabulary) { path in
      FileManager.default.contents(atPath: path).map(Array.init)
    }
    for text in [text] + Respacing.allCases.map({ $0.respaced(text, EditorTruthTests.host) }) {
      let program = try EditorTruthTests.program(text, path)
      let index = NameIndex(program.main.file, vocabulary: vocabulary)
      let resolved = Resolved(program.main)
      var known: [UInt32: UInt32] = [:]
      for stretch in index.stretches {
        switch stretch.kind {
        case .label:
          guard let task = index.labels[Int(stretch.span.start)] else { continue }
          let parameter = index.parameters(ofTask: task).first { $0.text == index.text(of: stretch) }
          known[stretch.span.start] = parameter?.span.start
        default:
          if let name = index.name(of: stretch), name.kind != .given { known[stretch.span.start] = name.span.start }
        }
      }
      // What stands in parentheses begins behind them.
      var expected: [UInt32: UInt32] = [:]
      for (start, binding) in resolved.bindings {
        let first = index.stretches.first { $0.span.start >= start }
        expected[first?.span.start ?? start] = binding
      }
      for task in program.main.tasks { expected[task.nameSpan.start] = task.nameSpan.start }
      for (start, binding) in expected where known[start] != binding {
        Issue.record("\(path): \(line(start, text)) is bound at \(line(binding, text)), not \(known[start] ?? 0)")
      }
      for start in known.keys where expected[start] == nil {
        Issue.record("\(path): \(line(start, text)) means nothing")
      }
      let stride = EditorTruthTests.stride
      for (number, span) in resolved.references.enumerated() where number % stride == place % stride {
        let name = program.main.file.text(span)
        guard Letters.isName(name) else { continue }
        let offered = completer.complete(program.main.file, at: Int(span.start)).map(\.label)
        #expect(offered.contains(name), "\(path): \(line(span.start, text))")
      }
    }
  }

  /// A proof by examples is worth as much as they cover.
  @Test func `there are names to look at`() throws {
    let counts = try EditorTruthTests.texts.map { path, text in
      Resolved(try EditorTruthTests.program(text, path).main).references.count
    }
    #expect(counts.reduce(0, +) > 1500)
  }

  private func line(_ offset: UInt32, _ text: String) -> String {
    let file = SourceFile(path: "", text: text)
    let range = file.lineRange(around: Int(offset))
    return "\(offset) in `\(file.text(Span(range.lowerBound, range.upperBound)))`"
  }

  // MARK: White space

  private static let generated = Campaign.size(100, whole: 2000)

  @Test(arguments: 0..<generated / 20) func `white space changes nothing`(group: Int) {
    for seed in (group * 20)..<(group * 20 + 20) {
      let text = RecipeGenerator.recipe(seed: seed).text
      for respacing in Respacing.allCases {
        let other = respacing.respaced(text, TestHost())
        #expect(SyntaxDump(other).tree == SyntaxDump(text).tree, "\(text)\n---\n\(other)")
        #expect(described(other) == described(text), "\(text)\n---\n\(other)")
      }
    }
  }

  /// Everything that an editor knows of a text, but for where it stands.
  private func described(_ text: String) -> [String] {
    let index = NameIndex(SourceFile(path: "main.nbx", text: text), vocabulary: Vocabulary(host: TestHost()))
    let stretches = index.stretches.filter { $0.kind != .comment }
    let places = Dictionary(stretches.enumerated().map { ($1.span.start, $0) }, uniquingKeysWith: { first, _ in first })
    return stretches.map { stretch in
      let name = index.name(of: stretch).map { "\($0.kind) \(places[$0.span.start] ?? -1)" } ?? ""
      // What is filled in is no part of the text around it.
      return "\(stretch.isBinding)\(stretch.kind):\(index.text(of: stretch)) \(name)"
    } + index.parts.map { "\($0.kind) \(index.file.text($0.name))" } + index.mentions.map { "\($0.isUse) \($0.path)" }
      + stretches.compactMap { index.labels[Int($0.span.start)] }
  }

  @Test(arguments: ["\t", " ", String(repeating: " ", count: 17), "\n"])
  func `a label is a label, whatever follows it`(space: String) throws {
    let text = "task greet(name) { print name }\nlet name_ = 1\ngreet(name\(space): name_)"
    let index = NameIndex(SourceFile(path: "main.nbx", text: text), vocabulary: Vocabulary(host: TestHost()))
    #expect(index.stretches.filter { $0.kind == .label }.map { index.text(of: $0) } == ["name"])
    #expect(index.labels.values.map { $0 } == ["greet"])
  }

  @Test(arguments: ["\t", " ", String(repeating: " ", count: 17), "\n", " # why\n"])
  func `a block is a block, whatever stands before it`(space: String) throws {
    let vocabulary = Vocabulary(host: TestHost())
    let tried = SourceFile(path: "main.nbx", text: "let name_ = 1\ntry\(space){ na")
    let offered = Completer(vocabulary: vocabulary).complete(tried, at: tried.bytes.count).map(\.label)
    #expect(offered.contains("name_"))
    let lanes = SourceFile(path: "main.nbx", text: "parallel\(space){ step \"one\" { print 1 } }")
    let parts = NameIndex(lanes, vocabulary: vocabulary).parts
    #expect(parts.map { lanes.text($0.name) } == ["\"one\""])
  }
}

/// Other white space between the same words.
enum Respacing: CaseIterable {
  case tabs, wide, lines

  func respaced(_ text: String, _ host: any Interpreter.Host) -> String {
    let file = SourceFile(path: "main.nbx", text: text)
    let vocabulary = Vocabulary(host: host)
    var parser = Parser(file, vocabulary: vocabulary, names: vocabulary.names, for: .formatting)
    _ = parser.parse()
    var result = ""
    var end = 0
    var brackets: [Token.Kind] = []
    for entry in parser.trace.entries {
      let gap = file.text(Span(end, Int(entry.start)))
      let isBlank = !gap.isEmpty && gap.allSatisfy { $0 == " " || $0 == "\t" }
      switch self {
      case .tabs: result += isBlank ? "\t" : gap
      case .wide: result += isBlank ? String(repeating: " ", count: 17) : gap
      // In parentheses a line's end is a space; behind `.` and before it, it is one everywhere in brackets.
      case .lines: result += isBlank && brackets.last == .leftParenthesis ? "\n" : gap
      }
      result += file.text(Span(Int(entry.start), Int(entry.end)))
      end = Int(entry.end)
      if entry.isOpening { brackets.append(entry.kind) } else if entry.isClosing { _ = brackets.popLast() }
    }
    return result + file.text(Span(end, file.bytes.count))
  }
}
