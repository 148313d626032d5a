import SandboxSystem
import ValuesAndCommands

/// What `region` does on k3d, for one call.
struct K3dRegions {
  let target: KubernetesTarget
  let call: Invocation

  /// Makes a region. One that exists stays as it is; one that k3d did not finish is made anew.
  func create(_ region: Text) throws(CommandFailure) {
    if let cluster = try cluster(region) {
      guard cluster.state == .unfinished else {
        if cluster.state != .running { call.say("\(region) exists, and is \(Text(cluster.state.rawValue))") }
        // An interrupt may have come between the cluster and its entry.
        if cluster.state == .running { try inTurn(K3dCommands.writeKubeconfig(region), quietly: true) }
        return
      }
      call.say("\(region) was never finished: an earlier `region create` was interrupted. It is made anew")
      try inTurn(K3dCommands.delete(region))
    }
    try makeNetwork()
    try start(K3dCommands.create(region))
    try inTurn(K3dCommands.writeKubeconfig(region), quietly: true)
  }

  func start(_ region: Text) throws(CommandFailure) {
    try existing(region)
    try start(K3dCommands.start(region))
  }

  func stop(_ region: Text, now: Bool) throws(CommandFailure) {
    let cluster = try existing(region)
    let running = cluster.nodes.filter { ["running", "paused", "restarting"].contains($0.status) }
    if now, !running.isEmpty { try start(K3dCommands.kill(running.map { Text($0.name) }), quietly: true) }
    try start(K3dCommands.stop(region))
  }

  /// Takes a region away, and the network with the last one. One that is missing is fine, and one that is not nbx's stays.
  func delete(_ region: Text) throws(CommandFailure) {
    if let other = try all().first(where: { $0.name == region.string && !$0.isOurs }) {
      call.say("\(region) stays: \(Text(other.whoseItIs))")
      return
    }
    try inTurn(K3dCommands.delete(region))
    // Docker would remove it under clusters that are stopped.
    guard try clusters().isEmpty else { return }
    try target.inTurn("removing the clusters' network", call) { () throws(CommandFailure) in
      guard exists(K3dCommands.findNetwork) else { return }
      try tolerating("active endpoints", "not found") { () throws(CommandFailure) in
        try start(K3dCommands.removeNetwork, quietly: true)
      }
    }
  }

  func pause(_ region: Text) throws(CommandFailure) {
    let nodes = try existing(region).nodes.filter { $0.status == "running" }
    if !nodes.isEmpty { try start(K3dCommands.pause(nodes.map { Text($0.name) }), quietly: true) }
  }

  func resume(_ region: Text) throws(CommandFailure) {
    let nodes = try existing(region).nodes.filter { $0.status == "paused" }
    if !nodes.isEmpty { try start(K3dCommands.resume(nodes.map { Text($0.name) }), quietly: true) }
  }

  /// Those that nbx made.
  func clusters() throws(CommandFailure) -> [K3dCluster] { try all().filter(\.isOurs) }

  /// Every cluster that k3d knows.
  private func all() throws(CommandFailure) -> [K3dCluster] {
    let output = try start(K3dCommands.listClusters, quietly: true).out
    guard let clusters = K3dCluster.list(from: Array(output.string.utf8)) else {
      throw CommandFailure(
        .failed, "`k3d cluster list -o json` gave something else", said: output.lastLines(3),
        advice: "nbx doctor --target k3d")
    }
    return clusters
  }

  private func cluster(_ region: Text) throws(CommandFailure) -> K3dCluster? {
    guard let cluster = try all().first(where: { $0.name == region.string }) else { return nil }
    guard cluster.isOurs else {
      throw CommandFailure(
        .failed, Text(cluster.whoseItIs),
        advice: "call the region otherwise, or take the cluster as it is: --target kube --context"
          + " \(cluster.name)=\(target.cluster(named: cluster.name, index: 0).context)")
    }
    return cluster
  }

