import Foundation

/// JSON to look into: `tree["host", "clusters", "c1", "state"] == "running"`. What is not there is null.
public enum JSONTree: Sendable, Hashable {
  case null
  case bool(Bool)
  case number(Double)
  case text(String)
  case list([JSONTree])
  case map([String: JSONTree])

  public init(_ text: String) throws { self = try JSONDecoder().decode(JSONTree.self, from: Data(text.utf8)) }

  public subscript(_ path: String...) -> JSONTree {
    path.reduce(self) { tree, key in
      guard case .map(let entries) = tree else { return .null }
      return entries[key] ?? .null
    }
  }

  /// The names of a map's entries.
  public var keys: Set<String> { if case .map(let entries) = self { Set(entries.keys) } else { [] } }

  public var elements: [JSONTree] { if case .list(let elements) = self { elements } else { [] } }

  public var text: String? { if case .text(let text) = self { text } else { nil } }

  /// Every scalar with the way to it, for telling how two trees differ.
  public var leaves: Set<String> { leaves("") }

  private func leaves(_ path: String) -> Set<String> {
    switch self {
    case .map(let entries) where !entries.isEmpty:
      entries.reduce(into: []) { $0.formUnion($1.value.leaves("\(path) › \($1.key)")) }
    case .list(let elements) where !elements.isEmpty:
      elements.enumerated().reduce(into: []) { $0.formUnion($1.element.leaves("\(path) › \($1.offset)")) }
    default: ["\(path) = \(self)"]
    }
  }
}

extension JSONTree: Decodable {
  public init(from decoder: any Decoder) throws {
    let value = try decoder.singleValueContainer()
    // What is not what it is asked for costs most of the time: what there is most of comes first.
    if let text = try? value.decode(String.self) {
      self = .text(text)
    } else if let entries = try? value.decode([String: JSONTree].self) {
      self = .map(entries)
    } else if value.decodeNil() {
      self = .null
    } else if let bool = try? value.decode(Bool.self) {
      self = .bool(bool)
    } else if let number = try? value.decode(Double.self) {
      self = .number(number)
    } else {
      self = .list(try value.decode([JSONTree].self))
    }
  }
}

extension JSONTree: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(stringLiteral text: String) { self = .text(text) }
  public init(booleanLiteral bool: Bool) { self = .bool(bool) }
  public init(integerLiteral number: Int) { self = .number(Double(number)) }
  public init(arrayLiteral elements: JSONTree...) { self = .list(elements) }
  public init(dictionaryLiteral entries: (String, JSONTree)...) { self = .map(Dictionary(entries) { $1 }) }
}

extension JSONTree: CustomStringConvertible {
  public var description: String {
    switch self {
    case .null: "null"
    case .bool(let bool): "\(bool)"
    case .number(let number): number == number.rounded() ? "\(Int(number))" : "\(number)"
    case .text(let text): "\"\(text)\""
    case .list(let elements): "[\(elements.map(\.description).joined(separator: ", "))]"
    case .map(let entries):
      "{\(entries.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }.joined(separator: ", "))}"
    }
  }
}
