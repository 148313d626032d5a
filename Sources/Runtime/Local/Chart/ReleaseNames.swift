import Interpreter

/// What the chart calls a release's objects in Kubernetes.
struct ReleaseNames {
  let statefulSet: String
  let headlessService: String

  init(_ identity: ReleaseIdentity, values: ChartValues) throws(ChartProblem) {
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

  private static func fullName(_ identity: ReleaseIdentity, _ values: ChartValues) throws(ChartProblem) -> String {
    if let name = try values.text("fullnameOverride") { return shortened(name.string) }
    return fullName(ofRelease: identity.name, chart: try values.text("nameOverride")?.string ?? "nats")
  }

  private static func shortened(_ name: String) -> String {
    let name = String(name.prefix(63))
    return name.hasSuffix("-") ? String(name.dropLast()) : name
  }
}