  @discardableResult
  private func existing(_ region: Text) throws(CommandFailure) -> K3dCluster {
    if let cluster = try cluster(region) { return cluster }
    throw CommandFailure(.failed, "there is no region \(region)", advice: "make it: region create \(region.masked)")
  }

  private func makeNetwork() throws(CommandFailure) {
    try target.inTurn("making the clusters' network", call) { () throws(CommandFailure) in
      if exists(K3dCommands.findNetwork) { return }
      // Another user's nbx may have been quicker.
      try tolerating("already exists") { () throws(CommandFailure) in
        try start(K3dCommands.createNetwork, quietly: true)
      }
    }
  }

  // MARK: Running programs

  @discardableResult
  private func start(_ program: ProgramCall, quietly: Bool = false) throws(CommandFailure) -> ProgramRecord {
    var call = call
    if quietly { call.isStatement = false }
    return try target.program(program.programName).start(program, call)
  }

  /// k3d rewrites the kubeconfig.
  private func inTurn(_ program: ProgramCall, quietly: Bool = false) throws(CommandFailure) {
    try target.inTurn(program.line.masked, call) { () throws(CommandFailure) in
      _ = try start(program, quietly: quietly)
    }
  }

  /// Whether a program that asks for something finds it.
  private func exists(_ question: ProgramCall) -> Bool { (try? start(question, quietly: true)) != nil }

  private func tolerating(
    _ texts: String..., body: () throws(CommandFailure) -> Void
  ) throws(CommandFailure) {
    do throws(CommandFailure) {
      try body()
    } catch {
      let said = error.said?.string ?? ""
      guard error.kind == .failed, texts.contains(where: said.contains) else { throw error }
    }
  }
}

/// A cluster as `k3d cluster list -o json` tells of it.
struct K3dCluster: Sendable, Equatable {
  struct Node: Sendable, Equatable {
    let name: String
    /// `server`, `agent`, `loadbalancer`; a registry stands beside the clusters.
    let role: String
    /// In Docker's words: `created`, `running`, `paused`, `exited`, `restarting`.
    let status: String
  }

  enum State: String, Sendable {
    case running, paused, stopped
    /// Some nodes are not like the others.
    case degraded
    /// k3d was ended while it made the cluster: a node was made and never started.
    case unfinished
  }

  let name: String
  let network: String
  /// Registries left out.
  let nodes: [Node]

  /// Whether nbx made it: those share a network, over which `link` works.
  var isOurs: Bool { network == K3dCommands.network }

  fileprivate var whoseItIs: String {
    "nbx has not made the cluster \(name) of k3d, as its network is \(network) and not \(K3dCommands.network)"
  }

  func count(of role: String, running: Bool = false) -> Int {
    nodes.count { $0.role == role && (!running || $0.status == "running") }
  }

  var state: State {
    let statuses = Set(nodes.map(\.status))
    if statuses.contains("created") || count(of: "server") == 0 { return .unfinished }
    switch statuses {
    case ["running"]: return .running
    case ["paused"]: return .paused
    default: return statuses.isDisjoint(with: ["running", "paused", "restarting"]) ? .stopped : .degraded
    }
  }
}

extension K3dCluster {
  /// Reads the output of `k3d cluster list -o json`; nil if it is something else.
  static func list(from output: [UInt8]) -> [K3dCluster]? {
    guard let clusters = (try? Value.json(output))?.elements else { return nil }
    return clusters.compactMap(K3dCluster.init)
  }

  private init?(_ value: Value) {
    guard let name = value[at: "name"]?.asText?.string else { return nil }
    self.name = name
    network = value[at: "network"]?[at: "name"]?.asText?.string ?? ""
    nodes = (value[at: "nodes"]?.elements ?? []).compactMap { node in
      guard let name = node[at: "name"]?.asText?.string, let role = node[at: "role"]?.asText?.string, role != "registry"
      else {
        return nil
      }
      return Node(name: name, role: role, status: node[at: "State"]?[at: "Status"]?.asText?.string ?? "")
    }
  }
}

