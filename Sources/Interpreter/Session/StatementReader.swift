import Lexer

/// Finds out where statements end, in lines that come one after the other. A line may go on with the statement above, so
/// a statement is given out only when the next line has come.
public struct StatementReader {
  private let vocabulary: Vocabulary
  private var lines: [String] = []
  private var isUnfinished = false
  /// Once there are many lines: a short text that leaves open what they do, if there is one.
  private var stand: String?
  /// How many lines have come.
  public private(set) var lineCount = 0

  /// So many lines are read anew with each line that comes; of longer statements only the line itself, if possible.
  private static let fewLines = 64

  /// A reader that knows those words as commands.
  public init(vocabulary: Vocabulary) { self.vocabulary = vocabulary }

  /// A statement, and the number of its first line.
  public struct Found: Sendable {
    /// The statement as it was written.
    public let text: String
    /// The number of its first line, from 1.
    public let line: Int
  }

  /// Whether a line that comes now belongs to what is there for sure.
  public var wantsMore: Bool { !lines.isEmpty && isUnfinished }

  /// The text that waits for its next line.
  public var pending: String { lines.joined(separator: "\n") }

  /// Takes the next line.
  ///
  /// - Returns: the statement before it, if that has ended.
  public mutating func add(_ line: String) -> Found? {
    lineCount += 1
    if lines.isEmpty {
      if !StatementReader.isBlank(line) { append(line) }
      return nil
    }
    if isUnfinished || StatementReader.isBlank(line) || goesOn(line) {
      append(line)
      return nil
    }
    let found = take(before: 1)
    append(line)
    return found
  }

  /// Passes a line that is no part of a statement.
  public mutating func passLine() { lineCount += 1 }

  /// The statement that is left when no more lines come.
  public mutating func finish() -> Found? { lines.isEmpty ? nil : take(before: 0) }

  private mutating func take(before newer: Int) -> Found {
    let found = Found(text: pending, line: lineCount - newer - lines.count + 1)
    lines = []
    isUnfinished = false
    stand = nil
    return found
  }

  private mutating func append(_ line: String) {
    lines.append(line)
    guard lines.count > StatementReader.fewLines else {
      isUnfinished = StatementReader.isUnfinished(pending, vocabulary: vocabulary, isTyped: false)
      return
    }
    if let stand = stand ?? (isUnfinished ? nil : finished) {
      let rest = rest(of: stand + line)
      // What has been open and is closed now is looked at as a whole.
      if rest.isRight, rest.isUnfinished || !isUnfinished { return take(rest) }
    }
    take(rest(of: pending))
  }

  private mutating func take(_ rest: Rest) {
    isUnfinished = rest.isUnfinished
    stand = rest.opening
  }

  private struct Rest {
    let isUnfinished: Bool
    /// Whether nothing is wrong with the text but that it goes on.
    let isRight: Bool
    /// A short text that leaves the same open, if there is one.
    let opening: String?
  }

  private func rest(of text: String) -> Rest {
    var parser = Parser(
      SourceFile(path: "", text: text + "\n"), vocabulary: vocabulary, names: vocabulary.names, for: .completing)
    parser.showsValues = true
    parser.mostProblems = .max
    _ = parser.parse()
    let isUnfinished = StatementReader.isUnfinished(parser, isTyped: false)
    let isRight = parser.problems.allSatisfy { error in
      switch error.problem {
      case .unclosed, .unclosedString(tripled: true): true
      default: isUnfinished && Int(error.span.start) >= parser.lexer.file.bytes.count
      }
    }
    return Rest(
      isUnfinished: isUnfinished, isRight: isRight,
      opening: isUnfinished && parser.leftOpen == 0 ? parser.typing.opening : nil)
  }

  /// A statement that is over, and with which every line goes on that goes on with one.
  private var finished: String { (vocabulary.commandNames.first ?? "f()") + "\n" }

  /// Whether a line goes on with a finished statement above it.
  private func goesOn(_ line: String) -> Bool {
    let isBehindBlock = lines.last { !StatementReader.isBlank($0) }?.last { $0 != " " } == "}"
    return [finished, isBehindBlock ? "if true { }\n" : finished].contains { statement in
      let file = SourceFile(path: "", text: statement + line)
      var parser = Parser(file, vocabulary: vocabulary, names: vocabulary.names)
      _ = parser.parse()
      // What makes no sense from its first letter on goes on with nothing.
      let start = statement.utf8.count + line.utf8.prefix { $0 <= UInt8(ascii: " ") }.count
      return parser.lastStatement == 0 && parser.problems.allSatisfy { Int($0.span.start) > start }
    }
  }

  /// Whether there is nothing on a line but a comment.
  private static func isBlank(_ line: String) -> Bool {
    guard let first = line.utf8.first(where: { $0 > UInt8(ascii: " ") }) else { return true }
    return first == UInt8(ascii: "#")
  }

  /// Whether a text lacks something that a line below it may bring: a closing bracket, an operand, a block.
  ///
  /// - Parameter isTyped: somebody sees at once what is wrong with it. Else what is wrong and has open brackets is not
  ///   over until they are closed: what stands in a block must never be taken for statements of its own.
  public static func isUnfinished(_ text: String, vocabulary: Vocabulary, isTyped: Bool) -> Bool {
    let file = SourceFile(path: "", text: text)
    var parser = Parser(file, vocabulary: vocabulary, names: vocabulary.names)
    parser.showsValues = true
    parser.mostProblems = .max
    _ = parser.parse()
    return isUnfinished(parser, isTyped: isTyped)
  }

  /// - Parameter parser: one that has read a text.
  private static func isUnfinished(_ parser: Parser, isTyped: Bool) -> Bool {
    guard let last = parser.problems.last else { return false }
    if case .expected = last.problem, Int(last.span.start) >= parser.lexer.file.bytes.count { return true }
    for error in parser.problems {
      switch error.problem {
      case .unclosed, .unclosedString(tripled: true): return true
      default: break
      }
    }
    return !isTyped && (parser.endsOpen || parser.leftOpen > 0)
  }
}
