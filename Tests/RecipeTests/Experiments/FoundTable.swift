/// A table that a recipe printed.
struct FoundTable {
  private let header: [String]
  private let rows: [[String]]

  /// The first table of an output that has a column of this name; an empty one if there is none.
  init(in output: String, with column: String) {
    let tables = output.split(separator: "\n").split { $0.hasPrefix("╰") }.map { lines in
      lines.filter { $0.hasPrefix("│") }.map { line in
        line.split(separator: "│").map { cell in
          String(cell.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
      }
    }
    let found = tables.first { $0.first?.contains(column) == true } ?? []
    header = found.first ?? []
    rows = Array(found.dropFirst())
  }

  /// A column's cells from above; none if there is no such column.
  func column(_ name: String) -> [String] {
    guard let place = header.firstIndex(of: name) else { return [] }
    return rows.map { $0[place] }
  }
}
