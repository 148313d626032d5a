import Interpreter
import NATS

/// Whether a change to a stream's or consumer's configuration did what it was to do. Servers pass over what they cannot
/// change, and answer as if it were done.
enum Promises {
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
      if case .list(let elements) = value, elements.contains(where: { !$0.entries.isEmpty }) { continue }
      let (wanted, old, new) = (plain(value), plain(before[key]), plain(after[key]))
      // An empty value asks for what is usual, whatever that is.
      guard wanted != old, old == new, !usual.contains(wanted) else { continue }
      throw CommandFailure(
        .failed, "\(what) keeps its \(key): \(old == "null" ? "none" : old), not \(wanted)",
        advice: "that cannot be changed; take it away and make it anew",
        details: FailureDetails("refused"))
    }
  }

  private static let usual: Set = ["null", "0", "-1", "\"\"", "false", "[]", "{ }", "{}"]

  /// Without what servers leave out of a text, as the sign of `50%`.
  private static func plain(_ value: Value?) -> String {
    let value = NatsReply.plain(value ?? .null)
    if case .string(let text) = value, text.hasSuffix("%") { return Value.string(String(text.dropLast())).shown() }
    return value.shown()
  }
}
