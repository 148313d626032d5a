extension Diagnostic {
  /// The diagnostic as a person reads it, with the line of the source and a mark under the place.
  ///
  /// - Parameters:
  ///   - style: `.plain`, or `.marked` on a terminal.
  ///   - showsCode: whether the heading names the code, for whoever looks for mistakes: `error[unknown-name]: …`.
  public func rendered(_ style: TextStyle, showsCode: Bool = false) -> String {
    var lines: [String] = []
    var heading = self.heading ?? severity.rawValue
    if showsCode, let code { heading += "[\(code)]" }
    lines.append(style.strong("\(style.mark(heading, severity)): \(title.coveringEvidentSecrets)"))
    var gutter = " "
    if let location {
      let excerpt = SourceExcerpt(location)
      gutter = String(repeating: " ", count: String(excerpt.line).count + 2)
      lines.append("  \(style.quiet("-->")) \(location.file.path):\(excerpt.line):\(excerpt.column)")
      lines.append("\(gutter)\(style.quiet("|"))")
      lines.append(" \(style.quiet("\(excerpt.line) |")) \(excerpt.text)".trimmingEnd())
      let indent = String(repeating: " ", count: excerpt.markColumn)
      if values.isEmpty {
        let mark = String(repeating: "^", count: excerpt.markWidth)
        let label = label.map { " " + $0.replacingLineEnds(with: "\n\(gutter)| \(indent)  ") } ?? ""
        lines.append("\(gutter)\(style.quiet("|")) \(indent)\(style.mark(mark + label, severity))")
        if !notes.isEmpty { lines.append("\(gutter)\(style.quiet("|"))") }
      } else {
        let width = (values.map { displayWidth($0.expression) + 2 * $0.depth }.max() ?? 0) + 5
        for value in values {
          let name = (String(repeating: "  ", count: value.depth) + value.expression).padded(to: width)
          lines.append(
            "\(gutter)\(style.quiet("|")) \(indent)\(name)\(value.value.coveringEvidentSecrets)".trimmingEnd())
        }
        if !notes.isEmpty { lines.append("\(gutter)\(style.quiet("|"))") }
      }
    }
    for note in notes {
      let lead = "\(gutter)= \(note.kind): "
      let hanging = String(repeating: " ", count: displayWidth(lead))
      lines.append(
        "\(gutter)\(style.quiet("=")) \(style.strong(note.kind)): "
          + note.text.coveringEvidentSecrets.replacingLineEnds(with: "\n" + hanging))
    }
    return lines.joined(separator: "\n")
  }
}

extension String {
  /// The text with something else in place of each line feed.
  public func replacingLineEnds(with replacement: String) -> String {
    split(separator: "\n", omittingEmptySubsequences: false).joined(separator: replacement)
  }

  func trimmingEnd() -> String {
    var copy = self
    while copy.last == " " { copy.removeLast() }
    return copy
  }
}
