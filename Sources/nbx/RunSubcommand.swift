import Interpreter
import Lexer
import SandboxRuntime
import ShippedRecipes

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `nbx run RECIPE [CLUSTER…] [NAME=VALUE…]`
enum RunSubcommand: Subcommand {
  static let form = RunWords.form("run", "Runs a recipe")
  static let helpsWithWords = true

  static let notes = """
    Exit codes: 0 done, 1 the recipe failed, 2 the recipe or the command line is wrong,
    3 something it needs is missing, 130 interrupted. After 2 and 3 nothing was run.
    """

  static let examples = [
    "nbx run install c1 replicas=1", "nbx run nats --target kube --context c1=eks-west",
    "nbx run install c1 c2 c3 --resume", "nbx run install c1 c2 c3 --only \"the mesh\"",
  ]

  static func run(_ words: ParsedWords) throws(Usage) -> ExitCode {
    let words = RunWords(words)
    let recipe = words.recipe
    let stop = Interrupts.watched()
    let reporter = Reporter(stop: stop)
    defer { reporter.finish() }
    // What of the command line has no secrets in it, for whoever waits for this nbx.
    let purpose = "nbx run \(([recipe] + words.clusters).joined(separator: " "))"
    let chooser = TargetChooser(
      wanted: words.target, contexts: words.contexts, clusters: words.clusters,
      environment: ProcessInfo.processInfo.environment, purpose: purpose, relay: OwnProgram.path,
      announce: { reporter.note($0) })
    let host = SandboxHost(
      chooser: chooser, shipped: ShippedRecipes.bytes(at:), columns: { Terminal.standardOutput.columns },
      observer: { reporter.observe($0) })
    Leftovers.keepAccount { chooser.home }
    defer { Leftovers.closeAccount() }
    defer { host.close() }
    let program: Program
    do throws(ProgramErrors) {
      program = try Program.load(RecipeChoice.told(recipe), vocabulary: Vocabulary(host: host), read: RecipeFiles.read)
    } catch {
      if stop.request != .none { return .interrupted }
      return report(RecipeChoice.advised(error, recipe), reporter)
    }
    if words.showedHelp(of: program) { return .done }
    chooser.use(clusters: words.clusters.isEmpty ? program.main.clusters : words.clusters)
    let unfinished = try UnfinishedRun(program, host: host, words)
    defer { unfinished.end() }
    let part = try unfinished.part(chooser)
    let run = Run(
      program, host: host, clusters: words.clusters, arguments: words.parameters, part: part, stop: stop)
    let ending = run.execute()
    let code = report(ending, chooser, reporter)
    if code != .wrong, code != .missing { unfinished.keep(ending, chooser, reporter, stop) }
    return code
  }

  private static func report(_ diagnostics: [Diagnostic], _ reporter: Reporter) -> ExitCode {
    for (index, diagnostic) in diagnostics.enumerated() {
      if index > 0 { Terminal.standardError.write("\n") }
      reporter.show(diagnostic)
    }
    return .wrong
  }

  private static func report(_ ending: Run.Ending, _ chooser: TargetChooser, _ reporter: Reporter) -> ExitCode {
    switch ending {
    case .done: return .done
    case .skipped(let reason):
      reporter.note("skipped: \(reason)")
      return .done
    case .failed(let failure):
      _ = report(failure.diagnostics, reporter)
      switch chooser.refusal {
      case .unknown: return .wrong
      case .missing: return .missing
      case nil: return .failed
      }
    case .interrupted(let failure):
      _ = report(failure.diagnostics, reporter)
      return .interrupted
    case .refused(let diagnostics):
      let code = report(diagnostics, reporter)
      // What was missing was being fetched.
      if Interrupts.isAskedToStop { return .interrupted }
      return chooser.refusal == .missing ? .missing : code
    }
  }
}
