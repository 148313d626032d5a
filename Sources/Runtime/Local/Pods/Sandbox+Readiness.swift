import Interpreter
import NATS

/// A rolling restart as a StatefulSet does it: the next pod's turn comes when those before it are ready.
///
/// It is what keeps streams: JetStream's servers choose a leader by majority, and new ones that have not met the leader
/// before it is restarted may choose one among themselves that knows of no stream.
extension Sandbox {
  /// Restarts pods one after the other, the last first, each when the servers before it are ready.
  ///
  /// - Parameters:
  ///   - started: servers of the same StatefulSet that were started just now, and have to be ready before the first restart.
  ///   - startAnew: starts the server of a pod that has been stopped.
  func restartInTurn(
    _ pods: [Pod], after started: [StartedPod], _ limits: CallLimits,
    startAnew: (Pod) throws(CommandFailure) -> [StartedPod]
  ) throws(CommandFailure) {
    let inTurn = pods.sorted { $0.ordinal > $1.ordinal }
    // Where JetStream has no leader already, since too many servers are gone or stopped, nobody gets ready.
    let awaitsReadiness = inTurn.contains { reasonUnready($0) == nil }
    var before = started
    for pod in inTurn {
      if awaitsReadiness { try waitUntilReady(before, limits) }
      try limits.check("restarting \(pod.name)")
      try stop([pod], now: false, limits)
      before = try startAnew(pod)
      try waitUntilListening(before, limits)
    }
  }

  /// Waits until servers with JetStream have met its leader.
  private func waitUntilReady(_ started: [StartedPod], _ limits: CallLimits) throws(CommandFailure) {
    for server in started {
      try waitUntilListening([server], limits)
      while let reason = reasonUnready(server.pod) {
        try fail(ifDead: [server])
        try limits.pause(100, "waiting for \(server.pod.name) to be ready (\(reason))")
      }
    }
  }

  /// Why a server is not ready: it has not met JetStream's leader, or lags behind it. The chart's startup probe asks for
  /// that and for each stream; servers before 2.11 know no other question, and answer that one.
  ///
  /// - Returns: nil where it is ready, has no JetStream, or has no monitoring port.
  private func reasonUnready(_ pod: Pod) -> String? {
    guard let port = pod.record.port(.monitor) else { return nil }
    let monitoring = Monitoring(Endpoint(host: "127.0.0.1", port: port))
    do throws(NATSError) {
      let answer = try monitoring.get(.health, query: "js-meta-only=true", limit: .within(.seconds(2)))
      // Any other status is that of a port that takes no plain HTTP.
      guard answer.status == 503 else { return nil }
      guard case .map(let health)? = try? Value.json(answer.body), let reason = health["error"]?.asText else {
        return "unavailable"
      }
      return reason.string
    } catch {
      return "\(error)"
    }
  }
}
