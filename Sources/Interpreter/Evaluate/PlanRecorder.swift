import Lexer

/// Takes down what a recipe would do. A plan is made by one thread: its lanes are gone through one after the other.
final class PlanRecorder: @unchecked Sendable {
  /// The parts that are open, outermost first, each with what it holds so far.
  private var open: [[PlanNode]] = [[]]
  /// How many open parts may not happen.
  private var uncertainty = 0
  /// How many open parts are gone through without taking anything down.
  private var silence = 0
  private var omitted = 0
  private var isTryingOut = false
  /// How many commands were planned. Behind the first one files may be there that are not there now.
  private(set) var plannedCount = 0
  /// Grows with everything that may come out either way: commands, waits, and values that are known later.
  private(set) var unknowns = 0
  /// How many commands are taken down.
  private var kept = 0

  /// More passes of one loop than this are gone through, but not shown: nobody reads them, and they would take all
  /// memory.
  static let mostPasses = 1000
  /// More commands than this are not shown either.
  private let mostCommands: Int

  init(mostCommands: Int = 200_000) { self.mostCommands = mostCommands }

  var plan: Plan { Plan(nodes: open[0], omitted: omitted) }

  /// Whether what is gone through may not happen.
  var isUncertain: Bool { uncertainty > 0 }

  /// Takes down the commands of one call.
  func note(_ commands: [PlannedCommand], on cluster: Cluster?, within limit: String?, at location: Location) {
    plannedCount += commands.count
    unknowns += 1
    for command in commands { add(PlanNode(.command(command, cluster: cluster, within: limit), at: location)) }
  }

  func note(_ kind: PlanNode.Kind, at location: Location) { add(PlanNode(kind, at: location)) }

  func noteUnknown() { unknowns += 1 }

  /// Takes note of a value that is known later; nil is not one.
  func noticing(_ later: Value?) -> Value? {
    if later != nil { unknowns += 1 }
    return later
  }

  private func add(_ node: PlanNode) {
    let isCommand = if case .command = node.kind { true } else { false }
    if silence > 0 || isCommand && kept >= mostCommands {
      omitted += node.commandCount
    } else {
      if isCommand { kept += 1 }
      open[open.count - 1].append(node)
    }
  }

  /// How many parts the innermost open one holds so far.
  var shownCount: Int { open[open.count - 1].count }

  /// Puts parts without commands before one that is shown.
  func insert(_ nodes: [PlanNode], at place: Int) { open[open.count - 1].insert(contentsOf: nodes, at: place) }

  /// Goes through a part; what it holds is shown below it. A part without commands is left out, but for a wait.
  func enter<Result>(
    _ kind: PlanNode.Kind, at location: Location?, isUncertain: Bool = false,
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    open.append([])
    if isUncertain { uncertainty += 1 }
    defer {
      if isUncertain { uncertainty -= 1 }
      let children = open.removeLast()
      if !children.isEmpty || kind.standsAlone { add(PlanNode(kind, at: location, children: children)) }
    }
    return try body()
  }

  /// Goes through a task. A `return` behind which nothing is shown is not worth a word.
  func enterTask<Result>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    let part = open.count - 1
    let start = open[part].count
    defer {
      while open[part].count > start, open[part][open[part].count - 1].onlyReturns { open[part].removeLast() }
    }
    return try body()
  }

  /// Goes through a lane or a pass.
  func enterItem(_ index: Int, _ name: String, _ body: () throws(Failure) -> Void) throws(Failure) {
    guard index >= PlanRecorder.mostPasses else { return try enter(.item(name), at: nil, body) }
    try silently(body)
  }

  /// Whether a part that is gone through only to find out says yes. Nothing of it is taken down; a part within it is not
  /// tried out again, so that the deepest nesting takes no longer.
  func tryingOut(_ body: () throws(Failure) -> Bool) -> Bool {
    guard !isTryingOut else { return false }
    let before = omitted
    isTryingOut = true
    silence += 1
    defer {
      omitted = before
      isTryingOut = false
      silence -= 1
    }
    // A failure shows itself when the part is gone through in earnest.
    return (try? body()) ?? false
  }

  /// Goes through something of which nothing is shown.
  private func silently(_ body: () throws(Failure) -> Void) throws(Failure) {
    silence += 1
    defer { silence -= 1 }
    try body()
  }
}

extension PlanNode.Kind {
  /// Whether it is shown though it holds no command.
  fileprivate var standsAlone: Bool { if case .wait = self { true } else { false } }
}
