import Lexer

/// A file as an editor sees it: what each stretch of it is and what its names mean, however broken it is.
///
/// The parser gives up on a statement that it can't read, and what is being typed is nearly always such a statement. A
/// sketch passes over what makes no sense and goes on, in one pass over the text.
public struct Sketch: Sendable {
  public let file: SourceFile
  /// In the order of the text.
  public internal(set) var marks: [Mark] = []
  public internal(set) var names: [BoundName] = []
  public internal(set) var commands: [SketchedCommand] = []
  /// What an outline shows: the recipe's title, its tasks and its steps.
  public internal(set) var parts: [Part] = []
  /// The files that `use` and `run` name.
  public internal(set) var mentions: [FileMention] = []
  /// The labels of arguments, by where they begin: the name of what is called.
  public internal(set) var labels: [Int: String] = [:]
  var symbols: NameTable

  /// A stretch of the text that means something by itself.
  public struct Mark: Sendable {
    public enum Kind: UInt8, Sendable {
      case keyword, command, subcommand, flag, word, string, number, comment
      case name, task, function, method, field, key, label
    }
    public internal(set) var kind: Kind
    /// Whether a name is bound here.
    public internal(set) var isBinding = false
    public let span: Span
    /// Its place among the names that the file binds; -1 if it is none of them.
    public internal(set) var name: Int32 = -1

    init(_ kind: Kind, _ span: Span) {
      self.kind = kind
      self.span = span
    }
  }

  /// A name that the file binds, or that every recipe knows.
  public struct BoundName: Sendable {
    public enum Kind: Sendable {
      case constant, variable, parameter, task, taskParameter, loopVariable, failure, functionParameter, given
    }
    public let kind: Kind
    let symbol: Symbol
    public let text: String
    /// Where it is bound; empty for what every recipe knows.
    public let span: Span
    /// Where its statement begins.
    public let statement: Int
    /// The text of its value or its default.
    public internal(set) var value = Span(0, 0)
    /// Where it can be used.
    public internal(set) var scope = Span(0, 0)
    /// Of a task's parameter: the task.
    public internal(set) var task: Int32 = -1
  }

  /// A command with its words, or the words behind `run "other.nbx"`.
  public struct SketchedCommand: Sendable {
    public enum Form: Sendable { case command, arguments, clusters }
    public let form: Form
    let symbol: Symbol
    public let nameSpan: Span
    public internal(set) var words: [SketchedWord] = []
  }

  public struct SketchedWord: Sendable {
    public internal(set) var span: Span
    /// Its first mark.
    let mark: Int
    /// Whether it holds neither `$name` nor `${…}`.
    public internal(set) var isLiteral = true
  }

  public struct Part: Sendable {
    public enum Kind: Sendable { case recipe, step, task }
    public let kind: Kind
    /// The text that names it.
    public internal(set) var name: Span
    public internal(set) var span: Span
    /// How many parts it lies in.
    public let depth: Int
  }

  /// `use "lib.nbx"`, `run "other.nbx"`
  public struct FileMention: Sendable {
    public let isUse: Bool
    /// The path as it is written, and where, without its quotes.
    public let path: String
    public let span: Span
    /// The words behind the path, among the commands.
    public internal(set) var arguments: Int?
  }

  /// Reads a file.
  public init(_ file: SourceFile, vocabulary: Vocabulary) {
    var reader = SketchReader(file, vocabulary: vocabulary)
    reader.read()
    reader.closeAll()
    self = reader.sketch
  }

  init(file: SourceFile, symbols: NameTable) {
    self.file = file
    self.symbols = symbols
  }
}

extension Sketch {
  /// The place of the first mark that ends at or behind an offset.
  func firstMark(endingFrom offset: Int) -> Int {
    var low = 0
    var high = marks.count
    while low < high {
      let middle = (low + high) / 2
      if Int(marks[middle].span.end) < offset { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// The mark at an offset: the one that goes on there, else the one that ends there.
  public func mark(at offset: Int) -> Mark? {
    let first = firstMark(endingFrom: offset)
    let touching = marks[first...].prefix(2).filter { $0.span.start <= offset && offset <= $0.span.end }
    return touching.first { offset < $0.span.end } ?? touching.first
  }

  /// The name that the file's own statements or a task binds, which a mark speaks of.
  public func name(of mark: Mark) -> BoundName? { mark.name < 0 ? nil : names[Int(mark.name)] }

  public func text(of mark: Mark) -> String { file.text(mark.span) }

  /// What others get by `use`: the tasks, and the names that `let` binds outside of all blocks.
  public var exports: [BoundName] {
    names.filter { $0.kind == .task || ($0.kind == .constant && Int($0.scope.end) >= file.bytes.count) }
  }

  /// The recipe's parameters.
  public var parameters: [BoundName] { names.filter { $0.kind == .parameter } }

  /// The parameters of a task.
  public func parameters(ofTask name: String) -> [BoundName] {
    guard let task = names.firstIndex(where: { $0.kind == .task && $0.text == name }) else { return [] }
    return names.filter { $0.task == task }
  }

  /// The command whose name or words stand at a place.
  public func command(at offset: Int) -> SketchedCommand? {
    commands.last { command in
      guard command.form == .command, command.nameSpan.start <= offset else { return false }
      return offset <= command.words.last?.span.end ?? command.nameSpan.end
    }
  }

  /// How a name is bound, as a person reads it: secrets are masked.
  public func statement(of name: BoundName) -> String {
    switch name.kind {
    case .given: return name.text
    case .taskParameter, .loopVariable, .failure, .functionParameter:
      let line = file.lineRange(around: Int(name.span.start))
      return file.shownAlone(Span(line.lowerBound, line.upperBound))
    default:
      let end = max(Int(name.value.end), Int(name.span.end))
      return file.shownAlone(Span(name.statement, end)).truncated(to: 400)
    }
  }

  /// What a name is, in a few words.
  public func role(of name: BoundName) -> String {
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
    case .given: name.text == "clusters" ? "the list of the run's clusters" : "what the recipe runs on"
    }
  }

  /// The comment right above a statement, without its signs.
  public func comment(above statement: Int) -> String {
    var lines: [String] = []
    var end = file.lineRange(around: statement).lowerBound
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

/// Paths as recipes write them.
public enum SourcePath {
  /// A path without `.` and without `..` behind a folder, so that one file has one name.
  public static func normalized(_ path: String) -> String { Interpreter.normalized(path) }

  /// The path that a file in `folder` means.
  public static func joined(_ folder: String, _ path: String) -> String {
    Interpreter.normalized(Interpreter.joined(folder, path))
  }
}
