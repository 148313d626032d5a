import NATS
import SandboxSystem
import ValuesAndCommands

/// A release's configuration as it runs here: every listener on 127.0.0.1 and on the port promised to it, every host name
/// replaced by the same, every file in the pod's own folders.
struct LocalConfiguration {
  /// Where a pod has its files.
  struct Places {
    /// Where JetStream keeps the pod's streams.
    let store: String
    /// For its other files: `nats.pid`, and the resolver's `jwt/`.
    let folder: String
  }

  let release: RenderedRelease
  let names: NameService
  let isRelayed: Bool
  let promised: (PodAddress) throws(CommandFailure) -> Int

  /// The text of each pod's `nats.conf`, in their order; the same arguments give the same bytes.
  ///
  /// - Parameters:
  ///   - clusters: the run's clusters: which host names mean something.
  ///   - isRelayed: whether the servers of other regions come in by the relay, and are reached so.
  ///   - port: the local port promised to an address, be it a pod's own or another's.
  static func texts(
    of release: RenderedRelease, clusters: [String], isRelayed: Bool, places: (RenderedPod) -> Places,
    port: (PodAddress) throws(CommandFailure) -> Int
  ) throws(CommandFailure) -> [String] {
    try withoutActuallyEscaping(port) { port throws(CommandFailure) in
      let local = LocalConfiguration(
        release: release, names: NameService(clusters: clusters, of: release), isRelayed: isRelayed, promised: port)
      // What servers dial is the same for all of them.
      let shared = try local.dialling(release.configuration)
      let isStretched = local.isStretched
      return try release.pods.map { pod throws(CommandFailure) in
        let own = PodConfiguration(local: local, pod: pod, places: places(pod), isStretched: isStretched)
        let configuration = try own.listening(pod.variables.resolving(shared))
        let comments = isRelayed ? own.comments(on: configuration) : [:]
        return try NatsConfigurationWriter.text(of: configuration, comments: comments)
      }
    }
  }

  /// With the servers that it dials, at the ports where these are reached.
  private func dialling(_ whole: ValueMap) throws(CommandFailure) -> ValueMap {
    var whole = whole
    for (port, keys) in PodListeners.blocks {
      whole = try whole.changing(keys) { value throws(CommandFailure) in
        guard case .map(let block) = value else { return value }
        return .map(try dialling(block, port))
      }
    }
    return whole
  }

