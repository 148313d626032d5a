import SandboxSystem
import Synchronization
import ValuesAndCommands

/// Clusters of Kubernetes, reached through kubectl, helm and linkerd: those that k3d makes here, or any that exist.
package struct KubernetesTarget: Target {
  /// Whose the clusters are.
  let ownership: ClusterOwnership
  /// The kube context of each cluster whose context is not the usual one.
  let contexts: [String: String]
  let environment: [String: String]
  /// The run's clusters, where they are known.
  package let clusters: [String]
  let addresses = AddressBook()

  /// - Parameters:
  ///   - ownership: whose the clusters are.
  ///   - contexts: kube contexts by cluster, from `--context c1=…`.
  ///   - clusters: the run's.
  ///   - environment: what the programs get to see.
  package init(
    _ ownership: ClusterOwnership, contexts: [String: String], clusters: [String] = [], environment: [String: String]
  ) {
    self.ownership = ownership
    self.contexts = contexts
    self.clusters = clusters
    self.environment = environment
  }

  package var name: String { ownership.target.rawValue }
  package let isKubernetes = true
  package let isNeededWhole = true
  package var ownsClusters: Bool { ownership == .ours }

  package var commands: [any Command] {
    programs + [
      KubernetesRegionCommand(target: self), KubernetesLinkCommand(target: self), KubernetesFaultCommand(target: self),
    ]
  }

  private var programs: [ProgramCommand] {
    ProgramCommand.kubernetes(ownership) { [environment] in environment }
  }

  /// The command that runs a program of that name as the target does.
  func program(_ name: String) -> ProgramCommand {
    programs.first { $0.name == name } ?? .exec { [environment] in environment }
  }

  /// A cluster's context is k3d's name for it; where clusters exist already it is the cluster's own name. `--context`
  /// says otherwise.
  package static func context(of cluster: String, on ownership: ClusterOwnership, _ contexts: [String: String])
    -> String
  {
    contexts[cluster] ?? (ownership == .foreign ? cluster : "k3d-\(cluster)")
  }

  package func cluster(named cluster: String, index: Int) -> Cluster {
    Cluster(name: cluster, index: index, context: Self.context(of: cluster, on: ownership, contexts))
  }

  package func existingClusters() -> [String] {
    guard ownsClusters else { return contexts.keys.sorted() }
    return (try? K3dRegions(target: self, call: question()).clusters().map(\.name)) ?? []
  }

  package func clientAddresses(of cluster: Cluster) throws(CommandFailure) -> [(host: String, port: Int)] {
    if let known = addresses.known(cluster.name) { return [known] }
    let found = ownsClusters ? try hostPort(of: cluster) : try loadBalancer(of: cluster)
    addresses.remember(found, of: cluster.name)
    return [found]
  }

  package func status(of clusters: [String]) -> TargetStatus { KubernetesStatus(target: self).status(of: clusters) }

  package func missing(announce: @escaping (String) -> Void) -> CommandFailure? {
    // Not every recipe needs the mesh: linkerd is missed when it is called.
    let needed = requirements.filter { $0.program != Requirements.linkerd.program }
    let missing = needed.filter { (try? ProgramLookup.find($0.program, path: environment["PATH"], from: nil)) == nil }
    guard missing.isEmpty else {
      let ways = missing.flatMap { requirement in
        requirement.installation.map { "\(requirement.program): \($0)" }
      }
      return CommandFailure(
        .misused, "the target \(name) needs \(missing.map(\.program).joined(separator: ", "))",
        advice: (ways + ["nbx doctor --target \(name) tells more"]).joined(separator: "\n"))
    }
    guard ownsClusters, let problem = DockerEngine(environment: environment).state().problem else { return nil }
    return CommandFailure(
      .misused, "the target \(name) needs Docker: \(problem.what)", advice: problem.advice.joined(separator: "\n"))
  }

  /// The programs that it needs.
  var requirements: [Requirement] {
    ownsClusters ? Requirements.known : [Requirements.kubectl, Requirements.helm, Requirements.linkerd]
  }

  /// Changes what clusters of k3d share: their network, the links between them, the kubeconfig.
  func inTurn<Result>(
    _ purpose: String, _ call: Invocation, _ body: () throws(CommandFailure) -> Result
  ) throws(CommandFailure) -> Result {
    try call.inTurn("k3d", for: purpose, in: environment, body)
  }

  /// A call for a program that is asked something, within a time that nobody minds.
  func question(within limit: Duration = .seconds(10)) -> Invocation { Invocation(words: [], deadline: .now + limit) }
}

