import Lexer

extension Evaluator {
  // MARK: assert

  func assert(_ node: Assert, _ frame: inout Frame) throws(Failure) {
    try checkGoingOn(node.span, frame)
    let trace = Trace()
    frame.trace = trace
    defer { frame.trace = nil }
    let truth = try truth(node.condition, "assert", &frame)
    if truth == .yes { return }
    frame.trace = nil
    let file = frame.place.unit.file
    let title =
      try node.text.map { text throws(Failure) in try sentence(text, &frame) }
      ?? Text(file.shownText(node.condition.span))
    if truth == .later {
      plan?.note(.assertion(title.masked), at: location(node.span, frame))
      return
    }
    throw Failure(
      .assertion, title, at: location(node.condition.span, frame),
      values: trace.values(of: node.condition, in: file))
  }

  // MARK: wait-for

  /// The first pause between two looks, and the longest that it grows to.
  private static let firstPause = Duration.milliseconds(20)
  private static let longestPause = Duration.seconds(1)
  /// What the last look may take, which begins when the time is over.
  private static let lastLookLimit = Duration.seconds(1)

  func wait(_ node: Wait, _ frame: inout Frame) throws(Failure) {
    try checkGoingOn(node.span, frame)
    if let plan { return try planWait(node, plan, &frame) }
    let limit = try node.limit.map { limit throws(Failure) in try duration(limit, "within", &frame) }
    let every = try node.pause.map { pause throws(Failure) in try duration(pause, "every", &frame).duration }
    let text = try node.text.map { text throws(Failure) in try sentence(text, &frame).masked }
    let what = text ?? frame.place.unit.file.shownText(node.condition.span).truncated(to: 80)
    let place = frame.place
    defer { frame.place = place }
    let limitText = limit.map { "`within \($0.text)` of the wait" } ?? "a wait without `within` has 60s"
    let deadline = Deadline.nearest(place.deadline, limit?.duration ?? Evaluator.waitLimit, limitText)
    frame.place.deadline = deadline

    let start = ContinuousClock.now
    var pause = every ?? Evaluator.firstPause
    var lastFailure: Failure?
    let trace = Trace()
    defer { emit(.waitEnded(what), frame) }
    while true {
      // Whatever came true while it paused, or while the machine slept, is seen by a look that begins at the end.
      let isLast = deadline.hasPassed
      if isLast { frame.place.deadline = .nearest(nil, Evaluator.lastLookLimit, deadline.limit) }
      frame.trace = trace
      let look = try look(node, &frame, deadline)
      frame.trace = nil
      var wasCutShort = false
      switch look {
      case .so: return
      case .notYet(let failure):
        // That time ended in the midst of a look says nothing about what was looked at.
        wasCutShort = failure.map { $0.kind == .timeOut && $0.deadline === frame.place.deadline } ?? false
        if !wasCutShort || failure?.label != nil { lastFailure = failure }
      }
      emit(.waiting(for: what, lastSeen: lastFailure?.title.masked ?? ""), frame)
      if isLast || wasCutShort {
        throw timedOut(node, what, start.duration(to: .now), deadline, trace, lastFailure, frame)
      }
      do throws(Failure) {
        try rest(for: min(pause, max(.zero, ContinuousClock.now.duration(to: deadline.instant))), node.span, frame)
      } catch {
        guard error.kind == .timeOut else { throw error }
      }
      if every == nil { pause = min(pause * 1.5, Evaluator.longestPause) }
    }
  }

  private enum Look {
    case so
    case notYet(Failure?)
  }

  private func look(_ node: Wait, _ frame: inout Frame, _ deadline: Deadline) throws(Failure) -> Look {
    do throws(Failure) {
      if node.isCommand {
        _ = try evaluate(node.condition, &frame)
        return .so
      }
      return try truth(node.condition, "wait-for", &frame) == .yes ? .so : .notYet(nil)
    } catch {
      switch error.kind {
      case .command, .missing: return .notYet(error)
      // A limit around the wait ends it; the wait's own and a command's are its business.
      case .timeOut:
        if let limit = error.deadline, limit !== deadline, limit.surrounds(deadline) { throw error }
        return .notYet(error)
      default: throw error
      }
    }
  }

  private func timedOut(
    _ node: Wait, _ what: String, _ waited: Duration, _ deadline: Deadline, _ trace: Trace, _ last: Failure?,
    _ frame: borrowing Frame
  ) -> Failure {
    var notes: [(kind: String, text: Text)] = []
    if let last {
      notes.append(("last error", last.title))
      notes += last.notes.filter { $0.kind == "it said" }
    }
    let seconds = DurationValue(nanoseconds: DurationValue(waited).nanoseconds / 100_000_000 * 100_000_000)
    let values = node.isCommand ? [] : trace.values(of: node.condition, in: frame.place.unit.file)
    return timeOut(
      "waited \(seconds.text) in vain: \(what)", deadline, node.condition.span, frame, notes: notes, values: values)
  }
}
