import Interpreter

/// A command of nbx whose forms are the real one's, so that a recipe is checked as strictly, and whose doing is played.
struct ScriptedCommand: Command {
  let name: String
  let summary: String
  let grammar: CommandGrammar
  let concernsCluster: Bool
  let play: @Sendable (Invocation) throws(CommandFailure) -> Value

  init(
    _ real: any Command, _ play: @escaping @Sendable (Invocation) throws(CommandFailure) -> Value
  ) {
    name = real.name
    summary = real.summary
    grammar = real.grammar
    concernsCluster = real.concernsCluster
    self.play = play
  }

  func run(_ call: Invocation) throws(CommandFailure) -> Value { try play(call) }
}

/// A call of a form of `nats` or `region`, in a world.
struct ScriptedCall: Sendable {
  let words: ParsedWords
  let call: Invocation
  let world: ScriptedSupercluster

  /// Whose clients call.
  var region: String { call.cluster?.name ?? "" }

  func word(_ index: Int) -> String { words.positional(index)?.string ?? "" }

  /// A flag that would be passed over in silence is a lie.
  func takes(_ flags: String...) throws(CommandFailure) {
    let given = words.form.flags.filter { words.isGiven($0.name) }.map(\.name)
    guard let unknown = given.first(where: { !flags.contains($0) }) else { return }
    throw CommandFailure(.misused, "the scripted supercluster knows no `\(words.path) \(unknown)`")
  }

  /// Looks at the world until `body` gives something, as a client of the call's cluster.
  ///
  /// - Parameters:
  ///   - patience: how long a question stays without an answer before it has failed.
  ///   - vain: why it has.
  ///   - isChange: what changes something is let finish when another lane fails; what only looks is not.
  func ask<Answer: Sendable>(
    patience: Duration = .seconds(5), vain: String = "no server with JetStream answers", isChange: Bool = false,
    _ body: (inout ScriptedWorld) throws(CommandFailure) -> Answer?
  ) throws(CommandFailure) -> Answer {
    let end = ContinuousClock.now.advanced(by: patience)
    while true {
      let answer = try world.change { world throws(CommandFailure) -> Answer? in
        switch world.entry(of: region) {
        case .running: return try body(&world)
        case .paused: return nil
        case .stopped: throw CommandFailure(.failed, "no server of \(region) can be reached")
        }
      }
      if let answer { return answer }
      if call.stop.request >= (isChange ? .interrupt : .windDown) { throw CommandFailure(.interrupted, vain) }
      if ContinuousClock.now >= call.deadline { throw CommandFailure(.timedOut, vain) }
      if ContinuousClock.now >= end { throw CommandFailure(.failed, vain) }
      Pause.sleep(.milliseconds(1))
    }
  }

  /// The same of a stream that has a leader; `body` gets its index.
  func askLeader<Answer: Sendable>(
    of stream: String, patience: Duration = .seconds(5), isChange: Bool = false,
    _ body: (inout ScriptedWorld, Int) throws(CommandFailure) -> Answer?
  ) throws(CommandFailure) -> Answer {
    try ask(patience: patience, vain: "\(stream) has no leader", isChange: isChange) {
      world throws(CommandFailure) -> Answer? in
      let index = try world.find(stream)
      return world.isLed(world.streams[index], seenFrom: region) ? try body(&world, index) : nil
    }
  }
}
