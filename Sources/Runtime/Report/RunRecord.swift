import Interpreter
import SandboxNats

/// What happened in a run and when: the substance of its report. Moments count from the run's start.
package struct RunRecord: Sendable {
  /// Something that took its time: a step, or a command.
  struct Stretch: Sendable {
    var name: String
    /// In which lane; empty outside of all.
    var lane: String
    var start: Duration
    var end: Duration
    var hasFailed = false
  }

  /// What was taken away, from the command that did it until the one that brought it back.
  struct Fault: Sendable {
    /// `c1`, or `link c1 c2`.
    var place: String
    /// The command.
    var name: String
    var start: Duration
    /// Nil: it lasted to the run's end.
    var end: Duration?
  }

  /// A bench with a rate: what it gave.
  struct Load: Sendable {
    var name: String
    var lane: String
    var start: Duration
    var figures: Value

    /// The longest time without an acknowledgement.
    var gap: Stretch? {
      guard case .duration(let at)? = figures.entries["gap"]?.entries["at"],
        case .duration(let length)? = figures.entries["gap"]?.entries["length"]
      else { return nil }
      let begin = start + at.duration
      return Stretch(name: name, lane: lane, start: begin, end: begin + length.duration)
    }
  }

  /// A failure as it is told to people, with the parts of an assertion.
  struct Finding: Sendable {
    var at: Duration
    var lane: String
    var title: String
    var text: String
    /// Whether a `try` or a `retry` took care of it.
    var isHandled: Bool
  }

  /// Another server leads.
  struct Leader: Sendable {
    var at: Duration
    /// The stream, or the stream and its consumer.
    var group: String
    var server: String
  }

  var recipe: String
  var clusters: [String]
  var target: String
  var start: TimeValue
  var length = Duration.zero
  /// What nbx itself used of the processors, beside the servers that it measured.
  var processor = Duration.zero
  /// `done`, `skipped`, `failed` or `interrupted`.
  var ending = "done"
  var steps: [Stretch] = []
  var faults: [Fault] = []
  /// The last change to how many pods each workload has.
  var scaled: [String: (count: Int, command: Stretch)] = [:]
  var loads: [Load] = []
  /// Single writes that a stream or a bucket acknowledged, or did not.
  var writes: [Stretch] = []
  var findings: [Finding] = []
  var leaders: [Leader] = []

  init(recipe: String, clusters: [String], start: TimeValue) {
    self.recipe = recipe
    self.clusters = clusters
    self.start = start
    target = ""
  }

  /// The longest time in which a lane that wrote got no write acknowledged. A pause of a second and more between two writes
  /// is no part of it.
  var longestGap: Stretch? {
    var longest: Stretch?
    var last: [String: Duration] = [:]
    for write in writes.sorted(by: { $0.end < $1.end }) where !write.hasFailed {
      var gap = write
      if let before = last[write.lane], write.start - before < .seconds(1) { gap.start = min(before, write.start) }
      last[write.lane] = write.end
      if let found = longest, gap.end - gap.start <= found.end - found.start { continue }
      longest = gap
    }
    return longest
  }

  /// How the run was, in a line.
  package var summary: String {
    let failed = findings.count { !$0.isHandled }
    return "\(ending) after \(RunRecord.text(length))" + (failed > 0 ? ", \(failed) failed" : "")
      + "; nbx itself used \(RunRecord.text(processor)) of the processors"
  }

  /// To a hundredth of a second, or to the tenth of a millisecond below one.
  static func text(_ duration: Duration) -> String {
    let whole = duration.nanoseconds
    let step: Int64 = whole < 1_000_000_000 ? 100_000 : 10_000_000
    return DurationValue(nanoseconds: (whole + step / 2) / step * step).text
  }

  /// The record as data.
  package var value: Value {
    func time(_ duration: Duration) -> Value { .duration(DurationValue(duration)) }
    func stretch(_ stretch: Stretch) -> Value {
      [
        "name": .string(stretch.name), "lane": .string(stretch.lane), "at": time(stretch.start),
        "took": time(stretch.end - stretch.start), "failed": .bool(stretch.hasFailed),
      ]
    }
    var entries = ValueMap()
    entries["recipe"] = .string(recipe)
    entries["clusters"] = .list(clusters.map(Value.string))
    entries["target"] = .string(target)
    entries["start"] = .time(start)
    entries["took"] = time(length)
    entries["processor"] = time(processor)
    entries["ending"] = .string(ending)
    entries["steps"] = .list(steps.map(stretch))
    entries["faults"] = .list(
      faults.map { fault in
        [
          "place": .string(fault.place), "command": .string(fault.name), "at": time(fault.start),
          "until": fault.end.map(time) ?? .null,
        ]
      })
    entries["leaders"] = .list(
      leaders.map { ["at": time($0.at), "group": .string($0.group), "server": .string($0.server)] })
    entries["loads"] = .list(
      loads.map { load in
        [
          "name": .string(load.name), "lane": .string(load.lane), "at": time(load.start), "figures": load.figures,
        ]
      })
    entries["writes"] = [
      "acknowledged": .int(Int64(writes.count { !$0.hasFailed })),
      "refused": .int(Int64(writes.count(where: \.hasFailed))),
      "gap": longestGap.map { ["at": time($0.start), "length": time($0.end - $0.start), "lane": .string($0.lane)] }
        ?? .null,
      "series": .list(
        TimelineSeries(writes: writes).slots.enumerated().filter { $1.isAnything }.map { place, slot in
          [
            "at": time(RatedFigures.slot * place), "acknowledged": .int(Int64(slot.done)),
            "refused": .int(Int64(slot.refused)), "slowest": slot.slowest.map(time) ?? .null,
          ]
        }),
    ]
    entries["failures"] = .list(
      findings.map { finding in
        [
          "at": time(finding.at), "lane": .string(finding.lane), "title": .string(finding.title),
          "text": .string(finding.text), "handled": .bool(finding.isHandled),
        ]
      })
    return .map(entries)
  }
}

