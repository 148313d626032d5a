import Interpreter

/// The chart `nats/nats` (1.3.7): from a release's values to its pods.
enum NatsChart {
  /// - Parameters:
  ///   - scaledTo: how many pods `kubectl scale` asked for; their configuration still counts the values' replicas.
  /// - Throws: where the values are not the chart's, or ask for what cannot be had here.
  static func render(
    _ identity: ReleaseIdentity, values: ValueMap, scaledTo: Int? = nil
  ) throws(ChartProblem) -> RenderedRelease {
    let values = ChartValues(path: "", map: values)
    try values.allowOnly(topLevelValues, elsewhere: "what nats.conf itself takes goes under config.merge")
    if try values.text("namespaceOverride") != nil {
      throw ChartProblem(
        "namespaceOverride is not known to the local target", advice: "give the namespace by --namespace")
    }
    let config = try values.section("config")
    let names = try ReleaseNames(identity, values: values)
    let replicas = try replicas(config)
    let shared = ReleaseBlocks(config: config, names: names, identity: identity, replicas: replicas)

    var pods: [RenderedPod] = []
    for ordinal in 0..<(scaledTo ?? replicas) {
      pods.append(try pod(ordinal, of: shared, values))
    }
    return RenderedRelease(
      identity: identity, statefulSet: names.statefulSet, headlessService: names.headlessService,
      clusterDomain: try shared.clusterDomain(),
      imageTag: try ContainerImage.tag(values),
      replicas: replicas, pods: pods)
  }

  /// What the chart takes beside `config` shapes Kubernetes' own objects, and servers not at all.
  private static let topLevelValues = [
    "config", "configMap", "container", "extraResources", "fullnameOverride", "global", "headlessService",
    "nameOverride", "namespaceOverride", "natsBox", "podDisruptionBudget", "podTemplate", "promExporter", "reloader",
    "service", "serviceAccount", "statefulSet", "tlsCA",
  ]

  private static func replicas(_ config: ChartValues) throws(ChartProblem) -> Int {
    let cluster = try config.section("cluster")
    let replicas = try cluster.int("replicas", default: 3, in: 1...99)
    return try cluster.bool("enabled", default: false) ? replicas : 1
  }

  private static func pod(
    _ ordinal: Int, of release: ReleaseBlocks, _ values: ChartValues
  ) throws(ChartProblem) -> RenderedPod {
    let name = "\(release.names.statefulSet)-\(ordinal)"
    let prefix = try release.config.text("serverNamePrefix")?.string ?? ""
    let own = ["POD_NAME": Text(name), "SERVER_NAME": Text(prefix + name)]
    let configuration = try ContainerEnvironment(own: own, values: values).resolving(try release.configuration())
    return RenderedPod(
      name: name, ordinal: ordinal, serverName: configuration["server_name"]?.asText?.string ?? name,
      configuration: configuration, ports: PodListeners.ports(in: configuration))
  }
}
