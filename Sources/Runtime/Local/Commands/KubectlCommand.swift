import Interpreter

/// `kubectl`, as far as it is about pods: get, delete, logs, scale, rollout, wait.
struct KubectlCommand: ProgramLikeCommand {
  let sandbox: Sandbox

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
    let region = try region(of: call)
    let namespace = try checked(words.text("--namespace") ?? "default", as: "namespace")
    if words.form.path.first == "create" {
      return try createNamespace(words, region, CallLimits(call))
    }
    if words.path == "logs" {
      let resource = try KubernetesResource(pod: words.positional(0) ?? "")
      return try logs(resource, words, region, namespace)
    }
    let resource = try KubernetesResource(words.positionals, of: words.path)
    let limits = CallLimits(call, atMost: timeLimit(words))
    let selection = PodSelection(sandbox: sandbox, region: region, namespace: namespace, words: words)
    switch words.path {
    case "get":
      return try KubectlGet(sandbox: sandbox, region: region, selection: selection, words: words).output(resource)
    case "delete": return try delete(resource, words, selection, limits)
    case "wait": return try wait(resource, words, selection, limits)
    case "scale": return try scale(resource, words, selection, limits)
    case "rollout restart":
      let release = try selection.release(ofStatefulSet: resource)
      try sandbox.restart(selection.pods(of: release), in: region.name, limits)
      return Text(lines: ["statefulset.apps/\(release.statefulSet) restarted"])
    default:
      let release = try selection.release(ofStatefulSet: resource)
      try sandbox.waitUntilListening(selection.pods(of: release).map { StartedPod(pod: $0, logStart: 0) }, limits)
      return Text(lines: ["statefulset rolling update complete \(release.replicas) pods of \(release.statefulSet)"])
    }
  }

  private func createNamespace(
    _ words: ParsedWords, _ region: RegionRecord, _ limits: CallLimits
  ) throws(CommandFailure) -> Text {
    let name = try checked(words.positional(0) ?? "", as: "namespace")
    guard !sandbox.namespaces(of: region).contains(name) else {
      throw CommandFailure(
        .failed, Text("namespaces \"\(name)\" already exists"), advice: "look first: try kubectl get namespace \(name)")
    }
    try sandbox.createNamespace(name, in: region.name, limits)
    return Text(lines: ["namespace/\(name) created"])
  }

  private func logs(
    _ resource: KubernetesResource, _ words: ParsedWords, _ region: RegionRecord, _ namespace: String
  ) throws(CommandFailure) -> Text {
    let selection = PodSelection(sandbox: sandbox, region: region, namespace: namespace, words: words)
    let log = ServerLog(path: sandbox.folders.log(try selection.pod(resource.names[0]).key))
    guard let tail = words.integer("--tail"), tail >= 0 else { return Text(log.text(from: 0)) }
    return Text(lines: log.lastLines(Int(min(tail, 1_000_000))))
  }

  private func delete(
    _ resource: KubernetesResource, _ words: ParsedWords, _ selection: PodSelection, _ limits: CallLimits
  ) throws(CommandFailure) -> Text {
    let region = selection.region
    switch resource.kind {
    case .namespace:
      var lines: [String] = []
      for name in resource.names {
        guard sandbox.namespaces(of: region).contains(name.string), name.string != "default" else {
          if words.has("--ignore-not-found") { continue }
          throw selection.notFound("namespaces", name)
        }
        try sandbox.deleteNamespace(name.string, in: region.name, limits)
        lines.append("namespace \"\(name.string)\" deleted")
      }
      return Text(lines: lines)
    case .pod:
      let pods = try selection.pods(resource)
      let now = words.has("--now") || words.has("--force") || words.integer("--grace-period") == 0
      try sandbox.deletePods(pods, now: now, in: region.name, limits)
      return Text(lines: pods.map { "pod \"\($0.name)\" deleted" })
    case .statefulSet:
      throw CommandFailure(
        .misused, "a StatefulSet belongs to its helm release here", advice: "write helm uninstall RELEASE")
    }
  }

  private func wait(
    _ resource: KubernetesResource, _ words: ParsedWords, _ selection: PodSelection, _ limits: CallLimits
  ) throws(CommandFailure) -> Text {
    guard resource.kind == .pod, words.string("--for")?.lowercased() == "condition=ready" else {
      throw CommandFailure(
        .misused, "the local target waits for pods to be ready only",
        advice: "for example: kubectl wait --for=condition=Ready pod/c1-nats-0 --namespace nats")
    }
    let pods = try selection.pods(resource)
    try sandbox.waitUntilListening(pods.map { StartedPod(pod: $0, logStart: 0) }, limits)
    return Text(lines: pods.map { "pod/\($0.name) condition met" })
  }

  private func scale(
    _ resource: KubernetesResource, _ words: ParsedWords, _ selection: PodSelection, _ limits: CallLimits
  ) throws(CommandFailure) -> Text {
    guard let replicas = words.integer("--replicas"), 0...100 ~= replicas else {
      throw CommandFailure(.misused, "`kubectl scale` needs --replicas, from 0 to 100", advice: "add --replicas=3")
    }
    let release = try selection.release(ofStatefulSet: resource)
    try sandbox.scale(release, to: Int(replicas), limits)
    return Text(lines: ["statefulset.apps/\(release.statefulSet) scaled"])
  }
}
