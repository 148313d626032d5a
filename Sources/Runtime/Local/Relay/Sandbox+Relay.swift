import Interpreter

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The relay's place among what the sandbox does. Everything here is done under the sandbox's lock.
extension Sandbox {
  /// Has the relay listen for servers, before these or others dial.
  func startRelaying(for listeners: [RelayOrders.Listener], _ limits: CallLimits) throws(CommandFailure) {
    try relay.listen(listeners, listenersOfAll, limits)
  }

  /// Without the ports that the relay holds itself: those are taken, and by whom they should be.
  func withoutHeld(_ addresses: [PodAddress]) -> [PodAddress] {
    let held = relay.isUsed ? relay.heldPorts(listenersOfAll) : []
    return addresses.filter { address in
      guard address.port.network != nil else { return true }
      return relay.isUsed && !(ports.promised(address).map(held.contains) ?? false)
    }
  }

  /// Where the relay listens for pods.
  func listeners(of pods: [Pod]) -> [RelayOrders.Listener] {
    pods.flatMap { pod in
      var known: [PodPort: UInt16] = [:]
      for port in PodPort.allCases { known[port] = pod.record.port(port) ?? promised(port, of: pod) }
      return PodRecord.listeners(of: pod.key, known)
    }
  }

  /// For a record that is lost.
  private func promised(_ port: PodPort, of pod: Pod) -> UInt16? {
    pod.record.ports.isEmpty ? ports.promised(pod.key.address(port)) : nil
  }

  func listenersOfAll() -> [RelayOrders.Listener] { regionNames.flatMap { listeners(of: pods(of: $0)) } }

  /// The relay listens no longer for pods that go. On a full disk this can't be noted, and what makes room is not to be kept
  /// from it: then it listens for nobody.
  func endRelaying(for listeners: [RelayOrders.Listener], _ limits: CallLimits) throws(CommandFailure) {
    let gone = Set(listeners.map(\.port))
    guard !gone.isEmpty else { return }
    try? relay.forget(listeners: { gone.contains($0.port) }, listenersOfAll, limits)
    try endIdleRelay()
  }

  /// Ends the relay once no region is meant to run whose servers others reach by it.
  func endIdleRelay() throws(CommandFailure) {
    try relay.endIfIdle(listenersOfAll, isNeeded: isMeantToRun, isOver: { regionNames.isEmpty })
  }

  private func isMeantToRun(_ region: String) -> Bool { self.region(region).map { $0.wanted != .stopped } ?? false }

  // MARK: For people

  /// Whether the relay is there that servers of different regions need. Takes no lock.
  var relayState: RelayState {
    if let process = relay.process { return .running(pid: process.pid) }
    return relay.ordersOnDisk.listeners.contains { isMeantToRun($0.region) } ? .dead : .notNeeded
  }

  /// What is worth knowing of the relay beside the links, a line each.
  var relayNotes: [String] {
    switch relayState {
    case .notNeeded: return []
    case .dead:
      let region = regionNames.first(where: isMeantToRun) ?? ""
      return [
        "the relay between regions has ended, so that nothing passes between them; run: region start \(region)"
          + " (its log: \(folders.relayLog))"
      ]
    case .running(let pid):
      let refused = relay.lastReport?.refused ?? []
      return ["the relay between regions is process \(pid): \(folders.relayLog)"]
        + refused.map { refused in
          "the relay cannot listen on port \(refused.port): \(errorText(refused.reason)); "
            + "end what listens there, then run: link list"
        }
    }
  }
}

/// How the relay between regions is.
enum RelayState: Equatable, Sendable {
  /// No region is meant to run, or servers connect directly.
  case notNeeded
  case running(pid: Int32)
  /// It has died, or was killed: nothing passes between regions until `region start` or an install starts it anew.
  case dead
}
