/// One line of a plan as people read it.
struct PlanLine {
  enum Kind { case heading, command, document, note }

  let depth: Int
  let kind: Kind
  /// Of a command its words, else the whole text.
  var words: [String]

  init(_ depth: Int, _ kind: Kind, _ words: [String]) {
    self.depth = depth
    self.kind = kind
    self.words = words
  }

  /// A line of prose, whose words may differ between lanes as a command's do.
  init(_ depth: Int, _ kind: Kind, _ text: String) {
    self.init(depth, kind, text.split(separator: " ", omittingEmptySubsequences: false).map(String.init))
  }

  /// The lines of lanes or passes as those of one, if they differ in nothing but some words: `k3d-{c1,c2,c3}`; nil if
  /// they differ in more.
  static func merged(_ items: [[PlanLine]]) -> [PlanLine]? {
    guard let first = items.first, items.allSatisfy({ $0.count == first.count }) else { return nil }
    var lines: [PlanLine] = []
    for (index, line) in first.enumerated() {
      let alike = items.map { $0[index] }
      guard
        alike.allSatisfy({ $0.depth == line.depth && $0.kind == line.kind && $0.words.count == line.words.count })
      else { return nil }
      var joined = line
      // Of documents the first one's stands for all.
      if line.kind != .document {
        joined.words = line.words.indices.map { word in alternatives(alike.map { $0.words[word] }) }
      }
      lines.append(joined)
    }
    return lines
  }

  /// The words of lines that others have in other words, each once; nil if they differ in more than words.
  static func news(in lines: [PlanLine], against known: [PlanLine]) -> [String]? {
    guard lines.count == known.count, let first = lines.first, let knownFirst = known.first else { return nil }
    var news: [String] = []
    for (line, other) in zip(lines, known) {
      guard line.kind == other.kind, line.words.count == other.words.count,
        line.depth - first.depth == other.depth - knownFirst.depth
      else { return nil }
      // As where lanes are shown as one, a document stands for the others.
      if line.kind == .document { continue }
      for (word, otherWord) in zip(line.words, other.words) where word != otherWord {
        // In prose a comma belongs to the sentence.
        let new = line.kind == .note && word.last == "," ? String(word.dropLast()) : word
        if !news.contains(new) { news.append(new) }
      }
    }
    return news
  }

  /// More than these are not written out.
  private static let mostAlternatives = 6

  private static func alternatives(_ words: [String]) -> String {
    guard let first = words.first, words.contains(where: { $0 != first }) else { return words.first ?? "" }
    let parts = words.map { Array($0.unicodeScalars) }
    let shortest = parts.map(\.count).min() ?? 0
    var prefix = 0
    while prefix < shortest, parts.allSatisfy({ $0[prefix] == parts[0][prefix] }) { prefix += 1 }
    var suffix = 0
    while suffix < shortest - prefix,
      parts.allSatisfy({ $0[$0.count - 1 - suffix] == parts[0][parts[0].count - 1 - suffix] })
    {
      suffix += 1
    }
    // Names are not taken apart, nor what is in braces already.
    prefix = longestWhole(parts[0].prefix(prefix))
    suffix = longestWhole(parts[0].suffix(suffix).reversed())
    var inner = parts.prefix(mostAlternatives).map { text($0[prefix..<($0.count - suffix)]) }
    if parts.count > mostAlternatives { inner.append("…") }
    return text(parts[0][..<prefix]) + "{" + inner.joined(separator: ",") + "}" + text(parts[0].suffix(suffix))
  }

  private static func isBoundary(_ scalar: Unicode.Scalar) -> Bool { "-./:=_@,' ".unicodeScalars.contains(scalar) }

  /// How many of the scalars, from the first on, end with a boundary and outside of braces.
  private static func longestWhole(_ scalars: some Sequence<Unicode.Scalar>) -> Int {
    var longest = 0
    var depth = 0
    for (index, scalar) in scalars.enumerated() {
      if scalar == "{" { depth += 1 }
      if scalar == "}" { depth -= 1 }
      if depth == 0, isBoundary(scalar) { longest = index + 1 }
    }
    return longest
  }

  private static func text(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
    var text = ""
    text.unicodeScalars.append(contentsOf: scalars)
    return text
  }
}
