import Interpreter

/// What was typed or read: a statement, or a line for the REPL itself.
enum ReplEntry {
  case statement(String, line: Int)
  /// `:name rest`; the rest may have several lines.
  case command(String, rest: String, line: Int)

  /// Takes a text apart that is one entry.
  init(_ text: String, line: Int = 1) {
    guard let (name, rest) = ReplEntry.command(in: text) else {
      self = .statement(text, line: line)
      return
    }
    self = .command(name, rest: rest, line: line)
  }

  /// The name behind a leading colon, and what follows it.
  static func command(in text: String) -> (name: String, rest: String)? {
    let trimmed = text.drop { $0 == " " || $0 == "\t" }
    guard trimmed.first == ":" else { return nil }
    let name = trimmed.dropFirst().prefix { !$0.isWhitespace }
    let rest = trimmed.dropFirst(1 + name.count).drop { $0.isWhitespace }
    return (String(name), String(rest).trimmingBlanks())
  }
}

extension String {
  /// Without white space at its end.
  func trimmingBlanks() -> String {
    var copy = self
    while copy.last?.isWhitespace == true { copy.removeLast() }
    return copy
  }
}

/// Makes entries of lines that come one after the other.
struct ReplEntries {
  private var reader: StatementReader
  /// The `:name` whose statement is being read.
  private var command: String?

  init(vocabulary: Vocabulary) { reader = StatementReader(vocabulary: vocabulary) }

  /// Takes a line; gives the entries that have ended by it.
  mutating func add(_ line: String) -> [ReplEntry] {
    guard !reader.wantsMore, let (name, rest) = ReplEntry.command(in: line) else {
      return reader.add(line).map { [entry($0)] } ?? []
    }
    var entries = finish()
    guard let known = ReplCommand.named(name), known.takesStatement, !rest.isEmpty else {
      reader.passLine()
      entries.append(.command(name, rest: rest, line: reader.lineCount))
      return entries
    }
    command = name
    _ = reader.add(rest)
    return entries
  }

  /// Whether the next line belongs to what is there for sure.
  var wantsMore: Bool { reader.wantsMore }

  /// What waits for its next line.
  var pending: String { (command.map { ":\($0) " } ?? "") + reader.pending }

  /// What is left when no more lines come.
  mutating func finish() -> [ReplEntry] { reader.finish().map { [entry($0)] } ?? [] }

  private mutating func entry(_ found: StatementReader.Found) -> ReplEntry {
    guard let name = command else { return .statement(found.text, line: found.line) }
    command = nil
    return .command(name, rest: found.text, line: found.line)
  }
}

extension ReplEntry {
  /// The entry as it is typed.
  var text: String {
    switch self {
    case .statement(let text, _): text
    case .command(let name, let rest, _): rest.isEmpty ? ":\(name)" : ":\(name) \(rest)"
    }
  }
}
