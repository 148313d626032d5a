import Interpreter
import LineEditor
import SandboxRuntime

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// `nbx repl [CLUSTER…]`
enum ReplSubcommand: Subcommand {
  static let name = "repl"

  static let help = """
    Runs statements as they are typed: all that a recipe can hold, a line at a time.

    Usage: nbx repl [CLUSTER…] [--target T] [--context CLUSTER=CONTEXT]…

      CLUSTER              the clusters to work on; by default those that exist, else c1 c2 c3
      --target, --context  as with `nbx run`

    What a statement binds stays, and an error changes nothing of it. The value of an expression is shown.
    Tab completes, Ctrl-R searches what was typed before, Ctrl-C ends a running statement, Ctrl-D leaves:
    then what was deferred is done. `:help` tells more.

    If standard input is no terminal, statements are read from it, without prompts. A line may go on with
    the statement above it, so a statement runs once the next one has begun.

    Exit codes: 0 done, 1 a deferred block failed, or, without a terminal, any statement, 2 the command
    line is wrong, 130 interrupted.

    Examples:
      nbx repl c1 c2 c3
      echo 'nats server list' | nbx repl

    """

  static func run(_ words: [String]) throws(Usage) -> ExitCode {
    let words = try ReplWords(words)
    let stop = Interrupts.watched()
    let reporter = Reporter(stop: stop)
    reporter.rest()
    defer { reporter.finish() }
    let chooser = TargetChooser(
      wanted: words.target, contexts: words.contexts, clusters: words.clusters,
      environment: ProcessInfo.processInfo.environment, purpose: "nbx repl", relay: OwnProgram.path,
      announce: { reporter.note($0) })
    let host = SandboxHost(
      chooser: chooser, columns: { Terminal.standardOutput.columns }, observer: { reporter.observe($0) })
    Leftovers.keepAccount { chooser.home }
    defer { Leftovers.closeAccount() }
    defer { host.close() }
    let session = Session(
      host: host, clusters: words.clusters, chooseClusters: chooser.clustersToWorkOn, read: RecipeFiles.read)
    let live = LiveSandboxNames(
      wanted: words.target, contexts: words.contexts, environment: ProcessInfo.processInfo.environment,
      clusters: words.clusters)
    let repl = Repl(session, reporter: reporter, chooser: chooser, live: live, stop: stop)
    guard isatty(0) == 1 else { return repl.runPiped() }
    guard Terminal.standardOutput.isTerminal,
      let editor = LineEditor(prompt: Repl.prompt, continuation: Repl.continuation)
    else { return repl.runPlain() }
    return repl.run(editor)
  }
}
