import Lexer

extension Evaluator {
  /// Runs a command and gives what it gives back.
  func command(_ call: CommandCall, _ frame: inout Frame, isStatement: Bool) throws(Failure) -> Value {
    let given = try given(call, &frame, isStatement: isStatement)
    if let plan { return try planned(call, given.invocation, given.written, plan, &frame) }
    let start = ContinuousClock.now
    emit(.commandStarted(given.written.masked), frame)
    do throws(CommandFailure) {
      let value = try Table.fitting(room(frame), covering: secrets) { () throws(CommandFailure) in
        try given.command.run(given.invocation)
      }
      emit(.commandEnded(given.written.masked, took: start.duration(to: .now), failed: false), frame)
      return value
    } catch {
      emit(.commandEnded(given.written.masked, took: start.duration(to: .now), failed: true), frame)
      throw failure(error, call, given, frame)
    }
  }

  /// How wide a table may be that is shown here: a lane's name stands before each line.
  func room(_ frame: borrowing Frame) -> Int? {
    let lane = frame.place.lane
    return host.columns.map { $0 - (lane.isEmpty ? 0 : displayWidth(lane) + 2) }
  }

  /// Evaluates the words and endings of a command.
  func given(_ call: CommandCall, _ frame: inout Frame, isStatement: Bool) throws(Failure) -> GivenCommand {
    try checkGoingOn(call.span, frame)
    let trace = frame.trace
    frame.trace = nil
    defer { frame.trace = trace }
    let words = try words(call, &frame)
    let document = try call.document.map { document throws(Failure) in
      let value = try evaluate(document, &frame)
      try applied(document.span, frame) { () throws(ValueProblem) in try value.checkedDocument() }
      return value
    }
    let cluster = try call.cluster.map { on throws(Failure) in try self.cluster(on, &frame) } ?? frame.place.cluster
    let deadline = try deadline(call, &frame)
    let place = frame.place
    let host = host
    // What a command that is being ended says last is shown, too, if somebody reads it.
    let bounds = Budget.Bounds(
      until: deadline.instant.advanced(by: .seconds(10)), StopSignal(below: place.stop, hearing: .kill))
    var invocation = Invocation(
      words: words, document: document, cluster: cluster, clusters: clusters, deadline: deadline.instant,
      stop: place.stop, isStatement: isStatement,
      wantsJSON: call.readsJSON, folder: place.unit.workingFolder, secrets: secrets,
      say: { text in
        Budget.bounding(bounds) { host.observe(Event(lane: place.lane, cluster: cluster, kind: .said(text))) }
      },
      progress: { what, soFar in
        let kind = soFar.map { Event.Kind.waiting(for: what, lastSeen: $0) } ?? .waitEnded(what)
        host.observe(Event(lane: place.lane, cluster: cluster, kind: kind))
      })
    if words.contains(where: \.isSecret) {
      let (progress, covering) = (invocation.progress, invocation.covering)
      invocation.progress = { progress(covering(Text($0)).masked, $1) }
    }
    invocation.measured = { what, figures in
      host.observe(Event(lane: place.lane, cluster: cluster, kind: .measured(what, figures)))
    }
    invocation.isOpen = call.words.contains(where: \.isSpread) && words.contains(where: \.isKnownLater)
    return GivenCommand(
      command: program.vocabulary.command(call.symbol), invocation: invocation,
      written: Text(words: [Text(call.name)] + words), deadline: deadline)
  }

  private func words(_ call: CommandCall, _ frame: inout Frame) throws(Failure) -> [Text] {
    var words: [Text] = []
    words.reserveCapacity(call.words.count)
    for word in call.words {
      guard case .spread(let expression) = word.content else {
        words.append(try text(word.pieces(in: frame.place.unit.file), &frame, isWord: true))
        continue
      }
      let list = try evaluate(expression, &frame)
      if list.isLater {
        words.append(.knownLater)
        continue
      }
      guard list.kind == .list else {
        throw failure(.value, "`...` takes a list, not \(list.typeWithArticle)", word.span, frame)
      }
      let elements = try applied(word.span, frame) { () throws(ValueProblem) in try list.boundedElements() }
      for element in elements {
        guard let text = element.asWord else {
          throw failure(.value, "\(element.typeWithArticle) can't be a word", word.span, frame)
        }
        words.append(text)
      }
    }
    for word in words where word.isSecret { secrets.add(word) }
    return words
  }