  private func dialling(_ block: ValueMap, _ port: PodPort) throws(CommandFailure) -> ValueMap {
    let urls = LocalURLs(local: self)
    switch port {
    case .cluster:
      return try block.changing(["routes"]) { routes throws(CommandFailure) in
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
  ) throws(CommandFailure) -> ValueMap {
    try block.changing([key]) { value throws(CommandFailure) in
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

  /// Whether the NATS cluster has servers in other regions, as far as its routes say.
  private var isStretched: Bool {
    guard let key = release.configuration.key(among: ["cluster"]), let cluster = release.configuration[key]?.entries,
      let routes = cluster.key(among: ["routes"])
    else { return false }
    return LocalURLs(local: self).leaveTheRegion(cluster[routes])
  }

  /// The port at which its servers reach another one.
  func reached(_ address: PodAddress) throws(CommandFailure) -> Int {
    let isNear = address.cluster == release.identity.cluster
    return try promised(isRelayed && !isNear ? address.fromElsewhere : address)
  }

  /// The port that others are told of, wherever they are. Clients, which WebSockets are mostly for, take the server's own.
  func told(_ address: PodAddress) throws(CommandFailure) -> Int {
    try promised(isRelayed && address.port != .websocket ? address.fromElsewhere : address)
  }
}

/// What is one pod's own in it: where it listens, what it tells of itself, where its files are.
private struct PodConfiguration {
  let local: LocalConfiguration
  let pod: RenderedPod
  let places: LocalConfiguration.Places
  let isStretched: Bool

  func listening(_ configuration: ValueMap) throws(CommandFailure) -> ValueMap {
    var whole = configuration
    for (port, keys) in PodListeners.blocks where local.release.ports[port] != nil {
      whole = try whole.changing(keys) { value throws(CommandFailure) in
        guard case .map(let block) = value else { return value }
        var entries = [("listen", try ownAddress(port))]
        if let address = try advertised(port, block) { entries.append(("advertise", address)) }
        return .map(block.replacing(PodListeners.addressKeys + ["advertise"], by: entries))
      }
    }
    whole = try withFilesHere(try withMonitoringHere(whole))
    let own = try ownAddress(.client)
    return whole.replacing(
      PodListeners.addressKeys + ["client_advertise"], by: [("listen", own), ("client_advertise", own)])
  }

  /// What the server tells others of itself, nil for nothing in particular. Routes always learn its own address: gossip
  /// would spread the wrong one, for on loopback every connection comes from 127.0.0.1. Where other regions hear of it
  /// that is the relay's, or they would go around it.
  private func advertised(_ port: PodPort, _ block: ValueMap) throws(CommandFailure) -> Value? {
    if port == .cluster { return try isStretched ? ownAddress(told: port) : ownAddress(port) }
    guard let given = block.key(among: ["advertise"]).flatMap({ block[$0]?.asText }) else {
      switch port {
      case .gateway: return try ownAddress(told: port)
      case .leafnodes where local.isRelayed && !isTold(nothingIn: block): return try ownAddress(told: port)
      default: return nil
      }
    }
    return .string(
      try LocalURLs(local: local).single(
        given, of: pod, place: "\(port.rawValue).advertise", portIfNone: local.release.ports[port]))
  }

  private func isTold(nothingIn block: ValueMap) -> Bool {
    if case .bool(true)? = block.key(among: ["no_advertise"]).flatMap({ block[$0] }) { true } else { false }
  }

  /// For whoever reads the file: why its addresses are not those that servers listen at.
  func comments(on configuration: ValueMap) -> [String: String] {
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

  private func withMonitoringHere(_ whole: ValueMap) throws(CommandFailure) -> ValueMap {
    var whole = whole
    if local.release.ports[.monitor] != nil {
      let isEncrypted = whole.key(among: PodListeners.monitorKeys)?.lowercased().hasPrefix("https") == true
      let key = isEncrypted ? "https" : "http"
      whole = whole.replacing(PodListeners.monitorKeys, by: [(key, try ownAddress(.monitor))])
    }
    if local.release.ports[.profiling] != nil {
      // It has no address of its own: it listens where the clients do.
      let port = Value.int(Int64(try local.promised(own(.profiling))))
      whole = whole.replacing(PodListeners.profilingKeys, by: [("prof_port", port)])
    }
    return whole
  }

  private func withFilesHere(_ whole: ValueMap) throws(CommandFailure) -> ValueMap {
    let folder = places.folder
    var whole = whole.replacing(["pid_file", "pidfile"], by: [("pid_file", .string("\(folder)/nats.pid"))])
    whole = try whole.changing(["jetstream"]) { jetstream in withStoreHere(jetstream) }
    whole = try whole.changing(["store_dir", "storedir"]) { _ in .string(places.store) }
    whole = try whole.changing(["resolver"]) { resolver in
      guard case .map(let block) = resolver, block.key(among: ["dir"]) != nil else { return resolver }
      return .map(block.replacing(["dir"], by: [("dir", .string("\(folder)/jwt"))]))
    }
    whole = try whole.changing(["log_file", "logfile"]) { _ in .string("\(folder)/nats.log") }
    return try whole.changing(["ports_file_dir"]) { _ in .string(folder) }
  }

  /// Always its own folder, also where only memory is used: the server's default is one that all would share.
  private func withStoreHere(_ jetstream: Value) -> Value {
    let store = ("store_dir", Value.string(places.store))
    if case .map(let block) = jetstream { return .map(block.replacing(["store_dir", "storedir"], by: [store])) }
    let isOn = ["true", "enabled", "enable"].contains(jetstream.asText?.string.lowercased() ?? "")
    return isOn ? .map(ValueMap([store])) : jetstream
  }

  private func ownAddress(_ port: PodPort) throws(CommandFailure) -> Value {
    .string("127.0.0.1:\(try local.promised(own(port)))")
  }

  /// As it is told to other servers, wherever those are.
  private func ownAddress(told port: PodPort) throws(CommandFailure) -> Value {
    .string("127.0.0.1:\(try local.told(own(port)))")
  }

  private func own(_ port: PodPort) -> PodAddress { local.release.key(of: pod).address(port) }
}

/// Replaces the host names in URLs. What names several pods becomes several URLs; scheme, user, password and order stay.
struct LocalURLs {
  let local: LocalConfiguration
  /// Whether servers of other regions hear of these URLs.
  var areTold = false

  var toBeTold: LocalURLs { LocalURLs(local: local, areTold: true) }

  /// A list of URLs, as routes are.
  func list(_ value: Value, place: String, portIfNone: Int?) throws(CommandFailure) -> Value {
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
  func remote(_ remote: ValueMap, place: String, portIfNone: Int?) throws(CommandFailure) -> ValueMap {
    let remote = try remote.changing(["urls"]) { urls throws(CommandFailure) in
      try list(urls, place: "\(place).urls", portIfNone: portIfNone)
    }
    guard let key = remote.key(among: ["url"]), let text = remote[key]?.asText else { return remote }
    let all = try several(text, place: "\(place).url", portIfNone: portIfNone)
    if let only = all.first, all.count == 1 { return remote.replacing(["url"], by: [(key, .string(only))]) }
    return remote.replacing(["url"], by: [("urls", .list(all.map { .string($0) }))])
  }

  /// An address to be told to others, in other regions too: of several pods this one if it is among them, else the one
  /// with its ordinal.
  func single(
    _ text: Text, of pod: RenderedPod, place: String, portIfNone: Int?
  ) throws(CommandFailure) -> String {
    guard let text = written(text) else { return text.string }
    let (url, port) = try parsed(text, place: place, portIfNone: portIfNone)
    guard case .pods(let pods) = try meaning(of: url, port, place: place), !pods.isEmpty else { return text.string }
    let own = pods.first { $0.pod == pod.name && $0.cluster == local.release.identity.cluster }
    return url.text(host: "127.0.0.1", port: try local.told(own ?? pods[pod.ordinal % pods.count]))
  }

  /// Whether one of the URLs leads to a server of another region. Those that mean nothing are told of where they are
  /// replaced.
  func leaveTheRegion(_ urls: Value?) -> Bool {
    (urls?.elements ?? []).compactMap(\.asText).contains { text in
      guard let text = written(text), let (url, port) = try? parsed(text, place: "", portIfNone: nil),
        case .pods(let pods)? = try? local.names.meaning(of: url.host, port: port)
      else { return false }
      return pods.contains { $0.cluster != local.release.identity.cluster }
    }
  }

  /// The URL that a text is, be it written between `<<` and `>>`, as what a variable stands for is. Nil where the server
  /// is to find out what it is: a variable that the values do not tell, or something else that it reads itself.
  private func written(_ text: Text) -> Text? {
    guard let raw = ConfigurationText.unwrappedRaw(text.string) else { return text }
    let bare = raw.count > 1 && raw.hasPrefix("\"") && raw.hasSuffix("\"") ? String(raw.dropFirst().dropLast()) : raw
    let url = text.derived(bare)
    return bare.contains("://") && ServerURL(url) != nil ? url : nil
  }

  private func several(_ text: Text, place: String, portIfNone: Int?) throws(CommandFailure) -> [String] {
    guard let text = written(text) else { return [text.string] }
    let (url, port) = try parsed(text, place: place, portIfNone: portIfNone)
    guard case .pods(let pods) = try meaning(of: url, port, place: place) else { return [text.string] }
    var urls: [String] = []
    for pod in pods {
      let port = try areTold ? local.told(pod) : local.reached(pod)
      urls.append(url.text(host: "127.0.0.1", port: port))
    }
    return urls
  }

  private func parsed(_ text: Text, place: String, portIfNone: Int?) throws(CommandFailure) -> (ServerURL, Int) {
    let shown = text.coveringLogins(isURL: true).masked
    guard let url = ServerURL(text) else {
      throw CommandFailure(
        .misused, "\(place) is no URL of a server: \(shown)",
        advice: "write nats://HOST:PORT; \(URLLogins.escaping)")
    }
    guard let port = url.port ?? portIfNone else {
      throw CommandFailure(.misused, "\(place) names no port: \(shown)", advice: "write nats://HOST:PORT")
    }
    return (url, port)
  }

  private func meaning(of url: ServerURL, _ port: Int, place: String) throws(CommandFailure) -> NameService.Meaning {
    do {
      return try local.names.meaning(of: url.host, port: port)
    } catch {
      throw CommandFailure(.misused, "\(place): \(error.reason.masked)", advice: error.advice)
    }
  }
}