/// Figures of each 100 ms from the run's start on, to be drawn.
struct TimelineSeries {
  struct Slot {
    var done = 0
    var late = 0
    var refused = 0
    var slowest: Duration?

    var isAnything: Bool { done + late + refused > 0 }
  }

  /// When the first of them begins.
  private(set) var start = Duration.zero
  /// How many are done in each as a rule, if that is known.
  private(set) var usual: Int?
  private(set) var slots: [Slot] = []

  /// Of writes, each of which counts where it ended.
  init(writes: [RunRecord.Stretch]) {
    for write in writes {
      change(at: write.end) { slot in
        if write.hasFailed { slot.refused += 1 } else { slot.done += 1 }
        slot.slowest = max(slot.slowest ?? .zero, write.end - write.start)
      }
    }
  }

  /// Of a bench with a rate: acknowledgements where they came, all else where it was due.
  init(_ load: RunRecord.Load) {
    start = load.start
    usual = load.figures.entries["rate"].map { Int($0.amount / 10) }
    for row in load.figures.entries["series"]?.elements ?? [] {
      guard case .duration(let at)? = row.entries["at"] else { continue }
      func count(_ name: String) -> Int { Int(row.entries[name]?.amount ?? 0) }
      change(at: at.duration) { slot in
        slot.done += count("acknowledged")
        slot.late += count("late")
        slot.refused += count("refused")
        guard case .duration(let slowest)? = row.entries["slowest"] else { return }
        slot.slowest = max(slot.slowest ?? .zero, slowest.duration)
      }
    }
  }

  private mutating func change(at moment: Duration, _ body: (inout Slot) -> Void) {
    let place = max(0, Int(moment.nanoseconds / RatedFigures.slot.nanoseconds))
    if place >= slots.count { slots += Array(repeating: Slot(), count: place + 1 - slots.count) }
    body(&slots[place])
  }
}
