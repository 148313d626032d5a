import SandboxSystem
import ValuesAndCommands

/// `kubectl`, as far as it is about pods: get, delete, logs, scale, rollout, wait.
struct KubectlCommand: ProgramLikeCommand {
  let releases: ReleaseEngine

  let name = "kubectl"
  let summary = "Looks at the pods that run as processes of this machine, and deletes, scales and restarts them"
  let programGrammar = KubectlGrammar.grammar

  func refusal(of word: String) -> CommandFailure? {
    let reasons = [
      "apply": "writes objects to a Kubernetes API", "annotate": "notes something for what watches a Kubernetes API",
      "label": "notes something for what watches a Kubernetes API", "exec": "runs a program inside a container",
      "cp": "copies files of a container", "port-forward": "reaches into a cluster's network; servers listen here",
      "patch": "changes objects of a Kubernetes API", "edit": "changes objects of a Kubernetes API",
      "describe": "tells what a Kubernetes API knows", "replace": "changes objects of a Kubernetes API",
      "config": "changes contexts of Kubernetes clusters", "run": "starts a container", "expose": "makes a service",
      "top": "asks a metrics server", "drain": "empties a node", "cordon": "closes a node", "taint": "closes a node",
    ]
    return reasons[word].map { Self.unknown("`kubectl \(word)` \($0)") }
  }

  static func unknown(_ what: String) -> CommandFailure {
    CommandFailure(
      .misused, "\(what), and the local target runs NATS servers as plain processes, without Kubernetes",
      advice: "where a recipe needs it, ask first: if target.kubernetes { … }")
  }

  func output(_ words: ParsedWords, _ call: Invocation) throws(CommandFailure) -> Text {
    let call = KubectlCall(
      command: self, region: try region(of: call),
      namespace: try checked(words.text("--namespace") ?? "default", as: "namespace"), words: words,
      limits: CallLimits(call, atMost: timeLimit(words)))
    return try call.output()
  }
}

/// One call of kubectl, and which pods it means.
struct KubectlCall {
  let command: KubectlCommand
  let region: RegionRecord
  let namespace: String
  let words: ParsedWords
  let limits: CallLimits

  var releases: ReleaseEngine { command.releases }
  var store: RegionStore { command.store }

  func output() throws(CommandFailure) -> Text {
    if words.form.path.first == "create" { return try createNamespace() }
    if words.path == "logs" { return try logs() }
    let resource = try KubernetesResource(words.positionals, of: words.path)
    switch words.path {
    case "get": return try get(resource)
    case "delete": return try delete(resource)
    case "wait": return try wait(resource)
    case "scale": return try scale(resource)
    case "rollout restart":
      let release = try release(ofStatefulSet: resource)
      try releases.restart(releases.pods.pods(of: release), in: region.name, limits)
      return Text(lines: ["statefulset.apps/\(release.statefulSet) restarted"])
    default:
      let release = try release(ofStatefulSet: resource)
      try releases.pods.waitUntilListening(releases.pods.pods(of: release).map { StartedPod(pod: $0) }, limits)
      return Text(lines: ["statefulset rolling update complete \(release.replicas) pods of \(release.statefulSet)"])
    }
  }

  private func createNamespace() throws(CommandFailure) -> Text {
    let name = try command.checked(words.positional(0) ?? "", as: "namespace")
    guard !store.namespaces(of: region).contains(name) else {
      throw CommandFailure(
        .failed, Text("namespaces \"\(name)\" already exists"), advice: "look first: try kubectl get namespace \(name)")
    }
    try releases.createNamespace(name, in: region.name, limits)
    return Text(lines: ["namespace/\(name) created"])
  }

  private func logs() throws(CommandFailure) -> Text {
    let resource = try KubernetesResource(pod: words.positional(0) ?? "")
    let log = ServerLog(path: store.folders.log(try pod(resource.names[0]).key))
    guard let tail = words.integer("--tail"), tail >= 0 else { return Text(log.text(from: 0)) }
    return Text(lines: log.lastLines(Int(min(tail, 1_000_000))))
  }

  private func delete(_ resource: KubernetesResource) throws(CommandFailure) -> Text {
    switch resource.kind {
    case .namespace:
      var lines: [String] = []
      for name in resource.names {
        guard store.namespaces(of: region).contains(name.string), name.string != "default" else {
          if words.has("--ignore-not-found") { continue }
          throw notFound("namespaces", name)
        }
        try releases.deleteNamespace(name.string, in: region.name, limits)
        lines.append("namespace \"\(name.string)\" deleted")
      }
      return Text(lines: lines)
    case .pod:
      let chosen = try pods(resource)
      let now = words.has("--now") || words.has("--force") || words.integer("--grace-period") == 0
      try releases.deletePods(chosen, now: now, in: region.name, limits)
      return Text(lines: chosen.map { "pod \"\($0.name)\" deleted" })
    case .statefulSet:
      throw CommandFailure(
        .misused, "a StatefulSet belongs to its helm release here", advice: "write helm uninstall RELEASE")
    }
  }

  private func wait(_ resource: KubernetesResource) throws(CommandFailure) -> Text {
    guard resource.kind == .pod, words.string("--for")?.lowercased() == "condition=ready" else {
      throw CommandFailure(
        .misused, "the local target waits for pods to be ready only",
        advice: "for example: kubectl wait --for=condition=Ready pod/c1-nats-0 --namespace nats")
    }
    let chosen = try pods(resource)
    try releases.pods.waitUntilListening(chosen.map { StartedPod(pod: $0) }, limits)
    return Text(lines: chosen.map { "pod/\($0.name) condition met" })
  }

