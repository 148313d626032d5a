import Interpreter
import Lexer

/// The outline of a file: its parameters, values, tasks and steps, within each other as they are.
extension LanguageServer {
  private struct Entry {
    let name: String
    let detail: String
    let kind: Int64
    let nameSpan: Span
    let span: Span
  }

  /// What lies deeper is shown side by side.
  private static let deepestOutline = 32

  func documentSymbols(_ parameters: Value) -> Value {
    guard let place = place(parameters) else { return .null }
    var entries: [Entry] = []
    for part in place.index.parts where part.name.end > part.name.start {
      entries.append(entry(part, of: place.index))
    }
    for name in place.index.names {
      switch name.kind {
      case .parameter:
        entries.append(entry(name, 7, "a parameter"))
      case .constant where place.index.isOutermost(name): entries.append(entry(name, 14, "let"))
      case .variable where place.index.isOutermost(name): entries.append(entry(name, 13, "var"))
      default: break
      }
    }
    entries.sort { ($0.span.start, $1.span.end) < ($1.span.start, $0.span.end) }
    var rest = entries[...]
    return .list(nested(&rest, within: Span(0, .max), depth: 0, place.lines))
  }

  private func entry(_ part: NameIndex.Part, of index: NameIndex) -> Entry {
    let text = index.file.text(part.name)
    switch part.kind {
    case .task:
      return Entry(
        name: text, detail: index.signature(ofTask: text), kind: 12, nameSpan: part.name, span: part.span)
    case .step, .recipe:
      let plain = String(text.drop { $0 == "\"" || $0 == "'" }).trimmingQuotes
      return Entry(
        name: plain.isEmpty ? "…" : plain, detail: part.kind == .step ? "step" : "recipe",
        kind: part.kind == .step ? 24 : 2, nameSpan: part.name, span: part.span)
    }
  }

  private func entry(_ name: NameIndex.BoundName, _ kind: Int64, _ detail: String) -> Entry {
    Entry(
      name: name.text, detail: detail, kind: kind, nameSpan: name.span,
      span: name.statement)
  }

  /// The entries that begin within a span, each with those within it.
  private func nested(
    _ rest: inout ArraySlice<Entry>, within outer: Span, depth: Int, _ lines: TextLines
  ) -> [Value] {
    var values: [Value] = []
    while let entry = rest.first, entry.span.start < outer.end {
      rest = rest.dropFirst()
      let isDeepest = depth >= LanguageServer.deepestOutline
      let inner = isDeepest ? [] : nested(&rest, within: entry.span, depth: depth + 1, lines)
      values.append([
        "name": .string(entry.name), "detail": .string(entry.detail), "kind": .int(entry.kind),
        "range": lines.range(of: entry.span.joined(with: entry.nameSpan), encoding),
        "selectionRange": lines.range(of: entry.nameSpan, encoding), "children": .list(inner),
      ])
    }
    return values
  }
}

extension String {
  fileprivate var trimmingQuotes: String {
    var text = self
    while let last = text.last, last == "\"" || last == "'" { text.removeLast() }
    return text
  }
}
