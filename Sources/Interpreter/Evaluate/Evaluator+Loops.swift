import Lexer

extension Evaluator {
  func foreach(_ node: Foreach, _ frame: inout Frame, wantsValue: Bool) throws(Failure) -> Completion {
    let source = try evaluate(node.source, &frame)
    switch node.order {
    case .oneByOne: return try oneByOne(node, source, &frame, wantsValue: wantsValue)
    case .allAtOnce: return .value(try atOnce(node, source, nil, &frame))
    case .atMost(let count):
      guard case .int(let most) = try evaluate(count, &frame), most > 0 else {
        throw failure(.value, "`parallel` takes a whole number above 0", count.span, frame)
      }
      return .value(try atOnce(node, source, Int(clamping: most), &frame))
    }
  }

  /// Between two looks at the clock and at whether the run is being stopped.
  private static let passesBetweenChecks = 256

  private func oneByOne(
    _ node: Foreach, _ source: Value, _ frame: inout Frame, wantsValue: Bool
  ) throws(Failure) -> Completion {
    let cluster = frame.place.cluster
    defer { frame.place.cluster = cluster }
    var values: [Value] = []
    var returned: Value?
    try forEach(source, node.variables, node.source.span, &frame) { frame throws(Failure) in
      guard returned == nil else { return }
      switch try self.execute(node.body, &frame, wantsValue: wantsValue) {
      case .value(let value): if wantsValue { values.append(value) }
      case .returned(let value): returned = value
      }
    }
    if let returned { return .returned(returned) }
    return .value(wantsValue ? .list(values) : .null)
  }

  /// Calls the body for each element, bound to the names; over clusters each is the current one meanwhile.
  func forEach(
    _ source: Value, _ variables: [Variable], _ span: Span, _ frame: inout Frame,
    _ body: (inout Frame) throws(Failure) -> Void
  ) throws(Failure) {
    switch source {
    case .range(let range):
      guard range.last >= range.first, variables.count == 1 else { break }
      let slot = variables[0].slot
      var passes = 0
      var next = range.first
      while true {
        frame.locals[slot] = .int(next)
        try body(&frame)
        passes += 1
        if passes % Evaluator.passesBetweenChecks == 0 { try checkGoingOn(span, frame) }
        if next == range.last { return }
        next += 1
      }
    case .list, .map: break
    default:
      throw failure(
        .value, "a loop goes over a list or a map, not \(source.typeWithArticle)", span, frame,
        advice: "text has `.lines` and `.split(…)`, a number has `1..n`")
    }
    for (pass, element) in source.loopElements.enumerated() {
      try bind(element, to: variables, span, &frame)
      if case .cluster(let cluster) = element { frame.place.cluster = cluster }
      try body(&frame)
      if pass % Evaluator.passesBetweenChecks == 0 { try checkGoingOn(span, frame) }
    }
  }

  private func atOnce(
    _ node: Foreach, _ source: Value, _ most: Int?, _ frame: inout Frame
  ) throws(Failure) -> Value {
    switch source {
    case .list, .map, .range: break
    default:
      throw failure(.value, "a loop goes over a list or a map, not \(source.typeWithArticle)", node.source.span, frame)
    }
    let elements = source.loopElements
    let names = elements.enumerated().map { index, element -> String in
      if case .list(let pair) = element, case .map = source { return pair[0].printed }
      return (element.asText?.masked ?? "\(index + 1)").truncated(to: 24)
    }
    return try lanes(names, most, frame) { index, frame throws(Failure) in
      try self.bind(elements[index], to: node.variables, node.source.span, &frame)
      if case .cluster(let cluster) = elements[index] { frame.place.cluster = cluster }
      return try self.execute(node.body, &frame, wantsValue: true).value
    }
  }

  func parallel(_ block: Block, _ span: Span, _ frame: inout Frame) throws(Failure) -> Value {
    let names = block.statements.indices.map { "\($0 + 1)" }
    return try lanes(names, nil, frame) { index, frame throws(Failure) in
      let lane = Block(statements: [block.statements[index]], span: block.statements[index].span)
      return try self.execute(lane, &frame, wantsValue: true).value
    }
  }

  func retry(_ node: Retry, _ frame: inout Frame, wantsValue: Bool) throws(Failure) -> Completion {
    guard case .int(let count) = try evaluate(node.count, &frame), count > 0 else {
      throw failure(.value, "`retry` takes a whole number above 0", node.count.span, frame)
    }
    let pause =
      try node.pause.map { pause throws(Failure) in try duration(pause, "every", &frame).duration } ?? .seconds(1)
    var tries: Int64 = 0
    while true {
      tries += 1
      try checkGoingOn(node.span, frame)
      do throws(Failure) {
        return try execute(node.body, &frame, wantsValue: wantsValue)
      } catch {
        if tries == count, error.canBeHandled { throw error.noting("tried", "\(count) times") }
        try rethrowUnlessHandled(error, frame)
      }
      try rest(for: pause, node.span, frame)
    }
  }

  /// Does nothing for a while; ends at once if the run is being stopped.
  func rest(for pause: Duration, _ span: Span, _ frame: borrowing Frame) throws(Failure) {
    let end = ContinuousClock.now.advanced(by: pause)
    while true {
      try checkGoingOn(span, frame)
      let left = ContinuousClock.now.duration(to: end)
      if left <= .zero { return }
      Pause.sleep(min(left, .milliseconds(10)))
    }
  }
}

extension Value {
  /// What a loop goes over: of a map, its entries as lists of key and value.
  fileprivate var loopElements: [Value] {
    if case .map(let map) = self { return map.map { .list([.string($0.0), $0.1]) } }
    return elements ?? []
  }
}
