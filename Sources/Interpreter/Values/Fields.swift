import Lexer

extension Value {
  /// The value's field, or what a method of that name without arguments gives.
  func field(_ name: String) throws(ValueProblem) -> Value {
    switch self {
    case .map(let map):
      if let value = map[name] { return value }
    case .cluster(let cluster):
      switch name {
      case "name": return .string(cluster.name)
      case "index": return .int(Int64(cluster.index))
      case "context": return .string(cluster.context)
      default: break
      }
    case .outcome(let outcome):
      if let value = outcome.field(name) { return value }
    case .record(let record):
      if let value = try record.field(name) { return value }
    default: break
    }
    if let method = Method.find(name, of: self), method.arguments.contains(0) { return try method.apply(to: self, []) }
    throw missing(name)
  }

  private func missing(_ name: String) -> ValueProblem {
    var known: [String] = Method.names(of: self)
    switch self {
    case .map(let map): known += map.keys
    case .cluster: known += ["name", "index", "context"]
    case .outcome: known += Outcome.fields
    case .record: known += ["out", "err", "code", "lines", "json", "text"]
    case .null: return .missing("null has no field `\(name)`", advice: "`??` gives a value in its place")
    default: break
    }
    let near = nearestSpelling(to: name, among: known).map { "did you mean `\($0)`?" }
    let foreign = ForeignWords.advice(onMember: name)
    if case .map(let map) = self {
      let keys = map.keys.prefix(12).joined(separator: ", ")
      let what = map.isEmpty ? "it is empty" : "its keys: \(keys)\(map.count > 12 ? ", … \(map.count) in all" : "")"
      return .missing("the map has no key `\(name)`", advice: near ?? foreign ?? what)
    }
    return ValueProblem(kind: .wrong, message: "\(typeWithArticle) has no field `\(name)`", advice: foreign ?? near)
  }

  /// The element at an index or a key.
  func element(at index: Value) throws(ValueProblem) -> Value {
    switch (self, index) {
    case (.list(let elements), .int(let place)):
      let at = place < 0 ? place + Int64(elements.count) : place
      guard at >= 0, at < Int64(elements.count) else {
        throw .missing("the list has no element \(place)", advice: "it has \(elements.count)")
      }
      return elements[Int(at)]
    case (.range(let range), .int(let place)):
      let at = place < 0 ? place &+ range.count : place
      guard at >= 0, at < range.count else {
        throw .missing("the range has no element \(place)", advice: "it has \(range.count)")
      }
      return .int(range.first + at)
    case (.map(let map), _):
      guard let key = index.asText else { throw .wrong("a map's keys are text, not \(index.typeWithArticle)") }
      guard let value = map[key.string] else { throw missing(key.masked) }
      return value
    case (.null, _): throw .missing("null has no elements", advice: "`??` gives a value in its place")
    case (.list, _), (.range, _): throw .wrong("a list's index is an int, not \(index.typeWithArticle)")
    default: throw .wrong("\(typeWithArticle) has no elements")
    }
  }
}

extension ProgramRecord {
  fileprivate func field(_ name: String) throws(ValueProblem) -> Value? {
    switch name {
    case "out": return Value(out)
    case "err": return Value(err)
    case "code": return .int(Int64(code))
    case "text": return Value(text)
    case "lines": return try text.boundedLines()
    case "json":
      if let json { return json }
      return try out.parsedJSON(what: "the output")
    default: return nil
    }
  }
}

extension Text {
  /// The text's lines, without their ends.
  var lines: [Text] {
    var lines: [Text] = []
    let budget = Budget.ofThread
    var start = 0
    let bytes = Array(string.utf8)
    while let index = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
      let end = index > start && bytes[index - 1] == UInt8(ascii: "\r") ? index - 1 : index
      lines.append(slice(start..<end))
      start = index + 1
      // What is cut short here is thrown away by whoever has asked within limits.
      if lines.count > Value.mostElements || !budget.allows(8) { return lines }
    }
    if start < bytes.count { lines.append(slice(start..<bytes.count)) }
    return lines
  }

  /// Its lines as a value.
  func boundedLines() throws(ValueProblem) -> Value {
    let lines = lines
    try Budget.ofThread.spend(lines.count)
    return try Value.bounded(lines.map { Value($0) })
  }

  /// The value that the text is the JSON of. If the text is secret, so is every text within.
  func parsedJSON(what: String) throws(ValueProblem) -> Value {
    do throws(JSONProblem) {
      let value = try Value.json(Array(string.utf8))
      return isSecret ? value.withSecretLeaves : value
    } catch {
      // What was read of it does not matter if the time is over.
      try Budget.ofThread.spend()
      throw .missing("\(what) is no JSON: \(error.message) (byte \(error.offset))")
    }
  }
}

extension Value {
  /// The same value with every text and every number within made secret: a secret is no number.
  public var withSecretLeaves: Value {
    switch self {
    case .string, .int, .float: Value(.secret(asText?.string ?? ""))
    case .list(let elements): .list(elements.map(\.withSecretLeaves))
    case .map(let map): .map(ValueMap(map.map { ($0.0, $0.1.withSecretLeaves) }))
    default: self
    }
  }
}
