import Interpreter
import Synchronization

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
      guard said.contains("No public port") else { throw error }
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
          "wait until its provider gives it one: kubectl get service -n haproxy-ingress --context \(cluster.context)")
    }
    return (host, Self.natsPort)
  }
}
