import SandboxRuntime

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `nbx doctor`
enum DoctorSubcommand: Subcommand {
  static let name = "doctor"

  static let help = """
    Tells what this machine has of what nbx needs, and how to get the rest.

    Usage: nbx doctor [--target T]

      --target   local, k3d or kube; by default the one that `nbx run` would choose

    Exit codes: 0 all is there, 3 something is missing.

    Example:
      nbx doctor --target k3d

    """

  static func run(_ words: [String]) throws(Usage) -> ExitCode {
    var wanted: String?
    var rest = words[...]
    while let word = rest.popFirst() {
      switch word {
      case "--target": wanted = rest.popFirst()
      case _ where word.hasPrefix("--target="): wanted = String(word.dropFirst("--target=".count))
      default: throw .unknownFlag(word, of: name, known: ["--target", "--help"])
      }
    }
    let environment = ProcessInfo.processInfo.environment
    let chooser = TargetChooser(
      wanted: wanted, contexts: [:], clusters: [], environment: environment, purpose: "nbx doctor",
      isOnlyLooking: true, announce: { print($0) })
    let style = Terminal.standardOutput.style
    do {
      let findings = Doctor(environment: environment).examine(try chooser.target())
      for finding in findings {
        let mark = finding.isGood ? style.good("ok     ") : style.bad("missing")
        Terminal.standardOutput.write("\(mark)  \(finding.what): \(finding.detail)\n")
        for line in finding.advice { Terminal.standardOutput.write("         = try: \(line)\n") }
      }
      return findings.allSatisfy(\.isGood) ? .done : .missing
    } catch {
      throw Usage(message: error.reason.masked, advice: error.advice ?? "`nbx doctor --help` tells more")
    }
  }
}
