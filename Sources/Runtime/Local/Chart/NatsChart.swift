import SandboxSystem
import ValuesAndCommands

/// The chart `nats/nats` (1.3.7): from a release's values to its pods.
enum NatsChart {
  /// The chart's version where nobody asks for one: that of the facts about the supercluster.
  static let version = "1.3.7"

  /// The server's version where the values say none: from 2.12 on the chart has the server's own version.
  ///
  /// - Returns: nil where it is the server that facts are known of.
  private static func serverVersion(ofChart version: String) -> String? {
    guard let known = ProgramVersion(in: version), known >= ProgramVersion(2, 0, 0) else { return nil }
    return version.hasPrefix("v") ? String(version.dropFirst()) : version
  }

  /// The last of the versions 1.0, 1.1, 1.2 and 1.3. There come no more of them, since from 2.12.1 on a chart has the
  /// server's version.
  private static let lastOfChart1 = [3, 12, 11, 16]

  /// Charts are not looked up here, so that a range means none of them, and of those before 1.0.0 other values were known.
  static func check(version: String) throws(CommandFailure) {
    guard version.wholeMatch(of: #/v?\d+\.\d+\.\d+([-+][0-9A-Za-z.+-]+)?/#) != nil,
      let known = ProgramVersion(in: version)
    else {
      throw CommandFailure(
        .misused, "`--version \(version)` is no version of a chart, and the local target looks none up",
        advice: "write it whole: --version \(Self.version)")
    }
    let isOfChart1 = lastOfChart1.enumerated().contains { minor, last in
      known >= ProgramVersion(1, minor, 0) && known <= ProgramVersion(1, minor, last)
    }
    guard isOfChart1 || known >= ProgramVersion(2, 12, 1) else {
      throw CommandFailure(
        .misused, "the local target knows no chart nats of version \(version)",
        advice: "there are 1.0.0 to 1.3.\(lastOfChart1[3]), and the servers' own versions from 2.12.1 on")
    }
  }

  /// - Throws: where the values are not the chart's, or ask for what cannot be had here.
  static func render(
    _ identity: ReleaseIdentity, values: ValueMap, chartVersion: String = version
  ) throws(CommandFailure) -> RenderedRelease {
    let values = ChartValues(path: "", map: values)
    try values.allowOnly(topLevelValues, elsewhere: "what nats.conf itself takes goes under config.merge")
    if try values.text("namespaceOverride") != nil {
      throw CommandFailure(
        .misused, "namespaceOverride is not known to the local target", advice: "give the namespace by --namespace")
    }
    let config = try values.section("config")
    let names = try ReleaseNames(identity, values: values)
    let replicas = try replicas(config)
    let blocks = ReleaseBlocks(config: config, names: names, identity: identity, replicas: replicas)
    let prefix = try config.text("serverNamePrefix")?.string ?? ""
    let given = try ContainerVariables(values: values)
    let configuration = given.resolving(try blocks.configuration())
    return RenderedRelease(
      identity: identity, statefulSet: names.statefulSet, headlessService: names.headlessService,
      clusterDomain: try blocks.clusterDomain(),
      imageTag: try ContainerImage.tag(values) ?? serverVersion(ofChart: chartVersion), replicas: replicas,
      configuration: configuration, ports: PodListeners.ports(in: configuration),
      pods: (0..<replicas).map { ordinal in
        let name = "\(names.statefulSet)-\(ordinal)"
        let own = ContainerVariables(own: ["POD_NAME": name, "SERVER_NAME": prefix + name])
        let named = own.resolved(configuration["server_name"] ?? .string(name), besides: configuration)
        return RenderedPod(name: name, ordinal: ordinal, serverName: named.asText?.string ?? name, variables: own)
      })
  }

  /// What the chart takes beside `config` shapes Kubernetes' own objects, and servers not at all.
  private static let topLevelValues = [
    "config", "configMap", "container", "extraResources", "fullnameOverride", "global", "headlessService",
    "nameOverride", "namespaceOverride", "natsBox", "podDisruptionBudget", "podTemplate", "promExporter", "reloader",
    "service", "serviceAccount", "statefulSet", "tlsCA",
  ]

  private static func replicas(_ config: ChartValues) throws(CommandFailure) -> Int {
    let cluster = try config.section("cluster")
    let replicas = try cluster.int("replicas", default: 3, in: 1...99)
    return try cluster.bool("enabled", default: false) ? replicas : 1
  }
}

/// The blocks of `nats.conf` that a release's `config` values ask for, with the chart's defaults.
struct ReleaseBlocks {
  let config: ChartValues
  let names: ReleaseNames
  let identity: ReleaseIdentity
  let replicas: Int

