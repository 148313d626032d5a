import ValuesAndCommands

/// Changes to a document, one after the other, as JSON Patch (RFC 6902) has them. The paths are JSON pointers (RFC 6901).
enum JSONPatch {
  /// - Parameter place: where the patch stands in the values: `config.cluster.patch`.
  /// - Throws: at the first operation that cannot be done; nothing is changed then.
  static func apply(
    _ operations: [Value], to document: Value, place: String
  ) throws(CommandFailure) -> Value {
    var document = document
    for (index, operation) in operations.enumerated() {
      let place = "\(place)[\(index)]"
      guard case .map(let map) = operation else {
        throw CommandFailure(.misused, "\(place) must be a map with op and path, not \(operation.typeWithArticle)")
      }
      document = try Operation(map: map, place: place).applied(to: document)
    }
    return document
  }

  private struct Operation {
    let map: ValueMap
    let place: String

    func applied(to document: Value) throws(CommandFailure) -> Value {
      let path = try pointer("path")
      switch try string("op").string {
      case "add": return try path.applying(.add(try value()), to: document)
      case "remove": return try path.applying(.remove, to: document)
      case "replace": return try path.applying(.replace(try value()), to: document)
      case "copy": return try path.applying(.add(try pointer("from").value(in: document)), to: document)
      case "move":
        let from = try pointer("from")
        guard !path.isInside(from) else { throw CommandFailure(.misused, "\(place) moves \(from.shown) into itself") }
        let value = try from.value(in: document)
        return from == path ? document : try path.applying(.add(value), to: try from.applying(.remove, to: document))
      case "test":
        guard try path.value(in: document).isSameJSON(as: try value()) else {
          throw CommandFailure(.misused, "\(place): the test failed, \(path.shown) holds something else")
        }
        return document
      default:
        throw CommandFailure(
          .misused, "\(place).op is no operation of JSON Patch",
          advice: "it knows add, remove, replace, move, copy and test")
      }
    }

    private func value() throws(CommandFailure) -> Value {
      guard let value = map["value"] else { throw CommandFailure(.misused, "\(place) needs a value") }
      return value
    }

    private func string(_ key: String) throws(CommandFailure) -> Text {
      switch map[key] {
      case .string(let string)?: return Text(string)
      case .secret(let text)?: return text
      case nil: throw CommandFailure(.misused, "\(place) needs \(key)")
      case let other?: throw CommandFailure(.misused, "\(place).\(key) must be a string, not \(other.typeWithArticle)")
      }
    }

    private func pointer(_ key: String) throws(CommandFailure) -> JSONPointer {
      try JSONPointer(try string(key), place: place)
    }
  }
}

extension Value {
  /// Whether both would be the same JSON: numbers by what they amount to, maps whatever their order.
  func isSameJSON(as other: Value) -> Bool {
    switch (self, other) {
    case (.null, .null): return true
    case (.bool(let a), .bool(let b)): return a == b
    case (.int(let a), .int(let b)): return a == b
    case (.int(let int), .float(let float)), (.float(let float), .int(let int)): return Int64(exactly: float) == int
    case (.float(let a), .float(let b)): return a == b
    case (.map(let a), .map(let b)):
      return a.count == b.count && a.allSatisfy { key, value in b[key].map { value.isSameJSON(as: $0) } ?? false }
    default:
      if let a = elements, let b = other.elements {
        return a.count == b.count && zip(a, b).allSatisfy { $0.isSameJSON(as: $1) }
      }
      guard isTextInJSON, other.isTextInJSON else { return false }
      return (asText?.string ?? "").utf8.elementsEqual((other.asText?.string ?? "").utf8)
    }
  }

  private var isTextInJSON: Bool {
    switch self {
    case .null, .bool, .int, .float, .list, .map, .range, .outcome: false
    case .string, .secret, .duration, .size, .time, .cluster, .record, .later: true
    }
  }
}

