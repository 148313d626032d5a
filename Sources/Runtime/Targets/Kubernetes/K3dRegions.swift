import Interpreter
import Synchronization

/// What `region` does on k3d, for one call.
struct K3dRegions {
  let target: KubernetesTarget
  let call: Invocation

  /// One at a time in this process: the clusters' network is made and removed, and k3d rewrites the kubeconfig.
  private static let turn = Mutex<Void>(())

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

  /// Takes a region away, and the network with the last one. One that is missing is fine.
  func delete(_ region: Text) throws(CommandFailure) {
    try inTurn(K3dCommands.delete(region))
    // Docker would remove it under clusters that are stopped.
    guard try !clusters().contains(where: { $0.network == K3dCommands.network }) else { return }
    try K3dRegions.turn.withLock { _ throws(CommandFailure) in
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

  /// Every cluster that k3d knows.
  func clusters() throws(CommandFailure) -> [K3dCluster] {
    let output = try start(K3dCommands.listClusters, quietly: true).out
    guard let clusters = K3dCluster.list(from: Array(output.string.utf8)) else {
      throw CommandFailure(
        .failed, "`k3d cluster list -o json` gave something else", said: output.lastLines(3),
        advice: "nbx doctor --target k3d")
    }
    return clusters
  }

  private func cluster(_ region: Text) throws(CommandFailure) -> K3dCluster? {
    try clusters().first { $0.name == region.string }
  }

  @discardableResult
  private func existing(_ region: Text) throws(CommandFailure) -> K3dCluster {
    if let cluster = try cluster(region) { return cluster }
    throw CommandFailure(.failed, "there is no region \(region)", advice: "make it: region create \(region.masked)")
  }

  private func makeNetwork() throws(CommandFailure) {
    try K3dRegions.turn.withLock { _ throws(CommandFailure) in
      if exists(K3dCommands.findNetwork) { return }
      // Another nbx may have been quicker.
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

  private func inTurn(_ program: ProgramCall, quietly: Bool = false) throws(CommandFailure) {
    try K3dRegions.turn.withLock { _ throws(CommandFailure) in _ = try start(program, quietly: quietly) }
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