  /// The whole, the same for every pod: the server's name is still a variable.
  func configuration() throws(CommandFailure) -> ValueMap {
    try config.allowOnly(
      [
        "cluster", "gateway", "jetstream", "leafnodes", "merge", "monitor", "mqtt", "nats", "patch", "profiling",
        "resolver", "serverNamePrefix", "websocket",
      ], elsewhere: "what nats.conf itself takes goes under config.merge")
    var whole = ValueMap([
      ("server_name", ConfigurationText.raw("$SERVER_NAME")),
      ("lame_duck_grace_period", "10s"),
      ("lame_duck_duration", "30s"),
      ("pid_file", "/var/run/nats/nats.pid"),
      ("port", .int(Int64(try clientPort()))),
    ])
    whole["leafnodes"] = try block("leafnodes", 7422) { leafnodes, _ in leafnodes["no_advertise"] = true }
    whole["websocket"] = try block("websocket", 8080, alsoKnown: ["ingress"]) { websocket, _ in
      websocket["no_tls"] = true
    }
    whole["mqtt"] = try block("mqtt", 1883) { _, _ in }
    whole["cluster"] = try block("cluster", 6222, alsoKnown: ["replicas", "noAdvertise", "routeURLs"], clusterEntries)
    whole["gateway"] = try block("gateway", 7222) { gateway, _ in gateway["name"] = .string(names.statefulSet) }
    whole["http_port"] = try portAlone("monitor", 8222, enabled: true)
    whole["prof_port"] = try portAlone("profiling", 65432, enabled: false)
    whole["jetstream"] = try jetstream()
    whole["resolver"] = try resolver()
    return try config.mergedAndPatched(whole)
  }

  func clusterDomain() throws(CommandFailure) -> String {
    try config.section("cluster").section("routeURLs").text("k8sClusterDomain")?.string ?? "cluster.local"
  }

  /// A block that listens, nil where it is off. Its values are checked also then.
  private func block(
    _ key: String, _ port: Int, alsoKnown: [String] = [],
    _ fill: (inout ValueMap, ChartValues) throws(CommandFailure) -> Void
  ) throws(CommandFailure) -> Value? {
    let values = try config.section(key)
    try values.allowOnly(
      ["enabled", "port", "tls", "merge", "patch"] + alsoKnown, elsewhere: goesUnderMerge(values))
    var block = ValueMap([("port", Value.int(Int64(try values.port(port))))])
    try fill(&block, values)
    let changed = try values.mergedAndPatched(block)
    guard try values.bool("enabled", default: false) else { return nil }
    try values.refuseTLS()
    return .map(changed)
  }

  private func goesUnderMerge(_ values: ChartValues) -> String {
    "what nats.conf itself takes in this block goes under \(values.place("merge"))"
  }

  private func clientPort() throws(CommandFailure) -> Int {
    let values = try config.section("nats")
    try values.allowOnly(["port", "tls"], elsewhere: "what nats.conf itself takes goes under config.merge")
    try values.refuseTLS()
    return try values.port(4222)
  }

  private func portAlone(_ key: String, _ port: Int, enabled: Bool) throws(CommandFailure) -> Value? {
    let values = try config.section(key)
    try values.allowOnly(["enabled", "port", "tls"], elsewhere: "what nats.conf itself takes goes under config.merge")
    guard try values.bool("enabled", default: enabled) else { return nil }
    try values.refuseTLS()
    return .int(Int64(try values.port(port)))
  }

