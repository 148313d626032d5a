import Lexer
import SandboxRuntime

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The program: finds the subcommand that is meant and ends with its exit code.
@main
struct Nbx {
  static let name = "nbx"

  static var subcommands: [any Subcommand.Type] {
    [
      RunSubcommand.self, PlanSubcommand.self, CheckSubcommand.self, ExplainSubcommand.self, FmtSubcommand.self,
      NewSubcommand.self, ReplSubcommand.self, LspSubcommand.self, ListSubcommand.self, RecipesSubcommand.self,
      StatusSubcommand.self, DoctorSubcommand.self, CompletionsSubcommand.self, HelpSubcommand.self,
    ]
  }

  static func main() {
    let words = Array(CommandLine.arguments.dropFirst())
    // `exit` would take time to free what the system frees anyway.
    fflush(nil)
    _exit(run(words).unlessOutputIsLost.rawValue)
  }

  static func run(_ words: [String]) -> ExitCode {
    guard let first = words.first else {
      Terminal.standardError.write(Help.overview)
      return .wrong
    }
    switch first {
    case CompleteSubcommand.name:
      return CompleteSubcommand.run(Array(words.dropFirst()))
    case RelaySubcommand.name:
      return RelaySubcommand.run(Array(words.dropFirst()))
    case "--version":
      Terminal.standardOutput.write("nbx \(Help.version)\n")
      return .done
    default: break
    }
    do throws(Usage) {
      if first == CommonFlags.help.name || CommonFlags.help.aliases.contains(first) {
        return try HelpSubcommand.call([HelpSubcommand.name] + words.dropFirst())
      }
      guard let subcommand = subcommands.first(where: { $0.name == first }) else { throw .unknownSubcommand(first) }
      return try subcommand.call(words)
    } catch {
      return error.report()
    }
  }
}

/// How nbx ends, for scripts.
enum ExitCode: Int32 {
  case done = 0
  /// The recipe failed.
  case failed = 1
  /// The recipe or the command line is wrong; nothing was run.
  case wrong = 2
  /// Something it needs is missing; nothing was run.
  case missing = 3
  case interrupted = 130

  /// What was to be read on standard output and could not be written there is no success.
  fileprivate var unlessOutputIsLost: ExitCode {
    guard let problem = Terminal.lostOutput else { return self }
    let diagnostic = Diagnostic("standard output could not be written: \(String(cString: strerror(problem)))", at: nil)
      .adding("try", "make room where it goes to, then run it again")
    Terminal.standardError.write(diagnostic.rendered(Terminal.standardError.style) + "\n")
    return self == .done ? .failed : self
  }
}
