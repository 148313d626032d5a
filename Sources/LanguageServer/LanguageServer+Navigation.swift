import Interpreter
import Lexer

/// Definitions, references and new names.
extension LanguageServer {
  func definition(_ parameters: Value) -> Value {
    guard let place = place(parameters), let found = workspace.meaning(at: place.offset, in: place.sketch) else {
      return .null
    }
    switch found.meaning {
    case .file(let path): return workspace.sketch(path) == nil ? .null : location(path, Span(0, 0))
    case .name(let name, let sketch):
      guard sketch.names[name].kind != .given else { return .null }
      return location(sketch.file.path, sketch.names[name].span)
    }
  }

  func references(_ parameters: Value) -> Value {
    guard let place = place(parameters), let found = workspace.meaning(at: place.offset, in: place.sketch),
      case .name(let name, let sketch) = found.meaning
    else { return .null }
    let withBinding =
      if case .bool(false) = parameters.member("context").member("includeDeclaration") { false } else { true }
    let places = workspace.occurrences(of: name, in: sketch, workspace.users(of: name, in: sketch))
    return .list(places.filter { withBinding || !$0.isBinding }.map { location($0.sketch.file.path, $0.span) })
  }

  func prepareRename(_ parameters: Value) throws(ResponseError) -> Value {
    guard let place = place(parameters) else { return .null }
    let (name, _, span) = try renamed(place)
    return ["range": place.lines.range(of: span, encoding), "placeholder": .string(name)]
  }

  func rename(_ parameters: Value) throws(ResponseError) -> Value {
    guard let place = place(parameters) else { return .null }
    let (old, target, _) = try renamed(place)
    let new = parameters.member("newName").asString ?? ""
    if old == new { return .null }
    let users = workspace.users(of: target.name, in: target.sketch)
    guard users.isComplete else {
      throw .failed("the workspace is too large to be searched for all that uses `\(old)`: open a smaller folder")
    }
    let places = workspace.occurrences(of: target.name, in: target.sketch, users)
    try refuse(new, for: target, users)
    var changes = ValueMap()
    for place in places {
      let uri = uri(of: place.sketch.file.path)
      guard let lines = workspace.lines(place.sketch.file.path) else { continue }
      let edit: Value = ["range": lines.range(of: place.span, encoding), "newText": .string(new)]
      changes[uri] = .list((changes[uri]?.asList ?? []) + [edit])
    }
    return ["changes": .map(changes)]
  }

  /// The name at a place that can have another.
  private func renamed(
    _ place: (sketch: Sketch, lines: TextLines, offset: Int)
  ) throws(ResponseError) -> (text: String, target: (name: Int, sketch: Sketch), span: Span) {
    guard let found = workspace.meaning(at: place.offset, in: place.sketch),
      case .name(let name, let sketch) = found.meaning
    else {
      guard let mark = place.sketch.mark(at: place.offset) else { throw .failed("there is no name here") }
      let text = place.sketch.text(of: mark)
      switch mark.kind {
      case .keyword: throw .failed("`\(text)` is a keyword")
      case .command, .subcommand: throw .failed("`\(text)` is a command's name")
      case .function, .method: throw .failed("`\(text)` belongs to the language")
      default: throw .failed("there is no name here that a recipe binds")
      }
    }
    let bound = sketch.names[name]
    if bound.kind == .given { throw .failed("`\(bound.text)` is known to every recipe") }
    return (bound.text, (name, sketch), found.span)
  }

  /// Refuses a name that can't be one, or that would hide another or be hidden: in its own file, or in one that gets all
  /// that this one shares, whether it speaks of the name or not.
  private func refuse(
    _ new: String, for target: (name: Int, sketch: Sketch), _ users: Users
  ) throws(ResponseError) {
    guard let first = new.utf8.first, Lexer.startsName(first), new.utf8.allSatisfy(Lexer.continuesName) else {
      throw .failed("`\(new)` is no name: names have letters, digits and underscores")
    }
    if let kind = options.vocabulary.reservedKind(of: new) { throw .failed("`\(new)` is \(kind) and can't be a name") }
    let name = target.sketch.names[target.name]
    let isShared = target.sketch.exportPlaces.contains(target.name)
    let bringing = isShared ? users.sketches.filter { workspace.brings(target.sketch, into: $0) } : []
    for sketch in [target.sketch] + bringing {
      let isHome = sketch.file.path == target.sketch.file.path
      let other = sketch.names.first { other in
        guard other.text == new else { return false }
        return !isHome || isShared || other.kind == .task || sketch.meet(name, other)
      }
      let line = other.map { sketch.file.position(of: Int($0.span.start)).line }
      if let line { throw .failed("`\(new)` is bound already, in \(sketch.file.path), line \(line)") }
      let isBrought = sketch.mentions.filter(\.isUse).contains { mention in
        workspace.sketch(workspace.path(of: mention, in: sketch))?.exports.contains { $0.text == new } == true
      }
      if isBrought { throw .failed("`\(new)` is brought in by `use` already, in \(sketch.file.path)") }
    }
  }
}
