import Interpreter
import Lexer

/// Completion and formatting.
extension LanguageServer {
  func completion(_ parameters: Value) -> Value {
    guard let uri = parameters.member("textDocument").member("uri").asString,
      let document = workspace.document(FileURI.path(of: uri))
    else { return .null }
    let offset = document.offset(parameters.member("position"), encoding)
    let workspace = workspace
    // One more than are shown tells that there are more.
    let items = completer.complete(
      SourceFile(path: document.path, bytes: document.bytes), at: offset,
      index: { workspace.index(document.path) }, atMost: LanguageServer.mostCandidates + 1)
    let shown = items.prefix(LanguageServer.mostCandidates)
    var range: (span: Span, value: Value)?
    let values = shown.enumerated().map { index, item -> Value in
      var value = ValueMap()
      value["label"] = .string(item.label)
      value["kind"] = .int(LanguageServer.kind(of: item.kind))
      value["detail"] = .string(item.detail)
      if !item.documentation.isEmpty {
        value["documentation"] = ["kind": "markdown", "value": .string(item.documentation)]
      }
      // The order is ours: the likeliest first.
      let number = String(index)
      value["sortText"] = .string(String(repeating: "0", count: max(0, 5 - number.count)) + number)
      value["filterText"] = .string(item.text)
      // Nearly all replace the same.
      if range?.span != item.span { range = (item.span, document.lines.range(of: item.span, encoding)) }
      value["textEdit"] = ["range": range?.value ?? .null, "newText": .string(item.text)]
      return .map(value)
    }
    return ["isIncomplete": .bool(shown.count < items.count), "items": .list(values)]
  }

  /// More candidates nobody looks through; the editor asks again when more has been typed.
  private static let mostCandidates = 200

  private static func kind(of kind: CompletionItem.Kind) -> Int64 {
    switch kind {
    case .method: 2
    case .function, .task: 3
    case .field: 5
    case .variable: 6
    case .command: 9
    case .parameter, .flag: 10
    case .value, .cluster: 12
    case .keyword: 14
    case .file: 17
    case .subcommand: 20
    }
  }

  /// One edit of all that differs; nothing for a file that can't be read as a recipe.
  func formatting(_ parameters: Value) throws(ResponseError) -> Value {
    guard let place = place(parameters) else { return .null }
    let formatted: [UInt8]
    do throws(ProgramErrors) {
      formatted = try RecipeFormatter.format(place.index.file, vocabulary: options.vocabulary)
    } catch {
      throw .failed("what has errors can't be formatted: \(error.diagnostics.first?.title ?? "")")
    }
    let before = place.lines.bytes
    if formatted == before { return [] }
    var start = 0
    while start < min(before.count, formatted.count), before[start] == formatted[start] { start += 1 }
    while start > 0, start < before.count, before[start] & 0xc0 == 0x80 { start -= 1 }
    var same = 0
    while same < min(before.count, formatted.count) - start,
      before[before.count - 1 - same] == formatted[formatted.count - 1 - same]
    {
      same += 1
    }
    while same > 0, before[before.count - same] & 0xc0 == 0x80 { same -= 1 }
    let new = String(decoding: formatted[start..<(formatted.count - same)], as: UTF8.self)
    return [
      [
        "range": place.lines.range(of: Span(start, before.count - same), encoding), "newText": .string(new),
      ]
    ]
  }
}
