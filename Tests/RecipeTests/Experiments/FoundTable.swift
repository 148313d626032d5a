/// A table that a recipe printed.
struct FoundTable {
  private let header: [String]
  private let rows: [[String]]

  /// The first table of an output that has a column of this name; an empty one if there is none.
  init(in output: String, with column: String) {
    let lines = output.split(separator: "\n").filter { $0.hasPrefix("│") }.map { line in
      line.split(separator: "│").map { cell in
        String(cell.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
      }
    }
    guard let start = lines.firstIndex(where: { $0.contains(column) }) else {
      (header, rows) = ([], [])
      return
    }
    header = lines[start]
    rows = Array(lines[(start + 1)...].prefix { $0.count == lines[start].count })
  }

  /// A column's cells from above; none if there is no such column.
  func column(_ name: String) -> [String] {
    guard let place = header.firstIndex(of: name) else { return [] }
    return rows.map { $0[place] }
  }
}
