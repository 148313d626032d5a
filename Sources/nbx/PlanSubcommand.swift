import Interpreter
import Lexer
import SandboxRuntime
import SandboxSystem
import ShippedRecipes

/// `nbx plan RECIPE [CLUSTER…] [NAME=VALUE…]`
enum PlanSubcommand: Subcommand {
  static let form = RunWords.form(
    "plan", "Shows what a recipe would do: every command in its order. Nothing is run, fetched or written",
    flags: [
      Flag("--full", .toggle, "every cluster and every branch for itself, and documents whole"),
      Flag("--json", .toggle, "the same as data"),
    ])
  static let helpsWithWords = true

  static let notes = """
    What is only known during a run is shown as ‹known later›. A branch or a loop that hangs on it is
    shown once and marked; where it comes again, as in a task, so is what differs of it.

    Exit codes: 0 done, 1 the recipe would fail, 2 the recipe or the command line is wrong.
    """

  static let examples = ["nbx plan install c1 c2 c3 --target k3d", "nbx plan linkerd/link c1 c2 --full"]

  static func run(_ words: ParsedWords) throws(Usage) -> ExitCode {
    let (isFull, isJSON) = (words.has("--full"), words.has("--json"))
    let words = RunWords(words)
    let recipe = words.recipe
    let stop = Interrupts.watched()
    let chooser = TargetChooser(
      wanted: words.target, contexts: words.contexts, clusters: words.clusters,
      environment: ownEnvironment, purpose: "nbx plan", isOnlyLooking: true, announce: { _ in })
    let host = SandboxHost(chooser: chooser, shipped: ShippedRecipes.bytes(at:), observer: { _ in })
    let program: Program
    do throws(ProgramErrors) {
      program = try Program.load(RecipeChoice.told(recipe), vocabulary: Vocabulary(host: host), read: RecipeFiles.read)
    } catch {
      if stop.request != .none { return .interrupted }
      return show(RecipeChoice.advised(error, recipe))
    }
    if words.showedHelp(of: program) { return .done }
    let clusters = words.clusters.isEmpty ? program.main.clusters : words.clusters
    chooser.use(clusters: clusters)
    let part = try UnfinishedRun(program, host: host, words).part(chooser)
    let (plan, ending) = Run(
      program, host: host, clusters: words.clusters, arguments: words.parameters, part: part, stop: stop
    ).plan()
    if case .refused(let diagnostics) = ending { return show(diagnostics) }
    let target = (try? chooser.target().name) ?? "unknown"
    let output = Terminal.standardOutput
    if isJSON {
      let whole: Value = [
        "recipe": .string(recipe), "target": .string(target), "clusters": .list(clusters.map(Value.string)),
        "plan": plan.value, "omitted": .int(Int64(plan.omitted)),
      ]
      output.write(whole.json(indented: true).string + "\n")
    } else {
      if plan.commandCount > 0 {
        output.write(plan.text(output.style, isFull: isFull) + "\n\n")
      }
      let count = counted(plan.commandCount, "command")
      let place = clusters.isEmpty ? "" : " for \(clusters.joined(separator: ", "))"
      output.write(output.style.quiet("\(count)\(place) on the target \(target); nothing was run") + "\n")
    }
    return end(ending)
  }

  private static func end(_ ending: Run.Ending) -> ExitCode {
    switch ending {
    case .done: return .done
    case .skipped(let reason):
      Terminal.standardError.write("it would end here as skipped: \(reason)\n")
      return .done
    case .failed(let failure):
      _ = show(failure.diagnostics)
      return .failed
    case .interrupted(let failure):
      _ = show(failure.diagnostics)
      return .interrupted
    case .refused(let diagnostics): return show(diagnostics)
    }
  }

  private static func show(_ diagnostics: [Diagnostic]) -> ExitCode {
    let terminal = Terminal.standardError
    terminal.write(diagnostics.map { $0.rendered(terminal.style) }.joined(separator: "\n\n") + "\n")
    return .wrong
  }
}
