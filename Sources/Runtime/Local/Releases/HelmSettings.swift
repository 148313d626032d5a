import Interpreter
import Lexer

/// Reads helm's `--set`: `config.cluster.replicas=3,tags={a,b},routes[0]=x`, a backslash before a letter that would
/// otherwise mean something.
enum HelmSettings {
  /// Lays the settings of one word over the values.
  ///
  /// - Parameter asText: no value becomes a number or a bool (`--set-string`).
  static func apply(_ word: Text, asText: Bool, to values: inout ValueMap) throws(CommandFailure) {
    for setting in split(word, at: UInt8(ascii: ",")) where !setting.string.isEmpty {
      let (path, text) = try pathAndValue(setting, of: asText ? "--set-string" : "--set")
      values = values.merged(with: try nested(path, value(text, asText: asText), of: values, in: setting))
    }
  }

  /// `--set-json config.merge={"debug":true}`: one path, one JSON value.
  static func applyJSON(_ word: Text, to values: inout ValueMap) throws(CommandFailure) {
    let (path, text) = try pathAndValue(word, of: "--set-json")
    let read: Value
    do { read = try Value.json(Array(text.string.utf8)) } catch {
      throw CommandFailure(
        .misused, "`--set-json` got no JSON for `\(path.joined(separator: "."))`: \(error.message)",
        advice: "a text is written in quotes: --set-json 'a.b=\"x\"'")
    }
    let value = text.isSecret ? allSecret(read) : read
    values = values.merged(with: try nested(path, value, of: values, in: word))
  }

  private static func pathAndValue(_ setting: Text, of flag: String) throws(CommandFailure) -> ([String], Text) {
    let bytes = Array(setting.string.utf8)
    guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")), equals > 0 else {
      throw CommandFailure(.misused, "`\(flag)` takes PATH=VALUE, not `\(setting.masked)`")
    }
    let path = split(setting.slice(0..<equals), at: UInt8(ascii: ".")).map { unescaped($0).string }
    return (path, setting.slice(equals + 1..<bytes.count))
  }

  private static func value(_ text: Text, asText: Bool) -> Value {
    let string = text.string
    if string.hasPrefix("{"), string.hasSuffix("}"), string.utf8.count > 1 {
      let inner = text.slice(1..<string.utf8.count - 1)
      guard !inner.string.isEmpty else { return .list([]) }
      return .list(split(inner, at: UInt8(ascii: ",")).map { value($0, asText: asText) })
    }
    if asText || text.isSecret { return Value(unescaped(text)) }
    switch string {
    case "true": return .bool(true)
    case "false": return .bool(false)
    case "null": return .null
    default:
      // helm leaves numbers with a leading zero as text.
      if let int = Int64(string), String(int) == string { return .int(int) }
      return Value(unescaped(text))
    }
  }

  /// The value under its path as a map of its own; an index needs the list that is there already.
  private static func nested(
    _ path: [String], _ value: Value, of values: ValueMap, in setting: Text
  ) throws(CommandFailure) -> ValueMap {
    guard let first = path.first else { return values }
    let rest = Array(path.dropFirst())
    let (name, index) = try nameAndIndex(first, in: setting)
    let present = values[name]
    var inner: ValueMap { if case .map(let map)? = present { map } else { ValueMap() } }
    guard let index else {
      let below = rest.isEmpty ? value : .map(try nested(rest, value, of: inner, in: setting))
      return ValueMap([(name, below)])
    }
    var list = present?.elements ?? []
    guard index <= list.count else {
      throw CommandFailure(.misused, "`\(setting.masked)` leaves a gap: \(name) has \(counted(list.count, "element"))")
    }
    var element = value
    if !rest.isEmpty {
      var below = ValueMap()
      if index < list.count, case .map(let map) = list[index] { below = map }
      element = .map(below.merged(with: try nested(rest, value, of: below, in: setting)))
    }
    if index < list.count { list[index] = element } else { list.append(element) }
    return ValueMap([(name, .list(list))])
  }

  private static func nameAndIndex(_ part: String, in setting: Text) throws(CommandFailure) -> (String, Int?) {
    guard part.hasSuffix("]"), let open = part.lastIndex(of: "[") else { return (part, nil) }
    guard let index = Int(part[part.index(after: open)...].dropLast()), 0...65536 ~= index else {
      throw CommandFailure(.misused, "`\(setting.masked)` has an index that is no number")
    }
    return (String(part[..<open]), index)
  }

  /// Where no backslash stands before the separator, and outside of braces.
  private static func split(_ text: Text, at separator: UInt8) -> [Text] {
    let bytes = Array(text.string.utf8)
    var parts: [Text] = []
    var start = 0
    var depth = 0
    var index = 0
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\\"): index += 1
      case UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "}"): depth -= 1
      case separator where depth == 0:
        parts.append(text.slice(start..<index))
        start = index + 1
      default: break
      }
      index += 1
    }
    return parts + [text.slice(start..<bytes.count)]
  }

  private static func unescaped(_ text: Text) -> Text {
    guard text.string.contains("\\") else { return text }
    let bytes = Array(text.string.utf8)
    var plain: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count { index += 1 }
      plain.append(bytes[index])
      index += 1
    }
    return text.derived(String(decoding: plain, as: UTF8.self))
  }

  private static func allSecret(_ value: Value) -> Value {
    switch value {
    case .map(let map): .map(ValueMap(map.map { ($0.0, allSecret($0.1)) }))
    case .list(let list): .list(list.map(allSecret))
    case .string(let string): .secret(.secret(string))
    default: value
    }
  }
}
