import Lexer

extension Value {
  /// The value as `print` and a command's statement show it: a list of maps as a table, a map as lines, text as it is.
  public var displayed: String {
    switch self {
    case .list(let elements) where !elements.isEmpty:
      let budget = Budget.ofThread
      let rows = elements.compactMap { if case .map(let map) = $0 { map } else { nil } }
      if rows.count == elements.count, let text = Table.text(ofRows: rows, unless: { !budget.allows(64) }) {
        return text
      }
      return printed
    default: return printed
    }
  }
}

/// A table with a line around it, columns as wide as they must be.
public struct Table: Sendable {
  public enum Alignment: Sendable { case left, right }

  var title: String?
  var header: [String]
  var rows: [[String]]
  /// Below a line of its own.
  var totals: [String]?
  var alignments: [Alignment]

  public init(
    title: String? = nil, header: [String], rows: [[String]], totals: [String]? = nil, alignments: [Alignment]
  ) {
    self.title = title
    self.header = header
    self.rows = rows
    self.totals = totals
    self.alignments = alignments
  }

  /// A row for each map, a column for each key, in the order in which keys first occur.
  ///
  /// - Parameter isStopped: asked again and again; nil once it is true.
  static func text(ofRows maps: some Sequence<ValueMap>, unless isStopped: () -> Bool) -> String? {
    var keys: [String] = []
    var known: Set<String> = []
    for map in maps {
      if isStopped() { return nil }
      for key in map.keys where known.insert(key).inserted { keys.append(key) }
    }
    var rows: [[String]] = []
    for map in maps {
      if isStopped() { return nil }
      rows.append(
        keys.map { key in
          switch map[key] {
          case nil, .null: ""
          case .some(let value): value.asText?.masked ?? value.shown(limit: 48)
          }
        })
    }
    let numbers = Set(
      keys.filter { key in maps.allSatisfy { if case .string = $0[key] { false } else { $0[key]?.isAmount ?? true } } })
    let alignments = keys.map { numbers.contains($0) ? Alignment.right : .left }
    return Table(header: keys, rows: rows, alignments: alignments).text(unless: isStopped)
  }

  public var text: String { text(unless: { false }) ?? "" }

  private func text(unless isStopped: () -> Bool) -> String? {
    var widths = header.map { displayWidth($0) }
    for row in rows + [totals ?? []] {
      if isStopped() { return nil }
      for (column, cell) in row.enumerated() { widths[column] = max(widths[column], displayWidth(cell)) }
    }
    var lines: [String] = []
    let bars = widths.map { String(repeating: "─", count: $0 + 2) }
    if let title {
      let inner = bars.joined(separator: "─").count
      let before = max(0, (inner - displayWidth(title)) / 2)
      lines.append("╭" + String(repeating: "─", count: inner) + "╮")
      lines.append("│" + (String(repeating: " ", count: before) + title).padded(to: inner) + "│")
      lines.append("├" + bars.joined(separator: "┬") + "┤")
    } else {
      lines.append("╭" + bars.joined(separator: "┬") + "╮")
    }
    lines.append(line(header, widths, alignments.map { _ in .left }))
    lines.append("├" + bars.joined(separator: "┼") + "┤")
    for row in rows {
      if isStopped() { return nil }
      lines.append(line(row, widths, alignments))
    }
    if let totals {
      lines.append("├" + bars.joined(separator: "┼") + "┤")
      lines.append(line(totals, widths, alignments))
    }
    lines.append("╰" + bars.joined(separator: "┴") + "╯")
    return lines.joined(separator: "\n")
  }

  private func line(_ cells: [String], _ widths: [Int], _ alignments: [Alignment]) -> String {
    let shown = cells.enumerated().map { column, cell -> String in
      let blanks = String(repeating: " ", count: max(0, widths[column] - displayWidth(cell)))
      return " " + (alignments[column] == .right ? blanks + cell : cell + blanks) + " "
    }
    return "│" + shown.joined(separator: "│") + "│"
  }
}

extension Value {
  fileprivate var isAmount: Bool {
    switch self {
    case .int, .float, .duration, .size, .null: true
    default: false
    }
  }
}