/// The commands of k3d and docker by which regions are made, stopped and taken away: what a run starts and a plan shows.
enum K3dCommands {
  /// Joins the clusters; pods of one reach the nodes of every other by name.
  static let network = "linkerd-idc"

  static let listClusters = k3d("cluster", "list", "-o", "json")

  static let findNetwork = docker("network", "inspect", "--format", "{{.Name}}", Text(network))
  static let createNetwork = docker("network", "create", Text(network))
  static let removeNetwork = docker("network", "rm", Text(network))

  /// The kubeconfig is left alone: k3d reads it, changes it and writes it back without a lock, so that of clusters made
  /// at once one would be lost. `writeKubeconfig` comes after it, one at a time.
  static func create(_ region: Text) -> ProgramCall {
    k3d(
      "cluster", "create", region, "--agents", "2", "--network", Text(network), "--k3s-arg",
      "--disable=traefik@server:0", "--kubeconfig-update-default=false")
  }

  /// Leaves the current context as it is: whoever uses kubectl beside nbx has chosen it.
  static func writeKubeconfig(_ region: Text) -> ProgramCall {
    k3d("kubeconfig", "merge", region, "--kubeconfig-merge-default", "--kubeconfig-switch-context=false")
  }

  static func start(_ region: Text) -> ProgramCall { k3d("cluster", "start", region) }
  static func stop(_ region: Text) -> ProgramCall { k3d("cluster", "stop", region) }
  static func delete(_ region: Text) -> ProgramCall { k3d("cluster", "delete", region) }

  static func kill(_ nodes: [Text]) -> ProgramCall { docker(["kill"] + nodes) }
  static func pause(_ nodes: [Text]) -> ProgramCall { docker(["pause"] + nodes) }
  static func resume(_ nodes: [Text]) -> ProgramCall { docker(["unpause"] + nodes) }

  /// Where the host reaches the NATS port of a cluster's load balancer.
  static func natsPort(of cluster: String) -> ProgramCall { docker("port", "k3d-\(Text(cluster))-serverlb", "4222") }

  // MARK: Links

  /// The file system of a node's memory: what lies there goes with the node's network, when it stops.
  private static let linkFile = "/run/nbx-links.json"

  /// Who has which address in the network of the clusters.
  static let addresses = docker("network", "inspect", "--format", "{{json .Containers}}", Text(network))

  /// The nodes that a cluster is made with.
  static func nodes(of region: Text) -> [Text] {
    ["server-0", "agent-0", "agent-1"].map { "k3d-\(region)-\(Text($0))" }
  }

  /// What was set of the links that go out from a cluster.
  static func readLinks(of region: Text) -> ProgramCall {
    docker("exec", "k3d-\(region)-server-0", "cat", Text(linkFile))
  }

  static func writeLinks(of region: Text, _ links: Value) -> ProgramCall {
    var call = docker("exec", "--interactive", "k3d-\(region)-server-0", "sh", "-c", "cat > \(Text(linkFile))")
    call.document = links
    return call
  }

  /// Runs a script in a node's network, with the rights to change it.
  static func shape(_ node: Text, image: Text, _ script: Value) -> ProgramCall {
    var call = docker(
      "run", "--rm", "--interactive", "--net", "container:\(node)", "--cap-add", "NET_ADMIN", "--entrypoint", "sh",
      image, "-e")
    call.document = script
    return call
  }

  private static func k3d(_ words: Text...) -> ProgramCall {
    ProgramCall(program: "k3d", arguments: words, document: nil)
  }
  private static func docker(_ words: Text...) -> ProgramCall { docker(words) }
  private static func docker(_ words: [Text]) -> ProgramCall {
    ProgramCall(program: "docker", arguments: words, document: nil)
  }
}
