/// Something to tell a person about a recipe: what is wrong, where, and what to do next.
public struct Diagnostic: Error, Sendable {
  public enum Severity: String, Sendable { case error, warning }

  /// One line under the excerpt: `= it said: …`.
  public struct Note: Sendable {
    public let kind: String
    public let text: String
    public init(_ kind: String, _ text: String) {
      self.kind = kind
      self.text = text.excerpt(upTo: Diagnostic.longestNote)
    }
  }

  /// A value shown under the line of an assertion, `depth` levels below the asserted expression.
  public struct ShownValue: Sendable {
    public let depth: Int
    public let expression: String
    public let value: String
    public init(depth: Int, expression: String, value: String) {
      self.depth = depth
      self.expression = expression
      self.value = value
    }
  }

  /// Nobody reads more, and of what was given to a program or by one there may be megabytes.
  private static let longestTitle = 1_000
  private static let longestNote = 4_000

  public var severity: Severity
  /// What kind of finding it is, in a word or two that stay the same: `unknown-name`. `nbx explain` tells more about it.
  /// Nil for what happens during a run.
  public var code: String?
  public var title: String
  public var location: Location?
  /// What stands behind the carets.
  public var label: String?
  public var values: [ShownValue] = []
  public var notes: [Note] = []
  /// The heading in place of `error:`, as `assertion failed:`.
  public var heading: String?

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

  public func adding(_ kind: String, _ text: String?) -> Diagnostic {
    guard let text, !text.isEmpty else { return self }
    var copy = self
    copy.notes.append(Note(kind, text))
    return copy
  }
}
