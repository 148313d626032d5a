/// Something to tell a person about a recipe: what is wrong, where, and what to do next.
public struct Diagnostic: Error, Sendable {
  /// Whether it stops a run.
  public enum Severity: String, Sendable { case error, warning }

  /// One line under the excerpt: `= it said: …`.
  public struct Note: Sendable {
    /// What comes before the colon, such as `it said` or `try`.
    public let kind: String
    /// What comes behind it, of one line or several.
    public let text: String
    /// A note; a text of more than 4,000 bytes loses its middle.
    public init(_ kind: String, _ text: String) {
      self.kind = kind
      self.text = text.excerpt(upTo: Diagnostic.longestNote)
    }
  }

  /// A value shown under the line of an assertion, `depth` levels below the asserted expression.
  public struct ShownValue: Sendable {
    /// How many expressions it is a part of; 0 for the asserted one.
    public let depth: Int
    /// The expression as it is written.
    public let expression: String
    /// What it was, as text.
    public let value: String
    /// A value of an expression.
    public init(depth: Int, expression: String, value: String) {
      self.depth = depth
      self.expression = expression
      self.value = value
    }
  }

  /// Nobody reads more, and of what was given to a program or by one there may be megabytes.
  private static let longestTitle = 1_000
  private static let longestNote = 4_000

  /// Whether it stops a run.
  public var severity: Severity
  /// What kind of finding it is, in a word or two that stay the same: `unknown-name`. `nbx explain` tells more about it.
  /// Nil for what happens during a run.
  public var code: String?
  /// One line: what is wrong.
  public var title: String
  /// The place that the carets mark; nil where there is none.
  public var location: Location?
  /// What stands behind the carets.
  public var label: String?
  /// The values of an assertion, from the whole to its parts.
  public var values: [ShownValue] = []
  /// What stands below the excerpt.
  public var notes: [Note] = []
  /// The heading in place of `error:`, as `assertion failed:`.
  public var heading: String?

  /// A finding without values. Texts that nobody would read to their end are cut.
  public init(
    _ title: String, at location: Location?, label: String? = nil, notes: [Note] = [], severity: Severity = .error,
    code: String? = nil
  ) {
    self.severity = severity
    self.code = code
    self.title = title.excerpt(upTo: Diagnostic.longestTitle)
    self.location = location
    self.label = label?.excerpt(upTo: Diagnostic.longestNote)
    self.notes = notes
  }

  /// The same with one more note; without it where the text is nil or empty.
  public func adding(_ kind: String, _ text: String?) -> Diagnostic {
    guard let text, !text.isEmpty else { return self }
    var copy = self
    copy.notes.append(Note(kind, text))
    return copy
  }
}

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
