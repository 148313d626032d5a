import Lexer

/// A part of a plan: a command, or what leads to commands.
public struct PlanNode: Sendable {
  /// What a part of a plan is.
  public enum Kind: Sendable {
    case command(PlannedCommand, cluster: Cluster?, within: String?)
    /// A recipe that is run as a step, by its title.
    case recipe(String)
    case step(String)
    /// Its items run side by side.
    case lanes
    /// Its items run one after the other.
    case passes
    /// One lane or pass, by the name of its cluster or element.
    case item(String)
    /// What may happen, or happen several times: the text says when.
    case maybe(String)
    /// What is looked at until it is so.
    case wait(String, within: String)
    /// What is done while the command before it goes on.
    case meanwhile
    /// What is done at the end of the block, whatever happens.
    case deferred
    /// What must be true, once it is known.
    case assertion(String)
    /// The recipe ends here, with `fail` or `skip`, or the task with `return`, where that is not sure to be reached.
    case ending(String)
  }

  /// What it is.
  public let kind: Kind
  /// Where it stands in the recipe.
  public let location: Location?
  /// What it leads to, in order; empty for a command.
  public let children: [PlanNode]

  init(_ kind: Kind, at location: Location? = nil, children: [PlanNode] = []) {
    self.kind = kind
    self.location = location
    self.children = children
  }

  /// Whether nothing comes of it, unless that a task may end.
  var onlyReturns: Bool {
    switch kind {
    case .ending(let text): text == "return"
    case .maybe: children.allSatisfy(\.onlyReturns)
    default: false
    }
  }

  /// How many commands it holds.
  public var commandCount: Int {
    if case .command = kind { return 1 }
    return children.reduce(0) { $0 + $1.commandCount }
  }
}

/// All that a recipe would do.
public struct Plan: Sendable {
  /// What would be done, in order.
  public let nodes: [PlanNode]
  /// Commands that were left out of loops with very many passes.
  public let omitted: Int

  /// How many commands it shows.
  public var commandCount: Int { nodes.reduce(0) { $0 + $1.commandCount } }
}

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

extension Plan {
  /// The plan for people: a line a command, grouped by steps; lanes that differ by names alone as one, documents cut
  /// short.
  ///
  /// - Parameter isFull: every lane for itself, documents whole.
  public func text(_ style: TextStyle = .plain, isFull: Bool = false) -> String {
    var writer = PlanWriter(isFull: isFull)
    let lines = writer.lines(of: nodes, depth: 0)
    var text = lines.map { line in
      let indent = String(repeating: "  ", count: line.depth)
      let words = line.words.joined(separator: " ")
      switch line.kind {
      case .heading: return indent + style.strong(words)
      case .command: return indent + words
      case .document, .note: return indent + style.quiet(words)
      }
    }
    if omitted > 0 { text.append(style.quiet("… and \(omitted) commands more, in loops of very many passes")) }
    return text.joined(separator: "\n")
  }
}

private struct PlanWriter {
  let isFull: Bool
  /// What may happen and has been shown, by where in the recipes it stands; from its heading on.
  private var shown: [String: [[PlanLine]]] = [:]
  private static let documentWidth = 90

  init(isFull: Bool) { self.isFull = isFull }

  mutating func lines(of nodes: [PlanNode], depth: Int) -> [PlanLine] {
    nodes.flatMap { lines(of: $0, depth: depth) }
  }

  private mutating func lines(of node: PlanNode, depth: Int) -> [PlanLine] {
    switch node.kind {
    case .command(let command, let cluster, let limit): return lines(of: command, cluster, limit, depth)
    case .recipe(let title): return part(title, node, depth)
    case .step(let name): return part(name, node, depth)
    case .lanes:
      let most = Evaluator.mostLanes
      return items(node, node.children.count > most ? "at once, no more than \(most)" : "at once", depth)
    case .passes: return items(node, "one after the other", depth)
    case .item(let name):
      if isNamedTwice(node, name) { return lines(of: node.children, depth: depth) }
      return part(name, node, depth)
    case .maybe(let text):
      let lines = part(text + (node.children.isEmpty ? ": no command" : ":"), node, depth, .note)
      return shortened(lines, of: node, text, depth)
    case .wait(let text, let limit):
      let heading = PlanLine(depth, .note, "wait for: \(text) (within \(limit))")
      return [heading] + lines(of: node.children, depth: depth + 1)
    case .meanwhile: return part("meanwhile:", node, depth, .note)
    case .deferred: return part("at the end, whatever happens:", node, depth, .note)
    case .assertion(let text): return [PlanLine(depth, .note, "assert: \(text)")]
    case .ending(let text): return [PlanLine(depth, .note, "then \(text)")]
    }
  }

  /// What stands at the same place of a recipe, and was shown as long as the words in which it differs: such as what a task
  /// does in each of its calls.
  private mutating func shortened(_ lines: [PlanLine], of node: PlanNode, _ text: String, _ depth: Int) -> [PlanLine] {
    guard !isFull, node.commandCount > 2, let place = node.location?.description else { return lines }
    for known in shown[place] ?? [] {
      guard let news = PlanLine.news(in: lines, against: known), news.count <= PlanWriter.mostNews else { continue }
      let with = news.isEmpty ? "" : ", with " + news.joined(separator: ", ")
      return [PlanLine(depth, .note, text + ": as above" + with)]
    }
    shown[place, default: []].append(lines)
    return lines
  }

