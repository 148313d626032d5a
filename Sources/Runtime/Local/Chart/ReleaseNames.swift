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

  /// The release's name, with the chart's behind it unless it holds that already; Kubernetes takes 63 letters.
  private static func fullName(_ identity: ReleaseIdentity, _ values: ChartValues) throws(ChartProblem) -> String {
    if let name = try values.text("fullnameOverride") { return shortened(name.string) }
    let chart = try values.text("nameOverride")?.string ?? "nats"
    return shortened(identity.name.contains(chart) ? identity.name : "\(identity.name)-\(chart)")
  }

  private static func shortened(_ name: String) -> String {
    let name = String(name.prefix(63))
    return name.hasSuffix("-") ? String(name.dropLast()) : name
  }
}
