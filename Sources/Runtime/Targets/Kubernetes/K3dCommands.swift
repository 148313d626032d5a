import Interpreter

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
