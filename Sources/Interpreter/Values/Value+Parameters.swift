extension Value {
  /// What the text of a command line's `name=value` means for a parameter whose default is this value; nil if it is no
  /// value of that type. A default of null takes text, a list takes
  /// elements with commas between them, each alike the default's first.
  public func parsedAlike(_ text: String) -> Value? {
    switch self {
    case .null, .string: .string(text)
    case .secret: .secret(.secret(text))
    case .bool: text == "true" ? .bool(true) : text == "false" ? .bool(false) : nil
    case .int: Int64(text).map(Value.int)
    case .float: Double(text).flatMap { $0.isFinite ? .float($0) : nil }
    case .duration: DurationValue(parsing: text).map(Value.duration)
    case .size: SizeValue(parsing: text).map(Value.size)
    case .list(let elements): Value.parsedList(text, alike: elements.first ?? .null)
    case .range: Value.parsedList(text, alike: .int(0))
    case .map: (try? Value.json(Array(text.utf8))).flatMap { if case .map = $0 { $0 } else { nil } }
    case .time, .cluster, .outcome, .record, .later: nil
    }
  }

  private static func parsedList(_ text: String, alike element: Value) -> Value? {
    if text.isEmpty { return .list([]) }
    var elements: [Value] = []
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      guard let value = element.parsedAlike(String(part)) else { return nil }
      elements.append(value)
    }
    return .list(elements)
  }
}
