import Lexer

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
