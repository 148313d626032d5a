import Interpreter

/// A pod's configuration as it runs here: every listener on 127.0.0.1 and on the port promised to it, every host name
/// replaced by the same, every file in the pod's own folders.
enum LocalConfiguration {
  /// The text of its `nats.conf`; the same arguments give the same bytes.
  ///
  /// - Parameters:
  ///   - clusters: the run's clusters: which host names mean something.
  ///   - storeFolder: where JetStream keeps this pod's streams.
  ///   - podFolder: for the pod's other files: `nats.pid`, and the resolver's `jwt/`.
  ///   - port: the local port promised to an address, be it this pod's own or another's.
  static func text(
    for pod: RenderedPod, of release: RenderedRelease, clusters: [String], storeFolder: String, podFolder: String,
    port: (PodAddress) throws(ChartProblem) -> Int
  ) throws(ChartProblem) -> String {
    try withoutActuallyEscaping(port) { port throws(ChartProblem) in
      let rewriter = LocalRewriter(
        pod: pod, release: release, names: NameService(clusters: clusters, of: release), storeFolder: storeFolder,
        podFolder: podFolder, promised: port)
      return try NatsConfigurationWriter.text(of: try rewriter.configuration())
    }
  }
}

/// Turns one pod's configuration into the one that runs here.
struct LocalRewriter {
  let pod: RenderedPod
  let release: RenderedRelease
  let names: NameService
  let storeFolder: String
  let podFolder: String
  let promised: (PodAddress) throws(ChartProblem) -> Int

  func configuration() throws(ChartProblem) -> ValueMap {
    var whole = pod.configuration
    for (port, keys) in PodListeners.blocks {
      whole = try whole.changing(keys) { value throws(ChartProblem) in
        guard case .map(let block) = value else { return value }
        return .map(try rewritten(block, port))
      }
    }
    whole = try withFilesHere(try withMonitoringHere(whole))
    let own = try ownAddress(.client)
    return whole.replacing(
      PodListeners.addressKeys + ["client_advertise"], by: [("listen", own), ("client_advertise", own)])
  }

  // MARK: Blocks

  private func rewritten(_ block: ValueMap, _ port: PodPort) throws(ChartProblem) -> ValueMap {
    var block = block
    if pod.ports[port] != nil {
      var entries = [("listen", try ownAddress(port))]
      if let address = try advertised(port, block) { entries.append(("advertise", address)) }
      block = block.replacing(PodListeners.addressKeys + ["advertise"], by: entries)
    }
    let urls = LocalURLs(rewriter: self)
    switch port {
    case .cluster:
      return try block.changing(["routes"]) { routes throws(ChartProblem) in
        try urls.list(routes, place: "cluster.routes", portIfNone: nil)
      }
    case .gateway: return try remotes("gateways", of: block, place: "gateway.gateways", urls, portIfNone: nil)
    // A leafnode's URL without a port means 7422, to the server as well.
    case .leafnodes: return try remotes("remotes", of: block, place: "leafnodes.remotes", urls, portIfNone: 7422)
    default: return block
    }
  }

  private func remotes(
    _ key: String, of block: ValueMap, place: String, _ urls: LocalURLs, portIfNone: Int?
  ) throws(ChartProblem) -> ValueMap {
    try block.changing([key]) { value throws(ChartProblem) in
      guard let elements = value.elements else { return value }
      var remotes: [Value] = []
      for (index, element) in elements.enumerated() {
        guard case .map(let remote) = element else {
          remotes.append(element)
          continue
        }
        remotes.append(.map(try urls.remote(remote, place: "\(place)[\(index)]", portIfNone: portIfNone)))
      }
      return .list(remotes)
    }
  }

  /// What the server tells others of itself, nil for nothing in particular. Routes always learn its own address: gossip
  /// would spread the wrong one, for on loopback every connection comes from 127.0.0.1.
  private func advertised(_ port: PodPort, _ block: ValueMap) throws(ChartProblem) -> Value? {
    if port == .cluster { return try ownAddress(port) }
    guard let given = block.key(among: ["advertise"]).flatMap({ block[$0]?.asText }) else {
      return port == .gateway ? try ownAddress(port) : nil
    }
    let urls = LocalURLs(rewriter: self)
    return .string(try urls.single(given, place: "\(port.rawValue).advertise", portIfNone: pod.ports[port]))
  }

  private func withMonitoringHere(_ whole: ValueMap) throws(ChartProblem) -> ValueMap {
    var whole = whole
    if pod.ports[.monitor] != nil {
      let isEncrypted = whole.key(among: PodListeners.monitorKeys)?.lowercased().hasPrefix("https") == true
      let key = isEncrypted ? "https" : "http"
      whole = whole.replacing(PodListeners.monitorKeys, by: [(key, try ownAddress(.monitor))])
    }
    if pod.ports[.profiling] != nil {
      // It has no address of its own: it listens where the clients do.
      whole = whole.replacing(PodListeners.profilingKeys, by: [("prof_port", .int(Int64(try ownPort(.profiling))))])
    }
    return whole
  }

  // MARK: Files

  private func withFilesHere(_ whole: ValueMap) throws(ChartProblem) -> ValueMap {
    var whole = whole.replacing(["pid_file", "pidfile"], by: [("pid_file", .string("\(podFolder)/nats.pid"))])
    whole = try whole.changing(["jetstream"]) { jetstream in withStoreHere(jetstream) }
    whole = try whole.changing(["store_dir", "storedir"]) { _ in .string(storeFolder) }
    whole = try whole.changing(["resolver"]) { resolver in
      guard case .map(let block) = resolver, block.key(among: ["dir"]) != nil else { return resolver }
      return .map(block.replacing(["dir"], by: [("dir", .string("\(podFolder)/jwt"))]))
    }
    whole = try whole.changing(["log_file", "logfile"]) { _ in .string("\(podFolder)/nats.log") }
    return try whole.changing(["ports_file_dir"]) { _ in .string(podFolder) }
  }

  /// Always its own folder, also where only memory is used: the server's default is one that all would share.
  private func withStoreHere(_ jetstream: Value) -> Value {
    let store = ("store_dir", Value.string(storeFolder))
    if case .map(let block) = jetstream { return .map(block.replacing(["store_dir", "storedir"], by: [store])) }
    let isOn = ["true", "enabled", "enable"].contains(jetstream.asText?.string.lowercased() ?? "")
    return isOn ? .map(ValueMap([store])) : jetstream
  }

  // MARK: Addresses

  func ownAddress(_ port: PodPort) throws(ChartProblem) -> Value { .string("127.0.0.1:\(try ownPort(port))") }

  private func ownPort(_ port: PodPort) throws(ChartProblem) -> Int {
    let identity = release.identity
    return try promised(
      PodAddress(cluster: identity.cluster, namespace: identity.namespace, pod: pod.name, port: port))
  }
}
