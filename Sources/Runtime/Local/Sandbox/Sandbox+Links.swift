import Interpreter

/// Links between regions: how long they are, and whether anything passes. The relay makes it so.
extension Sandbox {
  /// Every direction between two regions that exist, over both networks, sorted; all of them, also those that are plain.
  /// Takes no lock, and asks the relay where it runs, for 2 s at most.
  func linkStates() -> [LinkState] {
    regionNames.flatMap { from in
      regionNames.filter { $0 != from }.flatMap { to in
        LinkNetwork.allCases.map { network in
          LinkState(
            link: DirectedLink(from: from, to: to, over: network), shape: LinkShape(), connections: nil, bytes: nil,
            measured: nil)
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
    var links: [DirectedLink: LinkShape] = [:]
    try change(&links)
  }

  /// Forgets what is set for the links from and to a region that goes.
  func forgetLinks(of region: String) throws(CommandFailure) {}

  /// Whether the relay is there that servers of different regions need.
  var relayState: RelayState { .notNeeded }
}

/// How the relay between regions is.
enum RelayState: Equatable, Sendable {
  /// No region is meant to run, or servers connect directly.
  case notNeeded
  case running(pid: Int32)
  /// It has died, or was killed: nothing passes between regions until `region start` or an install starts it anew.
  case dead
}
