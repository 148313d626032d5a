import Lexer

/// Text, maps, comprehensions, and the expressions that handle what is missing or fails.
extension Evaluator {
  // MARK: Text

  /// Copying as many bytes or elements takes longer than a look at the clock.
  static let longCopy = 16 << 10

  /// The text of a string, or of a word: that is data, and amounts are exact in it.
  func text(_ pieces: [TextPiece], _ frame: inout Frame, isWord: Bool = false) throws(Failure) -> Text {
    var text = Text("")
    for piece in pieces {
      switch piece {
      case .text(let part): text.append(part)
      case .expression(let expression):
        text.append(try self.text(expression, &frame, isWord: isWord))
        let bytes = text.string.utf8.count
        if bytes > Evaluator.longCopy {
          try checkGoingOn(expression.span, frame)
          try applied(expression.span, frame) { () throws(ValueProblem) in try Value.checkBytes(bytes) }
        }
      }
    }
    return text
  }

  private func text(_ expression: Expression, _ frame: inout Frame, isWord: Bool) throws(Failure) -> Text {
    let value = try evaluate(expression, &frame)
    guard let text = isWord ? value.asWord : value.asText else {
      throw failure(
        .value, "\(value.typeWithArticle) in text", expression.span, frame,
        advice: "`.json` writes it out; `.join(\" \")` makes a list one text; `...$list` gives a word for each element")
    }
    return text
  }

  // MARK: Lists, maps, `??`

  func map(_ entries: [MapEntry], _ frame: inout Frame) throws(Failure) -> Value {
    var flat: [(String, Value)] = []
    var isNested = false
    var hasKeyKnownLater = false
    for entry in entries {
      let value = try evaluate(entry.value, &frame)
      switch entry.key {
      case .text(let key):
        let key = try evaluate(key, &frame)
        if key.isLater {
          hasKeyKnownLater = true
          continue
        }
        flat.append((try applied(entry.keySpan, frame) { () throws(ValueProblem) in try key.asKey() }, value))
      case .path(let path):
        if path.count == 1 {
          flat.append((path[0], value))
        } else {
          isNested = true
          flat.append((path[0], path.dropFirst().reversed().reduce(value) { .map(ValueMap([($1, $0)])) }))
        }
      }
    }
    // Which keys there are is known later.
    if plan != nil, hasKeyKnownLater { return .knownLater }
    // Keys in quotes with `$` in them may turn out alike too.
    guard isNested || Set(flat.map { TextKey($0.0) }).count < flat.count else { return .map(ValueMap(flat)) }
    var merged = ValueMap()
    for (index, (key, value)) in flat.enumerated() {
      guard let below = merged[key] else {
        merged[key] = value
        continue
      }
      guard let joined = below.joined(with: value) else {
        throw failure(
          .value, "the key `\(key)` a second time", entries[index].keySpan, frame,
          advice: "lay one map over another with `+`")
      }
      merged[key] = joined
    }
    return .map(merged)
  }

  func comprehension(_ node: Comprehension, _ frame: inout Frame) throws(Failure) -> Value {
    let source = try evaluate(node.source, &frame)
    let outer = (frame.trace, frame.place.cluster)
    frame.trace = nil
    defer { (frame.trace, frame.place.cluster) = outer }
    if let plan, source.isLater {
      let names = node.variables.map { frame.place.unit.file.text($0.span) }.joined(separator: ", ")
      let text = "for each \(names) in \(frame.place.unit.file.shownText(node.source.span))"
      for variable in node.variables { frame.locals[variable.slot] = .knownLater }
      return try planElement(node, text, plan, &frame)
    }
    var values: [Value] = []
    var isCountKnown = true
    try forEach(source, node.variables, node.source.span, &frame) { frame throws(Failure) in
      if let condition = node.condition {
        switch try self.truth(condition, "if", &frame) {
        case .no: return true
        case .yes: break
        case .later:
          isCountKnown = false
          guard let plan = self.plan else { return true }
          let text = "if \(frame.place.unit.file.shownText(condition.span))"
          _ = try self.planPerhaps(text, node.element, plan, &frame)
          return true
        }
      }
      try self.add(try self.evaluate(node.element, &frame), to: &values, node.source.span, frame)
      return true
    }
    return isCountKnown ? .list(values) : .knownLater
  }

  func coalesce(
    _ left: Expression, _ right: Expression, _ frame: inout Frame
  ) throws(Failure) -> Value {
    do throws(Failure) {
      let value = try evaluate(left, &frame)
      if case .null = value { return try evaluate(right, &frame) }
      if let plan, value.isLater {
        _ = try planPerhaps("if there is no \(frame.place.unit.file.shownText(left.span))", right, plan, &frame)
        return .knownLater
      }
      return value
    } catch {
      guard error.kind == .missing else { throw error }
      return try evaluate(right, &frame)
    }
  }

  func attempt(_ attempt: Attempt, _ frame: inout Frame) throws(Failure) -> Value {
    let unknowns = plan?.unknowns
    let before = frame.locals
    do throws(Failure) {
      let value =
        switch attempt.body {
        case .expression(let expression): try evaluate(expression, &frame)
        case .block(let block): try execute(block, &frame, wantsValue: true).value
        }
      // Whether its commands work is known later.
      if let plan, plan.unknowns != unknowns || value.isLater { return .knownLater }
      return .outcome(Outcome(value: value))
    } catch {
      try rethrowUnlessHandled(error.with(trail: .restart(before)), frame)
      return .outcome(Outcome(error: error.message, details: error.details))
    }
  }

  /// Throws the failure on if no `try` here may take care of it, else shows it quietly.
  func rethrowUnlessHandled(_ failure: Failure, _ frame: borrowing Frame) throws(Failure) {
    guard failure.canBeHandled else { throw failure }
    if let limit = failure.deadline, limit.surrounds(frame.place.deadline) { throw failure }
    for diagnostic in failure.diagnostics { emit(.handled(diagnostic), frame) }
  }
}

extension Value {
  /// Two maps joined, where no path is in both; nil if one is.
  fileprivate func joined(with other: Value) -> Value? {
    guard case .map(var mine) = self, case .map(let theirs) = other else { return nil }
    for (key, value) in theirs {
      guard let below = mine[key] else {
        mine[key] = value
        continue
      }
      guard let joined = below.joined(with: value) else { return nil }
      mine[key] = joined
    }
    return .map(mine)
  }
}
