import Interpreter

/// `link` where clusters are made by k3d; those that exist already have networks that are none of nbx's.
struct KubernetesLinkCommand: Command {
  let target: KubernetesTarget
  let name = LinkGrammar.name
  let summary = LinkGrammar.summary
  let grammar = LinkGrammar.grammar
  let concernsCluster = false

  func run(_ call: Invocation) throws(CommandFailure) -> Value {
    let words = try grammar.parsed(call, of: name)
    try checkTarget(call)
    let links = K3dLinks(target: target, call: call, image: words.text("--image") ?? Text(K3dLinks.image))
    if words.path == "list" { return LinkListing(states: try links.states(), tellsNetworks: false).answer(call) }
    try links.change(try LinkRequest(call))
    return .null
  }

  /// As if all clusters were there.
  func plan(_ call: Invocation) throws(CommandFailure) -> [PlannedCommand] {
    try LinkGrammar.check(call) { target.existingClusters() }
    try checkTarget(call)
    guard call.words.first != "list", !call.words.contains(where: \.isKnownLater) else {
      return [PlannedCommand([Text(name)] + call.words, document: call.document)]
    }
    let words = try grammar.parsed(call, of: name)
    let image = words.text("--image") ?? Text(K3dLinks.image)
    var starts: [String] = []
    for link in try LinkRequest(call).links(among: call.clusters.map(\.name)) where !starts.contains(link.from) {
      starts.append(link.from)
    }
    return starts.flatMap { start in
      [K3dCommands.writeLinks(of: Text(start), .later(.knownLater))]
        + K3dCommands.nodes(of: Text(start)).map { K3dCommands.shape($0, image: image, .later(.knownLater)) }
    }.map(\.planned)
  }

  private func checkTarget(_ call: Invocation) throws(CommandFailure) {
    guard target.isOurs else {
      throw CommandFailure(
        .misused, "the target kube leaves the networks of clusters as they are, so there is no link in it",
        advice: "use what such clusters have: NetworkChaos of Chaos Mesh, security groups of the provider, "
          + "a NetworkPolicy for a cut; or try it on the targets local and k3d")
    }
    if call.words.contains(where: { $0.string == "--over" || $0.string.hasPrefix("--over=") }) {
      throw CommandFailure(
        .misused, "gateways and routes go over one network between clusters of k3d, so that there is no `--over`",
        advice: "leave it out; the target local tells them apart")
    }
  }
}
