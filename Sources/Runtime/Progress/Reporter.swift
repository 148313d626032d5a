import Lexer
import Synchronization
import ValuesAndCommands

/// Shows a run to whoever started it: what recipes say on standard output, how it goes on standard error. On a terminal
/// one live line a lane, elsewhere plain lines that begin with the lane's name. An interrupt is answered at once.
package final class Reporter: @unchecked Sendable {
  private let output: Terminal
  private let error: Terminal
  private let lock = Mutex<Void>(())
  /// One says its lines after another. Their reader may be slow, which keeps nobody else: see `observe`.
  private let saying = Mutex<Void>(())
  private var state = ProgressState()
  private var liveLines = 0
  private var started = ContinuousClock.now
  private var isResting = false
  private var quiet = Quiet()
  /// What of the user's wish to stop has been answered.
  private var answered = StopSignal.Request.none
  private let stop: StopSignal?
  /// Runs from the first event on behind which something may last: a recipe that only prints is over before a thread has
  /// begun.
  private var ticker: Ticker?
  private var isFinished = false

  /// Nothing live is shown of what takes less.
  private static let patience = Duration.milliseconds(400)
  private static let redrawPause = Duration.milliseconds(100)

  /// - Parameter stop: what the user's interrupts ask.
  package init(
    output: Terminal = .standardOutput, error: Terminal = .standardError, stop: StopSignal? = nil
  ) {
    self.output = output
    self.error = error
    self.stop = stop
  }

  /// Hears what happens; from any thread.
  package func observe(_ event: Event) {
    let now = ContinuousClock.now
    if case .said(let text) = event.kind {
      let line = prefixed(text.masked, event.lane, output)
      lock.withLock { _ in
        state.apply(event, at: now)
        quiet.broken(event.lane, at: now)
        erase()
        // On a terminal live lines must not come between.
        if output.isTerminal { say(line) }
      }
      if !output.isTerminal {
        // While a pipe is full, interrupts are still answered, and the other lanes go on.
        if !output.hasRoom(within: 0) { lock.withLock { _ in beginTicking() } }
        saying.withLock { _ in say(line) }
      }
      return
    }
    lock.withLock { _ in
      state.apply(event, at: now)
      if event.mayLast { beginTicking() }
      if let line = permanentLine(for: event) {
        quiet.broken(event.lane, at: now)
        show(line.text, on: line.terminal)
      }
    }
  }

  /// Says something that is no event.
  package func note(_ text: String) {
    lock.withLock { _ in
      beginTicking()
      show(error.style.quiet(text), on: error)
    }
  }

  /// Shows in full how a run ended. Whoever interrupted it sees by that that they were heard.
  package func show(_ diagnostic: Diagnostic) {
    lock.withLock { _ in
      if let stop { answered = max(answered, stop.request) }
      show(diagnostic.rendered(error.style), on: error)
    }
  }

  /// Takes the live lines away and draws none until `go`: between two statements of a session.
  package func rest() {
    lock.withLock { _ in
      erase()
      isResting = true
    }
  }

  /// Begins to show what happens, as if from the start.
  package func go() {
    lock.withLock { _ in
      state = ProgressState()
      quiet = Quiet()
      answered = .none
      started = .now
      isResting = false
    }
  }

  /// Takes the live lines away; nothing is drawn after this.
  package func finish() {
    let running = lock.withLock { _ -> Ticker? in
      isFinished = true
      defer { ticker = nil }
      return ticker
    }
    running?.stop()
    lock.withLock { _ in erase() }
  }

  // MARK: Lines that stay

  private func permanentLine(for event: Event) -> (text: String, terminal: Terminal)? {
    switch event.kind {
    case .stepStarted(let name): return error.isTerminal ? nil : (prefixed("\(name) …", event.lane, error), error)
    case .stepEnded(let name, let took, let failed):
      let end = failed ? error.style.bad("failed after") : error.style.good("done in")
      return (prefixed("\(name): \(end) \(Reporter.seconds(took))", event.lane, error), error)
    case .handled(let diagnostic):
      let place = diagnostic.location.map { " (\($0.description))" } ?? ""
      let title = diagnostic.title.coveringEvidentSecrets
      return (prefixed(error.style.quiet("handled: \(title)\(place)"), event.lane, error), error)
    case .noted(let text): return (prefixed(error.style.quiet(text), event.lane, error), error)
    case .skipped(let reason): return (prefixed("skipped: \(reason)", event.lane, error), error)
    default: return nil
    }
  }

  private func prefixed(_ text: String, _ lane: String, _ terminal: Terminal) -> String {
    guard !lane.isEmpty else { return text }
    let name = Array((terminal.style.strong(lane) + ": ").utf8)
    var lines = name
    for byte in text.utf8 {
      lines.append(byte)
      if byte == UInt8(ascii: "\n") { lines += name }
    }
    return String(decoding: lines, as: UTF8.self)
  }

  static func seconds(_ duration: Duration) -> String {
    let tenths = (DurationValue(duration).nanoseconds + 50_000_000) / 100_000_000
    return "\(tenths / 10).\(tenths % 10)s"
  }

  // MARK: Lines that live

  private func show(_ text: String, on terminal: Terminal) {
    erase()
    terminal.write(text + "\n")
  }

  /// What a recipe says may be as long as a text can be, and its reader slow: the limit around it counts.
  private func say(_ text: String) {
    _ = output.write(text + "\n", unless: { OperationLimit.isReached })
  }

  private func beginTicking() {
    guard ticker == nil, !isFinished else { return }
    ticker = Ticker(every: Reporter.redrawPause) { [weak self] in self?.tick() }
  }

  private func tick() {
    lock.withLock { _ in
      let now = ContinuousClock.now
      guard !isResting else { return }
      answerInterrupt()
      guard error.isTerminal else {
        for (lane, text) in quiet.lines(of: state, at: now) { show(prefixed(text, lane, error), on: error) }
        return
      }
      let lines = state.lines(at: now, width: error.columns, most: max(1, error.rows - 2))
      guard started.duration(to: now) > Reporter.patience else { return }
      erase()
      guard !lines.isEmpty else { return }
      error.write(lines.map { error.style.quiet($0) }.joined(separator: "\n") + "\n")
      liveLines = lines.count
    }
  }

  /// Says that it was heard, and what is still to end.
  private func answerInterrupt() {
    guard let request = stop?.request, request > answered, request >= .interrupt else { return }
    answered = request
    let running = state.lanes.compactMap { name, lane in
      lane.doing.map { $0.truncated(to: 60) + (name.isEmpty ? "" : " (\(name))") }
    }
    let shown = running.prefix(3).joined(separator: ", ") + (running.count > 3 ? " and \(running.count - 3) more" : "")
    let rest = running.isEmpty ? "it ends as soon as it can" : "still running: \(shown)"
    let text =
      request == .kill
      ? "interrupted again: everything ends at once" : "interrupted; \(rest); Ctrl-C again ends everything at once"
    show(error.style.strong(text), on: error)
  }

  /// ECMA-48: cursor up, then erase to the end of the screen.
  private func erase() {
    guard liveLines > 0 else { return }
    error.control("\u{1B}[\(liveLines)A\r\u{1B}[J")
    liveLines = 0
  }
}

