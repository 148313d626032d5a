import Lexer

/// What may stand at a place of the text.
public struct Completions: Sendable {
  public struct Candidate: Sendable {
    /// What it puts in.
    public let text: String
    /// How the list shows it.
    public let label: String

    public init(_ text: String, label: String? = nil) {
      self.text = text
      self.label = label ?? text
    }
  }

  /// How many characters before the cursor it takes the place of.
  public let length: Int
  public let candidates: [Candidate]

  public init(replacing length: Int = 0, _ candidates: [Candidate] = []) {
    self.length = length
    self.candidates = candidates
  }

  /// What all candidates begin with.
  var commonPrefix: String {
    guard var prefix = candidates.first?.text else { return "" }
    for candidate in candidates.dropFirst() {
      while !candidate.text.hasPrefix(prefix) { prefix.removeLast() }
    }
    return prefix
  }

  /// The labels in columns, those of a column below each other.
  ///
  /// - Parameter most: how many rows there may be.
  func rows(width: Int, most: Int) -> [String] {
    let labels = candidates.map { $0.label.truncated(to: max(2, width)) }
    let widest = labels.map { displayWidth($0) }.max() ?? 0
    let columns = max(1, (width + 2) / (widest + 2))
    let needed = (labels.count + columns - 1) / columns
    let isCut = needed > most
    let height = isCut ? max(1, most - 1) : needed
    var rows = (0..<height).map { row in
      (0..<columns).compactMap { column -> String? in
        let place = column * height + row
        return place < labels.count ? labels[place].padded(to: widest) : nil
      }.joined(separator: "  ")
    }
    let shown = height * columns
    if isCut, labels.count > shown { rows.append("… \(labels.count - shown) more") }
    return rows
  }
}