/// A place in a document (RFC 6901): `/cluster/routes/0`. The empty pointer is the whole.
struct JSONPointer: Equatable {
  let tokens: [String]
  /// For messages; secret parts are covered.
  let shown: String
  /// Where the pointer is used: `config.patch[0]`.
  private let place: String

  init(_ text: Text, place: String) throws(CommandFailure) {
    self.place = place
    shown = text.string.isEmpty ? "the whole" : text.masked
    guard text.string.isEmpty || text.string.hasPrefix("/") else {
      throw CommandFailure(.misused, "\(place): the path \(text.masked) must begin with /, or be empty for the whole")
    }
    var tokens: [String] = []
    for part in text.string.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
      guard let token = JSONPointer.unescaped(part) else {
        throw CommandFailure(
          .misused, "\(place): in the path \(text.masked), a ~ must be written ~0, a / inside a key ~1")
      }
      tokens.append(token)
    }
    self.tokens = tokens
  }

  static func == (a: Self, b: Self) -> Bool { a.tokens == b.tokens }

  func isInside(_ other: JSONPointer) -> Bool {
    tokens.count > other.tokens.count && tokens.starts(with: other.tokens)
  }

  func value(in document: Value) throws(CommandFailure) -> Value {
    var value = document
    for token in tokens { value = try child(token, of: value) }
    return value
  }

  /// What is to be done at the pointer's place.
  enum Change {
    case add(Value)
    case replace(Value)
    case remove
  }

  func applying(_ change: Change, to document: Value) throws(CommandFailure) -> Value {
    try applied(change, to: document, below: tokens[...])
  }

  private func applied(
    _ change: Change, to value: Value, below path: ArraySlice<String>
  ) throws(CommandFailure) -> Value {
    guard let token = path.first else {
      switch change {
      case .add(let new), .replace(let new): return new
      case .remove: return .null
      }
    }
    let rest = path.dropFirst()
    if case .map(var map) = value {
      switch change {
      case .add(let new) where rest.isEmpty: map[token] = new
      case .remove where rest.isEmpty:
        _ = try child(token, of: value)
        map[token] = nil
      default: map[token] = try applied(change, to: try child(token, of: value), below: rest)
      }
      return .map(map)
    }
    guard var elements = value.elements else { throw nothingThere() }
    switch change {
    case .add(let new) where rest.isEmpty:
      elements.insert(new, at: token == "-" ? elements.count : try index(token, upTo: elements.count))
    case .remove where rest.isEmpty: elements.remove(at: try index(token, upTo: elements.count - 1))
    default:
      let index = try index(token, upTo: elements.count - 1)
      elements[index] = try applied(change, to: elements[index], below: rest)
    }
    return .list(elements)
  }

  private func child(_ token: String, of value: Value) throws(CommandFailure) -> Value {
    if case .map(let map) = value {
      guard let child = map[token] else { throw nothingThere() }
      return child
    }
    guard let elements = value.elements else { throw nothingThere() }
    return elements[try index(token, upTo: elements.count - 1)]
  }

  /// Digits only, and no idle zero in front: RFC 6901, section 4.
  private func index(_ token: String, upTo last: Int) throws(CommandFailure) -> Int {
    let isNumber = !token.isEmpty && token.utf8.allSatisfy { (0x30...0x39).contains($0) }
    guard isNumber, token == "0" || !token.hasPrefix("0"), let index = Int(token), index <= last else {
      throw nothingThere()
    }
    return index
  }

  private func nothingThere() -> CommandFailure { CommandFailure(.misused, "\(place): there is nothing at \(shown)") }

  private static func unescaped(_ part: Substring) -> String? {
    var token = String.UnicodeScalarView()
    var rest = part.unicodeScalars
    while let letter = rest.popFirst() {
      guard letter == "~" else {
        token.append(letter)
        continue
      }
      switch rest.popFirst() {
      case "0": token.append("~")
      case "1": token.append("/")
      default: return nil
      }
    }
    return String(token)
  }
}