/// What a run is doing, lane by lane, made from events alone: no clock, no terminal.
struct ProgressState {
  struct Lane {
    /// The steps that are open, outermost first.
    var steps: [(name: String, since: ContinuousClock.Instant)] = []
    var command: String?
    var waiting: (what: String, lastSeen: String)?
    var since: ContinuousClock.Instant
    /// Since when it is at work on something, be it one command after the other.
    var busySince: ContinuousClock.Instant
    var isBusy: Bool { command != nil || waiting != nil }

    init(since: ContinuousClock.Instant) {
      self.since = since
      busySince = since
    }

    /// What it is at.
    var doing: String? {
      guard let waiting else { return command }
      return waiting.lastSeen.isEmpty ? waiting.what : "\(waiting.what) (\(waiting.lastSeen))"
    }
  }

  /// Who does nothing for so long begins anew with what comes next.
  private static let rest = Duration.milliseconds(500)

  private(set) var lanes: [(name: String, lane: Lane)] = []

  /// Takes note of an event that happened at `time`.
  mutating func apply(_ event: Event, at time: ContinuousClock.Instant) {
    let index = place(of: event, time)
    let wasBusy = lanes[index].lane.isBusy
    if !wasBusy, lanes[index].lane.since.duration(to: time) > ProgressState.rest { lanes[index].lane.busySince = time }
    switch event.kind {
    case .stepStarted(let name): lanes[index].lane.steps.append((name, time))
    case .stepEnded: _ = lanes[index].lane.steps.popLast()
    case .commandStarted(let command):
      lanes[index].lane.command = command
      lanes[index].lane.since = time
    case .commandEnded: lanes[index].lane.command = nil
    case .waiting(let what, let lastSeen):
      if lanes[index].lane.waiting?.what != what { lanes[index].lane.since = time }
      lanes[index].lane.waiting = (what, lastSeen)
    case .waitEnded: lanes[index].lane.waiting = nil
    case .laneEnded where !event.lane.isEmpty:
      lanes.remove(at: index)
      return
    default: break
    }
    // It was at work until now.
    if wasBusy, !lanes[index].lane.isBusy { lanes[index].lane.since = time }
  }

