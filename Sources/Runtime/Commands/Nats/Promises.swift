import Interpreter
import NATS

/// Whether making or changing a stream or consumer did what it was to do. Servers pass over what they cannot change and what
/// they do not know, and answer as if it were done.
enum Promises {
  /// Refuses changes that servers take and do not make.
  ///
  /// - Parameter fixed: by field what to do instead.
  static func checkFixed(
    _ asked: ValueMap, of what: String, as present: ValueMap, _ fixed: [String: String]
  ) throws(CommandFailure) {
    for (key, value) in asked {
      guard let advice = fixed[key], !SameConfiguration.isSame(value, present[key]) else { continue }
      throw CommandFailure(.misused, "\(what) has its `\(key)` from its beginning: it can't be changed", advice: advice)
    }
  }

  /// - Parameters:
  ///   - asked: the fields that were to change.
  ///   - before: the configuration before that.
  ///   - after: the one behind it.
  static func check(
    _ asked: ValueMap, before: ValueMap, after: ValueMap, of what: String
  ) throws(CommandFailure) {
    for (key, value) in asked {
      // A part of a map may change by itself; what a list of maps becomes is the servers' to say.
      if case .map(let parts) = value {
        try check(
          parts, before: before[key]?.entries ?? ValueMap(), after: after[key]?.entries ?? ValueMap(), of: what)
        continue
      }
      if case .list(let elements) = value, elements.contains(where: { !$0.entries.isEmpty }) {
        guard SameConfiguration.isSame(before[key], after[key]), !SameConfiguration.isSame(value, after[key]) else {
          continue
        }
        throw notDone(what, key, plain(value), before: plain(before[key]))
      }
      let (wanted, old, new) = (plain(value), plain(before[key]), plain(after[key]))
      // An empty value asks for what is usual, whatever that is; but what is on and is to be off is nothing usual.
      guard wanted != old, old == new, !usual.contains(wanted) || wanted == "false" && old == "true" else { continue }
      throw notDone(what, key, wanted, before: old)
    }
  }

  /// Refuses what was made without a part of what was asked: servers before 2.12 pass over the fields that they do not know.
  ///
  /// - Parameters:
  ///   - asked: as it was sent.
  ///   - present: what servers say there is.
  ///   - what: for messages, as `stream ORDERS`.
  ///   - removal: the command that takes it away.
  static func checkMade(
    _ asked: ValueMap, as present: ValueMap, _ what: String, removal: String
  ) throws(CommandFailure) {
    for (key, value) in asked where present[key] == nil && !usual.contains(plain(value)) {
      // Of a mirror servers drop the window in which it would know messages again.
      if key == "duplicate_window", asked["mirror"] != nil { continue }
      throw CommandFailure(
        .failed, "\(what) is there, but without its \(key): its servers do not know that",
        advice: "take newer servers, or leave it out; to take away what was made: \(removal)",
        details: FailureDetails("refused"))
    }
  }

  private static func notDone(_ what: String, _ key: String, _ wanted: String, before old: String) -> CommandFailure {
    CommandFailure(
      .failed, "\(what) keeps its \(key): \(old == "null" ? "none" : old), not \(wanted)",
      advice: "that cannot be changed; take it away and make it anew", details: FailureDetails("refused"))
  }

  private static let usual: Set = ["null", "0", "-1", "\"\"", "false", "[]", "{ }", "{}"]

  /// Without what servers leave out of a text, as the sign of `50%`.
  private static func plain(_ value: Value?) -> String {
    let value = NatsReply.plain(value ?? .null)
    if case .string(let text) = value, text.hasSuffix("%") { return Value.string(String(text.dropLast())).shown() }
    return value.shown()
  }
}