  private func deadline(_ call: CommandCall, _ frame: inout Frame) throws(Failure) -> Deadline {
    guard let limit = call.limit else {
      return .nearest(frame.place.deadline, Evaluator.commandLimit, "a command without `within` has 10m")
    }
    let duration = try duration(limit, "within", &frame)
    return .nearest(frame.place.deadline, duration.duration, "`within \(duration.text)` of the command")
  }

  /// Why a command failed, with its place and what was run.
  func failure(
    _ error: CommandFailure, _ call: CommandCall, _ given: GivenCommand, _ frame: borrowing Frame
  ) -> Failure {
    // Commands name what they were given, wherever that came from.
    let failed = error.covering(given.invocation)
    let name = given.command.calledName(given.written)
    let on = given.command.concernsCluster ? given.invocation.cluster.map { " on \($0.name)" } ?? "" : ""
    var notes: [(kind: String, text: Text)] = []
    if let said = failed.said, !said.string.isEmpty { notes.append(("it said", said)) }
    if let server = failed.server { notes.append(("server", given.invocation.covering(Text(server)))) }
    if let advice = failed.advice { notes.append(("try", given.invocation.covering(Text(advice)))) }
    var label = Text("ran: ")
    label.append(failed.ran ?? given.written)
    let kind: Failure.Kind
    var title = Text("\(name) failed\(on) (")
    switch failed.kind {
    case .failed: kind = .command
    case .misused: kind = .misuse
    case .timedOut:
      return timeOut(
        "\(name) took too long\(on)", given.deadline, call.nameSpan, frame, notes: notes, label: label,
        details: failed.details)
    case .interrupted:
      let isWindDown = frame.place.stop.request == .windDown
      return failure(isWindDown ? .stopped : .interrupted, "\(name) was interrupted\(on)", call.nameSpan, frame)
    }
    title.append(failed.reason)
    title.append(")")
    return Failure(
      kind, title, at: location(call.nameSpan, frame), label: label, notes: notes, details: failed.details,
      cause: failed.cause)
  }
}

extension CommandFailure {
  /// The failure with the secrets of the run covered in what it says, and the parts of those that the call was given.
  fileprivate func covering(_ call: Invocation) -> CommandFailure {
    let covering = call.covering
    var covered = self
    covered.reason = covering(reason)
    covered.said = said.map(covering)
    covered.ran = ran.map(covering)
    covered.details.out = details.out.map(covering)
    covered.details.err = details.err.map(covering)
    covered.details.value = details.value.covering(covering)
    return covered
  }
}

extension Value {
  /// The value with its texts covered.
  fileprivate func covering(_ covering: (Text) -> Text) -> Value {
    switch self {
    case .string(let string):
      let text = covering(Text(string))
      return text.isSecret ? .secret(text) : self
    case .secret(let text): return .secret(covering(text))
    case .list(let elements): return .list(elements.map { $0.covering(covering) })
    case .map(let map): return .map(ValueMap(map.map { ($0.0, $0.1.covering(covering)) }))
    default: return self
    }
  }
}

/// A command whose words and endings are evaluated.
struct GivenCommand: Sendable {
  let command: any Command
  var invocation: Invocation
  /// As it is shown.
  let written: Text
  var deadline: Deadline
}

extension Command {
  /// The command with the words that choose its form, as `nats stream info`.
  fileprivate func calledName(_ written: Text) -> String {
    guard case .forms(let forms) = grammar else { return name }
    let words = written.string.split(separator: " ").dropFirst()
    let path = forms.map(\.path).filter { words.map(String.init).starts(with: $0) }.max { $0.count < $1.count }
    return ([name] + (path ?? [])).joined(separator: " ")
  }
}
