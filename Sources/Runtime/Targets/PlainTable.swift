import ValuesAndCommands

/// Columns as kubectl and helm print them: three blanks apart, no lines between.
package struct PlainTable {
  package private(set) var lines: [Text] = []

  package init(_ head: [String], _ rows: [[Text]]) {
    let all = [head.map { Text($0) }] + rows
    let widths = head.indices.map { column in
      all.map { $0[column].masked.unicodeScalars.count }.max() ?? 0
    }
    for row in all {
      var line = Text("")
      for (column, cell) in row.enumerated() {
        line.append(cell)
        let isLast = column == row.count - 1
        let blanks = widths[column] - cell.masked.unicodeScalars.count + 3
        if !isLast { line.append(String(repeating: " ", count: blanks)) }
      }
      lines.append(line)
    }
  }

  package init(_ head: [String], _ rows: [[String]]) { self.init(head, rows.map { $0.map { Text($0) } }) }
}
