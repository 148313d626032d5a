import Lexer

/// Finds out where statements end, in lines that come one after the other. A line may go on with the statement above, so
/// a statement is given out only when the next line has come.
public struct StatementReader {
  private let vocabulary: Vocabulary
  private var lines: [String] = []
  private var scanner = BracketScanner()
  private var isUnfinished = false
  /// The number of lines at which the parser is asked again, once there are many.
  private var nextLook = 0
  /// How many lines have come.
  public private(set) var lineCount = 0

  /// So many lines are read anew with each line that comes; of longer statements only what may be their end.
  private static let fewLines = 64

  public init(vocabulary: Vocabulary) { self.vocabulary = vocabulary }

  /// A statement, and the number of its first line.
  public struct Found: Sendable {
    public let text: String
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
    scanner = BracketScanner()
    isUnfinished = false
    nextLook = 0
    return found
  }

  private mutating func append(_ line: String) {
    lines.append(line)
    scanner.pass(line.utf8)
    if lines.count <= StatementReader.fewLines {
      isUnfinished = StatementReader.isUnfinished(pending, vocabulary: vocabulary, isTyped: false)
    } else if scanner.isOpen, lines.count < nextLook {
      isUnfinished = true
    } else if isUnfinished || !StatementReader.endsFinished(line) {
      isUnfinished = StatementReader.isUnfinished(pending, vocabulary: vocabulary, isTyped: false)
      nextLook = lines.count * 2
    }
  }

  /// Whether a line goes on with a finished statement above it.
  private func goesOn(_ line: String) -> Bool {
    let file = SourceFile(path: "", text: line)
    var lexer = Lexer(file, names: vocabulary.names)
    lexer.skipBlanks()
    if lexer.byte() == UInt8(ascii: "-") || lexer.isAtEndingKeyword { return true }
    guard lexer.isAt(word: "else") || lexer.isAt(word: "else{") else { return false }
    return lines.last(where: { !StatementReader.isBlank($0) })?.last(where: { $0 != " " }) == "}"
  }

  /// Whether there is nothing on a line but a comment.
  private static func isBlank(_ line: String) -> Bool {
    guard let first = line.utf8.first(where: { $0 > UInt8(ascii: " ") }) else { return true }
    return first == UInt8(ascii: "#")
  }

  /// Whether a line that goes on with a finished statement leaves it finished, as far as can be seen at its end.
  private static func endsFinished(_ line: String) -> Bool {
    guard let last = line.utf8.last(where: { $0 > UInt8(ascii: " ") }) else { return true }
    return Lexer.continuesName(last) || last == UInt8(ascii: "\"") || last == UInt8(ascii: "'")
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
    guard let last = parser.problems.last else { return false }
    if case .expected = last.problem, Int(last.span.start) >= file.bytes.count { return true }
    for error in parser.problems {
      switch error.problem {
      case .unclosed, .unclosedString(tripled: true): return true
      default: break
      }
    }
    if isTyped { return false }
    var scanner = BracketScanner()
    for line in file.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) { scanner.pass(line) }
    return scanner.isOpen
  }
}
