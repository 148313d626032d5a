import SandboxSystem
import ValuesAndCommands

/// What helm and kubectl have in common here: their words are told apart by a grammar of nbx's own, as only a part of
/// the programs is played; what they give back looks like a program's output.
protocol ProgramLikeCommand: Command {
  var releases: ReleaseEngine { get }
  /// The forms that are played, and what the program knows besides.
  var programGrammar: ProgramGrammar { get }
  /// Why a word that the program knows is of no use here; nil if it knows none such.
  func refusal(of word: String) -> CommandFailure?
  /// The lines of its output that a statement shows.
  func spoken(_ out: Text, of words: ParsedWords) -> [Text]
  /// Gives the lines of its output.
  func output(_ words: ParsedWords, _ call: Invocation) throws(CommandFailure) -> Text
}

extension ProgramLikeCommand {
  var store: RegionStore { releases.store }

  var grammar: CommandGrammar { .program(programGrammar) }
  var gives: Shape { .record }

  func spoken(_ out: Text, of words: ParsedWords) -> [Text] { out.lines }

  /// A failure looks like that of the program, too.
  func run(_ call: Invocation) throws(CommandFailure) -> Value {
    do throws(CommandFailure) {
      return try answer(call)
    } catch {
      guard error.kind == .failed else { throw error }
      var failure = error
      failure.details = FailureDetails("exit", code: 1, out: "", err: error.reason)
      throw failure
    }
  }

  private func answer(_ call: Invocation) throws(CommandFailure) -> Value {
    let call = try ordered(call)
    let words = try played.parsed(call, of: name)
    let out = try output(words, call)
    if call.isStatement {
      for line in spoken(out, of: words) { call.say(line) }
    }
    return .record(ProgramRecord(out: out, err: "", code: 0))
  }

  func plan(_ call: Invocation) throws(CommandFailure) -> [PlannedCommand] {
    try played.check(ordered(call), of: name)
    return [PlannedCommand([Text(name)] + completedWords(of: call), document: call.document, sizes: .quantity)]
  }

  private var played: CommandGrammar { .forms(programGrammar.forms) }

  /// The call as the forms read it.
  ///
  /// - Throws: if it is about something that is not played.
  private func ordered(_ call: Invocation) throws(CommandFailure) -> Invocation {
    var call = call
    call.words = programGrammar.withFlagsLast(completedWords(of: call))
    if let first = call.words.first, let failure = refusal(of: first.string) { throw failure }
    return call
  }

  /// The call's words with what a recipe that reads the result's JSON leaves out.
  private func completedWords(of call: Invocation) -> [Text] {
    guard call.wantsJSON, ProgramWords(call.words, of: name).leavesFormatOpen(of: name) else { return call.words }
    return call.words + ["-o", "json"]
  }

  /// The region that a call is for; it has to exist.
  func region(of call: Invocation) throws(CommandFailure) -> RegionRecord {
    guard let cluster = call.cluster else {
      throw CommandFailure(.misused, "`\(name)` needs a cluster", advice: "say which: … on c1")
    }
    return try store.existingRegion(cluster.name)
  }

  /// A name that becomes a part of paths.
  func checked(_ text: Text, as what: String) throws(CommandFailure) -> String {
    guard SandboxNames.isLabel(text.string) else {
      throw CommandFailure(
        .misused, "`\(text.masked)` is no name for a \(what)", advice: "take small letters, digits and hyphens")
    }
    return text.string
  }

  /// `--timeout 30s`, `--timeout=0` for none.
  func timeLimit(_ words: ParsedWords) -> Duration? {
    words.duration("--timeout").flatMap { $0.nanoseconds > 0 ? $0.duration : nil }
  }
}

extension Text {
  /// The lines, without the end of the last.
  var lines: [Text] {
    var lines: [Text] = []
    var start = 0
    for (offset, byte) in string.utf8.enumerated() where byte == UInt8(ascii: "\n") {
      lines.append(slice(start..<offset))
      start = offset + 1
    }
    if start < string.utf8.count { lines.append(slice(start..<string.utf8.count)) }
    return lines
  }

  /// Several lines, each with its end.
  init(lines: [Text]) {
    self.init("")
    for line in lines {
      append(line)
      append("\n")
    }
  }

  init(lines: [String]) { self.init(lines.map { $0 + "\n" }.joined()) }
}

/// A program of the Kubernetes sandbox that means nothing among plain processes.
struct AbsentCommand: Command {
  let name: String
  /// As in "k3d makes Kubernetes clusters in Docker".
  let whatItIs: String
  let advice: String

  var summary: String { "\(whatItIs); the local target has none of that" }
  var grammar: CommandGrammar { .anyWords }

  func run(_ call: Invocation) throws(CommandFailure) -> Value {
    throw CommandFailure(
      .misused, "\(whatItIs), and the local target runs NATS servers as plain processes", advice: advice)
  }

  static let all: [AbsentCommand] = [
    AbsentCommand(
      name: "k3d", whatItIs: "k3d makes Kubernetes clusters in Docker",
      advice: "`region create` works on every target; else ask first: if target.kubernetes { … }"),
    AbsentCommand(
      name: "docker", whatItIs: "docker runs containers",
      advice: "where a recipe needs it, ask first: if target.kubernetes { … }"),
    AbsentCommand(
      name: "linkerd", whatItIs: "linkerd joins Kubernetes clusters by a mesh",
      advice: "servers reach each other here without it; ask first: if target.kubernetes { … }"),
  ]
}
