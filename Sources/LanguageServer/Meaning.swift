import Interpreter
import Lexer

/// What something in a file means: a name and the file that binds it, or a file.
enum Meaning {
  /// The place among the names of the index.
  case name(Int, NameIndex)
  case file(String)
}

extension Workspace {
  /// What stands at a place of a file, and the span that says it.
  func meaning(at offset: Int, in index: NameIndex) -> (meaning: Meaning, span: Span)? {
    if let mention = index.mentions.first(where: { $0.span.start <= offset && offset <= $0.span.end }) {
      return (.file(path(of: mention, in: index)), mention.span)
    }
    if let argument = argument(at: offset, in: index) { return argument }
    guard let stretch = index.stretch(at: offset) else { return nil }
    switch stretch.kind {
    case .name, .task, .label:
      guard let meaning = meaning(of: stretch, in: index) else { return nil }
      return (meaning, stretch.span)
    default: return nil
    }
  }

  /// What a stretch speaks of: a name of its own file, or one that a library brings.
  func meaning(of stretch: Stretch, in index: NameIndex) -> Meaning? {
    if stretch.kind == .label { return label(stretch, in: index) }
    if stretch.name >= 0 { return .name(Int(stretch.name), index) }
    let text = index.text(of: stretch)
    for mention in index.mentions where mention.isUse {
      guard let library = self.index(path(of: mention, in: index)) else { continue }
      let place = library.exportPlaces.first { place in
        library.names[place].text == text && (library.names[place].kind == .task) == (stretch.kind == .task)
      }
      if let place { return .name(place, library) }
    }
    return nil
  }

  /// `f(name: …)`: the parameter of the task.
  private func label(_ stretch: Stretch, in index: NameIndex) -> Meaning? {
    guard let task = index.labels[Int(stretch.span.start)] else { return nil }
    let text = index.text(of: stretch)
    let libraries = index.mentions.filter(\.isUse).compactMap { self.index(path(of: $0, in: index)) }
    for candidate in [index] + libraries {
      guard let place = candidate.names.firstIndex(where: { $0.kind == .task && $0.text == task }) else { continue }
      return candidate.names.firstIndex { $0.task == place && $0.text == text }.map { .name($0, candidate) }
    }
    return nil
  }

  /// `run "x.nbx" name=…`: the parameter of the recipe.
  private func argument(at offset: Int, in index: NameIndex) -> (meaning: Meaning, span: Span)? {
    for (span, path) in arguments(of: index) where span.start <= offset && offset <= span.end {
      guard let recipe = self.index(path) else { return nil }
      let text = index.file.text(span)
      guard let place = recipe.names.firstIndex(where: { $0.kind == .parameter && $0.text == text }) else { return nil }
      return (.name(place, recipe), span)
    }
    return nil
  }

  /// The names in front of `=` behind every `run`, and the recipes that they belong to.
  func arguments(of index: NameIndex) -> [(span: Span, path: String)] {
    index.mentions.flatMap { mention in mention.arguments.map { ($0, path(of: mention, in: index)) } }
  }

  /// The files besides its own that can speak of a name.
  func users(of place: Int, in home: NameIndex) -> Users {
    let kind = home.names[place].kind
    let isShared = home.exportPlaces.contains(place) || kind == .parameter || kind == .taskParameter
    return isShared ? users(of: home) : Users()
  }

  /// Every place that speaks of a name, in its own file and its users.
  func occurrences(
    of place: Int, in home: NameIndex, _ users: Users
  ) -> [(index: NameIndex, span: Span, isBinding: Bool)] {
    let name = home.names[place]
    var found: [(index: NameIndex, span: Span, isBinding: Bool)] = []
    for index in [home] + users.indexes {
      let isHome = index.file.path == home.file.path
      for stretch in index.stretches {
        guard stretch.kind == .name || stretch.kind == .task || stretch.kind == .label else { continue }
        if isHome, stretch.name == place {
          found.append((index, stretch.span, stretch.isBinding))
          continue
        }
        // Most marks are of other names: their text tells it soonest.
        guard stretch.name < 0, Int(stretch.span.end - stretch.span.start) == name.text.utf8.count,
          index.text(of: stretch) == name.text, case .name(let other, let owner)? = meaning(of: stretch, in: index)
        else { continue }
        if other == place, owner.file.path == home.file.path { found.append((index, stretch.span, false)) }
      }
      guard name.kind == .parameter else { continue }
      for argument in arguments(of: index) where argument.path == home.file.path {
        if index.file.text(argument.span) == name.text { found.append((index, argument.span, false)) }
      }
    }
    return found
  }
}

extension NameIndex {
  /// Whether there is a place that knows both of two names.
  func meet(_ one: BoundName, _ other: BoundName) -> Bool {
    if one.scope.start < other.scope.end, other.scope.start < one.scope.end { return true }
    // Tasks know the names of the file's own statements that stand below them, too.
    return (isOutermost(one) && isInTask(other)) || (isOutermost(other) && isInTask(one))
  }

  private func isInTask(_ name: BoundName) -> Bool {
    parts.contains { $0.kind == .task && $0.span.start < name.span.start && name.span.end <= $0.span.end }
  }
}
