import Interpreter
import NATS

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Messages as recipes get them: `subject`, `data` as text (as Base64 where it is none, then `encoding` says so), `headers` by
/// name, and `reply` if there is one.
enum MessageValue {
  static func value(_ message: Message) -> Value {
    var entries = ValueMap()
    entries["subject"] = .string(message.subject)
    set(message.payload, in: &entries)
    entries["headers"] = headers(message.headers?.fields.map { ($0.name, $0.value) } ?? [])
    if let reply = message.reply { entries["reply"] = .string(reply) }
    return .map(entries)
  }

  /// Sets `data`, and `encoding` where that is needed.
  static func set(_ payload: [UInt8], in entries: inout ValueMap) {
    let (text, encoding) = text(of: payload)
    entries["data"] = .string(text)
    if let encoding { entries["encoding"] = .string(encoding) }
  }

  /// Bytes as a value: text where they are text, else Base64, which is named then.
  static func text(of bytes: [UInt8]) -> (text: String, encoding: String?) {
    if let text = String(validating: bytes, as: UTF8.self) { return (text, nil) }
    return (Data(bytes).base64EncodedString(), "base64")
  }

  /// A name that comes more than once has a list.
  static func headers(_ fields: [(name: String, value: String)]) -> Value {
    var map = ValueMap()
    for (name, value) in fields {
      switch map[name] {
      case nil: map[name] = .string(value)
      case .list(let values): map[name] = .list(values + [.string(value)])
      case .some(let first): map[name] = .list([first, .string(value)])
      }
    }
    return .map(map)
  }

  /// The fields of a header block as a stream stores it: `NATS/1.0`, then a field a line.
  static func fields(in block: [UInt8]) -> [(name: String, value: String)] {
    block.split(separator: UInt8(ascii: "\n")).dropFirst().compactMap { line in
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return nil }
      var value = line[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
      while let last = value.last, last == 0x20 || last == 0x09 || last == 0x0d { value.removeLast() }
      return (String(decoding: line[..<colon], as: UTF8.self), String(decoding: value, as: UTF8.self))
    }
  }
}
