import Interpreter
import SandboxSystem

/// The flags that several subcommands take.
enum CommonFlags {
  static let help = Flag("--help", .toggle, "says what you read here", aliases: ["-h"])

  static let target = Flag(
    "--target", .choice(TargetKind.allCases.map(\.rawValue)),
    "where the clusters are. local: nats-server processes of this machine; k3d: clusters in Docker; kube: clusters "
      + "that exist. By default where they already are, else k3d if Docker answers and k3d is installed, else local. "
      + "NBX_TARGET says the same")

  static let context = Flag(
    "--context", .assignment, "the kube context of a cluster, with --target kube", value: "CLUSTER=CONTEXT",
    repeated: true, offers: CommandLineOffers.contexts)
}

/// The words that several subcommands take.
enum CommonPositionals {
  static func clusters(_ help: String, as kind: Flag.Kind = .cluster) -> Positional {
    Positional("CLUSTER", as: kind, optional: true, repeated: true, help: help, offers: CommandLineOffers.clusters)
  }
}

extension CommandForm {
  /// A subcommand of nbx: the form takes `--help`, too.
  static func subcommand(
    _ path: String, _ summary: String, _ positionals: [Positional] = [], assignments: Positional? = nil,
    flags: [Flag] = [], atMostOneOf: [String] = [], example: String,
    rule: @escaping @Sendable (ParsedWords) -> WordProblem? = { _ in nil }
  ) -> CommandForm {
    CommandForm(
      path, summary, positionals: positionals, flags: flags + [CommonFlags.help], assignments: assignments,
      example: example, atMostOneOf: atMostOneOf, rule: { words, _ in rule(words) })
  }
}

extension ParsedWords {
  /// The words that have their meaning by their place, from one on.
  func strings(from place: Int = 0) -> [String] { positionals.dropFirst(place).map(\.string) }

  var target: String? { string(CommonFlags.target.name) }

  /// Kube contexts by cluster.
  var contexts: [String: String] {
    let pairs = all(CommonFlags.context.name).map { $0.string.split(separator: "=", maxSplits: 1).map(String.init) }
    return Dictionary(pairs.map { ($0[0], $0[1]) }, uniquingKeysWith: { _, last in last })
  }

  /// What is wrong if a word or a parameter is there twice.
  ///
  /// - Parameter place: from which on the words are clusters.
  func repetition(ofClustersFrom place: Int) -> WordProblem? {
    if let cluster = strings(from: place).firstRepeated {
      return WordProblem(
        index: nil, message: "the cluster `\(cluster)` a second time", advice: "name each cluster once")
    }
    let named = all(CommonFlags.context.name).map { String($0.string.prefix { $0 != "=" }) }
    if let cluster = named.firstRepeated {
      return WordProblem(
        index: nil, message: "a context of the cluster `\(cluster)` a second time", advice: "a cluster has one context")
    }
    return assignments.map(\.name).firstRepeated.map {
      WordProblem(index: nil, message: "the parameter `\($0)` a second time", advice: "give each parameter once")
    }
  }
}

extension [String] {
  fileprivate var firstRepeated: String? {
    var seen: Set<String> = []
    return first { !seen.insert($0).inserted }
  }
}
