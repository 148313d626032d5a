import Interpreter
import Lexer

/// What something in a file means: a name and the file that binds it, or a file.
enum Meaning {
  /// The place among the names of the sketch.
  case name(Int, Sketch)
  case file(String)
}

extension Workspace {
  /// What stands at a place of a file, and the span that says it.
  func meaning(at offset: Int, in sketch: Sketch) -> (meaning: Meaning, span: Span)? {
    if let mention = sketch.mentions.first(where: { $0.span.start <= offset && offset <= $0.span.end }) {
      return (.file(path(of: mention, in: sketch)), mention.span)
    }
    if let argument = argument(at: offset, in: sketch) { return argument }
    guard let mark = sketch.mark(at: offset) else { return nil }
    switch mark.kind {
    case .name, .task, .label:
      guard let meaning = meaning(of: mark, in: sketch) else { return nil }
      return (meaning, mark.span)
    default: return nil
    }
  }

  /// What a mark speaks of: a name of its own file, or one that a library brings.
  func meaning(of mark: Sketch.Mark, in sketch: Sketch) -> Meaning? {
    if mark.kind == .label { return label(mark, in: sketch) }
    if mark.name >= 0 { return .name(Int(mark.name), sketch) }
    let text = sketch.text(of: mark)
    for mention in sketch.mentions where mention.isUse {
      guard let library = self.sketch(path(of: mention, in: sketch)) else { continue }
      let place = library.exportPlaces.first { place in
        library.names[place].text == text && (library.names[place].kind == .task) == (mark.kind == .task)
      }
      if let place { return .name(place, library) }
    }
    return nil
  }

  /// `f(name: …)`: the parameter of the task.
  private func label(_ mark: Sketch.Mark, in sketch: Sketch) -> Meaning? {
    guard let task = sketch.labels[Int(mark.span.start)] else { return nil }
    let text = sketch.text(of: mark)
    let libraries = sketch.mentions.filter(\.isUse).compactMap { self.sketch(path(of: $0, in: sketch)) }
    for candidate in [sketch] + libraries {
      guard let place = candidate.names.firstIndex(where: { $0.kind == .task && $0.text == task }) else { continue }
      return candidate.names.firstIndex { $0.task == place && $0.text == text }.map { .name($0, candidate) }
    }
    return nil
  }

  /// `run "x.nbx" name=…`: the parameter of the recipe.
  private func argument(at offset: Int, in sketch: Sketch) -> (meaning: Meaning, span: Span)? {
    for (span, path) in arguments(of: sketch) where span.start <= offset && offset <= span.end {
      guard let recipe = self.sketch(path) else { return nil }
      let text = sketch.file.text(span)
      guard let place = recipe.names.firstIndex(where: { $0.kind == .parameter && $0.text == text }) else { return nil }
      return (.name(place, recipe), span)
    }
    return nil
  }

  /// The names in front of `=` behind every `run`, and the recipes that they belong to.
  func arguments(of sketch: Sketch) -> [(span: Span, path: String)] {
    sketch.mentions.flatMap { mention -> [(span: Span, path: String)] in
      guard let place = mention.arguments else { return [] }
      return sketch.commands[place].words.compactMap { word in
        let bytes = sketch.file.bytes[word.span.range.clamped(to: 0..<sketch.file.bytes.count)]
        guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        return (Span(Int(word.span.start), equals), path(of: mention, in: sketch))
      }
    }
  }

  /// The files besides its own that can speak of a name.
  func users(of place: Int, in home: Sketch) -> Users {
    let kind = home.names[place].kind
    let isShared = home.exportPlaces.contains(place) || kind == .parameter || kind == .taskParameter
    return isShared ? users(of: home) : Users()
  }

  /// Every place that speaks of a name, in its own file and its users.
  func occurrences(
    of place: Int, in home: Sketch, _ users: Users
  ) -> [(sketch: Sketch, span: Span, isBinding: Bool)] {
    let name = home.names[place]
    var found: [(sketch: Sketch, span: Span, isBinding: Bool)] = []
    for sketch in [home] + users.sketches {
      let isHome = sketch.file.path == home.file.path
      for mark in sketch.marks {
        guard mark.kind == .name || mark.kind == .task || mark.kind == .label else { continue }
        if isHome, mark.name == place {
          found.append((sketch, mark.span, mark.isBinding))
          continue
        }
        // Most marks are of other names: their text tells it soonest.
        guard mark.name < 0, Int(mark.span.end - mark.span.start) == name.text.utf8.count,
          sketch.text(of: mark) == name.text, case .name(let other, let owner)? = meaning(of: mark, in: sketch)
        else { continue }
        if other == place, owner.file.path == home.file.path { found.append((sketch, mark.span, false)) }
      }
      guard name.kind == .parameter else { continue }
      for argument in arguments(of: sketch) where argument.path == home.file.path {
        if sketch.file.text(argument.span) == name.text { found.append((sketch, argument.span, false)) }
      }
    }
    return found
  }
}

extension Sketch {
  /// What others get by `use`, by the places among the names.
  var exportPlaces: [Int] {
    names.indices.filter {
      names[$0].kind == .task || (names[$0].kind == .constant && Int(names[$0].scope.end) >= file.bytes.count)
    }
  }
  /// Whether there is a place that knows both of two names.
  func meet(_ one: BoundName, _ other: BoundName) -> Bool {
    if one.scope.start < other.scope.end, other.scope.start < one.scope.end { return true }
    // Tasks know the names of the file's own statements that stand below them, too.
    return (isOutermost(one) && isInTask(other)) || (isOutermost(other) && isInTask(one))
  }

  private func isOutermost(_ name: BoundName) -> Bool {
    [.constant, .variable, .parameter].contains(name.kind) && Int(name.scope.end) >= file.bytes.count
  }

  private func isInTask(_ name: BoundName) -> Bool {
    parts.contains { $0.kind == .task && $0.span.start < name.span.start && name.span.end <= $0.span.end }
  }
}
