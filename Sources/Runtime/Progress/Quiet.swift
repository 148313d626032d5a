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
