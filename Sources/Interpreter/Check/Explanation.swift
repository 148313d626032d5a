import Lexer

/// What a finding's code means, for `nbx explain` and for editors.
public struct Explanation: Sendable {
  public let code: String
  public let severity: Diagnostic.Severity
  /// In a line.
  public let summary: String
  /// In a few sentences.
  public let text: String
  /// A recipe with the mistake, and the same without it.
  public let wrong: Example
  public let right: Example

  /// A recipe, and the files that it brings in.
  public struct Example: Sendable, ExpressibleByStringLiteral {
    public let recipe: String
    public let files: [String: String]

    public init(stringLiteral recipe: String) { self.init(recipe) }

    init(_ recipe: String, files: [String: String] = [:]) {
      self.recipe = recipe
      self.files = files
    }
  }

  init(
    _ code: String, _ summary: String, _ text: String, wrong: Example, right: Example,
    severity: Diagnostic.Severity = .error
  ) {
    self.code = code
    self.severity = severity
    self.summary = summary
    self.text = text
    self.wrong = wrong
    self.right = right
  }

  /// All of them, in the order of their codes.
  public static let all: [Explanation] =
    (ofCharacters + ofWords + ofStructure + ofNames + ofTasks + ofFiles + ofLints + ofUnused)
    .sorted { $0.code < $1.code }

  private static let byCode = Dictionary(uniqueKeysWithValues: all.map { ($0.code, $0) })

  public static func of(_ code: String) -> Explanation? { byCode[code] }

  /// The text with both examples, as a terminal or an editor shows it.
  public var plainText: String {
    "\(text)\n\nFor example:\n\n\(wrong.plainText)\n\nInstead:\n\n\(right.plainText)"
  }
}

extension Explanation.Example {
  fileprivate var plainText: String {
    var parts = [recipe.shown]
    for name in files.keys.sorted() { parts.append("  with \(name):\n\n\((files[name] ?? "").shown)") }
    return parts.joined(separator: "\n\n")
  }
}

extension String {
  /// Indented, a zero byte as a sign that can be seen.
  fileprivate var shown: String {
    split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.isEmpty ? "" : "    " + $0.map { $0 == "\0" ? "\u{2400}" : String($0) }.joined() }
      .joined(separator: "\n")
  }
}
