import Interpreter
import NATS

/// Commands that take one thing after the other: what came is not thrown away because something behind it fails.
extension NatsCall {
  /// What `body` has gathered when it is over. Where it fails behind the first, what came is given, and said is what is
  /// missing. Only where the call's own time is over, or it was told to stop, it fails; what came is the outcome's value
  /// then.
  ///
  /// - Parameter value: what is made of one of them.
  func gathering<Element>(
    _ what: String, as value: (Element) -> Value, _ body: (inout [Element]) throws(CommandFailure) -> Void
  ) throws(CommandFailure) -> [Element] {
    var came: [Element] = []
    do throws(CommandFailure) {
      try body(&came)
    } catch {
      guard !came.isEmpty else { throw error }
      let count = ServerTables.grouped(Int64(came.count))
      guard error.kind == .failed else {
        throw error.having(done: .list(came.map(value)), "of \(what) had come: \(count)")
      }
      warn("these are not all \(what): \(error.reason.masked)")
    }
    return came
  }

  /// The same of what is gathered as values.
  func gathering(
    _ what: String, _ body: (inout [Value]) throws(CommandFailure) -> Void
  ) throws(CommandFailure) -> [Value] {
    func itself(_ value: Value) -> Value { value }
    return try gathering(what, as: itself, body)
  }

  /// Says something that has to be known of a value, also where nothing else is shown.
  func warn(_ text: String) { call.say(call.secrets.covering(text)) }
}

extension CommandFailure {
  /// The same failure, with what was done before it.
  func having(done value: Value, _ text: String) -> CommandFailure {
    var failure = self
    failure.details.value = value
    var said = Text(text)
    if let more = failure.said {
      said.append("\n")
      said.append(more)
    }
    failure.said = said
    return failure
  }
}
