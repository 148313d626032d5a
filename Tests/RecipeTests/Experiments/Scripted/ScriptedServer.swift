/// A server of the scripted supercluster, which is nothing but its name and its state.
struct ScriptedServer: Equatable {
  enum State: String { case running, paused, stopped }

  let name: String
  let region: String
  /// The NATS cluster: the region, or `xr-js`.
  let cluster: String
  /// The StatefulSet, and its pod's number in it.
  let workload: String
  let ordinal: Int
  let hasJetStream: Bool
  var state = State.running
  /// Whether its disk refuses what it writes.
  var isFull = false
  /// The streams of which it has lost a message.
  var rotten: Set<String> = []

  var pod: String { "\(workload)-\(ordinal)" }

  /// The twelve servers of a region, as `recipes/install.nbx` makes them.
  static func all(of region: String) -> [ScriptedServer] {
    [region, "\(region)-js", "\(region)-gw", "xr-js"].flatMap { release in
      (0..<3).map { ordinal in
        let isStretched = release == "xr-js"
        return ScriptedServer(
          name: "\(isStretched ? "\(region)-" : "")\(release)-nats-\(ordinal)", region: region,
          cluster: isStretched ? release : region, workload: "\(release)-nats", ordinal: ordinal,
          hasJetStream: release.hasSuffix("js"))
      }
    }
  }
}
