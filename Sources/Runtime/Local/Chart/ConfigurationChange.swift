import Interpreter

/// What becomes of a server that runs when its `nats.conf` changes: that is for the chart's values to say.
enum ConfigurationChange: Sendable {
  /// The pods' template bears a checksum of it, so that the StatefulSet starts its pods anew, one after the other.
  case restarts
  /// The reloader beside the server has it read its configuration again.
  case reloads
  /// The file is there, and the server reads it when it is started the next time.
  case waits

  /// The chart has put the checksum there from its first release up to this one, unless told otherwise; from here on it
  /// does so only if asked.
  private static let firstWithoutChecksum = ProgramVersion(2, 12, 4)

  init(values: ValueMap, chartVersion: String) throws(ChartProblem) {
    let values = ChartValues(path: "", map: values)
    let template = try values.section("podTemplate")
    try template.allowOnly(
      ["configChecksumAnnotation", "topologySpreadConstraints", "merge", "patch"],
      elsewhere: "what Kubernetes takes for a pod goes under \(template.place("merge"))")
    let isOld = ProgramVersion(in: chartVersion).map { $0 < Self.firstWithoutChecksum } ?? true
    if try template.bool("configChecksumAnnotation", default: isOld) {
      self = .restarts
    } else {
      self = try values.section("reloader").bool("enabled", default: true) ? .reloads : .waits
    }
  }
}
