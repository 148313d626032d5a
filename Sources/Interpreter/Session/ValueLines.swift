import Lexer

/// A value as a REPL shows it: on one line if it fits, else as an indented tree; a list of maps as a table. More than
/// some lines of it are folded.
public struct ValueLines {
  /// How many columns there are.
  private let width: Int
  /// How many lines may come; nil for all.
  private let most: Int?
  private let stop: StopSignal
  private var lines: [String] = []

  /// Rows of a table, elements of a list, lines of a text: so many are shown of what is longer.
  private static let folded = 20
  /// Longer lines of a folded text are cut.
  private static let longestLine = 1000

  private init(width: Int, most: Int?, stop: StopSignal) {
    self.width = width
    self.most = most
    self.stop = stop
  }

  /// - Parameters:
  ///   - width: how many columns there are.
  ///   - isFull: nothing is folded.
  ///   - stop: a large value takes long.
  /// - Returns: nil if it was asked to stop.
  public static func text(of value: Value, width: Int, isFull: Bool, stop: StopSignal) -> String? {
    var writer = ValueLines(width: max(20, width), most: isFull ? nil : folded, stop: stop)
    writer.write(value)
    return writer.isStopped ? nil : writer.lines.joined(separator: "\n")
  }

  private var isStopped: Bool { stop.request >= .interrupt }
  private var isFull: Bool { isStopped || most.map { lines.count >= $0 } ?? false }

  private mutating func write(_ value: Value) {
    if let text = value.asText?.masked, text.utf8.contains(UInt8(ascii: "\n")) { return writeText(text) }
    if case .list(let elements) = value, elements.count > 1, writeTable(elements) { return }
    if let line = oneLine(value, room: width) {
      lines.append(line)
    } else {
      writeTree(value, before: "", indent: "")
      if isFull { lines.append("… \(ValueLines.size(of: value))`:full` shows all of it") }
    }
  }

  /// Text of several lines as it stands.
  private mutating func writeText(_ text: String) {
    let all = text.split(separator: "\n", omittingEmptySubsequences: false)
    let shown = all.prefix(most ?? all.count)
    lines += shown.map { most == nil ? String($0) : String($0).truncated(to: ValueLines.longestLine) }
    if lines.last == "" { lines.removeLast() }
    if all.count > shown.count { lines.append("… \(all.count - shown.count) lines more; `:full` shows them") }
  }

  private mutating func writeTable(_ elements: [Value]) -> Bool {
    let maps = elements.compactMap { if case .map(let map) = $0 { map } else { nil } }
    guard maps.count == elements.count else { return false }
    let shown = maps.prefix(most ?? maps.count)
    lines.append(Table.fitting(width) { Table.text(ofRows: shown, unless: { isStopped }) } ?? "")
    if elements.count > shown.count { lines.append("… \(elements.count - shown.count) rows more; `:full` shows them") }
    return true
  }

  /// The value on one line; nil if there is no room for it.
  private func oneLine(_ value: Value, room: Int) -> String? {
    switch value {
    case .list, .map, .outcome:
      let text = value.shown(limit: room + 1)
      return text.utf8.count <= room || displayWidth(text) <= room && text.utf8.count < 4 * room ? text : nil
    default: return value.shown(limit: most == nil ? .max : ValueLines.longestLine)
    }
  }

  private mutating func writeTree(_ value: Value, before: String, indent: String) {
    if isFull { return }
    if let line = oneLine(value, room: width - displayWidth(indent + before)) {
      lines.append(indent + before + line)
      return
    }
    switch value {
    case .list(let elements) where elements.allSatisfy(\.isPlain):
      lines.append(indent + before + "[")
      writeRows(elements, indent: indent + "  ")
      if !isFull { lines.append(indent + "]") }
    case .list(let elements):
      lines.append(indent + before + "[")
      for element in elements {
        if isFull { return }
        writeTree(element, before: "", indent: indent + "  ")
      }
      if !isFull { lines.append(indent + "]") }
    case .map(let map):
      lines.append(indent + before + "{")
      for (key, element) in map {
        if isFull { return }
        writeTree(element, before: Value.keyText(key) + ": ", indent: indent + "  ")
      }
      if !isFull { lines.append(indent + "}") }
    case .outcome(let outcome) where outcome.error == nil:
      writeTree(outcome.value, before: before + "ok: ", indent: indent)
    default: lines.append(indent + before + value.shown())
    }
  }

  /// Elements that have no parts, as many in a line as there is room for.
  private mutating func writeRows(_ elements: [Value], indent: String) {
    var line = indent
    for (place, element) in elements.enumerated() {
      if isFull { return }
      let last = place == elements.count - 1
      let text = element.shown(limit: most == nil ? .max : ValueLines.longestLine) + (last ? "" : ",")
      if line != indent, displayWidth(line) + displayWidth(text) >= width {
        lines.append(line)
        line = indent
      }
      line += (line == indent ? "" : " ") + text
    }
    if !isFull { lines.append(line) }
  }

  private static func size(of value: Value) -> String {
    switch value {
    case .list(let elements): "\(elements.count) elements; "
    case .map(let map): "\(map.count) entries; "
    default: ""
    }
  }
}

extension Value {
  /// Whether it has no parts.
  fileprivate var isPlain: Bool {
    switch self {
    case .list, .map, .outcome, .range: false
    default: true
    }
  }
}
