import Interpreter
import NATS

/// Where a stream's messages come from, if it is a copy of others.
extension StreamFlags {
  static func setOrigins(in configuration: inout ValueMap, _ call: NatsCall) throws(CommandFailure) {
    if let mirror = call.words.string("--mirror") { configuration["mirror"] = .map(try origin(mirror)) }
    var sources: [Value] = []
    for word in call.words.all("--source") {
      // A map as JSON has commas of its own.
      let names = word.string.hasPrefix("{") ? [word.string] : parts(word.string)
      for name in names { sources.append(.map(try origin(name))) }
    }
    if !sources.isEmpty { configuration["sources"] = .list(sources) }
    for field in ["mirror", "sources"] {
      if let origins = configuration[field] { configuration[field] = try completed(origins, call) }
    }
  }

  /// A stream's name, or a map as JSON that holds it.
  private static func origin(_ written: String) throws(CommandFailure) -> ValueMap {
    guard written.hasPrefix("{") else { return ValueMap([("name", .string(written))]) }
    guard case .map(let map)? = try? Value.json(Array(written.utf8)) else {
      throw CommandFailure(
        .misused, "`\(written)` is no JSON",
        advice: #"write --source '{"name":"ORDERS","start":5,"filter":"orders.eu"}'"#)
    }
    return try ConfigurationKeys.origin.read(map)
  }

  /// The origins with the servers' own keys in place of `start` and `filter`, and with names that can be.
  private static func completed(_ origins: Value, _ call: NatsCall) throws(CommandFailure) -> Value {
    switch origins {
    case .list(let all):
      return .list(try all.map { origin throws(CommandFailure) in try completed(origin, call) })
    case .map(var origin):
      let name = origin["name"]?.asText?.string ?? ""
      try call.checked { () throws(NATSError) in try Names.checkStream(name) }
      if let filter = origin["filter"] {
        origin["filter"] = nil
        origin["filter_subject"] = filter
      }
      if let filter = origin["filter_subject"]?.asText?.string, !filter.isEmpty {
        try call.checked { () throws(NATSError) in try Names.checkSubscribeSubject(filter) }
      }
      if let start = origin["start"] {
        origin["start"] = nil
        try setStart(start, in: &origin)
      }
      return .map(origin)
    default: return origins
    }
  }

  private static func setStart(_ start: Value, in origin: inout ValueMap) throws(CommandFailure) {
    switch start {
    case .int(let sequence) where sequence > 0: origin["opt_start_seq"] = start
    case .time, .duration: origin["opt_start_time"] = start
    case .string(let text):
      if let sequence = Int64(text), sequence > 0 {
        origin["opt_start_seq"] = .int(sequence)
      } else {
        origin["opt_start_time"] = try ConsumerFlags.moment(text, "start")
      }
    default:
      throw CommandFailure(
        .misused,
        "`start` of a mirror or a source is a sequence from 1 on, a time or a duration, not `\(start.printed)`",
        advice: "as 5, 2026-11-22T12:00:00Z, or 1h for an hour ago")
    }
  }
}
