import Interpreter
import Lexer
import SandboxRuntime

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `nbx run RECIPE [CLUSTER…] [NAME=VALUE…]`
enum RunSubcommand: Subcommand {
  static let name = "run"
  static let answersHelpItself = true

  static let help = """
    Runs a recipe.

    Usage: nbx run RECIPE [CLUSTER…] [NAME=VALUE…] [--target T] [--context CLUSTER=CONTEXT]…

      CLUSTER      the clusters to run with, in place of the recipe's own
      NAME=VALUE   a parameter of the recipe; `nbx run RECIPE --help` lists them
      --target     local: nats-server processes on this machine; k3d: clusters in Docker;
                   kube: clusters that exist. By default where the clusters already are,
                   else k3d if Docker answers and k3d is installed, else local.
                   NBX_TARGET says the same.
      --context    the kube context of a cluster, with --target kube

    Exit codes: 0 done, 1 the recipe failed, 2 the recipe or the command line is wrong,
    3 something it needs is missing, 130 interrupted. After 2 and 3 nothing was run.

    Examples:
      nbx run recipes/install.nbx c1 c2 c3
      nbx run recipes/install.nbx c1 replicas=1
      nbx run recipes/nats.nbx --target kube --context c1=eks-west

    """

  /// A command line, taken apart.
  private struct Words {
    var recipe: String?
    var clusters: [String] = []
    var parameters: [String: String] = [:]
    var target: String?
    var contexts: [String: String] = [:]
    var wantsHelp = false
  }

  static func run(_ words: [String]) throws(Usage) -> ExitCode {
    let words = try parse(words)
    guard let recipe = words.recipe else {
      if words.wantsHelp {
        Terminal.standardOutput.write(help)
        return .done
      }
      throw Usage(
        message: "`nbx run` needs a recipe",
        advice: "nbx run recipes/install.nbx c1 c2 c3; `nbx list` shows the recipes")
    }
    let stop = Interrupts.watched()
    let reporter = Reporter()
    defer { reporter.finish() }
    // What of the command line has no secrets in it, for whoever waits for this nbx.
    let purpose = "nbx run \(([recipe] + words.clusters).joined(separator: " "))"
    let chooser = TargetChooser(
      wanted: words.target, contexts: words.contexts, clusters: words.clusters,
      environment: ProcessInfo.processInfo.environment, purpose: purpose, announce: { reporter.note($0) })
    let host = SandboxHost(chooser: chooser, observer: { reporter.observe($0) })
    defer { host.close() }
    let program: Program
    do throws(ProgramErrors) {
      program = try Program.load(recipe, vocabulary: Vocabulary(host: host), read: RecipeFiles.read)
    } catch {
      return report(error.diagnostics, reporter)
    }
    if words.wantsHelp {
      Terminal.standardOutput.write(RecipeHelp.text(of: program.main))
      return .done
    }
    chooser.use(clusters: words.clusters.isEmpty ? program.main.clusters : words.clusters)
    let run = Run(program, host: host, clusters: words.clusters, arguments: words.parameters, stop: stop)
    return report(run.execute(), chooser, reporter)
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
    case .refused(let diagnostics): return report(diagnostics, reporter)
    }
  }

  private static func parse(_ words: [String]) throws(Usage) -> Words {
    var parsed = Words()
    var rest = words[...]
    while let word = rest.popFirst() {
      switch word {
      case "--help", "-h": parsed.wantsHelp = true
      case "--target": parsed.target = try value(of: word, &rest)
      case "--context": try addContext(try value(of: word, &rest), to: &parsed)
      case _ where word.hasPrefix("--target="): parsed.target = String(word.dropFirst("--target=".count))
      case _ where word.hasPrefix("--context="): try addContext(String(word.dropFirst("--context=".count)), to: &parsed)
      case _ where word.hasPrefix("-"):
        throw .unknownFlag(word, of: name, known: ["--target", "--context", "--help"])
      case _ where parsed.recipe == nil: parsed.recipe = word
      default: try addArgument(word, to: &parsed)
      }
    }
    if let target = parsed.target, !TargetChooser.names.contains(target) {
      let suggestion = nearestSpelling(to: target, among: TargetChooser.names).map { "did you mean \($0)?" }
      throw Usage(
        message: "there is no target `\(target)`",
        advice: suggestion ?? "one of: \(TargetChooser.names.joined(separator: ", "))")
    }
    return parsed
  }

  private static func value(of flag: String, _ rest: inout ArraySlice<String>) throws(Usage) -> String {
    guard let value = rest.popFirst() else {
      throw Usage(message: "`\(flag)` needs a value", advice: "`nbx run --help` tells more")
    }
    return value
  }

  private static func addContext(_ text: String, to parsed: inout Words) throws(Usage) {
    let parts = text.split(separator: "=", maxSplits: 1)
    guard parts.count == 2 else {
      throw Usage(message: "`--context` takes CLUSTER=CONTEXT, not `\(text)`", advice: "--context c1=eks-west")
    }
    parsed.contexts[String(parts[0])] = String(parts[1])
  }

  private static func addArgument(_ word: String, to parsed: inout Words) throws(Usage) {
    if let equals = word.firstIndex(of: "=") {
      let name = String(word[..<equals])
      if parsed.parameters.updateValue(String(word[word.index(after: equals)...]), forKey: name) != nil {
        throw Usage(message: "the parameter `\(name)` a second time", advice: "give each parameter once")
      }
      return
    }
    guard Cluster.isValid(name: word) else {
      throw Usage(
        message: "`\(word)` can't be a cluster's name",
        advice: "small letters, digits and hyphens, at most 32, a letter first; parameters are NAME=VALUE")
    }
    if parsed.clusters.contains(word) {
      throw Usage(message: "the cluster `\(word)` a second time", advice: "name each cluster once")
    }
    parsed.clusters.append(word)
  }
}
