import Interpreter

/// `sleep 2s`
struct SleepCommand: Command {
  let name = "sleep"
  let summary = "does nothing for a while"
  let concernsCluster = false
  let grammar = CommandGrammar.forms([
    CommandForm(
      "", "does nothing for a while", positionals: [Positional("DURATION", as: .duration)], gives: .nothing,
      example: "sleep 2s")
  ])

  func run(_ call: Invocation) throws(CommandFailure) -> Value {
    let words = try grammar.parsed(call, of: name)
    let text = words.positional(0)?.string ?? ""
    guard let duration = DurationValue(parsing: text), duration.nanoseconds >= 0 else {
      throw .misused("`\(text)` is no duration", advice: "sleep 2s, or sleep 500ms")
    }
    let end = ContinuousClock.now.advanced(by: duration.duration)
    while ContinuousClock.now < end {
      // A pause is a kind of wait: it ends when another lane fails.
      if call.stop.request != .none { throw CommandFailure(.interrupted, "stopped") }
      if ContinuousClock.now >= call.deadline { throw CommandFailure(.timedOut, "the time was over") }
      Pause.sleep(min(ContinuousClock.now.duration(to: min(end, call.deadline)), .milliseconds(20)))
    }
    return .null
  }
}
