import Interpreter

/// Which pods a call of kubectl means.
struct PodSelection {
  let sandbox: Sandbox
  let region: RegionRecord
  let namespace: String
  let words: ParsedWords

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
    return try selected(sandbox.pods(of: region.name, namespace: namespace))
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
    let pods = sandbox.pods(of: region.name, namespace: namespace)
    guard let pod = pods.first(where: { $0.name == name.string }) else { throw notFound("pods", name) }
    return pod
  }

  func release(ofStatefulSet resource: KubernetesResource) throws(CommandFailure) -> ReleaseRecord {
    guard resource.kind == .statefulSet, let name = resource.names.first else {
      throw CommandFailure(
        .misused, "`kubectl \(words.path)` needs a statefulset here", advice: "as statefulset/c1-nats")
    }
    let releases = sandbox.releases(of: region.name, namespace: namespace)
    guard let release = releases.first(where: { $0.statefulSet == name.string }) else {
      throw notFound("statefulsets.apps", name)
    }
    return release
  }

  func pods(of release: ReleaseRecord) -> [Pod] {
    sandbox.pods(of: region.name, namespace: namespace, statefulSet: release.statefulSet)
  }

  func notFound(_ kind: String, _ name: Text) -> CommandFailure {
    let place = kind == "namespaces" ? region.name : "namespace \(namespace) of \(region.name)"
    let elsewhere = sandbox.pods(of: region.name).first { $0.name == name.string }?.key.namespace
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
