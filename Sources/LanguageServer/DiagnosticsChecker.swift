import Interpreter
import Lexer
import Synchronization

/// Checks files in a thread of its own, soon after they change. What comes in a burst is checked once.
final class DiagnosticsChecker: Sendable {
  private let workspace: Workspace
  private let writer: MessageWriter
  private let encoding: PositionEncoding
  /// The paths to check, in the order of their changes.
  private let due = Mutex<[String]>([])
  /// A pipe by which the thread is woken; -1 if the system gave none.
  private let wake: (read: Int32, write: Int32)

  /// How long nothing must have changed, and how long a burst may go on in all before it is looked at, in milliseconds.
  private static let quiet: Int32 = 8
  private static let longestBurst = Duration.milliseconds(150)

  init(_ workspace: Workspace, _ writer: MessageWriter, _ encoding: PositionEncoding) {
    self.workspace = workspace
    self.writer = writer
    self.encoding = encoding
    var ends: [Int32] = [-1, -1]
    if pipe(&ends) != 0 { ends = [-1, -1] }
    wake = (ends[0], ends[1])
  }

  /// Begins to check, until the program ends.
  func start() { _ = LaneThread.start { self.work() } }

  func check(_ path: String) {
    due.withLock { paths in
      paths.removeAll { $0 == path }
      paths.append(path)
    }
    checkUsers()
  }

  /// Checks the files that name others: some of those have changed.
  func checkUsers() {
    var byte: UInt8 = 1
    _ = writeByte(wake.write, &byte)
  }

  private func work() {
    var drain = [UInt8](repeating: 0, count: 512)
    while waitForChange(atMost: -1) {
      let begun = ContinuousClock.now
      repeat {
        let count = drain.withUnsafeMutableBytes { read(wake.read, $0.baseAddress, $0.count) }
        guard count > 0 else { return }
      } while ContinuousClock.now - begun < DiagnosticsChecker.longestBurst
        && waitForChange(atMost: DiagnosticsChecker.quiet)
      let changed = due.withLock { paths in
        let taken = paths
        paths = []
        return taken
      }
      let others = workspace.documents.map(\.path).filter { path in
        !changed.contains(path) && workspace.index(path)?.mentions.isEmpty == false
      }
      for path in changed + others { publish(path) }
    }
  }

  private func waitForChange(atMost milliseconds: Int32) -> Bool {
    while true {
      var poller = pollfd(fd: wake.read, events: Int16(POLLIN), revents: 0)
      let ready = poll(&poller, 1, milliseconds)
      if ready < 0, errno == EINTR { continue }
      return ready > 0
    }
  }

  private func publish(_ path: String) {
    guard let document = workspace.document(path) else { return }
    let checked = Program.check(path, vocabulary: workspace.vocabulary) { workspace.read($0) }
    // What has changed meanwhile will be checked again.
    guard workspace.document(path)?.edition == document.edition else { return }
    let found = checked.diagnostics.compactMap { shown($0, in: document) }
    writer.notify(
      "textDocument/publishDiagnostics",
      ["uri": .string(document.uri), "version": .int(Int64(document.version)), "diagnostics": .list(found)])
  }

  /// A finding as the protocol has it; one of another file is shown where this one names that file.
  private func shown(_ diagnostic: Diagnostic, in document: Document) -> Value? {
    var span = Span(0, 0)
    var message = diagnostic.title
    if let location = diagnostic.location {
      if location.file.path == document.path {
        span = location.span
      } else {
        guard diagnostic.severity == .error, let index = workspace.index(document.path),
          let mention = index.mentions.first(where: { workspace.path(of: $0, in: index) == location.file.path })
        else { return nil }
        span = mention.span
        message = "\(mention.path): \(message)"
      }
    }
    for note in diagnostic.notes { message += "\n\(note.kind): \(note.text)" }
    var value: ValueMap = ValueMap()
    value["range"] = document.lines.range(of: span, encoding)
    value["severity"] = .int(diagnostic.severity == .error ? 1 : 2)
    if let code = diagnostic.code {
      value["code"] = .string(code)
      value["data"] = ["explain": .string("nbx explain \(code)")]
    }
    value["source"] = "nbx"
    value["message"] = .string(message)
    if diagnostic.code == "unused-name" || diagnostic.code == "unreachable" { value["tags"] = [1] }
    return .map(value)
  }
}

/// `write` by another name.
private func writeByte(_ descriptor: Int32, _ byte: UnsafePointer<UInt8>) -> Int { write(descriptor, byte, 1) }

extension TextLines {
  /// A span as the protocol's range.
  func range(of span: Span, _ encoding: PositionEncoding) -> Value {
    ["start": position(Int(span.start), encoding), "end": position(Int(max(span.start, span.end)), encoding)]
  }

  private func position(_ offset: Int, _ encoding: PositionEncoding) -> Value {
    let place = position(of: offset, encoding)
    return ["line": .int(Int64(place.line)), "character": .int(Int64(place.character))]
  }
}
