import Interpreter
import Lexer
import Synchronization

/// What the commands of one run share.
final class TestState: Sendable {
  let stop = StopSignal()
  private let counters = Mutex<[String: Int]>([:])

  /// Counts one more, and tells how many.
  func count(_ name: String) -> Int {
    counters.withLock {
      $0[name, default: 0] += 1
      return $0[name] ?? 0
    }
  }

  func value(_ name: String) -> Int { counters.withLock { $0[name] ?? 0 } }
}

/// A host with commands that do nothing to the machine, and that keeps all it hears.
final class TestHost: Host {
  let state = TestState()
  let commands: [any Command]
  private let log = Mutex<[String]>([])

  init() { commands = TestHost.makeCommands(state) }

  var constants: [HostConstant] {
    [HostConstant("target", fields: ["name", "kubernetes", "local"]) { ["name": "test", "kubernetes": false] }]
  }

  func observe(_ event: Event) {
    let lane = event.lane.isEmpty ? "" : "[\(event.lane)] "
    switch event.kind {
    case .said(let text): add(lane + text.masked)
    case .handled(let diagnostic): add("\(lane)handled: \(diagnostic.title)")
    case .noted(let text): add("\(lane)noted: \(text)")
    case .skipped(let reason): add("\(lane)skipped: \(reason)")
    case .stepStarted(let name): add("\(lane)step: \(name)")
    case .stepEnded(let name, _, let failed): if failed { add("\(lane)step failed: \(name)") }
    default: break
    }
  }

  private func add(_ line: String) { log.withLock { $0.append(line) } }

  var said: [String] { log.withLock { $0 } }
}

/// Checks and runs the recipe `main.nbx` among files held in a dictionary, and tells in one text all that happened: what
/// was said, how it ended, and what was reported.
func transcript(
  _ recipe: String, files: [String: String] = [:], clusters: [String] = ["c1", "c2", "c3"],
  arguments: [String: String] = [:], sorted: Bool = false
) -> String {
  let host = TestHost()
  var lines: [String]
  let ending: String
  do throws(ProgramErrors) {
    let program = try load(recipe, files: files, host)
    let run = Run(program, host: host, clusters: clusters, arguments: arguments, stop: host.state.stop)
    ending = describe(run.execute())
    lines = host.said
  } catch {
    lines = []
    ending = "wrong\n" + rendered(error.diagnostics)
  }
  if sorted { lines.sort() }
  if ending != "done" { lines.append(ending) }
  return withoutTimes(lines.joined(separator: "\n"))
}

/// How long a wait went on depends on the machine: it is always told as `0s`.
private func withoutTimes(_ text: String) -> String {
  let parts = text.split(separator: "waited ", omittingEmptySubsequences: false)
  return parts[0]
    + parts.dropFirst().map { part in
      "waited 0s" + part.drop { $0 != " " }
    }.joined()
}

func load(_ recipe: String, files: [String: String] = [:], _ host: TestHost) throws(ProgramErrors) -> Program {
  try Program.load("main.nbx", vocabulary: Vocabulary(host: host)) { path in
    guard let text = path == "main.nbx" ? recipe : files[path] else { return .failure(FileProblem("no such file")) }
    return .success(Array(text.utf8))
  }
}

/// A transcript without what `try` took care of.
func withoutHandled(_ transcript: String) -> String {
  transcript.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix("handled: ") }
    .joined(separator: "\n")
}

private func describe(_ ending: Run.Ending) -> String {
  switch ending {
  case .done: "done"
  case .skipped(let reason): "skipped: \(reason)"
  case .failed(let failure): "failed\n" + rendered(failure.diagnostics)
  case .interrupted(let failure): "interrupted\n" + rendered(failure.diagnostics)
  case .refused(let problems): "refused\n" + rendered(problems)
  }
}

func rendered(_ diagnostics: [Diagnostic]) -> String {
  diagnostics.map { $0.rendered(.plain) }.joined(separator: "\n\n")
}

/// The titles alone, where the rest of a report is checked elsewhere.
func problems(_ recipe: String, files: [String: String] = [:]) -> [String] {
  do throws(ProgramErrors) {
    _ = try load(recipe, files: files, TestHost())
    return []
  } catch {
    return error.diagnostics.map { diagnostic in
      let line = diagnostic.location.map { $0.file.position(of: Int($0.span.start)).line } ?? 0
      return "\(line): \(diagnostic.title)"
    }
  }
}