  private func scale(_ resource: KubernetesResource) throws(CommandFailure) -> Text {
    guard let replicas = words.integer("--replicas"), 0...100 ~= replicas else {
      throw CommandFailure(.misused, "`kubectl scale` needs --replicas, from 0 to 100", advice: "add --replicas=3")
    }
    let release = try release(ofStatefulSet: resource)
    try releases.scale(release, to: Int(replicas), limits)
    return Text(lines: ["statefulset.apps/\(release.statefulSet) scaled"])
  }

  // MARK: What it means

  /// By name, by `--selector`, or all of the namespace.
  func pods(_ resource: KubernetesResource) throws(CommandFailure) -> [Pod] {
    guard resource.names.isEmpty else {
      var pods: [Pod] = []
      for name in resource.names {
        do { pods.append(try pod(name)) } catch {
          guard words.has("--ignore-not-found") else { throw error }
        }
      }
      return pods
    }
    let isBroad = words.has("--all") || words.isGiven("--selector") || words.path == "get"
    guard isBroad else {
      throw CommandFailure(.misused, "`kubectl \(words.path)` needs the names of pods, --selector or --all")
    }
    return try selected(releases.pods.pods(of: region.name, namespace: namespace))
  }

  /// Those that `--selector` leaves.
  func selected(_ pods: [Pod]) throws(CommandFailure) -> [Pod] {
    guard let selector = words.text("--selector") else { return pods }
    var wanted: [(String, String)] = []
    for part in selector.string.split(separator: ",") {
      let sides = part.split(separator: "=", omittingEmptySubsequences: true)
      guard sides.count == 2, !part.contains("!") else {
        throw CommandFailure(
          .misused, "`\(selector.masked)` is no selector that is known here", advice: "write KEY=VALUE")
      }
      wanted.append((String(sides[0]), String(sides[1])))
    }
    return pods.filter { pod in wanted.allSatisfy { pod.labels[$0.0] == $0.1 } }
  }

  func pod(_ name: Text) throws(CommandFailure) -> Pod {
    let pods = releases.pods.pods(of: region.name, namespace: namespace)
    guard let pod = pods.first(where: { $0.name == name.string }) else { throw notFound("pods", name) }
    return pod
  }

  func release(ofStatefulSet resource: KubernetesResource) throws(CommandFailure) -> ReleaseRecord {
    guard resource.kind == .statefulSet, let name = resource.names.first else {
      throw CommandFailure(
        .misused, "`kubectl \(words.path)` needs a statefulset here", advice: "as statefulset/c1-nats")
    }
    let releases = releases.store.releases(of: region.name, namespace: namespace)
    guard let release = releases.first(where: { $0.statefulSet == name.string }) else {
      throw notFound("statefulsets.apps", name)
    }
    return release
  }

  func notFound(_ kind: String, _ name: Text) -> CommandFailure {
    let place = kind == "namespaces" ? region.name : "namespace \(namespace) of \(region.name)"
    let elsewhere = releases.pods.pods(of: region.name).first { $0.name == name.string }?.key.namespace
    return CommandFailure(
      .failed, Text("\(kind) \"\(name.masked)\" not found in \(place)"),
      advice: elsewhere.map { "it is in the namespace \($0): add --namespace \($0)" })
  }
}

extension Pod {
  /// As the chart labels it.
  var labels: [String: String] {
    [
      "app.kubernetes.io/name": "nats", "app.kubernetes.io/instance": record.release,
      "app.kubernetes.io/component": "nats", "statefulset.kubernetes.io/pod-name": name,
      "apps.kubernetes.io/pod-index": String(ordinal),
    ]
  }
}

/// What a call of kubectl is about: `pods`, `pod c1-nats-0`, `pod/c1-nats-0 pod/c1-nats-1`.
struct KubernetesResource {
  enum Kind {
    case pod, statefulSet, namespace
  }

  let kind: Kind
  let names: [Text]

  /// - Parameter words: behind the verb; the first is the kind, or has it before a slash.
  init(_ words: [Text], of verb: String) throws(CommandFailure) {
    guard let first = words.first else { throw CommandFailure(.misused, "`kubectl \(verb)` needs a kind, as pods") }
    let hasSlash = first.string.utf8.contains(UInt8(ascii: "/"))
    kind = try Self.kind(hasSlash ? Self.parts(of: first).kind : first)
    guard hasSlash else {
      names = Array(words.dropFirst())
      return
    }
    var names: [Text] = []
    for word in words {
      let (kindOfWord, name) = Self.parts(of: word)
      guard try Self.kind(kindOfWord) == kind else {
        throw CommandFailure(.misused, "`kubectl \(verb)` takes things of one kind at a time here")
      }
      names.append(name)
    }
    self.names = names
  }

  /// `c1-nats-0` or `pod/c1-nats-0`
  init(pod word: Text) throws(CommandFailure) {
    let hasSlash = word.string.utf8.contains(UInt8(ascii: "/"))
    try self.init(hasSlash ? [word] : ["pod", word], of: "logs")
  }

  private static func parts(of word: Text) -> (kind: Text, name: Text) {
    let bytes = Array(word.string.utf8)
    let slash = bytes.firstIndex(of: UInt8(ascii: "/")) ?? 0
    return (word.slice(0..<slash), word.slice(min(slash + 1, bytes.count)..<bytes.count))
  }

  private static func kind(_ word: Text) throws(CommandFailure) -> Kind {
    switch word.string {
    case "pod", "pods", "po": .pod
    case "statefulset", "statefulsets", "sts", "statefulset.apps", "statefulsets.apps": .statefulSet
    case "namespace", "namespaces", "ns": .namespace
    default:
      throw KubectlCommand.unknown(
        "`\(word.masked)` is something that a Kubernetes API knows (here: pods, statefulsets, namespaces)")
    }
  }
}
