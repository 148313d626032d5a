// Limits and stops are part of what a command is given: whoever knows the one knows the other.
@_exported import Machine

/// A command that recipes can give. A host brings its commands; the language itself has none.
public protocol Command: Sendable {
  /// The first word of the statement.
  var name: String { get }
  /// What it does, in one line for `--help`, completion and the documentation.
  var summary: String { get }
  /// Which words it takes, for the check before a run.
  var grammar: CommandGrammar { get }
  /// Whether it does something to a cluster, so that messages name the cluster.
  var concernsCluster: Bool { get }
  /// What it gives, if that is the same for all words.
  var gives: Shape { get }
  /// Does it. Blocks until it is done, the deadline has passed or it is told to stop.
  func run(_ call: Invocation) throws(CommandFailure) -> Value
  /// What `run` would do, as commands that a person could type instead. Nothing of it is done, and nothing is asked:
  /// words and documents may hold what is only known during a run.
  ///
  /// - Throws: `.misused` for a call that makes no sense.
  func plan(_ call: Invocation) throws(CommandFailure) -> [PlannedCommand]
}

extension Command {
  /// Its work depends on the current cluster.
  public var concernsCluster: Bool { true }
  /// Nothing is known of what it gives.
  public var gives: Shape { .unknown }

  /// The words as they stand, once the grammar has found nothing wrong with them.
  public func plan(_ call: Invocation) throws(CommandFailure) -> [PlannedCommand] {
    try grammar.check(call, of: name)
    return [PlannedCommand([Text(name)] + call.words, document: call.document)]
  }
}

/// One command of a plan.
public struct PlannedCommand: Sendable {
  /// The program's or command's name, and its arguments.
  public let words: [Text]
  /// What it gets on its standard input, or with the request.
  public let document: Value?
  /// How sizes are written in it.
  public let sizes: SizeForm

  /// A command in a plan.
  public init(_ words: [Text], document: Value? = nil, sizes: SizeForm = .bytes) {
    self.words = words
    self.document = document
    self.sizes = sizes
  }
}

/// One call of a command: its words and endings, evaluated.
public struct Invocation: Sendable {
  /// The words behind the command's name, each one argument.
  public var words: [Text]
  /// Whether one of them stands for any number of words, which are only known during the run.
  public var isOpen = false
  /// The value behind `with`.
  public var document: Value?
  /// The cluster behind `on`, else the current one. Nil only where a run has no clusters.
  public var cluster: Cluster?
  /// All clusters of the run.
  public var clusters: [Cluster]
  /// When the command must have ended.
  public var deadline: ContinuousClock.Instant
  /// Tells whether to stop before that.
  public var stop: StopSignal
  /// As a statement a command shows what it finds, as an expression it says nothing.
  public var isStatement: Bool
  /// Whether the recipe reads the result's `.json`: a program that can is asked for JSON.
  public var wantsJSON: Bool
  /// The folder of the recipe's file.
  public var folder: String
  /// The secrets of the run, to cover them in what a program prints.
  public var secrets: SecretRegistry
  /// Set behind `during`: a command that goes on calls it when the block may begin, and goes on until it is told to
  /// stop. One that returns is over by then.
  public var begun: (@Sendable () -> Void)?
  /// Shows a line of output to whoever watches.
  public var say: @Sendable (Text) -> Void
  /// Tells how far something is that takes long: what it is, and how far; nil at its end. It is shown while it is so, and
  /// is no part of the output.
  public var progress: @Sendable (_ what: String, _ soFar: String?) -> Void
  /// Tells figures that belong into an account of the run, whether or not the recipe shows them.
  public var measured: @Sendable (_ what: String, _ figures: Value) -> Void = { _, _ in }

  /// One call of a command, as the evaluator makes it.
  public init(
    words: [Text], document: Value? = nil, cluster: Cluster? = nil, clusters: [Cluster] = [],
    deadline: ContinuousClock.Instant, stop: StopSignal = StopSignal(), isStatement: Bool = false,
    wantsJSON: Bool = false, folder: String = ".", secrets: SecretRegistry = SecretRegistry(),
    begun: (@Sendable () -> Void)? = nil, say: @escaping @Sendable (Text) -> Void = { _ in },
    progress: @escaping @Sendable (_ what: String, _ soFar: String?) -> Void = { _, _ in }
  ) {
    self.words = words
    self.document = document
    self.cluster = cluster
    self.clusters = clusters
    self.deadline = deadline
    self.stop = stop
    self.isStatement = isStatement
    self.wantsJSON = wantsJSON
    self.folder = folder
    self.secrets = secrets
    self.begun = begun
    self.say = say
    self.progress = progress
  }
}

extension Invocation {
  /// What a command says of itself, with the run's secrets covered, and what those of the call may have fallen into.
  public var covering: @Sendable (Text) -> Text {
    var parts = SecretParts()
    for word in words { parts.add(word, within: .words) }
    for text in document?.secretTexts ?? [] { parts.add(text, within: .document) }
    return { [secrets, parts] in parts.covering(secrets.coveringParts($0)) }
  }
}

/// Why a command failed, as plain data; the evaluator adds the place and what was run.
public struct CommandFailure: Error, Sendable {
  /// What kind of failure it is.
  public enum Kind: Sendable, Equatable {
    /// It was tried and did not work; trying again may help.
    case failed
    /// The call makes no sense, whatever the state of the world: no wait goes on after it.
    case misused
    /// Its time was over.
    case timedOut
    /// It was told to stop.
    case interrupted
  }

  /// What kind of failure it is.
  public var kind: Kind
  /// The reason in one line, as `exit 1` or `stream not found (10059)`.
  public var reason: Text
  /// What the program or the server said, its last lines.
  public var said: Text?
  /// What to do next.
  public var advice: String?
  /// What was run, where that is more than the words of the recipe.
  public var ran: Text?
  /// Which server it was about, where the reason does not say so.
  public var server: String?
  /// What a recipe may ask of it.
  public var details: FailureDetails
  /// What lies beneath, where several commands of a run may fail for it: of those that do, one is shown.
  public var cause: String?

  /// - Parameter details: nil says no more than the kind does.
  public init(
    _ kind: Kind = .failed, _ reason: Text, said: Text? = nil, advice: String? = nil, ran: Text? = nil,
    server: String? = nil, details: FailureDetails? = nil
  ) {
    self.kind = kind
    self.reason = reason
    self.said = said
    self.advice = advice
    self.ran = ran
    self.server = server
    self.details = details ?? FailureDetails(kind.word)
  }

  /// With a reason without secrets.
  public init(
    _ kind: Kind = .failed, _ reason: String, said: Text? = nil, advice: String? = nil, server: String? = nil,
    details: FailureDetails? = nil
  ) {
    self.init(kind, Text(reason), said: said, advice: advice, server: server, details: details)
  }

  /// Of a call that makes no sense.
  public static func misused(_ reason: String, advice: String? = nil) -> CommandFailure {
    CommandFailure(.misused, reason, advice: advice)
  }

  /// Of what was tried and did not work.
  public static func failed(
    _ reason: String, said: Text? = nil, advice: String? = nil, details: FailureDetails? = nil
  ) -> CommandFailure {
    CommandFailure(.failed, reason, said: said, advice: advice, details: details)
  }
}

extension CommandFailure.Kind {
  /// What recipes read as a failure's `.kind`, unless more is known of it.
  package var word: String {
    switch self {
    case .failed: "failed"
    case .misused: "misused"
    case .timedOut: "timed-out"
    case .interrupted: "interrupted"
    }
  }
}
