import Interpreter
import NATS

/// A pod's configuration as it runs here: every listener on 127.0.0.1 and on the port promised to it, every host name
/// replaced by the same, every file in the pod's own folders.
enum LocalConfiguration {
  /// The text of its `nats.conf`; the same arguments give the same bytes.
  ///
  /// - Parameters:
  ///   - clusters: the run's clusters: which host names mean something.
  ///   - storeFolder: where JetStream keeps this pod's streams.
  ///   - podFolder: for the pod's other files: `nats.pid`, and the resolver's `jwt/`.
  ///   - isRelayed: whether the servers of other regions come in by the relay, and are reached so.
  ///   - port: the local port promised to an address, be it this pod's own or another's.
  static func text(
    for pod: RenderedPod, of release: RenderedRelease, clusters: [String], storeFolder: String, podFolder: String,
    isRelayed: Bool, port: (PodAddress) throws(ChartProblem) -> Int
  ) throws(ChartProblem) -> String {
    try withoutActuallyEscaping(port) { port throws(ChartProblem) in
      let rewriter = LocalRewriter(
        pod: pod, release: release, names: NameService(clusters: clusters, of: release), storeFolder: storeFolder,
        podFolder: podFolder, isRelayed: isRelayed, promised: port)
      let configuration = try rewriter.configuration()
      return try NatsConfigurationWriter.text(of: configuration, comments: rewriter.comments(on: configuration))
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
  let isRelayed: Bool
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
    // What a server is configured with it tells the servers of other regions, who would go around the relay by it.
    case .gateway:
      return try remotes("gateways", of: block, place: "gateway.gateways", urls.toBeTold, portIfNone: nil)
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
  /// would spread the wrong one, for on loopback every connection comes from 127.0.0.1. Where other regions hear of it
  /// that is the relay's, or they would go around it.
  private func advertised(_ port: PodPort, _ block: ValueMap) throws(ChartProblem) -> Value? {
    if port == .cluster { return try isStretched ? ownAddress(told: port) : ownAddress(port) }
    guard let given = block.key(among: ["advertise"]).flatMap({ block[$0]?.asText }) else {
      switch port {
      case .gateway: return try ownAddress(told: port)
      case .leafnodes where isRelayed && !isTold(nothingIn: block): return try ownAddress(told: port)
      default: return nil
      }
    }
    let urls = LocalURLs(rewriter: self)
    return .string(try urls.single(given, place: "\(port.rawValue).advertise", portIfNone: pod.ports[port]))
  }

  /// Whether the NATS cluster has servers in other regions, as far as its routes say.
  private var isStretched: Bool {
    guard let key = pod.configuration.key(among: ["cluster"]), let cluster = pod.configuration[key]?.entries,
      let routes = cluster.key(among: ["routes"])
    else { return false }
    return LocalURLs(rewriter: self).leaveTheRegion(cluster[routes])
  }

  private func isTold(nothingIn block: ValueMap) -> Bool {
    if case .bool(true)? = block.key(among: ["no_advertise"]).flatMap({ block[$0] }) { true } else { false }
  }

  /// For whoever reads the file: why its addresses are not those that servers listen at.
  func comments(on configuration: ValueMap) -> [String: String] {
    guard isRelayed else { return [:] }
    var comments: [String: String] = [:]
    for (port, names) in PodListeners.blocks where [.cluster, .gateway, .leafnodes].contains(port) {
      guard let name = configuration.key(among: names), let block = configuration[name]?.entries,
        port != .cluster || isStretched
      else { continue }
      // One that was written as an address is no port of the relay's.
      if let key = block.key(among: ["advertise"]), block[key]?.asText?.string.hasPrefix("127.0.0.1:") == true {
        comments["\(name).\(key)"] =
          "The relay's port, where servers of other regions come in: link set and link cut act there."
      }
      if let key = block.key(among: ["gateways"]) {
        comments["\(name).\(key)"] =
          "At the relay's ports, those of this region, too: servers tell others what stands here."
      }
      if let key = block.key(among: ["routes", "remotes"]) {
        comments["\(name).\(key)"] = "Servers of this region at their own ports, those of others at the relay's."
      }
    }
    return comments
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

  /// As it is told to other servers, wherever those are.
  private func ownAddress(told port: PodPort) throws(ChartProblem) -> Value {
    .string("127.0.0.1:\(try told(own(port)))")
  }

  private func ownPort(_ port: PodPort) throws(ChartProblem) -> Int { try promised(own(port)) }

  private func own(_ port: PodPort) -> PodAddress {
    PodAddress(
      cluster: release.identity.cluster, namespace: release.identity.namespace, pod: pod.name, port: port)
  }

  /// The port at which this server reaches another one.
  func reached(_ address: PodAddress) throws(ChartProblem) -> Int {
    let isNear = address.cluster == release.identity.cluster
    return try promised(isRelayed && !isNear ? address.fromElsewhere : address)
  }

  /// The port that others are told of, wherever they are. Clients, which WebSockets are mostly for, take the server's own.
  func told(_ address: PodAddress) throws(ChartProblem) -> Int {
    try promised(isRelayed && address.port != .websocket ? address.fromElsewhere : address)
  }
}

/// Replaces the host names in URLs. What names several pods becomes several URLs; scheme, user, password and order stay.
struct LocalURLs {
  let rewriter: LocalRewriter
  /// Whether servers of other regions hear of these URLs.
  var areTold = false

  var toBeTold: LocalURLs { LocalURLs(rewriter: rewriter, areTold: true) }

  /// A list of URLs, as routes are.
  func list(_ value: Value, place: String, portIfNone: Int?) throws(ChartProblem) -> Value {
    guard let elements = value.elements else { return value }
    var all: [Value] = []
    for (index, element) in elements.enumerated() {
      guard let text = element.asText else {
        all.append(element)
        continue
      }
      all += try several(text, place: "\(place)[\(index)]", portIfNone: portIfNone).map { .string($0) }
    }
    return .list(all)
  }

  /// A gateway or a leafnode's remote, which has `url` or `urls`.
  func remote(_ remote: ValueMap, place: String, portIfNone: Int?) throws(ChartProblem) -> ValueMap {
    let remote = try remote.changing(["urls"]) { urls throws(ChartProblem) in
      try list(urls, place: "\(place).urls", portIfNone: portIfNone)
    }
    guard let key = remote.key(among: ["url"]), let text = remote[key]?.asText else { return remote }
    let all = try several(text, place: "\(place).url", portIfNone: portIfNone)
    if let only = all.first, all.count == 1 { return remote.replacing(["url"], by: [(key, .string(only))]) }
    return remote.replacing(["url"], by: [("urls", .list(all.map { .string($0) }))])
  }

  /// An address to be told to others, in other regions too: of several pods this one if it is among them, else the one
  /// with its ordinal.
  func single(_ text: Text, place: String, portIfNone: Int?) throws(ChartProblem) -> String {
    let (url, port) = try parsed(text, place: place, portIfNone: portIfNone)
    guard case .pods(let pods) = try meaning(of: url, port, place: place), !pods.isEmpty else { return text.string }
    let pod = rewriter.pod
    let own = pods.first { $0.pod == pod.name && $0.cluster == rewriter.release.identity.cluster }
    return url.text(host: "127.0.0.1", port: try rewriter.told(own ?? pods[pod.ordinal % pods.count]))
  }

  /// Whether one of the URLs leads to a server of another region. Those that mean nothing are told of where they are
  /// replaced.
  func leaveTheRegion(_ urls: Value?) -> Bool {
    (urls?.elements ?? []).compactMap(\.asText).contains { text in
      guard let (url, port) = try? parsed(text, place: "", portIfNone: nil),
        case .pods(let pods)? = try? rewriter.names.meaning(of: url.host, port: port)
      else { return false }
      return pods.contains { $0.cluster != rewriter.release.identity.cluster }
    }
  }

  private func several(_ text: Text, place: String, portIfNone: Int?) throws(ChartProblem) -> [String] {
    let (url, port) = try parsed(text, place: place, portIfNone: portIfNone)
    guard case .pods(let pods) = try meaning(of: url, port, place: place) else { return [text.string] }
    var urls: [String] = []
    for pod in pods {
      let port = try areTold ? rewriter.told(pod) : rewriter.reached(pod)
      urls.append(url.text(host: "127.0.0.1", port: port))
    }
    return urls
  }

  private func parsed(_ text: Text, place: String, portIfNone: Int?) throws(ChartProblem) -> (ServerURL, Int) {
    let shown = text.coveringLogins(isURL: true).masked
    guard let url = ServerURL(text) else {
      throw ChartProblem(
        "\(place) is no URL of a server: \(shown)",
        advice: "write nats://HOST:PORT; \(URLLogins.escaping)")
    }
    guard let port = url.port ?? portIfNone else {
      throw ChartProblem("\(place) names no port: \(shown)", advice: "write nats://HOST:PORT")
    }
    return (url, port)
  }

  private func meaning(of url: ServerURL, _ port: Int, place: String) throws(ChartProblem) -> NameService.Meaning {
    do {
      return try rewriter.names.meaning(of: url.host, port: port)
    } catch {
      throw ChartProblem("\(place): \(error.message)", advice: error.advice)
    }
  }
}
