import Interpreter
import SandboxKubernetes
import SandboxLocal
import SandboxSystem
import Synchronization

/// Decides where a run takes place, the first time that something needs to know: a recipe that only prints never asks
/// Docker anything.
package final class TargetChooser: Sendable {
  package struct Choice: Sendable {
    package let target: any Target
    /// Why this one, as the rest of a sentence.
    package let reason: String
  }

  /// Read when it is needed: a recipe that only prints does not wait for it.
  var environment: [String: String] {
    knownEnvironment.withLock { known in
      let environment = known ?? readEnvironment()
      known = environment
      return environment
    }
  }
  private let knownEnvironment = Mutex<[String: String]?>(nil)
  private let readEnvironment: @Sendable () -> [String: String]
  private let wanted: String?
  private let contexts: [String: String]
  private let clusters: Mutex<[String]>
  private let isOnlyLooking: Bool
  private let purpose: String
  private let relay: String?
  private let announce: @Sendable (String) -> Void
  private let chosen = Mutex<Result<Choice, CommandFailure>?>(nil)
  /// What is missing for the chosen target, once that has been looked at.
  private let checked = Mutex<Result<Void, CommandFailure>?>(nil)

  /// - Parameters:
  ///   - wanted: the command line's `--target`, if it is there.
  ///   - contexts: kube contexts by cluster, of `--context`.
  ///   - clusters: the run's.
  ///   - purpose: what this nbx does, for another nbx that waits for it.
  ///   - relay: the program of the relay between regions of the local target, see `LocalTarget`.
  ///   - isOnlyLooking: whether nothing is going to be run, so that nothing needs to be fetched.
  ///   - announce: is told which target it is, and why.
  package init(
    wanted: String?, contexts: [String: String], clusters: [String],
    environment: @autoclosure @escaping @Sendable () -> [String: String], purpose: String,
    relay: String? = nil, isOnlyLooking: Bool = false, announce: @escaping @Sendable (String) -> Void
  ) {
    self.wanted = wanted
    self.contexts = contexts
    self.clusters = Mutex(clusters)
    self.isOnlyLooking = isOnlyLooking
    readEnvironment = environment
    self.purpose = purpose
    self.relay = relay
    self.announce = announce
  }

  /// nbx's home; nil where there is none.
  package var home: String? { try? Home.folder(environment: environment) }

  /// Why there is no target: then nothing has been run.
  package enum Refusal: Sendable {
    /// The command line or the environment names one that does not exist.
    case unknown
    /// nbx has no home, or one that can't be looked at.
    case noHome
    /// Something that it needs is missing.
    case missing
  }

  /// Set once a target has been asked for and could not be had.
  package var refusal: Refusal? { refused.withLock { $0 } }
  private let refused = Mutex<Refusal?>(nil)

  /// Says which clusters the run has, once its recipe is known. Has no effect after the target has been chosen.
  package func use(clusters names: [String]) { clusters.withLock { $0 = names } }

  /// The clusters that a session works on: those that are named, else those that exist, else the recipes' defaults. No
  /// target is chosen for that.
  package func clustersToWorkOn(named names: [String]) -> [String] {
    var found = names
    if found.isEmpty {
      found = LongWait.told("k3d, which is asked for its clusters", to: announce) { (try? clustersThere()) ?? [] }
    }
    if found.isEmpty { found = ["c1", "c2", "c3"] }
    use(clusters: found)
    return found
  }

  private func clustersThere() throws(CommandFailure) -> [String] {
    switch namedKind {
    case .k3d: return kubernetes(.ours).existingClusters()
    case .kube: return kubernetes(.foreign).existingClusters()
    case .local: return try local().existingClusters()
    case nil:
      let here = try local().existingClusters()
      return here.isEmpty && named.isEmpty && hasK3d ? kubernetes(.ours).existingClusters() : here
    }
  }

  /// Lets other nbx change the sandbox, between two statements of a session.
  package func letGo() {
    guard case .success(let choice)? = chosen.withLock({ $0 }) else { return }
    choice.target.letGo()
  }

  /// The target, chosen once, with all that it needs.
  ///
  /// - Parameter startsServers: whether new servers are going to be started: whoever stops, deletes or asks those that
  ///   are there needs no program of theirs.
  package func target(startingServers startsServers: Bool = false) throws(CommandFailure) -> any Target {
    let target = try plannedTarget()
    if isOnlyLooking || !(target.isNeededWhole || startsServers) { return target }
    let check = checked.withLock { checked in
      let check = checked ?? self.check(target)
      // What was interrupted may be well the next time.
      if !Interrupts.isAskedToStop { checked = check }
      return check
    }
    try check.get()
    return target
  }

  /// The same, whether this machine has what it needs or not: nothing is going to be run.
  func plannedTarget() throws(CommandFailure) -> any Target {
    let result = chosen.withLock { chosen in
      if let chosen { return chosen }
      let result = decide()
      chosen = result
      if case .success(let choice) = result { announce("target \(choice.target.name): \(choice.reason)") }
      return result
    }
    return try result.get().target
  }

  /// The name of the target; nil if nothing has asked for one yet.
  package var chosenName: String? {
    chosen.withLock { if case .success(let choice)? = $0 { choice.target.name } else { nil } }
  }

  /// Where clients reach the servers of clusters, as far as a target was chosen and knows some.
  public func knownAddresses(of clusters: [Cluster]) -> [(host: String, port: Int)] {
    guard case .success(let choice)? = chosen.withLock({ $0 }) else { return [] }
    let target = choice.target
    return clusters.flatMap { (try? target.clientAddresses(of: $0)) ?? [] }
  }

  /// A cluster of the run; its context is known where a target is not needed for it.
  func cluster(named name: String, index: Int) -> Cluster {
    let ownership: ClusterOwnership = namedKind == .kube ? .foreign : .ours
    return Cluster(name: name, index: index, context: KubernetesTarget.context(of: name, on: ownership, contexts))
  }

  /// What the command line or the environment says; nothing if neither does.
  private var named: String { wanted ?? environment["NBX_TARGET"] ?? "" }
  private var namedKind: TargetKind? { TargetKind(rawValue: named) }

  private func check(_ target: any Target) -> Result<Void, CommandFailure> {
    let missing = LongWait.told("what the target \(target.name) needs to be looked for", to: announce) {
      target.missing(announce: announce)
    }
    guard let missing else { return .success(()) }
    refused.withLock { $0 = .missing }
    return .failure(missing)
  }

  private func decide() -> Result<Choice, CommandFailure> {
    do throws(CommandFailure) {
      return .success(try choose())
    } catch {
      refused.withLock { $0 = $0 ?? .unknown }
      return .failure(error)
    }
  }

  private func choose() throws(CommandFailure) -> Choice {
    if let wanted { return Choice(target: try make(wanted, "--target"), reason: "as --target says") }
    if let wanted = environment["NBX_TARGET"], !wanted.isEmpty {
      return Choice(target: try make(wanted, "NBX_TARGET"), reason: "as NBX_TARGET says")
    }
    return try chooseByLooking()
  }

  private func make(_ name: String, _ source: String) throws(CommandFailure) -> any Target {
    switch TargetKind(rawValue: name) {
    case .local: return try local()
    case .k3d: return kubernetes(.ours)
    case .kube: return try existing()
    case nil:
      throw CommandFailure(
        .misused, "\(source) names no target: `\(name)`",
        advice: "one of: \(TargetKind.allCases.map(\.rawValue).joined(separator: ", "))")
    }
  }

  private func kubernetes(_ ownership: ClusterOwnership) -> KubernetesTarget {
    KubernetesTarget(ownership, contexts: contexts, clusters: clusters.withLock { $0 }, environment: environment)
  }

  private func existing() throws(CommandFailure) -> KubernetesTarget {
    let target = kubernetes(.foreign)
    let byContext = Dictionary(grouping: target.clusters) { target.cluster(named: $0, index: 0).context }
    if let (context, same) = byContext.first(where: { $1.count > 1 }) {
      throw CommandFailure(
        .misused, "\(same.joined(separator: " and ")) are one and the same cluster, of the context \(context)",
        advice: "each has a context of its own: --context c1=ONE --context c2=OTHER")
    }
    return target
  }

  private func local() throws(CommandFailure) -> LocalTarget {
    do throws(MachineError) {
      let home = try Home.folder(environment: environment)
      // Else a sandbox that may not be looked at would be one that has nothing in it.
      try Folders.look(into: SandboxFolders(home: home).regions)
      return LocalTarget(
        home: home, clusters: clusters.withLock { $0 }, environment: environment, purpose: purpose,
        relay: relay)
    } catch {
      refused.withLock { $0 = .noHome }
      throw CommandFailure(.misused, of: error.problem)
    }
  }

  private func chooseByLooking() throws(CommandFailure) -> Choice {
    let local = try local()
    let here = local.existingClusters()
    let clusters = clusters.withLock { $0.isEmpty ? here : $0 }
    if let known = clusters.first(where: here.contains) {
      return Choice(target: local, reason: "\(known) is here already")
    }
    guard hasK3d else { return Choice(target: local, reason: Self.localByChoice("k3d is not installed")) }
    let k3d = kubernetes(.ours)
    let there = LongWait.told("k3d, which is asked for its clusters", to: announce) { k3d.existingClusters() }
    if let known = clusters.first(where: there.contains) {
      return Choice(target: k3d, reason: "\(known) is there already")
    }
    return LongWait.told("Docker's answer", to: announce) {
      DockerEngine(environment: environment, patience: .seconds(5)).answers
    }
      ? Choice(target: k3d, reason: "clusters in Docker (chosen, since k3d is installed and Docker answers)")
      : Choice(target: local, reason: Self.localByChoice("no Docker engine answers"))
  }

  /// Nothing is wrong: it needs nothing else.
  private static func localByChoice(_ why: String) -> String {
    "servers are plain processes of this machine (chosen, since \(why))"
  }

  private var hasK3d: Bool { (try? ProgramLookup.find("k3d", path: environment["PATH"], from: nil)) != nil }
}
