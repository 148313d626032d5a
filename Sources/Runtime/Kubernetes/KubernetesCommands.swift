import SandboxSystem
import ValuesAndCommands

/// `region` where clusters are made by k3d, or exist already and are left alone.
struct KubernetesRegionCommand: Command {
  let target: KubernetesTarget
  let name = RegionGrammar.name
  let summary = RegionGrammar.summary
  let grammar = RegionGrammar.grammar

  func run(_ call: Invocation) throws(CommandFailure) -> Value {
    let words = try grammar.parsed(call, of: name)
    if words.path == "list" { return try list(call) }
    for region in try RegionGrammar.regions(words, call) {
      guard target.ownsClusters else {
        call.say("\(region): the target kube leaves clusters as they are, so there is no \(Text(words.path)) of it")
        continue
      }
      do throws(CommandFailure) {
        // A cluster that another nbx is just making looks like one that was never finished.
        try call.inTurn("k3d \(region)", for: "region \(words.path) \(region)", in: target.environment) {
          () throws(CommandFailure) in try run(words, region, K3dRegions(target: target, call: call))
        }
      } catch {
        // One call may be about several.
        var failure = error
        var reason: Text = "\(region): "
        reason.append(error.reason)
        failure.reason = reason
        throw failure
      }
    }
    if words.path == "delete" {
      try onThisMachine { () throws(MachineError) in
        let environment = target.environment
        try Leftovers.takeAway(in: try Home.folder(environment: environment), environment: environment) {
          call.say(Text($0))
        }
      }
    }
    return .null
  }

  private func run(_ words: ParsedWords, _ region: Text, _ k3d: K3dRegions) throws(CommandFailure) {
    switch words.path {
    case "create": try k3d.create(region)
    case "start": try k3d.start(region)
    case "stop":
      try k3d.stop(region, now: words.has("--now"))
      try forgetLinks(of: region, k3d.call)
    case "delete":
      try k3d.delete(region)
      try forgetLinks(of: region, k3d.call)
    case "pause": try k3d.pause(region)
    default: try k3d.resume(region)
    }
  }

  private func forgetLinks(of region: Text, _ call: Invocation) throws(CommandFailure) {
    try K3dLinks(target: target, call: call).forget(region)
  }

  /// As if nothing were there yet, and as if nothing were to stay.
  func plan(_ call: Invocation) throws(CommandFailure) -> [PlannedCommand] {
    try grammar.check(call, of: name)
    let words = call.words.contains(where: \.isKnownLater) ? nil : try grammar.parsed(call, of: name)
    guard target.ownsClusters, let words, words.path != "list" else {
      return [PlannedCommand([Text(name)] + call.words)]
    }
    var commands: [ProgramCall] = []
    for region in try RegionGrammar.regions(words, call) {
      switch words.path {
      case "create":
        commands += [
          K3dCommands.createNetwork, K3dCommands.create(region), K3dCommands.writeKubeconfig(region),
        ]
      case "start": commands.append(K3dCommands.start(region))
      case "stop":
        if words.has("--now") { commands.append(K3dCommands.kill([.knownLater])) }
        commands.append(K3dCommands.stop(region))
      case "delete": commands += [K3dCommands.delete(region), K3dCommands.removeNetwork]
      case "pause": commands.append(K3dCommands.pause([.knownLater]))
      default: commands.append(K3dCommands.resume([.knownLater]))
      }
    }
    return commands.map(\.planned)
  }

  private func list(_ call: Invocation) throws(CommandFailure) -> Value {
    let rows = target.ownsClusters ? try k3dRows(call) : target.kubeRows(call)
    if call.isStatement {
      let head = rows.first?.keys.map { $0.uppercased() } ?? ["NAME", "STATE"]
      let table = PlainTable(head, rows.map { $0.values.map { $0.asText ?? "" } })
      for line in table.lines { call.say(line) }
    }
    return .list(rows.map(Value.map))
  }

  private func k3dRows(_ call: Invocation) throws(CommandFailure) -> [ValueMap] {
    try K3dRegions(target: target, call: call).clusters().map { cluster in
      let row: [(String, Value)] = [
        ("name", .string(cluster.name)), ("state", .string(cluster.state.rawValue)),
        ("servers", .int(Int64(cluster.count(of: "server")))), ("agents", .int(Int64(cluster.count(of: "agent")))),
        ("running", .int(Int64(cluster.nodes.count { $0.status == "running" && $0.role != "loadbalancer" }))),
      ]
      return ValueMap(row)
    }
  }
}

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
    let links = K3dLinks(target: target, call: call, image: words.text("--image"))
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
    let image = words.text("--image") ?? Text(LinkGrammar.k3dImage)
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
    guard target.ownsClusters else {
      throw CommandFailure(
        .misused, "the target kube leaves the networks of clusters as they are, so there is no link in it",
        advice: "use what such clusters have: NetworkChaos of Chaos Mesh, security groups of the provider, "
          + "a NetworkPolicy for a cut; or try it on the targets local and k3d")
    }
    let isInMatrix = try LinkRequest(call).tellsNetworks
    if isInMatrix || call.words.contains(where: { $0.string == "--over" || $0.string.hasPrefix("--over=") }) {
      throw CommandFailure(
        .misused, "gateways and routes go over one network between clusters of k3d, so that there is no `--over`",
        advice: "leave it out; the target local tells them apart")
    }
  }
}