  private mutating func place(of event: Event, _ time: ContinuousClock.Instant) -> Int {
    if let index = lanes.firstIndex(where: { $0.name == event.lane }) { return index }
    lanes.append((event.lane, Lane(since: time)))
    return lanes.count - 1
  }

  /// One line for each lane that does something, fit for a terminal `width` columns wide.
  func lines(at time: ContinuousClock.Instant, width: Int, most: Int) -> [String] {
    let busy = lanes.filter { $0.lane.command != nil || $0.lane.waiting != nil || !$0.lane.steps.isEmpty }
    // Where lanes run, the one that waits for them has nothing of its own to show.
    let shown = busy.count > 1 ? busy.filter { !$0.name.isEmpty } : busy
    let names = shown.map(\.name.fitForTerminalLine)
    let nameWidth = names.map { displayWidth($0) }.max() ?? 0
    var lines = zip(names, shown).prefix(most).map { name, shown -> String in
      let lane = shown.lane
      let seconds = Int(lane.since.duration(to: time).components.seconds)
      var text = name.isEmpty ? "" : name.padded(to: nameWidth) + "  "
      if let step = lane.steps.last { text += "\(step.name): " }
      if let doing = lane.doing { text += lane.waiting == nil ? doing : "waiting for \(doing)" }
      // A line that took more than one would not be found again to be erased.
      return text.fitForTerminalLine.truncated(to: max(10, width - 7)) + "  \(seconds)s"
    }
    if shown.count > most { lines.append("… \(shown.count - most) more") }
    return lines
  }
}

/// When a lane that shows nothing is spoken of, so that nobody takes it for dead: after two seconds, then ever more rarely.
/// It knows no clock of its own.
struct Quiet {
  private var spoken: [String: (at: ContinuousClock.Instant, pause: Duration)] = [:]

  static let patience = LongWait.patience
  private static let longestPause = Duration.seconds(60)

  /// A lane has shown something.
  mutating func broken(_ lane: String, at time: ContinuousClock.Instant) { spoken[lane] = (time, Quiet.patience) }

  /// Lines on what lanes have been at for so long, which counts as showing something.
  mutating func lines(of state: ProgressState, at time: ContinuousClock.Instant) -> [(lane: String, text: String)] {
    state.lanes.compactMap { name, lane in
      guard let doing = lane.doing else { return nil }
      var (last, pause) = spoken[name] ?? (lane.busySince, Quiet.patience)
      if last < lane.busySince { (last, pause) = (lane.busySince, Quiet.patience) }
      guard last.duration(to: time) >= pause else { return nil }
      spoken[name] = (time, min(pause * 2, Quiet.longestPause))
      return (name, "waiting for \(doing.truncated(to: 160))")
    }
  }
}

extension Event {
  fileprivate var mayLast: Bool {
    switch kind {
    case .stepStarted, .commandStarted, .waiting, .laneStarted, .deferStarted: true
    default: false
    }
  }
}
