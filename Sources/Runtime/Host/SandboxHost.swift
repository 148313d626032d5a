import Interpreter
import SandboxNats
import SandboxSystem

/// The host of nbx's own runs: its commands, on a target that is chosen when a recipe first needs one.
package final class SandboxHost: Host {
  package let commands: [any Command]
  package let constants: [HostConstant]
  let chooser: TargetChooser
  private let nats: NatsCommand
  private let observer: @Sendable (Event) -> Void
  private let shipped: @Sendable (String) -> [UInt8]?
  private let roomForTables: @Sendable () -> Int?

  /// - Parameters:
  ///   - chooser: decides the target.
  ///   - shipped: the files that lie in the program itself, by their paths.
  ///   - columns: how wide tables may be; asked for whenever one is shown.
  ///   - observer: hears what happens, from any thread.
  package init(
    chooser: TargetChooser, shipped: @escaping @Sendable (String) -> [UInt8]? = { _ in nil },
    columns: @escaping @Sendable () -> Int? = { nil }, observer: @escaping @Sendable (Event) -> Void
  ) {
    self.chooser = chooser
    roomForTables = columns
    self.shipped = shipped
    self.observer = observer
    let target = ChosenTarget(chooser: chooser)
    nats = NatsCommand(target: target, environment: chooser.environment)
    commands =
      TargetCommand.all(of: chooser) + [
        nats, PageCommand(target: target), HTTPCommand(), WriteCommand(), SleepCommand(),
        ProgramCommand.exec { chooser.environment },
      ]
    constants = [
      HostConstant("target", "what the recipe runs on", fields: ["name", "kubernetes", "local"]) {
        let target = try? chooser.target()
        let name = target?.name ?? TargetKind.local.rawValue
        let isKubernetes = target?.isKubernetes ?? false
        return ["name": .string(name), "kubernetes": .bool(isKubernetes), "local": .bool(!isKubernetes)]
      }
    ]
  }

  package func cluster(named name: String, index: Int) -> Cluster { chooser.cluster(named: name, index: index) }

  package func hasCluster(named name: String) -> Bool {
    (try? chooser.plannedTarget())?.existingClusters().contains(name) ?? false
  }

  /// A recipe that is about clusters or servers needs a target, and what that needs.
  package func prepare(for commands: Set<String>) throws(CommandFailure) {
    let names = TargetCommand.all(of: chooser).map(\.name) + [nats.name, "page"]
    if names.contains(where: commands.contains) {
      _ = try chooser.target(startingServers: commands.contains("helm"))
    }
  }

  package func observe(_ event: Event) { observer(event) }

  package var columns: Int? { roomForTables() }

  package func shippedFile(_ path: String) -> [UInt8]? { shipped(path) }

  /// Ends the connections that the run has kept open.
  package func close() { nats.close() }
}

/// A command that means what the run's target makes of it.
struct TargetCommand: Command {
  let name: String
  let summary: String
  let gives = Shape.record
  let concernsCluster: Bool
  let chooser: TargetChooser

  static func all(of chooser: TargetChooser) -> [TargetCommand] {
    let programs = ProgramCommand.kubernetes(.none, environment: { [:] }).map {
      TargetCommand(
        name: $0.name, summary: $0.summary, concernsCluster: $0.concernsCluster, chooser: chooser)
    }
    return programs + [
      TargetCommand(
        name: RegionGrammar.name, summary: RegionGrammar.summary, concernsCluster: false, chooser: chooser),
      TargetCommand(
        name: LinkGrammar.name, summary: LinkGrammar.summary, concernsCluster: false, chooser: chooser),
      TargetCommand(
        name: FaultGrammar.name, summary: FaultGrammar.summary, concernsCluster: false, chooser: chooser),
    ]
  }

  /// Which target a recipe is for is not known when it is checked: what one of them takes is well. It is made when a
  /// recipe first uses the command.
  var grammar: CommandGrammar {
    switch name {
    case RegionGrammar.name: return RegionGrammar.grammar
    case LinkGrammar.name: return LinkGrammar.grammar
    case FaultGrammar.name: return FaultGrammar.grammar
    default:
      let known = ProgramGrammar.of(name)
      return known.forms.isEmpty ? .anyWords : .program(known)
    }
  }

  func run(_ call: Invocation) throws(CommandFailure) -> Value { try command(on: chooser.target()).run(call) }

  func plan(_ call: Invocation) throws(CommandFailure) -> [PlannedCommand] {
    try command(on: chooser.plannedTarget()).plan(call)
  }

  private func command(on target: any Target) throws(CommandFailure) -> any Command {
    if let command = target.commands.first(where: { $0.name == name }) { return command }
    throw CommandFailure(.misused, "the target \(target.name) has no command \(name)")
  }
}

/// What there is on the target of the run, which is chosen when it is first asked.
private struct ChosenTarget: ClusterDirectory {
  let chooser: TargetChooser

  var name: String { (try? chooser.target().name) ?? "none" }
  func cluster(named name: String, index: Int) -> Cluster { chooser.cluster(named: name, index: index) }
  func existingClusters() -> [String] { (try? chooser.target().existingClusters()) ?? [] }
  func clientAddresses(of cluster: Cluster) throws(CommandFailure) -> [(host: String, port: Int)] {
    try chooser.target().clientAddresses(of: cluster)
  }
  func seedAddresses(of cluster: Cluster) throws(CommandFailure) -> [(host: String, port: Int)] {
    try chooser.target().seedAddresses(of: cluster)
  }
  func addresses(
    ofHost host: String, port: Int, from cluster: Cluster
  ) throws(CommandFailure) -> [(host: String, port: Int)]? {
    try chooser.target().addresses(ofHost: host, port: port, from: cluster)
  }
  func status(of clusters: [String]) -> TargetStatus {
    (try? chooser.target().status(of: clusters)) ?? TargetStatus(regions: [], servers: [], notes: [])
  }
}
