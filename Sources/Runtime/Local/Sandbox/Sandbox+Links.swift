import Interpreter

/// Links between regions: how long they are, and whether anything passes. The relay makes it so.
extension Sandbox {
  /// Every direction between two regions that exist, over both networks, sorted; all of them, also those that are plain.
  /// Takes no lock, and asks the relay where it runs, for 2 s at most.
  func linkStates() -> [LinkState] {
    let shapes = relay.ordersOnDisk.shapes
    let report = relay.process.flatMap { relay.ask($0) }
    let figures = report.map { Dictionary($0.links.map { ($0.link, $0) }, uniquingKeysWith: { first, _ in first }) }
    let regions = regionNames
    return regions.flatMap { from in
      regions.filter { $0 != from }.flatMap { to in
        LinkNetwork.allCases.map { network in
          let link = DirectedLink(from: from, to: to, over: network)
          // What the relay does not speak of nobody has used.
          let seen = figures.map { $0[link] ?? RelayReport.Figures(link: link, connections: 0, bytes: 0, held: 0) }
          return LinkState(
            link: link, shape: shapes[link] ?? LinkShape(), connections: seen?.connections, bytes: seen?.bytes,
            measured: seen?.delay)
        }
      }
    }
  }

  /// Changes what is set, under the sandbox's lock. It returns when the relay says that it holds for every connection, or
  /// at once where no relay runs because no region does.
  ///
  /// - Parameter change: is given what is set, without links that are plain; what it leaves plain is forgotten.
  func changeLinks(
    _ limits: CallLimits, _ change: (inout [DirectedLink: LinkShape]) throws(CommandFailure) -> Void
  ) throws(CommandFailure) {
    try lock.take(limits)
    let generation = try relay.changeLinks(listenersOfAll) { links throws(CommandFailure) in
      let before = links
      try change(&links)
      let changed = links.filter { before[$0.key] != $0.value && !$0.value.isPlain }
      try checkThatTheyAreRelayed(Set(changed.keys.flatMap { [$0.from, $0.to] }).sorted())
    }
    // One that has died is started anew.
    if relayState == .dead { try startRelaying(for: [], limits) }
    guard let process = relay.process else {
      guard relayState == .dead else { return }
      throw CommandFailure(
        .failed, "no relay runs between the regions, and this program starts none",
        advice: "nbx itself starts one: nbx run start")
    }
    guard relay.ask(process, after: generation) != nil else {
      throw CommandFailure(
        .failed, "the relay between regions (process \(process.pid)) has not taken up what was set",
        advice: "see its log, \(folders.relayLog); ended, it is started anew by region start, with what was set")
    }
  }

  /// Forgets what is set for the links from and to a region that goes, and that the relay listens for it.
  func forgetLinks(of region: String, _ limits: CallLimits) throws(CommandFailure) {
    try relay.forget(
      listeners: { $0.region == region }, links: { $0.from == region || $0.to == region }, listenersOfAll, limits)
  }

  /// Servers that an earlier nbx has installed go around the relay: what is set would change nothing.
  private func checkThatTheyAreRelayed(_ regions: [String]) throws(CommandFailure) {
    let direct = regions.filter { region in
      pods(of: region).contains { pod in
        PodPort.allCases.contains { port in
          guard port != .websocket, let relayed = port.relayed, pod.record.port(port) != nil else { return false }
          return pod.record.port(relayed) == nil
        }
      }
    }
    guard let first = direct.first else { return }
    throw CommandFailure(
      .failed,
      "servers of \(direct.joined(separator: ", ")) connect to other regions directly, as an earlier nbx has installed them",
      advice: "install them once more, which leads them through the relay: "
        + (["nbx run install"] + regionNames).joined(separator: " ") + "; or take \(first) away and make it anew")
  }
}
