import Interpreter

/// `region` where clusters are made by k3d, or exist already and are left alone.
struct KubernetesRegionCommand: Command {
  let target: KubernetesTarget
  let name = RegionGrammar.name
  let summary = RegionGrammar.summary
  let grammar = RegionGrammar.grammar

  func run(_ call: Invocation) throws(CommandFailure) -> Value {
    let words = try grammar.parsed(call, of: name)
    if words.path == "list" { return try list(call) }
    for region in try regions(words, call) {
      guard target.isOurs else {
        call.say("\(region): the target kube leaves clusters as they are, so there is no \(Text(words.path)) of it")
        continue
      }
      do throws(CommandFailure) {
        try run(words, region, K3dRegions(target: target, call: call))
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
    try K3dLinks(target: target, call: call, image: Text(K3dLinks.image)).forget(region)
  }

  /// As if nothing were there yet, and as if nothing were to stay.
  func plan(_ call: Invocation) throws(CommandFailure) -> [PlannedCommand] {
    try grammar.check(call, of: name)
    let words = call.words.contains(where: \.isKnownLater) ? nil : try grammar.parsed(call, of: name)
    guard target.isOurs, let words, words.path != "list" else {
      return [PlannedCommand([Text(name)] + call.words)]
    }
    var commands: [ProgramCall] = []
    for region in try regions(words, call) {
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

  private func regions(_ words: ParsedWords, _ call: Invocation) throws(CommandFailure) -> [Text] {
    var regions: [Text] = []
    for word in words.positionals where !regions.contains(word) { regions.append(word) }
    if regions.isEmpty, let cluster = call.cluster { regions = [Text(cluster.name)] }
    guard !regions.isEmpty else {
      throw CommandFailure(
        .misused, "`region \(words.path)` needs a region's name", advice: "for example: region \(words.path) c1")
    }
    return regions
  }

  private func list(_ call: Invocation) throws(CommandFailure) -> Value {
    let rows = target.isOurs ? try k3dRows(call) : target.kubeRows(call)
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
