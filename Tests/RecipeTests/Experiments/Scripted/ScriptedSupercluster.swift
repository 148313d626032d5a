import Interpreter
import Lexer
import SandboxRuntime
import Synchronization

/// Three regions with their 36 servers, played within the tests' own process: a recipe's logic is tested on it in the time
/// that its own pauses take.
///
/// Commands have the forms of the real ones, and do what the experiments rest on: a write needs a quorum
/// of its stream's copies, a leader that is lost is missed for a while, copies collect from their origins. What it has not
/// been taught, it refuses. `ScriptedSuperclusterTests` holds it against what real servers do.
final class ScriptedSupercluster: Host {
  private let world = Mutex(ScriptedWorld(regions: ExperimentSandbox.regions))
  private let heard = Mutex<[String]>([])
  private let real = SandboxHost(
    chooser: TargetChooser(
      wanted: "local", contexts: [:], clusters: ExperimentSandbox.regions, environment: [:], purpose: "a test",
      announce: { _ in }), observer: { _ in })
  /// A run is interrupted once an event's line has this in it.
  private let moment: String?
  private let stop = StopSignal()

  init(interruptOnceItSays moment: String? = nil) { self.moment = moment }

  var commands: [any Command] {
    real.commands.map { command in
      ScriptedCommand(command) { [unowned self] call throws(CommandFailure) in
        switch command.name {
        case "sleep": return try command.run(call)
        case "helm": return try ScriptedMachines.helm(call, self)
        case "kubectl": return try ScriptedMachines.kubectl(call, self)
        case "region":
          return try ScriptedMachines.region(
            ScriptedCall(words: try command.grammar.parsed(call, of: "region"), call: call, world: self))
        case "http": return try ScriptedMachines.http(call, self)
        case "fault":
          return try ScriptedMachines.fault(
            ScriptedCall(words: try command.grammar.parsed(call, of: "fault"), call: call, world: self))
        case "link":
          return try ScriptedMachines.link(
            ScriptedCall(words: try command.grammar.parsed(call, of: "link"), call: call, world: self))
        case "nats":
          let words = try command.grammar.parsed(call, of: "nats")
          if let form = ScriptedNats.forms[words.path] {
            return try form(ScriptedCall(words: words, call: call, world: self))
          }
          // It asks no server.
          if words.path == "history judge" { return try command.run(call) }
        default: break
        }
        let words = call.words.map(\.string).joined(separator: " ")
        throw CommandFailure(.misused, "the scripted supercluster knows no `\(command.name) \(words)`")
      }
    }
  }

  var constants: [HostConstant] {
    [
      HostConstant("target", fields: ["name", "kubernetes", "local"]) {
        ["name": "local", "kubernetes": false, "local": true]
      }
    ]
  }

  func change<Result, Problem: Error>(
    _ body: (inout sending ScriptedWorld) throws(Problem) -> sending Result
  ) throws(Problem) -> sending Result {
    try world.withLock(body)
  }

  var leftovers: [String] { world.withLock { $0.leftovers } }

  func observe(_ event: Event) {
    switch event.kind {
    case .said(let text): hear(text.masked, isOutput: true)
    case .stepEnded(let name, _, let hasFailed): hear("\(name): \(hasFailed ? "failed" : "done")")
    case .commandEnded(let name, _, let hasFailed): hear("\(name) \(hasFailed ? "failed" : "ended")")
    default: break
    }
  }

  private func hear(_ line: String, isOutput: Bool = false) {
    if isOutput { heard.withLock { $0.append(line) } }
    if let moment, line.contains(moment) { stop.ask(.interrupt) }
  }

  /// How a recipe ended, in what nbx would give: its status, what it printed, and its diagnostics.
  struct Ended {
    let status: Int32
    let output: String
    let errorOutput: String
  }

  func run(_ program: Program, _ arguments: [String: String]) -> Ended {
    let ending = Run(program, host: self, clusters: ExperimentSandbox.regions, arguments: arguments, stop: stop)
      .execute()
    let (status, diagnostics): (Int32, [Diagnostic]) =
      switch ending {
      case .done, .skipped: (0, [])
      case .failed(let failure): (1, failure.diagnostics)
      case .interrupted(let failure): (130, failure.diagnostics)
      case .refused(let diagnostics): (2, diagnostics)
      }
    return Ended(
      status: status, output: heard.withLock { $0 }.joined(separator: "\n"),
      errorOutput: diagnostics.map { $0.rendered(.plain) }.joined(separator: "\n"))
  }
}
