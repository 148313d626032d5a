import NATS
import ValuesAndCommands

/// Turns what servers send into values: times are times, durations durations, sizes sizes; and back.
///
/// Servers write a duration as nanoseconds, a size as bytes and a time as RFC 3339 says: only a field's name tells which
/// of them a number is.
enum NatsReply {
  private enum Kind { case duration, age, seconds, size, time }

  private static let kinds: [String: Kind] = {
    var kinds: [String: Kind] = [:]
    func note(_ shape: Shape, _ name: String) {
      switch shape {
      case .duration: kinds[name] = .duration
      case .size: kinds[name] = .size
      case .time: kinds[name] = .time
      case .list(let element): note(element, name)
      case .map(let fields): for field in fields.all { note(field.shape, field.name) }
      default: break
      }
    }
    for shape in Gives.ofServers { note(shape, "") }
    // What is told deeper in than any form says.
    for name in ["ttl", "max_duration", "sync_interval"] { kinds[name] = .duration }
    for name in ["storage_used", "store", "max_stream_bytes", "max_buffer_size", "max_chunk_size", "gomemlimit"] {
      kinds[name] = .size
    }
    for name in ["deliver_last", "timestamp", "mtime"] { kinds[name] = .time }
    for name in ["auth_timeout", "tls_timeout"] { kinds[name] = .seconds }
    kinds["active"] = .age
    return kinds
  }()

  /// Fields whose keys are the users' own.
  private static let ownNames: Set = ["metadata", "subjects", "headers"]

  /// The value as recipes get it. -1, which stands for 'no bound', stays a number; a time that never was is null, and so is
  /// the -1 that a mirror has been active ago before it ever was.
  static func value(_ json: Value) -> Value { value(json, nil) }

  private static func value(_ json: Value, _ kind: Kind?) -> Value {
    switch json {
    case .map(let map):
      .map(ValueMap(map.map { ($0.0, ownNames.contains($0.0) ? $0.1 : value($0.1, kinds[$0.0])) }))
    case .list(let elements): .list(elements.map { value($0, kind) })
    case .int(let number) where number >= 0 && (kind == .duration || kind == .age):
      .duration(DurationValue(nanoseconds: number))
    case .int where kind == .age: .null
    case .int(let number) where kind == .seconds && (0...1_000_000).contains(number):
      .duration(DurationValue(.seconds(number)))
    case .float(let number) where kind == .seconds && (0...1_000_000).contains(number):
      .duration(DurationValue(.seconds(number)))
    // What a server has counted below zero, it writes as 2^64 less.
    case .string(let digits) where kind == .size && UInt64(digits) != nil: .null
    case .int(let number) where number >= 0 && kind == .size: .size(SizeValue(bytes: number))
    case .string(let text) where kind == .duration: duration(text) ?? json
    case .string(let text) where kind == .time:
      if text.hasPrefix("0001-01-01") { .null } else { TimeValue(rfc3339: text).map(Value.time) ?? json }
    default: json
    }
  }

  /// A duration as Go writes it, `1.2ms` or `3h0m5s`, and a year as 365 days: round trips and uptimes come so.
  private static func duration(_ text: String) -> Value? {
    DurationValue(parsing: text).map { .duration(DurationValue(nanoseconds: $0.nanoseconds)) }
  }

  /// A document as servers read it.
  static func document(_ value: Value) -> [UInt8] { plain(value).documentBytes() }

  /// A value as servers write it: durations as nanoseconds, sizes as bytes, times to the nanosecond.
  static func plain(_ value: Value) -> Value {
    switch value {
    case .map(let map): .map(ValueMap(map.map { ($0.0, plain($0.1)) }))
    case .list(let elements): .list(elements.map(plain))
    case .duration(let duration): .int(duration.nanoseconds)
    case .size(let size): .int(size.bytes)
    case .time(let time): .string(Timestamp.rfc3339(nanoseconds: time.nanoseconds))
    default: value
    }
  }
}

extension TimeValue {
  /// Reads `2026-11-22T12:00:34.841194570Z`; nil for what is no time.
  init?(rfc3339 text: String) {
    guard let nanoseconds = Timestamp.nanoseconds(rfc3339: text) else { return nil }
    self.init(nanoseconds: nanoseconds)
  }
}