  /// More of them are no easier to read than the lines themselves.
  private static let mostNews = 6

  /// A lane that is a step has the step's name; one that is a command alone needs none.
  private func isNamedTwice(_ item: PlanNode, _ name: String) -> Bool {
    if name.isEmpty { return true }
    guard item.children.count == 1 else { return false }
    switch item.children[0].kind {
    case .step(let step): return step.truncated(to: 24) == name
    case .command: return Int(name) != nil
    default: return false
    }
  }

  private mutating func part(
    _ heading: String, _ node: PlanNode, _ depth: Int, _ kind: PlanLine.Kind = .heading
  ) -> [PlanLine] {
    [PlanLine(depth, kind, heading)] + lines(of: node.children, depth: depth + 1)
  }

  /// Lanes or passes: as one where they are alike, else each for itself.
  private mutating func items(_ node: PlanNode, _ order: String, _ depth: Int) -> [PlanLine] {
    guard !isFull, node.children.count > 1 else {
      return node.children.count > 1
        ? [PlanLine(depth, .note, "\(order):")] + lines(of: node.children, depth: depth + 1)
        : node.children.flatMap { lines(of: $0.children, depth: depth) }
    }
    // Lanes are alike as they stand, each for itself.
    let before = shown
    let bodies = node.children.map { child in
      shown = before
      return lines(of: child.children, depth: depth + 1)
    }
    if let merged = PlanLine.merged(bodies) {
      let names = node.children.map { if case .item(let name) = $0.kind { name } else { "" } }
      let shown = names.count > 12 ? names.prefix(11) + ["… \(names.count) in all"] : names[...]
      return [PlanLine(depth, .note, "\(shown.joined(separator: ", ")) \(order):")] + merged
    }
    shown = before
    return [PlanLine(depth, .note, "\(order):")] + lines(of: node.children, depth: depth + 1)
  }

  private func lines(
    of command: PlannedCommand, _ cluster: Cluster?, _ limit: String?, _ depth: Int
  ) -> [PlanLine] {
    var words = command.words.map(\.inShell)
    // A program is told its cluster by a word; of the others the plan says it.
    if let cluster, !command.words.contains(where: { $0.string == cluster.context }) {
      words.append("on \(cluster.name)")
    }
    if let limit { words.append("within \(limit)") }
    var lines = [PlanLine(depth, .command, words)]
    guard let document = command.document else { return lines }
    if isFull {
      let text = document.documentText(indented: true, sizes: command.sizes)
      lines += text.masked.split(separator: "\n", omittingEmptySubsequences: false).map { line in
        PlanLine(depth + 1, .document, ["| \(line)"])
      }
    } else {
      let shown = document.shown(limit: PlanWriter.documentWidth, isExact: true)
        .truncated(to: PlanWriter.documentWidth)
      lines.append(PlanLine(depth + 1, .document, ["with \(shown)"]))
    }
    return lines
  }
}

extension Plan {
  /// The plan as data: a list of its parts, each a map with its `kind`, and `children` where it has any. Secrets are
  /// masked.
  public var value: Value { .list(nodes.map(\.value)) }
}

extension PlanNode {
  fileprivate var value: Value {
    var map = ValueMap()
    map["kind"] = .string(kindName)
    switch kind {
    case .command(let command, let cluster, let limit):
      map["words"] = .list(command.words.map { .string($0.masked) })
      if let cluster { map["cluster"] = .string(cluster.name) }
      if let document = command.document { map["document"] = document.masked }
      if let limit { map["within"] = .string(limit) }
    case .recipe(let text), .step(let text), .item(let text): map["name"] = .string(text)
    case .maybe(let text), .assertion(let text), .ending(let text): map["text"] = .string(text)
    case .wait(let text, let limit):
      map["text"] = .string(text)
      map["within"] = .string(limit)
    case .lanes, .passes, .meanwhile, .deferred: break
    }
    if let location {
      map["recipe"] = .string(location.file.path)
      map["line"] = .int(Int64(location.file.position(of: Int(location.span.start)).line))
    }
    if !children.isEmpty { map["children"] = .list(children.map(\.value)) }
    return .map(map)
  }

  private var kindName: String {
    switch kind {
    case .command: "command"
    case .recipe: "recipe"
    case .step: "step"
    case .lanes: "parallel"
    case .passes: "loop"
    case .item: "item"
    case .maybe: "maybe"
    case .wait: "wait"
    case .meanwhile: "meanwhile"
    case .deferred: "defer"
    case .assertion: "assert"
    case .ending: "end"
    }
  }
}

extension Value {
  /// The same value with every secret in it masked for good.
  fileprivate var masked: Value {
    switch self {
    case .secret(let text), .later(let text): .string(text.masked)
    case .list(let elements): .list(elements.map(\.masked))
    case .map(let map): .map(ValueMap(map.map { ($0.0, $0.1.masked) }))
    case .record(let record): .string(record.text.masked)
    default: self
    }
  }
}
