import SandboxSystem
import ValuesAndCommands

/// `fault` on clusters of Kubernetes: pods can be killed, which their StatefulSets start anew. Processes and files in them
/// are out of reach.
struct KubernetesFaultCommand: Command {
  let target: KubernetesTarget
  let name = FaultGrammar.name
  let summary = FaultGrammar.summary
  let grammar = FaultGrammar.grammar
  let concernsCluster = false

  func run(_ call: Invocation) throws(CommandFailure) -> Value {
    let words = try grammar.parsed(call, of: name)
    switch words.path {
    // What was killed is started by its StatefulSet, and nothing else can stand.
    case "list":
      if call.isStatement { call.say("nothing stands") }
      return .list([])
    case "heal", "start": return words.path == "heal" ? .null : .list([])
    case "kill":
      for kill in try kills(words, call) { _ = try target.program("kubectl").run(kill) }
      return .list(words.positionals.map { .string($0.string) })
    default: throw refusal(of: words.path)
    }
  }

  func plan(_ call: Invocation) throws(CommandFailure) -> [PlannedCommand] {
    try grammar.check(call, of: name)
    guard !call.words.contains(where: \.isKnownLater) else { return [PlannedCommand([Text(name)] + call.words)] }
    let words = try grammar.parsed(call, of: name)
    switch words.path {
    case "list", "heal", "start": return [PlannedCommand([Text(name)] + call.words)]
    case "kill":
      var planned: [PlannedCommand] = []
      for kill in try kills(words, call) { planned += try target.program("kubectl").plan(kill) }
      return planned
    default: throw refusal(of: words.path)
    }
  }

  private func refusal(of path: String) -> CommandFailure {
    var ways = ["run it on the target local, where servers are processes of this machine"]
    if ["freeze", "thaw"].contains(path), target.ownsClusters {
      ways.append("region pause and region resume freeze a whole cluster of k3d")
    }
    if path.hasPrefix("disk") { ways.append("fill the pod's volume: kubectl exec … -- dd if=/dev/zero of=…") }
    return CommandFailure(
      .misused,
      "`fault \(path)` needs the servers' processes and files, which the target \(target.name) does not reach",
      advice: ways.joined(separator: "\n"))
  }

  /// One call of kubectl for each server that is named, or each release that is meant.
  private func kills(_ words: ParsedWords, _ call: Invocation) throws(CommandFailure) -> [Invocation] {
    var clusters = call.clusters
    if let region = words.string("--region") { clusters.removeAll { $0.name != region } }
    var calls: [Invocation] = []
    func kill(_ what: [Text], in cluster: Cluster) {
      var kill = call
      kill.cluster = cluster
      kill.words = ["delete", "pod"] + what + ["--namespace", "nats", "--grace-period=0", "--force"]
      calls.append(kill)
    }
    for server in words.positionals {
      // Of the clusters eu and eu-west the longer one that fits.
      let fitting = clusters.filter { server.string.hasPrefix("\($0.name)-") }
      guard let cluster = fitting.max(by: { $0.name.count < $1.name.count }) else {
        throw CommandFailure(
          .misused, Text("there is no cluster of a server \(server.masked) in this run"),
          advice: "the clusters of this run: \(call.clusters.map(\.name).joined(separator: ", "))")
      }
      // The stretched releases have the same name in every cluster, and put its own before their servers'.
      let rest = String(server.string.dropFirst(cluster.name.count + 1))
      let stretched = "\(FaultGrammar.Role.stretched.rawValue)-"
      kill([Text(rest.hasPrefix(stretched) ? rest : server.string)], in: cluster)
    }
    guard words.positionals.isEmpty else { return calls }
    let role = words.string("--role").flatMap(FaultGrammar.Role.init)
    for cluster in clusters {
      for role in role.map({ [$0] }) ?? FaultGrammar.Role.allCases {
        kill(["--selector", Text("app.kubernetes.io/instance=\(role.release(of: cluster.name))")], in: cluster)
      }
    }
    return calls
  }
}
