import ValuesAndCommands

/// Writes a map as `nats.conf`: the same map gives the same bytes. Secrets come out in plain, for the server needs them.
struct NatsConfigurationWriter {
  /// By the place of the entry that they stand above.
  private let comments: [String: String]
  private var text = ""

  private init(comments: [String: String]) { self.comments = comments }

  /// - Parameter comments: a line above entries, by their places, as `gateway.advertise`.
  /// - Throws: where a value or a key has no form in `nats.conf`.
  static func text(of configuration: ValueMap, comments: [String: String] = [:]) throws(CommandFailure) -> String {
    var writer = NatsConfigurationWriter(comments: comments)
    for (key, value) in configuration { try writer.writeEntry(key, value, path: "", depth: 0) }
    return writer.text
  }

  private mutating func writeEntry(_ key: String, _ value: Value, path: String, depth: Int) throws(CommandFailure) {
    let place = path.isEmpty ? key : "\(path).\(key)"
    guard !key.hasSuffix("$include") else {
      throw CommandFailure(
        .misused, "\(place) includes a file that Kubernetes would mount; the local target has no such files",
        advice: "give the file's settings by config.merge")
    }
    let indentation = String(repeating: "  ", count: depth)
    if let comment = comments[place] { text += "\(indentation)# \(comment)\n" }
    text += indentation + (try keyText(key, place: place)) + ": "
    try write(value, place: place, depth: depth)
    text += "\n"
  }

  private mutating func write(_ value: Value, place: String, depth: Int) throws(CommandFailure) {
    switch value {
    case .null:
      throw CommandFailure(
        .misused, "\(place) is null, which nats.conf does not know",
        advice: "leave it out, or take it away with a patch: { op: \"remove\", path: … }")
    case .outcome:
      throw CommandFailure(.misused, "\(place) is an outcome, which nats.conf does not know", advice: "take its .value")
    case .bool(let bool): text += bool ? "true" : "false"
    case .int(let int): text += String(int)
    case .float(let float): text += try number(float, place: place)
    case .size: text += ServerSize.spelled(value) ?? ""
    case .duration(let duration): text += Self.quoted(goDuration(duration))
    case .map(let map): try writeMap(map, place: place, depth: depth)
    case .list, .range: try writeList(value.elements ?? [], place: place, depth: depth)
    case .string, .secret, .time, .cluster, .record, .later:
      let string = value.asText?.string ?? ""
      text += ConfigurationText.unwrappedRaw(string) ?? Self.quoted(string)
    }
  }

  private mutating func writeMap(_ map: ValueMap, place: String, depth: Int) throws(CommandFailure) {
    text += map.isEmpty ? "{" : "{\n"
    for (key, value) in map { try writeEntry(key, value, path: place, depth: depth + 1) }
    text += (map.isEmpty ? "" : String(repeating: "  ", count: depth)) + "}"
  }

  private mutating func writeList(_ elements: [Value], place: String, depth: Int) throws(CommandFailure) {
    text += elements.isEmpty ? "[" : "[\n"
    for (index, element) in elements.enumerated() {
      text += String(repeating: "  ", count: depth + 1)
      try write(element, place: "\(place)[\(index)]", depth: depth + 1)
      text += "\n"
    }
    text += (elements.isEmpty ? "" : String(repeating: "  ", count: depth)) + "]"
  }

  /// Bare if it is a plain name, else in whichever quotes it does not hold itself: the server reads no escapes in a key.
  /// A bare `$SYS` would be a variable, a bare `include` a directive.
  private func keyText(_ key: String, place: String) throws(CommandFailure) -> String {
    let isPlain =
      key.utf8.first.map(isLetter) == true && key != "include"
      && key.utf8.allSatisfy { isLetter($0) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
    if isPlain { return key }
    if !key.contains("\"") { return "\"\(key)\"" }
    if !key.contains("'") { return "'\(key)'" }
    throw CommandFailure(.misused, "the key \(place) holds both kinds of quotes, for which nats.conf has no form")
  }

  private func isLetter(_ byte: UInt8) -> Bool {
    let lower = byte | 0x20
    return (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lower) || byte == UInt8(ascii: "_")
  }

  /// In double quotes, with the escapes that the server's lexer knows: `\n \t \r \" \\` and `\xHH`.
  static func quoted(_ string: String) -> String {
    string.quoted { "\\x" + ($0.utf8.count < 2 ? "0" : "") + $0 }
  }

  /// The server reads no exponents.
  private func number(_ float: Double, place: String) throws(CommandFailure) -> String {
    let text = "\(float)"
    if text.utf8.allSatisfy({ $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") || $0 < 0x3a }) { return text }
    guard let whole = Int64(exactly: float) else {
      throw CommandFailure(.misused, "\(place) is \(text), a number for which nats.conf has no form")
    }
    return String(whole)
  }

  /// As written where Go reads it; it knows no days and no `_`.
  private func goDuration(_ duration: DurationValue) -> String {
    guard let spelling = duration.spelling?.text, !spelling.contains(where: { "dwy_".contains($0) }) else {
      return duration.goText
    }
    return spelling
  }
}
