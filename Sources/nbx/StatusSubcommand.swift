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

    Usage: nbx status [--json] [--target T] [--context CLUSTER=CONTEXT]…

      --json     the same as data: target, clusters, servers, notes
      --target   where to look: local, k3d or kube
      --context  with --target kube: which clusters to look at, by their kube contexts

    Example:
      nbx status --json | python3 -m json.tool

    """

  static func run(_ words: [String]) throws(Usage) -> ExitCode {
    var isJSON = false
    var wanted: String?
    var contexts: [String: String] = [:]
    var rest = words[...]
    while let word = rest.popFirst() {
      switch word {
      case "--json": isJSON = true
      case "--target": wanted = rest.popFirst()
      case _ where word.hasPrefix("--target="): wanted = String(word.dropFirst("--target=".count))
      case "--context": try ContextFlag.add(rest.popFirst() ?? "", to: &contexts)
      case _ where word.hasPrefix("--context="):
        try ContextFlag.add(String(word.dropFirst("--context=".count)), to: &contexts)
      default: throw .unknownFlag(word, of: name, known: ["--json", "--target", "--context", "--help"])
      }
    }
    let chooser = TargetChooser(
      wanted: wanted, contexts: contexts, clusters: [], environment: ProcessInfo.processInfo.environment,
      purpose: "nbx status", isOnlyLooking: true, announce: { _ in })
    let target: any Target
    do throws(CommandFailure) {
      target = try chooser.target()
    } catch {
      throw Usage(message: error.reason.masked, advice: error.advice ?? "`nbx doctor` tells what is missing")
    }
    let status = target.status()
    Terminal.standardOutput.write((isJSON ? json(status, target) : text(status, target)) + "\n")
    return .done
  }

  private static func json(_ status: TargetStatus, _ target: any Target) -> String {
    let clusters = status.regions.map { Value.map(["name": .string($0.name), "state": .string($0.state)]) }
    let servers = status.servers.map { server -> Value in
      [
        "name": .string(server.name), "cluster": .string(server.cluster), "url": .string(server.url),
        "monitor_url": .string(server.monitorURL), "pid": server.pid.map { .int(Int64($0)) } ?? .null,
        "state": .string(server.state), "version": .string(server.version),
      ]
    }
    let whole: Value = [
      "target": .string(target.name), "clusters": .list(clusters), "servers": .list(servers),
      "notes": .list(status.notes.map(Value.string)),
    ]
    return whole.json(indented: true).masked
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

extension Value {
  fileprivate static func map(_ entries: [String: Value]) -> Value {
    .map(ValueMap(entries.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }))
  }
}
