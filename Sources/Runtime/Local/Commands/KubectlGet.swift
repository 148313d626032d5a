import SandboxSystem
import ValuesAndCommands

/// `kubectl get`, in the shape that Kubernetes gives it.
extension KubectlCall {
  private struct Row {
    let object: Value
    let reference: String
    let cells: [String]
  }

  func get(_ resource: KubernetesResource) throws(CommandFailure) -> Text {
    let rows: [Row]
    let head: [String]
    switch resource.kind {
    case .pod:
      let everywhere = words.has("--all-namespaces") && resource.names.isEmpty
      let found = everywhere ? try selected(releases.pods.pods(of: region.name)) : try pods(resource)
      rows = found.map(row)
      head =
        ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
        + (words.string("--output") == "wide" ? ["IP", "PORT", "PID", "VERSION"] : [])
    case .statefulSet:
      rows = try statefulSets(resource).map(row)
      head = ["NAME", "READY", "AGE"]
    case .namespace:
      rows = try namespaces(resource).map(row)
      head = ["NAME", "STATUS"]
    }
    switch words.string("--output") {
    case "json":
      if resource.names.count == 1, let only = rows.first { return Text(lines: [only.object.json(indented: true)]) }
      let list: Value = ["apiVersion": "v1", "kind": "List", "items": .list(rows.map(\.object))]
      return Text(lines: [list.json(indented: true)])
    case "name": return Text(lines: rows.map(\.reference))
    default:
      guard !rows.isEmpty else { return "" }
      let lines = PlainTable(head, rows.map(\.cells)).lines
      return Text(lines: words.has("--no-headers") ? Array(lines.dropFirst()) : lines)
    }
  }

  private func statefulSets(_ resource: KubernetesResource) throws(CommandFailure) -> [ReleaseRecord] {
    let namespace = words.has("--all-namespaces") ? nil : namespace
    guard !resource.names.isEmpty else { return store.releases(of: region.name, namespace: namespace) }
    var found: [ReleaseRecord] = []
    for name in resource.names {
      do {
        found.append(try release(ofStatefulSet: try KubernetesResource(["sts", name], of: "get")))
      } catch {
        guard words.has("--ignore-not-found") else { throw error }
      }
    }
    return found
  }

  private func namespaces(_ resource: KubernetesResource) throws(CommandFailure) -> [String] {
    let all = store.namespaces(of: region)
    guard !resource.names.isEmpty else { return all }
    for name in resource.names where !all.contains(name.string) && !words.has("--ignore-not-found") {
      throw notFound("namespaces", name)
    }
    return resource.names.map(\.string).filter(all.contains)
  }

  private func row(_ pod: Pod) -> Row {
    let state = pod.state(in: region)
    let isReady = state == .running
    let wide = [
      "127.0.0.1", pod.record.port(.client).map { String($0) } ?? "", pod.record.process.map { String($0.pid) } ?? "",
      pod.record.version,
    ]
    let cells = [
      pod.name, isReady ? "1/1" : "0/1", Self.word(for: state), String(pod.record.restarts), age(pod.record.started),
    ]
    return Row(
      object: object(pod, state), reference: "pod/\(pod.name)",
      cells: cells + (words.string("--output") == "wide" ? wide : []))
  }

  private static func word(for state: ServerState) -> String {
    switch state {
    case .running: "Running"
    case .starting: "ContainerCreating"
    case .crashed: "CrashLoopBackOff"
    case .killed: "Error"
    case .paused, .frozen: "Paused"
    case .full: "Running"
    case .stopped: "Stopped"
    }
  }

  private func object(_ pod: Pod, _ state: ServerState) -> Value {
    let isReady = state == .running
    let started = Value.string(TimeValue(nanoseconds: Int64(pod.record.started * 1e9)).text)
    let labels = pod.labels.sorted { $0.key < $1.key }.map { ($0.key, Value.string($0.value)) }
    let ports = pod.record.ports.sorted { $0.key < $1.key }.map { entry -> Value in
      ["name": .string(entry.key), "containerPort": .int(Int64(entry.value))]
    }
    let container: Value = [
      "name": "nats", "ready": .bool(isReady), "restartCount": .int(Int64(pod.record.restarts)),
      "image": .string("nats:\(pod.record.version)"),
    ]
    // What Kubernetes has no word for lies under `nbx`.
    return [
      "apiVersion": "v1", "kind": "Pod",
      "metadata": [
        "name": .string(pod.name), "namespace": .string(pod.key.namespace), "labels": .map(ValueMap(labels)),
        "creationTimestamp": started,
      ],
      "spec": ["containers": [["name": "nats", "ports": .list(ports)]]],
      "status": [
        "phase": .string(isReady ? "Running" : state == .crashed ? "Failed" : "Pending"), "podIP": "127.0.0.1",
        "hostIP": "127.0.0.1", "startTime": started,
        "conditions": [["type": "Ready", "status": .string(isReady ? "True" : "False")]],
        "containerStatuses": [container],
      ],
      "nbx": [
        "state": .string(state.rawValue), "pid": pod.record.process.map { .int(Int64($0.pid)) } ?? .null,
        "configuration": .string(store.folders.configuration(pod.key)),
        "log": .string(store.folders.log(pod.key)), "store": .string(pod.record.store),
      ],
    ]
  }

  private func row(_ release: ReleaseRecord) -> Row {
    let pods = releases.pods.pods(of: release)
    let ready = pods.count { $0.state(in: region) == .running }
    let object: Value = [
      "apiVersion": "apps/v1", "kind": "StatefulSet",
      "metadata": ["name": .string(release.statefulSet), "namespace": .string(release.identity.namespace)],
      "spec": ["replicas": .int(Int64(release.replicas)), "serviceName": .string("\(release.statefulSet)-headless")],
      "status": [
        "replicas": .int(Int64(pods.count)), "readyReplicas": .int(Int64(ready)),
        "updatedReplicas": .int(Int64(pods.count)),
      ],
    ]
    return Row(
      object: object, reference: "statefulset.apps/\(release.statefulSet)",
      cells: [release.statefulSet, "\(ready)/\(release.replicas)", age(release.updated)])
  }

  private func row(_ namespace: String) -> Row {
    let object: Value = [
      "apiVersion": "v1", "kind": "Namespace", "metadata": ["name": .string(namespace)],
      "status": ["phase": "Active"],
    ]
    return Row(object: object, reference: "namespace/\(namespace)", cells: [namespace, "Active"])
  }

  private func age(_ start: Double) -> String {
    guard start > 0 else { return "<unknown>" }
    return DurationValue(nanoseconds: Int64(max(0, StateFile.now - start)) * 1_000_000_000).text
  }
}
