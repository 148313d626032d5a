import Interpreter
import Lexer

/// Definitions, references and new names.
extension LanguageServer {
  func definition(_ parameters: Value) -> Value {
    guard let place = place(parameters), let found = workspace.meaning(at: place.offset, in: place.index) else {
      return .null
    }
    switch found.meaning {
    case .file(let path): return workspace.index(path) == nil ? .null : location(path, Span(0, 0))
    case .name(let name, let index):
      guard index.names[name].kind != .given else { return .null }
      return location(index.file.path, index.names[name].span)
    }
  }

  func references(_ parameters: Value) -> Value {
    guard let place = place(parameters), let found = workspace.meaning(at: place.offset, in: place.index),
      case .name(let name, let index) = found.meaning
    else { return .null }
    let withBinding =
      if case .bool(false) = parameters.member("context").member("includeDeclaration") { false } else { true }
    let places = workspace.occurrences(of: name, in: index, workspace.users(of: name, in: index))
    return .list(places.filter { withBinding || !$0.isBinding }.map { location($0.index.file.path, $0.span) })
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
    let users = workspace.users(of: target.name, in: target.index)
    guard users.isComplete else {
      throw .failed("the workspace is too large to be searched for all that uses `\(old)`: open a smaller folder")
    }
    let places = workspace.occurrences(of: target.name, in: target.index, users)
    try refuse(new, for: target, users)
    var changes = ValueMap()
    for place in places {
      let uri = uri(of: place.index.file.path)
      guard let lines = workspace.lines(place.index.file.path) else { continue }
      let edit: Value = ["range": lines.range(of: place.span, encoding), "newText": .string(new)]
      changes[uri] = .list((changes[uri]?.asList ?? []) + [edit])
    }
    return ["changes": .map(changes)]
  }

  /// The name at a place that can have another.
  private func renamed(
    _ place: (index: NameIndex, lines: TextLines, offset: Int)
  ) throws(ResponseError) -> (text: String, target: (name: Int, index: NameIndex), span: Span) {
    guard let found = workspace.meaning(at: place.offset, in: place.index),
      case .name(let name, let index) = found.meaning
    else {
      guard let stretch = place.index.stretch(at: place.offset) else { throw .failed("there is no name here") }
      let text = place.index.text(of: stretch)
      switch stretch.kind {
      case .keyword: throw .failed("`\(text)` is a keyword")
      case .command, .subcommand: throw .failed("`\(text)` is a command's name")
      case .function, .method: throw .failed("`\(text)` belongs to the language")
      default: throw .failed("there is no name here that a recipe binds")
      }
    }
    let bound = index.names[name]
    if bound.kind == .given { throw .failed("`\(bound.text)` is known to every recipe") }
    return (bound.text, (name, index), found.span)
  }

  /// Refuses a name that can't be one, or that would hide another or be hidden: in its own file, or in one that gets all
  /// that this one shares, whether it speaks of the name or not.
  private func refuse(
    _ new: String, for target: (name: Int, index: NameIndex), _ users: Users
  ) throws(ResponseError) {
    guard let first = new.utf8.first, Letters.startsName(first), new.utf8.allSatisfy(Letters.continuesName) else {
      throw .failed("`\(new)` is no name: names have letters, digits and underscores")
    }
    if let kind = options.vocabulary.reservedKind(of: new) { throw .failed("`\(new)` is \(kind) and can't be a name") }
    let name = target.index.names[target.name]
    let isShared = target.index.exportPlaces.contains(target.name)
    let bringing = isShared ? users.indexes.filter { workspace.brings(target.index, into: $0) } : []
    for index in [target.index] + bringing {
      let isHome = index.file.path == target.index.file.path
      let other = index.names.first { other in
        guard other.text == new else { return false }
        return !isHome || isShared || other.kind == .task || index.meet(name, other)
      }
      let line = other.map { index.file.position(of: Int($0.span.start)).line }
      if let line { throw .failed("`\(new)` is bound already, in \(index.file.path), line \(line)") }
      let isBrought = index.mentions.filter(\.isUse).contains { mention in
        workspace.index(workspace.path(of: mention, in: index))?.exports.contains { $0.text == new } == true
      }
      if isBrought { throw .failed("`\(new)` is brought in by `use` already, in \(index.file.path)") }
    }
  }
}
