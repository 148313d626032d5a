import SandboxSystem
import Synchronization
import ValuesAndCommands

/// Looks at the clusters of a target and the NATS servers in them. What does not answer in time is told of, not waited
/// for.
struct KubernetesStatus {
  let target: KubernetesTarget

  /// How long each cluster has to answer.
  var patience = Duration.seconds(8)

  private struct Finding: Sendable {
    var state: String
    var servers: [TargetStatus.Server] = []
    var note: String?
  }

  /// - Parameter clusters: those to look at; all of them if none is named.
  func status(of clusters: [String] = []) -> TargetStatus {
    var regions: [(name: String, state: String?)] = []
    var notes: [String] = []
    var made: [K3dCluster] = []
    if target.ownsClusters {
      do throws(CommandFailure) {
        made = try K3dRegions(target: target, call: target.question(within: patience)).clusters()
        regions = made.map { ($0.name, $0.state == .running || $0.state == .degraded ? nil : $0.state.rawValue) }
      } catch {
        let said = error.said.map { ": \($0.masked)" } ?? ""
        notes.append("k3d does not tell its clusters (\(error.reason.masked))\(said)")
      }
    } else {
      regions = Set(target.clusters + target.contexts.keys).sorted().map { ($0, nil) }
      if regions.isEmpty { notes.append("no clusters are named: add --context c1=CONTEXT for each") }
    }
    if !clusters.isEmpty { regions.removeAll { !clusters.contains($0.name) } }
    let running = regions.filter { $0.state == nil }.map(\.name)
    let linked = made.filter { running.contains($0.name) }
    let links = Links()
    let thread = LaneThread.start { look(atLinksOf: linked, links) }
    let findings = look(at: running)
    if let thread { thread.join() } else { look(atLinksOf: linked, links) }
    notes += regions.compactMap { findings[$0.name]?.note }
    links.found.withLock { found in notes += [found.note].compactMap { $0 } }
    return TargetStatus(
      regions: regions.map { TargetStatus.Region(name: $0.name, state: $0.state ?? findings[$0.name]?.state ?? "") },
      servers: regions.flatMap { findings[$0.name]?.servers ?? [] }, links: links.found.withLock { $0.states },
      notes: notes)
  }

  private final class Links: Sendable {
    let found = Mutex<(states: [LinkState], note: String?)>(([], nil))
  }

  /// What is set between clusters of k3d: gateways and routes go over it alike.
  private func look(atLinksOf clusters: [K3dCluster], _ links: Links) {
    guard clusters.count > 1 else { return }
    let look = K3dLinks(target: target, call: target.question(within: patience), image: Text(LinkGrammar.k3dImage))
    do throws(CommandFailure) {
      let states = try look.states(of: clusters, over: LinkNetwork.allCases)
      links.found.withLock { $0.states = states }
    } catch {
      let said = error.said.map { $0.lastLines(1).masked } ?? error.reason.masked
      links.found.withLock { $0.note = "what is set between the clusters is not known: \(said)" }
    }
  }

  /// All clusters at once: each may take its whole time.
  private func look(at names: [String]) -> [String: Finding] {
    let findings = LaneThread.each(names) { look(at: $0) }
    return Dictionary(zip(names, findings), uniquingKeysWith: { first, _ in first })
  }

  private func look(at name: String) -> Finding {
    var call = target.question(within: patience)
    call.cluster = target.cluster(named: name, index: 0)
    call.wantsJSON = true
    call.words = ["get", "pods", "-n", "nats", "-l", "app.kubernetes.io/name=nats", "--request-timeout=5s"]
    let kubectl = target.program("kubectl")
    do throws(CommandFailure) {
      let record = try kubectl.start(kubectl.programCall(call, context: call.cluster?.contextText), call)
      guard let pods = (try? Value.json(Array(record.out.string.utf8)))?[at: "items"]?.elements else {
        let said = record.out.lastLines(1).masked
        return Finding(state: "unreachable", note: "kubectl tells no pods of \(name): \(said)")
      }
      let servers = pods.compactMap { server($0, of: name) }
      return Finding(state: "running", servers: servers)
    } catch {
      let said = error.said.map { $0.lastLines(1).masked } ?? error.reason.masked
      return Finding(state: "unreachable", note: "\(name) does not answer kubectl: \(said)")
    }
  }

  private func server(_ pod: Value, of cluster: String) -> TargetStatus.Server? {
    // The chart's toolbox is no server.
    let labels = pod[at: "metadata"]?[at: "labels"]
    let component = labels?[at: "app.kubernetes.io/component"]?.asText?.string
    guard let name = pod[at: "metadata"]?[at: "name"]?.asText?.string, component != "nats-box" else { return nil }
    let containers = pod[at: "status"]?[at: "containerStatuses"]?.elements ?? []
    let image = containers.first { $0[at: "name"]?.asText?.string == "nats" }?[at: "image"]?.asText?.string ?? ""
    let tag = image.split(separator: "/").last?.split(separator: ":").dropFirst().first ?? ""
    return TargetStatus.Server(
      name: name, cluster: cluster, url: "", monitorURL: "", pid: nil, state: state(of: pod, containers),
      version: String(tag.prefix { $0.isNumber || $0 == "." }),
      release: labels?[at: "app.kubernetes.io/instance"]?.asText?.string ?? "")
  }

  private func state(of pod: Value, _ containers: [Value]) -> String {
    let isReady =
      !containers.isEmpty && containers.allSatisfy { if case .bool(true)? = $0[at: "ready"] { true } else { false } }
    let waiting = containers.contains {
      $0[at: "state"]?[at: "waiting"]?[at: "reason"]?.asText?.string == "CrashLoopBackOff"
    }
    if pod[at: "metadata"]?[at: "deletionTimestamp"] != nil { return "stopped" }
    switch pod[at: "status"]?[at: "phase"]?.asText?.string {
    case "Running": return isReady ? "running" : waiting ? "crashed" : "starting"
    case "Succeeded": return "stopped"
    case "Failed": return "crashed"
    default: return "starting"
    }
  }
}

extension KubernetesTarget {
  /// The run's clusters for `region list` where they are not nbx's, and whether they answer.
  func kubeRows(_ call: Invocation) -> [ValueMap] {
    call.clusters.map { cluster in
      var question = question(within: .seconds(8))
      question.cluster = cluster
      question.stop = call.stop
      question.words = ["get", "nodes", "-o", "name", "--request-timeout=5s"]
      let kubectl = program("kubectl")
      let answer = try? kubectl.start(kubectl.programCall(question, context: cluster.contextText), question)
      let row: [(String, Value)] = [
        ("name", .string(cluster.name)), ("state", .string(answer == nil ? "unreachable" : "running")),
        ("context", .string(cluster.context)),
      ]
      return ValueMap(row)
    }
  }
}
