import Lexer

/// A part of a plan: a command, or what leads to commands.
public struct PlanNode: Sendable {
  public enum Kind: Sendable {
    case command(PlannedCommand, cluster: Cluster?, within: String?)
    /// A recipe that is run as a step, by its title.
    case recipe(String)
    case step(String)
    /// Its items run side by side.
    case lanes
    /// Its items run one after the other.
    case passes
    /// One lane or pass, by the name of its cluster or element.
    case item(String)
    /// What may happen, or happen several times: the text says when.
    case maybe(String)
    /// What is looked at until it is so.
    case wait(String, within: String)
    /// What is done while the command before it goes on.
    case meanwhile
    /// What is done at the end of the block, whatever happens.
    case deferred
    /// What must be true, once it is known.
    case assertion(String)
    /// The recipe ends here, with `fail` or `skip`, or the task with `return`, where that is not sure to be reached.
    case ending(String)
  }

  public let kind: Kind
  /// Where it stands in the recipe.
  public let location: Location?
  public let children: [PlanNode]

  init(_ kind: Kind, at location: Location? = nil, children: [PlanNode] = []) {
    self.kind = kind
    self.location = location
    self.children = children
  }

  /// Whether nothing comes of it, unless that a task may end.
  var onlyReturns: Bool {
    switch kind {
    case .ending(let text): text == "return"
    case .maybe: children.allSatisfy(\.onlyReturns)
    default: false
    }
  }

  /// How many commands it holds.
  public var commandCount: Int {
    if case .command = kind { return 1 }
    return children.reduce(0) { $0 + $1.commandCount }
  }
}

/// All that a recipe would do.
public struct Plan: Sendable {
  public let nodes: [PlanNode]
  /// Commands that were left out of loops with very many passes.
  public let omitted: Int

  /// How many commands it shows.
  public var commandCount: Int { nodes.reduce(0) { $0 + $1.commandCount } }
}
