import Interpreter
import Lexer

/// The keys of a configuration, and what stands behind them.
///
/// Servers pass over a key that they do not know, and take a duration for a number: a letter too many would be a setting
/// that nobody made.
struct ConfigurationKeys: Sendable {
  enum Kind: Sendable {
    /// Text, a number or a truth; or a list of them.
    case plain
    case duration, size, time
    /// A map with keys of its own; or a list of such.
    case map(ConfigurationKeys)
    /// Whatever it is, it goes to the server as it is.
    case any
  }

  /// As messages name it: `a stream's configuration`.
  let name: String
  /// By key. The order is that of the messages.
  let kinds: [(key: String, kind: Kind)]
  /// The subject that the whole of it is sent to.
  let subject: String?

  init(_ name: String, _ plain: [String], _ others: [(key: String, kind: Kind)] = [], sentTo subject: String? = nil) {
    self.name = name
    self.subject = subject
    kinds = plain.map { ($0, .plain) } + others
  }

  func kind(of key: String) -> Kind? { kinds.first { $0.key == key }?.kind }

  /// The map as servers read it: what is written as `1h`, `1Gi` or a time, as JSON has it, becomes one.
  ///
  /// - Parameter place: The file that the map is from.
  func read(_ map: ValueMap, from place: String? = nil) throws(CommandFailure) -> ValueMap {
    var read = ValueMap()
    for (key, value) in map {
      guard let kind = kind(of: key) else { throw failure("\(name) has no `\(key)`", place, advice: advice(key)) }
      read[key] = try self.value(value, key, kind, place)
    }
    return read
  }

  private func value(
    _ value: Value, _ key: String, _ kind: Kind, _ place: String?
  ) throws(CommandFailure) -> Value {
    switch (kind, value) {
    case (.any, _): return value
    case (_, .list(let elements)):
      return .list(try elements.map { element throws(CommandFailure) in try self.value(element, key, kind, place) })
    case (.map(let keys), .map(let map)): return .map(try keys.read(map, from: place))
    case (.duration, .string(let text)):
      guard let duration = DurationValue(parsing: text) else { throw wrong(key, kind, value, place) }
      return .duration(duration)
    case (.size, .string(let text)):
      guard let size = SizeValue(parsing: text) else { throw wrong(key, kind, value, place) }
      return .size(size)
    // The text stays as it is: it may tell nanoseconds.
    case (.time, .string(let text)) where TimeValue(rfc3339: text) != nil: return value
    case (.duration, .duration), (.size, .size), (.time, .time): return value
    case (.time, .string), (.time, .int), (_, .duration), (_, .size), (_, .time):
      throw wrong(key, kind, value, place)
    default: return value
    }
  }

  private func advice(_ key: String) -> String {
    let whole = subject == nil ? [] : [ConfigurationKeys.stream, .consumer]
    if let owner = whole.first(where: { $0.kind(of: key) != nil }) { return "`\(key)` is in \(owner.name)" }
    let known = kinds.map(\.key)
    if let nearest = nearestSpelling(to: key, among: known) { return "did you mean `\(nearest)`?" }
    let list = "one of: \(known.joined(separator: ", "))"
    return subject.map { "\(list); for a key of a newer server: nats request '\($0)' '{…}'" } ?? list
  }

  private func wrong(_ key: String, _ kind: Kind, _ value: Value, _ place: String?) -> CommandFailure {
    let (wanted, advice) =
      switch kind {
      case .duration: ("a duration", "as 30s; a number counts nanoseconds")
      case .size: ("a size", "as 2Gi; a number counts bytes")
      case .time: ("a time", "as 2026-11-22T12:00:00Z")
      case .plain, .any: ("a plain number or text", "see how servers write it: `info --json`")
      case .map: ("a map", "see how servers write it: `info --json`")
      }
    return failure("`\(key)` of \(name) is \(wanted), not `\(value.printed)`", place, advice: advice)
  }

  private func failure(_ reason: String, _ place: String?, advice: String? = nil) -> CommandFailure {
    CommandFailure(.misused, Text((place.map { "\($0): " } ?? "") + reason), advice: advice)
  }
}
