import Interpreter
import Lexer
import SandboxLocal
import SandboxRuntime
import SandboxSystem

/// `nbx doctor`
enum DoctorSubcommand: Subcommand {
  static let form = CommandForm.subcommand(
    "doctor", "Tells what this machine has of what nbx needs, and how to get the rest",
    flags: [CommonFlags.target, CommonFlags.context, Flag("--json", .toggle, "the same as data")],
    example: "nbx doctor --target k3d")

  static let notes = """
    Exit codes: 0 all is there, 3 something is missing, too old or broken. A warning, as of
    little memory, changes nothing in that.
    """

  static func run(_ words: ParsedWords) throws(Usage) -> ExitCode {
    let isJSON = words.has("--json")
    let announces = !isJSON
    let environment = ownEnvironment
    let output = Terminal.standardOutput
    let chooser = TargetChooser(
      wanted: words.target, contexts: words.contexts, clusters: [], environment: environment, purpose: "nbx doctor",
      isOnlyLooking: true, announce: { if announces { output.write($0 + "\n") } })
    do throws(CommandFailure) {
      let target = try chooser.target()
      guard words.contexts.isEmpty || !target.ownsClusters else {
        throw CommandFailure(
          .misused, "`--context` says where clusters of others are, and the target is \(target.name)",
          advice: "nbx doctor --target kube --context CLUSTER=CONTEXT")
      }
      let findings = LongWait.told("the programs that are asked for their versions") {
        Doctor(environment: environment).examine(target)
      }
      output.write(isJSON ? json(findings, target.name) : text(findings))
      return findings.allSatisfy(\.isGood) ? .done : .missing
    } catch {
      // Without its home there is no target to look at.
      if chooser.refusal == .noHome {
        let home = Doctor(environment: environment).home
        output.write(isJSON ? json([home], TargetKind.local.rawValue) : text([home]))
        return .missing
      }
      throw Usage(message: error.reason.masked, advice: error.advice ?? "`nbx doctor --help` tells more")
    }
  }

  private static func text(_ findings: [Doctor.Finding]) -> String {
    let style = Terminal.standardOutput.style
    let width = findings.map { displayWidth($0.what) }.max() ?? 0
    let stateWidth = 7
    var lines: [String] = []
    for finding in findings {
      let state = finding.state.rawValue.padded(to: stateWidth)
      let mark = finding.state == .good ? style.good(state) : finding.isGood ? style.strong(state) : style.bad(state)
      lines.append("\(mark)  \(finding.what.padded(to: width))  \(finding.detail)")
      for way in finding.advice { lines.append(String(repeating: " ", count: stateWidth + 2) + "= try: \(way)") }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func json(_ findings: [Doctor.Finding], _ target: String) -> String {
    let rows = findings.map { finding -> Value in
      [
        "what": .string(finding.what), "state": .string(finding.state.rawValue), "good": .bool(finding.isGood),
        "detail": .string(finding.detail), "advice": .list(finding.advice.map(Value.string)),
      ]
    }
    let whole: Value = ["target": .string(target), "findings": .list(rows)]
    return whole.json(indented: true).masked + "\n"
  }
}
