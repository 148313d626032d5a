import Interpreter
import Lexer

/// `lamp light ROOM` and `lamp darken ROOM`.
struct LampCommand: Command {
  let house: House
  let name = "lamp"
  let summary = "switches the lamp of a room"
  /// It does nothing to a cluster: failures need not name one.
  let concernsCluster = false
  let grammar = CommandGrammar.forms([
    CommandForm(
      "light", "switches it on", positionals: [Positional("ROOM")],
      flags: [Flag("--brightness", .integer, "in percent; 100 if nothing is said")],
      example: "lamp light kitchen --brightness 40"),
    CommandForm("darken", "switches it off", positionals: [Positional("ROOM")], example: "lamp darken kitchen"),
  ])

  func run(_ call: Invocation) throws(CommandFailure) -> Value {
    let words = try grammar.parsed(call, of: name)
    let room = words.positional(0)?.string ?? ""
    guard house.rooms.contains(room) else {
      throw CommandFailure(
        .misused, "there is no room `\(room)`", advice: "one of: \(house.rooms.joined(separator: ", "))")
    }
    let brightness = words.path == "darken" ? 0 : words.integer("--brightness") ?? 100
    if call.isStatement { call.say("the lamp in the \(room) is at \(brightness) %") }
    return ["room": .string(room), "brightness": .int(brightness)]
  }
}

/// A house with lamps.
struct House: Host {
  let rooms = ["kitchen", "hall"]
  let show: @Sendable (String) -> Void

  var commands: [any Command] { [LampCommand(house: self)] }
  var constants: [HostConstant] { [HostConstant("rooms") { [rooms] in .list(rooms.map { .string($0) }) }] }

  func observe(_ event: Event) {
    switch event.kind {
    case .said(let text): show(text.masked)
    case .stepEnded(let step, _, let hasFailed): show("\(step): \(hasFailed ? "failed" : "done")")
    default: break
    }
  }
}

extension House {
  /// Runs a recipe; tells whether it came to its end.
  func run(_ recipe: String) -> Bool {
    do throws(ProgramErrors) {
      let program = try Program.parse(recipe, name: "evening.nbx", vocabulary: Vocabulary(host: self))
      switch Run(program, host: self).execute() {
      case .done: return true
      case .skipped(let reason): show("skipped: \(reason)")
      case .failed(let failure), .interrupted(let failure):
        for diagnostic in failure.diagnostics { show(diagnostic.rendered(.plain)) }
      case .refused(let diagnostics):
        for diagnostic in diagnostics { show(diagnostic.rendered(.plain)) }
      }
    } catch {
      for diagnostic in error.diagnostics { show(diagnostic.rendered(.plain)) }
    }
    return false
  }
}