  private func clusterEntries(_ cluster: inout ValueMap, _ values: ChartValues) throws(CommandFailure) {
    let urls = try values.section("routeURLs")
    try urls.allowOnly(["user", "password", "useFQDN", "k8sClusterDomain"], elsewhere: goesUnderMerge(values))
    let domain = try urls.bool("useFQDN", default: false) ? ".\(identity.namespace).svc.\(try clusterDomain())" : ""
    var credentials = Text("")
    if let user = try urls.text("user"), let password = try urls.text("password") {
      credentials = user.derived(user.string.percentEncoded())
      credentials.append(":")
      credentials.append(password.derived(password.string.percentEncoded()))
      credentials.append("@")
      cluster["authorization"] = ["user": Value(user), "password": Value(password)]
    }
    let port = try values.port(6222)
    cluster["name"] = .string(names.statefulSet)
    if try values.bool("noAdvertise", default: true) { cluster["no_advertise"] = true }
    cluster["routes"] = .list(
      (0..<replicas).map { ordinal in
        var url = Text("nats://")
        url.append(credentials)
        url.append("\(names.statefulSet)-\(ordinal).\(names.headlessService)\(domain):\(port)")
        return Value(url)
      })
  }

  private func jetstream() throws(CommandFailure) -> Value? {
    let values = try config.section("jetstream")
    try values.allowOnly(["enabled", "fileStore", "memoryStore", "merge", "patch"], elsewhere: goesUnderMerge(values))
    let memory = try values.section("memoryStore")
    try memory.allowOnly(["enabled", "maxSize"], elsewhere: goesUnderMerge(values))
    let file = try values.section("fileStore")
    try file.allowOnly(["enabled", "dir", "pvc", "maxSize"], elsewhere: goesUnderMerge(values))

    var block = ValueMap()
    let memorySize = try memory.size("maxSize") ?? ConfigurationText.raw("1Gi")
    block["max_memory_store"] = try memory.bool("enabled", default: false) ? memorySize : 0
    let directory = try file.text("dir") ?? "/data"
    let claim = try file.section("pvc")
    let claimSize = try claim.size("size") ?? ConfigurationText.raw("10Gi")
    let claimed = try claim.bool("enabled", default: true) ? claimSize : nil
    if try file.bool("enabled", default: true) {
      block["store_dir"] = Value(directory)
      block["max_file_store"] = try file.size("maxSize") ?? claimed
    } else {
      block["max_file_store"] = 0
    }
    let changed = try values.mergedAndPatched(block)
    return try values.bool("enabled", default: false) ? .map(changed) : nil
  }

  private func resolver() throws(CommandFailure) -> Value? {
    let values = try config.section("resolver")
    try values.allowOnly(["enabled", "dir", "pvc", "merge", "patch"], elsewhere: goesUnderMerge(values))
    let changed = try values.mergedAndPatched(
      ValueMap([("dir", Value(try values.text("dir") ?? "/data/resolver"))]))
    return try values.bool("enabled", default: false) ? .map(changed) : nil
  }
}

/// What the chart calls a release's objects in Kubernetes.
struct ReleaseNames {
  let statefulSet: String
  let headlessService: String

  init(_ identity: ReleaseIdentity, values: ChartValues) throws(CommandFailure) {
    let full = try ReleaseNames.fullName(identity, values)
    statefulSet = try values.section("statefulSet").text("name")?.string ?? full
    headlessService = try values.section("headlessService").text("name")?.string ?? "\(full)-headless"
  }

  /// The chart's rule: the release's name, with the chart's behind it unless it holds that already; Kubernetes takes 63
  /// letters. The recipes have it in `lib/names.nbx`.
  static func fullName(ofRelease release: String, chart: String = "nats") -> String {
    shortened(release.contains(chart) ? release : "\(release)-\(chart)")
  }

  /// The StatefulSet of a cluster's seeds: their release has the cluster's name.
  static func seeds(of cluster: String) -> String { fullName(ofRelease: cluster) }

  /// The StatefulSet of the servers where the gateways of other clusters connect.
  static func gateways(of cluster: String) -> String { fullName(ofRelease: "\(cluster)-gw") }

  /// The StatefulSets of a cluster alone, as `recipes/nats.nbx` installs them.
  static func all(of cluster: String) -> [String] {
    [seeds(of: cluster), fullName(ofRelease: "\(cluster)-js"), gateways(of: cluster)]
  }

  private static func fullName(_ identity: ReleaseIdentity, _ values: ChartValues) throws(CommandFailure) -> String {
    if let name = try values.text("fullnameOverride") { return shortened(name.string) }
    return fullName(ofRelease: identity.name, chart: try values.text("nameOverride")?.string ?? "nats")
  }

  private static func shortened(_ name: String) -> String {
    let name = String(name.prefix(63))
    return name.hasSuffix("-") ? String(name.dropLast()) : name
  }
}