/// Where clients reach NATS in clusters, as far as it has been found out: it does not change during a run.
final class AddressBook: Sendable {
  private let known = Mutex<[String: (host: String, port: Int)]>([:])

  func known(_ cluster: String) -> (host: String, port: Int)? { known.withLock { $0[cluster] } }
  func remember(_ address: (host: String, port: Int), of cluster: String) { known.withLock { $0[cluster] = address } }
}

extension KubernetesTarget {
  private static let natsPort = 4222

  /// k3d maps a port of the host to the cluster's load balancer.
  func hostPort(of cluster: Cluster) throws(CommandFailure) -> (host: String, port: Int) {
    let mapping: Text
    do throws(CommandFailure) {
      mapping = try program("docker").start(K3dCommands.natsPort(of: cluster.name), question()).text
    } catch {
      guard let said = error.said?.string else { throw error }
      // No wait makes it: nothing has been built yet.
      if said.contains("No such container") {
        let install = (["nbx run install"] + named(cluster) + ["--target k3d"]).joined(separator: " ")
        throw CommandFailure(
          .misused, "there is no cluster \(cluster.name) in k3d", advice: "build everything first: \(install)",
          ran: error.ran)
      }
      guard said.lowercased().contains("no public port") else { throw error }
      throw CommandFailure(
        .failed, "port 4222 of \(cluster.name) is not open on this machine", advice: hostAccessAdvice, ran: error.ran)
    }
    // One line a mapping, `0.0.0.0:4222` and `[::]:4222`.
    let line = mapping.string.prefix { $0 != "\n" }
    guard let colon = line.lastIndex(of: ":"), let port = Int(line[line.index(after: colon)...]) else {
      throw CommandFailure(
        .failed, "Docker tells no port of \(cluster.name)", said: mapping, advice: hostAccessAdvice)
    }
    let host = line[..<colon].filter { $0 != "[" && $0 != "]" }
    return (["0.0.0.0", "::", ""].contains(host) ? "127.0.0.1" : host, port)
  }

  /// The run's clusters; the one that is asked for where there are none.
  private func named(_ cluster: Cluster) -> [String] { clusters.isEmpty ? [cluster.name] : clusters }

  private var hostAccessAdvice: String {
    (["nbx run recipes/host-access.nbx"] + clusters).joined(separator: " ")
  }

  /// The ingress has an address of its own where clusters exist already.
  func loadBalancer(of cluster: Cluster) throws(CommandFailure) -> (host: String, port: Int) {
    var call = question()
    call.cluster = cluster
    call.wantsJSON = true
    call.words = ["get", "service", "haproxy-ingress-kubernetes-ingress", "-n", "haproxy-ingress"]
    let advice = "install the ingress: nbx run recipes/ingress.nbx \(cluster.name)"
    let kubectl = program("kubectl")
    let record: ProgramRecord
    do throws(CommandFailure) {
      record = try kubectl.start(kubectl.programCall(call, context: cluster.contextText), call)
    } catch {
      guard let said = error.said?.string, said.contains("(NotFound)") else { throw error }
      throw CommandFailure(
        .failed, "\(cluster.name) has no ingress yet, through which NATS is reached", advice: advice, ran: error.ran)
    }
    let service = try? Value.json(Array(record.out.string.utf8))
    let ingress = service?[at: "status"]?[at: "loadBalancer"]?[at: "ingress"]?.elements?.first
    guard let host = (ingress?[at: "ip"] ?? ingress?[at: "hostname"])?.asText?.string else {
      throw CommandFailure(
        .failed, "the ingress of \(cluster.name) has no address yet",
        advice:
          "wait until its provider gives it one: kubectl get service -n haproxy-ingress"
          + " \(Text(words: ["--context", Text(cluster.context)]).masked)")
    }
    return (host, Self.natsPort)
  }
}
