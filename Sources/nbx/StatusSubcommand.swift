import Interpreter
import Lexer
import SandboxRuntime

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `nbx status [--json]`
enum StatusSubcommand: Subcommand {
  static let name = "status"

  static let help = """
    Shows what runs: clusters, servers, where they listen, how they are.

    Usage: nbx status [--json | --urls | --watch | --html FILE | --serve [PORT]] [--target T]
                      [--context CLUSTER=CONTEXT]…

      --json          all of it as data: clusters, servers, gateways, routes, streams, what is wrong
      --urls          where applications connect: a line for each cluster, its name and the URLs of its
                      seed servers, parted by commas as clients take them; exit code 1 if one has none
      --watch         goes on showing it, until you press Ctrl-C or q; exit code 0.
                      Without a terminal: a report at every change
      --html FILE     writes a picture of the supercluster, one page without anything from outside
      --serve [PORT]  serves the same page to browsers on this machine, always up to date, until you press Ctrl-C;
                      exit code 0. On a free port if none is given
      --target        where to look: local, k3d or kube
      --context       with --target kube: which clusters to look at, by their kube contexts

    Examples:
      nbx status --json | python3 -m json.tool
      nbx status --urls
      nbx status --serve

    """

  static func run(_ words: [String]) throws(Usage) -> ExitCode {
    let words = try StatusWords(words)
    let chooser = TargetChooser(
      wanted: words.target, contexts: words.contexts, clusters: [],
      environment: ProcessInfo.processInfo.environment, purpose: "nbx status", isOnlyLooking: true,
      announce: { _ in })
    let target: any Target
    do throws(CommandFailure) {
      target = try chooser.target()
    } catch {
      throw Usage(message: error.reason.masked, advice: error.advice ?? "`nbx doctor` tells what is missing")
    }
    let maker = PictureMaker(of: target)
    switch words.form {
    case .text: Terminal.standardOutput.write(text(target.status(), target) + "\n")
    case .json: Terminal.standardOutput.write(maker.picture().value.json(indented: true).masked + "\n")
    case .urls: return ClientURLs(of: target).show()
    case .watch: return StatusWatch(maker).run()
    case .html(let file): return StatusPages.write(maker, to: file)
    case .serve(let port): return StatusPages.serve(maker, port: port)
    }
    return .done
  }

  private static func text(_ status: TargetStatus, _ target: any Target) -> String {
    let style = Terminal.standardOutput.style
    guard !status.regions.isEmpty else {
      return (["target \(target.name): nothing is here", "= try: nbx run recipes/install.nbx c1 c2 c3"] + status.notes)
        .joined(separator: "\n")
    }
    var lines = ["target \(target.name)"]
    for region in status.regions {
      let servers = status.servers.filter { $0.cluster == region.name }
      let running = servers.count { $0.state == "running" }
      let state = region.state == "running" ? style.good(region.state) : style.bad(region.state)
      lines.append("\(style.strong(region.name)): \(state), \(running) of \(servers.count) servers running")
    }
    if !status.servers.isEmpty {
      let rows = status.servers.map { server in
        [
          server.name, server.cluster, server.url, server.monitorURL, server.pid.map { "\($0)" } ?? "", server.version,
          server.state == "running" ? server.state : style.bad(server.state),
        ]
      }
      let table = Table(
        header: ["Name", "Cluster", "URL", "Monitor", "PID", "Version", "State"], rows: rows,
        alignments: [.left, .left, .left, .left, .right, .left, .left])
      lines.append(table.text)
    }
    return (lines + status.notes).joined(separator: "\n")
  }
}
