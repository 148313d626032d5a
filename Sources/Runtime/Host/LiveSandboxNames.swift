import Interpreter
import SandboxSystem
import Synchronization

/// What there is on the target that a run would have, for completion: asked in a thread of its own, and remembered for
/// some seconds, so that nobody waits long for a list.
package final class LiveSandboxNames: LiveNames {
  /// What is listed: the clusters, if no words are given, else what a command lists.
  private struct List: Hashable {
    var words: [String] = []
    var onEachCluster = false
  }

  private struct Known {
    var names: [String] = []
    var asked: ContinuousClock.Instant?
    var isBeingAsked = false
  }

  private let host: SandboxHost
  private let chooser: TargetChooser
  private let wantedClusters: [String]
  private let known = Mutex<[List: Known]>([:])

  /// So long a list counts as new.
  private static let lifetime = Duration.seconds(5)
  /// So long somebody waits for it.
  private static let patience = Duration.milliseconds(400)
  /// So long servers and programs have to answer, for the next time that it is asked for.
  private static let limit = Duration.seconds(5)

  /// - Parameters:
  ///   - wanted: the command line's `--target`, if it is there.
  ///   - contexts: kube contexts by cluster.
  ///   - clusters: those that the command line names.
  package init(
    wanted: String?, contexts: [String: String], environment: @autoclosure @escaping @Sendable () -> [String: String],
    clusters: [String]
  ) {
    // Nothing is fetched or said for a list.
    chooser = TargetChooser(
      wanted: wanted, contexts: contexts, clusters: [], environment: environment(), purpose: "nbx completing",
      isOnlyLooking: true, announce: { _ in })
    host = SandboxHost(chooser: chooser, observer: { _ in })
    wantedClusters = clusters
  }

  package var clusters: [String] { names(of: List()) }

  package func names(listedBy words: [String], onEachCluster: Bool) -> [String] {
    names(of: List(words: words, onEachCluster: onEachCluster))
  }

  private func names(of list: List) -> [String] {
    let isDue = known.withLock { known in
      var entry = known[list] ?? Known()
      let isOld = entry.asked.map { $0.duration(to: .now) > LiveSandboxNames.lifetime } ?? true
      let isDue = isOld && !entry.isBeingAsked
      if isDue { entry.isBeingAsked = true }
      known[list] = entry
      return isDue
    }
    if isDue, LaneThread.start({ [self] in ask(list) }) == nil { ask(list) }
    let end = ContinuousClock.now + LiveSandboxNames.patience
    while known.withLock({ $0[list]?.isBeingAsked }) == true, ContinuousClock.now < end {
      Pause.sleep(.milliseconds(2))
    }
    return known.withLock { $0[list]?.names } ?? []
  }

  package func entries(of folder: String) -> [String] {
    StateFile.names(in: folder.isEmpty ? "." : folder).map { name in
      Folders.isFolder(folder.isEmpty ? name : "\(folder)/\(name)") ? name + "/" : name
    }
  }

  private func ask(_ list: List) {
    let names = found(list)
    known.withLock { $0[list] = Known(names: names, asked: .now, isBeingAsked: false) }
  }

  private func found(_ list: List) -> [String] {
    let clusters = chooser.clustersToWorkOn(named: wantedClusters)
    guard let name = list.words.first else { return clusters }
    guard let command = host.commands.first(where: { $0.name == name }) else { return [] }
    let all = clusters.enumerated().map { host.cluster(named: $1, index: $0) }
    var names: Set<String> = []
    // Some lists are the same wherever they are asked for, and can be had without any cluster.
    for cluster in all.isEmpty ? [nil] : all.map(Optional.some) {
      let call = Invocation(
        words: list.words.dropFirst().map { Text($0) }, cluster: cluster, clusters: all,
        deadline: .now + LiveSandboxNames.limit)
      guard let value = try? command.run(call) else { continue }
      if !list.onEachCluster { return value.listedNames }
      names.formUnion(value.listedNames)
    }
    return names.sorted()
  }
}

extension Value {
  /// The texts of a list, the names of what it holds, or the lines of a program's output.
  fileprivate var listedNames: [String] {
    if case .list(let elements) = self { return elements.compactMap { ($0.entries["name"] ?? $0).asText?.masked } }
    return (asText?.masked ?? "").split(separator: "\n").map(String.init)
  }
}
