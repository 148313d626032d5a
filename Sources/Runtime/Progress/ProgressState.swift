import Interpreter
import Lexer

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
