import Interpreter
import NATS
import Synchronization

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What there is on the target that a run would have, for completion: asked in a thread of its own, and remembered for
/// some seconds, so that nobody waits long for a list.
public final class LiveSandboxNames: LiveNames {
  private struct Known {
    var names: [String] = []
    var asked: ContinuousClock.Instant?
    var isBeingAsked = false
  }

  private let host: SandboxHost
  private let chooser: TargetChooser
  private let clusters: [String]
  private let known = Mutex<[LiveKind: Known]>([:])

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
  public init(
    wanted: String?, contexts: [String: String], environment: @autoclosure @escaping @Sendable () -> [String: String],
    clusters: [String]
  ) {
    // Nothing is fetched or said for a list.
    chooser = TargetChooser(
      wanted: wanted, contexts: contexts, clusters: [], environment: environment(), purpose: "nbx completing",
      isOnlyLooking: true, announce: { _ in })
    host = SandboxHost(chooser: chooser, observer: { _ in })
    self.clusters = clusters
  }

  /// The words of programs that nbx knows: where it plays them it takes no others.
  public static var programs: [String: CommandGrammar] {
    let players = LocalTarget(home: "/", clusters: [], environment: [:]).commands.compactMap {
      $0 as? any ProgramLikeCommand
    }
    return Dictionary(uniqueKeysWithValues: players.map { ($0.name, .forms($0.programGrammar.forms)) })
  }

  public func names(of kind: LiveKind) -> [String] {
    let isDue = known.withLock { known in
      var entry = known[kind] ?? Known()
      let isOld = entry.asked.map { $0.duration(to: .now) > LiveSandboxNames.lifetime } ?? true
      let isDue = isOld && !entry.isBeingAsked
      if isDue { entry.isBeingAsked = true }
      known[kind] = entry
      return isDue
    }
    if isDue, LaneThread.start({ [self] in ask(kind) }) == nil { ask(kind) }
    let end = ContinuousClock.now + LiveSandboxNames.patience
    while known.withLock({ $0[kind]?.isBeingAsked }) == true, ContinuousClock.now < end {
      Pause.sleep(.milliseconds(2))
    }
    return known.withLock { $0[kind]?.names } ?? []
  }

  public func entries(of folder: String) -> [String] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
    return names.filter { !$0.hasPrefix(".") }.sorted().map { name in
      var isFolder = false
      let path = folder.isEmpty ? name : "\(folder)/\(name)"
      if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder { return name + "/" }
      return name
    }
  }

  private func ask(_ kind: LiveKind) {
    let names = found(kind)
    known.withLock { $0[kind] = Known(names: names, asked: .now, isBeingAsked: false) }
  }

  private func found(_ kind: LiveKind) -> [String] {
    switch kind {
    case .clusters: return chooser.clustersToWorkOn(named: clusters)
    case .contexts: return (try? Contexts.ofSandbox(chooser.environment).names()) ?? []
    case .streams: return list("nats", ["stream", "ls", "--names"])
    case .buckets: return list("nats", ["kv", "ls", "--names"])
    case .objectStores: return list("nats", ["object", "ls", "--names"])
    case .consumers(let stream): return list("nats", ["consumer", "ls", stream, "--names"])
    case .releases:
      let all = chooser.clustersToWorkOn(named: clusters)
      return Set(all.flatMap { list("helm", ["list", "--all-namespaces", "--short"], on: $0) }).sorted()
    }
  }

  /// What a command lists on a cluster, or on the first that answers.
  private func list(_ name: String, _ words: [String], on wanted: String? = nil) -> [String] {
    let all = chooser.clustersToWorkOn(named: clusters).enumerated().map { host.cluster(named: $1, index: $0) }
    guard let command = host.commands.first(where: { $0.name == name }) else { return [] }
    for cluster in all where wanted == nil || cluster.name == wanted {
      let call = Invocation(
        words: words.map { Text($0) }, cluster: cluster, clusters: all, deadline: .now + LiveSandboxNames.limit)
      if let value = try? command.run(call) { return value.listedTexts }
    }
    return []
  }
}

extension Value {
  /// The texts of a list, or the lines of a program's output.
  fileprivate var listedTexts: [String] {
    if case .list(let elements) = self { return elements.compactMap { $0.asText?.masked } }
    return (asText?.masked ?? "").split(separator: "\n").map(String.init)
  }
}
