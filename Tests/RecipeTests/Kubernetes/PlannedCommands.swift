import Foundation
import TestSupport
import Testing

/// What `nbx plan --json` says that a recipe would run.
struct PlannedCommands {
  struct Command {
    let words: [String]
    let cluster: String?
    let document: JSONTree
    /// Whether it hangs on what is known later: a branch, or a loop over it.
    let isConditional: Bool
  }

  let commands: [Command]

  init(_ json: String) throws {
    commands = try Self.commands(in: JSONTree(json)["plan"].elements, conditional: false)
  }

  private static func commands(in nodes: [JSONTree], conditional: Bool) -> [Command] {
    nodes.flatMap { node -> [Command] in
      let below = conditional || ["maybe", "loop", "defer"].contains(node["kind"].text ?? "")
      let own =
        node["kind"] != "command"
        ? []
        : [
          Command(
            words: node["words"].elements.compactMap(\.text), cluster: node["cluster"].text, document: node["document"],
            isConditional: conditional)
        ]
      return own + commands(in: node["children"].elements, conditional: below)
    }
  }
}

extension PlannedCommands.Command {
  /// Whether a call is this command: the same words, on the same cluster, with the same document, as far as they are
  /// known before a run and no secret.
  func isRun(by call: StandIns.Call) -> Bool {
    let argv = [call.program] + call.argv
    guard argv.count == words.count, zip(words, argv).allSatisfy({ Self.fits($0, $1) }) else { return false }
    // `docker`, `k3d` and `helm repo` are about this machine.
    if let context = call.cluster, let cluster, context != "k3d-\(cluster)" { return false }
    guard let text = call.stdin else { return document == .null }
    if case .text(let planned) = document { return Self.fits(planned, text) }
    guard let real = try? JSONTree(text) else { return false }
    return Self.fits(document, real)
  }

  private static let unknown = ["‹known later›", "•••"]

  private static func fits(_ planned: JSONTree, _ real: JSONTree) -> Bool {
    switch (planned, real) {
    case (.text(let planned), _) where unknown.contains(planned): true
    case (.text(let planned), .text(let real)): fits(planned, real)
    case (.list(let planned), .list(let real)):
      planned.count == real.count && zip(planned, real).allSatisfy { fits($0, $1) }
    case (.map(let planned), .map(let real)):
      planned.count == real.count && planned.allSatisfy { key, value in real[key].map { fits(value, $0) } ?? false }
    default: planned == real
    }
  }

  /// Whether a text has the parts that are known, in their order.
  private static func fits(_ planned: String, _ real: String) -> Bool {
    let parts = unknown.reduce([planned]) { parts, mark in parts.flatMap { $0.components(separatedBy: mark) } }
    guard parts.count > 1 else { return planned == real }
    guard real.hasPrefix(parts[0]), real.hasSuffix(parts[parts.count - 1]) else { return false }
    var rest = real[...]
    for part in parts where !part.isEmpty {
      guard let found = rest.range(of: part) else { return false }
      rest = rest[found.upperBound...]
    }
    return true
  }
}

extension StandIns.Call {
  /// Whether nbx asked it of its own accord to find out how things stand: it changes nothing, and no plan shows it.
  var isLookOfNbx: Bool {
    isQuestionForDocker || isLookAtLinks || line == "k3d cluster list -o json"
      || line.hasPrefix("docker network inspect ")
      // Where the servers of a cluster are reached, as the contexts of the nats CLI have to say.
      || line.hasPrefix("docker port ") && argv.count == 3
  }
}
