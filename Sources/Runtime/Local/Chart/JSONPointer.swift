import Interpreter

/// A place in a document (RFC 6901): `/cluster/routes/0`. The empty pointer is the whole.
struct JSONPointer: Equatable {
  let tokens: [String]
  /// For messages; secret parts are covered.
  let shown: String
  /// Where the pointer is used: `config.patch[0]`.
  private let place: String

  init(_ text: Text, place: String) throws(ChartProblem) {
    self.place = place
    shown = text.string.isEmpty ? "the whole" : text.masked
    guard text.string.isEmpty || text.string.hasPrefix("/") else {
      throw ChartProblem("\(place): the path \(text.masked) must begin with /, or be empty for the whole")
    }
    var tokens: [String] = []
    for part in text.string.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
      guard let token = JSONPointer.unescaped(part) else {
        throw ChartProblem("\(place): in the path \(text.masked), a ~ must be written ~0, a / inside a key ~1")
      }
      tokens.append(token)
    }
    self.tokens = tokens
  }

  static func == (a: Self, b: Self) -> Bool { a.tokens == b.tokens }

  func isInside(_ other: JSONPointer) -> Bool {
    tokens.count > other.tokens.count && tokens.starts(with: other.tokens)
  }

  func value(in document: Value) throws(ChartProblem) -> Value {
    var value = document
    for token in tokens { value = try child(token, of: value) }
    return value
  }

  func adding(_ value: Value, to document: Value) throws(ChartProblem) -> Value {
    guard !tokens.isEmpty else { return value }
    return try changingParent(in: document) { parent, token throws(ChartProblem) in
      switch parent {
      case .map(var map):
        map[token] = value
        return .map(map)
      case .list, .range:
        var elements = parent.elements ?? []
        elements.insert(value, at: token == "-" ? elements.count : try index(token, upTo: elements.count))
        return .list(elements)
      default: throw nothingThere()
      }
    }
  }

  func replacing(with value: Value, in document: Value) throws(ChartProblem) -> Value {
    guard !tokens.isEmpty else { return value }
    return try changingParent(in: document) { parent, token throws(ChartProblem) in
      _ = try child(token, of: parent)
      if case .map(var map) = parent {
        map[token] = value
        return .map(map)
      }
      var elements = parent.elements ?? []
      elements[try index(token, upTo: elements.count - 1)] = value
      return .list(elements)
    }
  }

  func removing(from document: Value) throws(ChartProblem) -> Value {
    guard !tokens.isEmpty else { return .null }
    return try changingParent(in: document) { parent, token throws(ChartProblem) in
      _ = try child(token, of: parent)
      if case .map(var map) = parent {
        map[token] = nil
        return .map(map)
      }
      var elements = parent.elements ?? []
      elements.remove(at: try index(token, upTo: elements.count - 1))
      return .list(elements)
    }
  }

  /// The document with what holds the pointer's last token changed.
  private func changingParent(
    in document: Value, _ change: (_ parent: Value, _ token: String) throws(ChartProblem) -> Value
  ) throws(ChartProblem) -> Value {
    try rebuilt(document, below: tokens[...], change)
  }

  private func rebuilt(
    _ value: Value, below path: ArraySlice<String>, _ change: (Value, String) throws(ChartProblem) -> Value
  ) throws(ChartProblem) -> Value {
    guard let token = path.first else { return value }
    if path.count == 1 { return try change(value, token) }
    let inner = try rebuilt(try child(token, of: value), below: path.dropFirst(), change)
    if case .map(var map) = value {
      map[token] = inner
      return .map(map)
    }
    var elements = value.elements ?? []
    elements[try index(token, upTo: elements.count - 1)] = inner
    return .list(elements)
  }

  private func child(_ token: String, of value: Value) throws(ChartProblem) -> Value {
    if case .map(let map) = value {
      guard let child = map[token] else { throw nothingThere() }
      return child
    }
    guard let elements = value.elements else { throw nothingThere() }
    return elements[try index(token, upTo: elements.count - 1)]
  }

  /// Digits only, and no idle zero in front: RFC 6901, section 4.
  private func index(_ token: String, upTo last: Int) throws(ChartProblem) -> Int {
    let isNumber = !token.isEmpty && token.utf8.allSatisfy { (0x30...0x39).contains($0) }
    guard isNumber, token == "0" || !token.hasPrefix("0"), let index = Int(token), index <= last else {
      throw nothingThere()
    }
    return index
  }

  private func nothingThere() -> ChartProblem { ChartProblem("\(place): there is nothing at \(shown)") }

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
