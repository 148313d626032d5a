import Interpreter
import LineEditor
import SandboxSystem

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

/// The lines of standard input, each as soon as it is there.
struct LineSource {
  enum Next {
    case line(String)
    case end
    /// A signal came while nothing was there.
    case interrupted
  }

  private var bytes: [UInt8] = []
  /// Where the next line begins, and how far it has been looked at.
  private var start = 0
  private var looked = 0
  private var hasEnded = false
  private static let chunk = 64 << 10

  /// Waits for the next line.
  mutating func next() -> Next {
    while true {
      if let end = bytes[looked...].firstIndex(of: UInt8(ascii: "\n")) {
        defer {
          start = end + 1
          looked = start
        }
        return .line(text(start..<end))
      }
      looked = bytes.count
      if hasEnded {
        defer { start = bytes.count }
        return start < bytes.count ? .line(text(start..<bytes.count)) : .end
      }
      bytes.removeFirst(start)
      looked -= start
      start = 0
      guard fill() else { return .interrupted }
    }
  }

  /// Reads what there is; false if a signal came first.
  private mutating func fill() -> Bool {
    var entry = pollfd(fd: 0, events: Int16(POLLIN), revents: 0)
    while poll(&entry, 1, -1) < 0 {
      guard errno == EINTR || errno == EAGAIN else {
        hasEnded = true
        return true
      }
      if Interrupts.isAskedToStop { return false }
    }
    let old = bytes.count
    bytes.append(contentsOf: repeatElement(0, count: LineSource.chunk))
    let count = bytes.withUnsafeMutableBytes { buffer in
      read(0, buffer.baseAddress.map { $0 + old }, LineSource.chunk)
    }
    bytes.removeLast(LineSource.chunk - max(0, count))
    if count == 0 || count < 0 && errno != EINTR && errno != EAGAIN { hasEnded = true }
    return true
  }

  private func text(_ range: Range<Int>) -> String {
    var range = range
    if range.upperBound > range.lowerBound, bytes[range.upperBound - 1] == UInt8(ascii: "\r") {
      range = range.lowerBound..<(range.upperBound - 1)
    }
    return String(decoding: bytes[range], as: UTF8.self)
  }
}

/// Lines that are pasted.
extension Repl {
  /// Runs pasted lines, each with the statement that it belongs to.
  ///
  /// - Returns: what is not finished yet.
  func runLines(of pasted: String, _ editor: LineEditor, _ file: HistoryFile?) -> String {
    var lines = pasted.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let all = Repl.countLines(lines)
    let last = lines.removeLast()
    var entries = ReplEntries(vocabulary: session.vocabulary)
    var begun = 0
    Interrupts.withdraw()
    /// Tells whether to go on.
    func run(_ due: [ReplEntry]) -> Bool {
      for entry in due {
        // A statement that is over before Ctrl-C comes is not ended by it; the paste is.
        guard !isPasteEnded(editor) else { break }
        editor.echo(entry.text)
        runEntered(entry.text, editor, file)
        begun += Repl.countLines(entry.text.split(separator: "\n"))
      }
      return !isPasteEnded(editor)
    }
    func stop() -> String {
      editor.dropKeys()
      Interrupts.withdraw()
      if !wantsToLeave, !Interrupts.hasToEnd { sayNotRun(all - begun) }
      return ""
    }
    for line in lines { guard run(entries.add(line)) else { return stop() } }
    if last.isEmpty {
      guard entries.wantsMore else { return run(entries.finish()) ? "" : stop() }
      return entries.pending + "\n"
    }
    // The beginning of a line tells whether it goes on with the one above, but is not run.
    if !entries.wantsMore, ReplEntry.command(in: last) != nil { return run(entries.finish()) ? last : stop() }
    return run(entries.add(last)) ? entries.pending : stop()
  }

  private func isPasteEnded(_ editor: LineEditor) -> Bool {
    wantsToLeave || Interrupts.hasToEnd || Interrupts.isAskedToStop || editor.hasInterruptWaiting()
  }

  /// Tells what Ctrl-C has kept from being run.
  func sayNotRun(_ count: Int) {
    guard count > 0 else { return }
    reporter.note(count == 1 ? "interrupted: 1 line was not run" : "interrupted: \(count) lines were not run")
  }

  /// How many lines hold something.
  private static func countLines(_ lines: [some StringProtocol]) -> Int {
    lines.count { line in !line.utf8.allSatisfy { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") } }
  }
}
