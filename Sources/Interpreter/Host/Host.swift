import Lexer

/// Whoever embeds the interpreter: it brings the commands, knows the clusters and hears what happens.
public protocol Host: Sendable {
  /// Every command that recipes can give.
  var commands: [any Command] { get }
  /// Names that every recipe knows, beside `clusters`. A value is asked for only by recipes that mention its name.
  var constants: [HostConstant] { get }
  /// The run's cluster of that name.
  func cluster(named name: String, index: Int) -> Cluster
  /// Whether there is a cluster of that name, though it is none of the run's: commands may name it.
  func hasCluster(named name: String) -> Bool
  /// Called before a program is run: whatever is missing for it is told now, while nothing has been done.
  ///
  /// - Parameter commands: the names of those that it gives anywhere in its files.
  func prepare(for commands: Set<String>) throws(CommandFailure)
  /// Called for all that happens, from any lane's thread.
  func observe(_ event: Event)
  /// How many columns of a terminal tables may take; nil for as many as they need.
  var columns: Int? { get }
  /// The bytes of a file that the host brings along and that lies in no folder of the machine; nil if it has none such.
  func shippedFile(_ path: String) -> [UInt8]?
}

extension Host {
  /// None.
  public var constants: [HostConstant] { [] }
  /// A cluster without a kube context.
  public func cluster(named name: String, index: Int) -> Cluster { Cluster(name: name, index: index) }
  /// None is known before a run.
  public func hasCluster(named name: String) -> Bool { false }
  /// Nothing has to be done.
  public func prepare(for commands: Set<String>) throws(CommandFailure) {}
  /// Nobody hears of it.
  public func observe(_ event: Event) {}
  /// As wide as it comes.
  public var columns: Int? { nil }
  /// None.
  public func shippedFile(_ path: String) -> [UInt8]? { nil }
}

/// A name that the host gives to every recipe.
public struct HostConstant: Sendable {
  /// The name by which recipes know it.
  public let name: String
  /// What it is, in a few words.
  public let help: String
  /// The keys of its value, if that is a map whose keys are always the same: for completion.
  public let fields: [String]
  package let value: @Sendable () -> Value

  /// A name for what `value` gives, which is asked for it; `fields` are as above.
  public init(
    _ name: String, _ help: String = "", fields: [String] = [], value: @escaping @Sendable () -> Value
  ) {
    self.name = name
    self.help = help
    self.fields = fields
    self.value = value
  }
}

/// Something that happens during a run.
public struct Event: Sendable {
  /// What happened.
  public enum Kind: Sendable {
    /// `print`, or a line that a command says.
    case said(Text)
    case recipeStarted(title: String)
    case stepStarted(String)
    case stepEnded(String, took: Duration, failed: Bool)
    case commandStarted(String)
    case commandEnded(String, took: Duration, failed: Bool)
    /// What a command has measured, for whoever keeps an account of the run.
    case measured(String, Value)
    /// A wait has looked and it is not yet so.
    case waiting(for: String, lastSeen: String)
    case waitEnded(String)
    /// A failure that a `try` or a `retry` took care of.
    case handled(Diagnostic)
    /// `skip`
    case skipped(String)
    /// What is worth knowing of how it goes.
    case noted(String)
    /// A parallel lane begins or ends.
    case laneStarted
    case laneEnded(failed: Bool)
    /// A block that was deferred begins; an interrupt does not end it.
    case deferStarted
  }

  /// The lane in which it happens, by the names of the clusters or elements that lead to it; empty outside of lanes.
  public let lane: String
  /// The current cluster.
  public let cluster: Cluster?
  /// What happened.
  public let kind: Kind

  /// What a host that runs recipes tells of itself.
  public init(lane: String, cluster: Cluster?, kind: Kind) {
    self.lane = lane
    self.cluster = cluster
    self.kind = kind
  }
}
