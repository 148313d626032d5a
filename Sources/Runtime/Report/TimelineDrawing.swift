import Interpreter
import SandboxNats
import SandboxPicture

/// A run over time: what was out, who led, the steps in their lanes, and below them on the same axis what loads and writers
/// got acknowledged.
struct TimelineDrawing {
  private let record: RunRecord
  private var y = 34.0
  private var rows = Markup.none

  private static let left = 156.0
  private static let right = 992.0
  private static let rowHeight = 22.0
  private static let chartHeight = 64.0

  init(_ record: RunRecord) {
    self.record = record
    drawFaults()
    drawLeaders()
    drawSteps()
    for load in record.loads { drawChart(TimelineSeries(load), load.name, load.gap) }
    if !record.writes.isEmpty { drawChart(TimelineSeries(writes: record.writes), "single writes", record.longestGap) }
  }

  var markup: Markup {
    """
    <svg class="timeline" viewBox="0 0 1000 \(y + 8)" role="img" aria-labelledby="drawing-title drawing-text" \
    data-seconds="\(exact(record.length))" data-left="\(Self.left)" data-right="\(Self.right)">
    <title id="drawing-title">The run over time</title><desc id="drawing-text">\(record.summary). The tables below have \
    all figures.</desc>
    \(shades)\(axis)\(rows)</svg>
    """
  }

  // MARK: Time

  private func seconds(_ duration: Duration) -> Double { Double(duration.nanoseconds) / 1e9 }

  /// Seconds to the millisecond.
  private func exact(_ duration: Duration) -> String { String((seconds(duration) * 1000).rounded() / 1000) }

  private func x(_ moment: Duration) -> Double {
    let whole = max(seconds(record.length), 0.001)
    return Self.left + (Self.right - Self.left) * min(max(seconds(moment) / whole, 0), 1)
  }

  /// A bar from one moment to another is seen however short it is.
  private func width(_ start: Duration, _ end: Duration) -> Double { max(1.5, x(end) - x(start)) }

  /// Lines at round moments, at most ten of them.
  private var axis: Markup {
    let steps: [Int64] = [
      1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 15_000, 30_000, 60_000, 120_000,
    ]
    let whole = record.length.nanoseconds / 1_000_000
    let step = steps.first { whole / $0 <= 10 } ?? max(1, whole / 10)
    let lines = stride(from: Int64(0), through: whole, by: Int64.Stride(step)).map { milliseconds -> Markup in
      let moment = Duration.milliseconds(milliseconds)
      return """
        <line class="grid" x1="\(x(moment))" x2="\(x(moment))" y1="22" y2="\(y)"/>\
        <text class="small" x="\(x(moment))" y="15" text-anchor="middle">\(RunRecord.text(moment))</text>
        """
    }
    return "\(lines)"
  }

  /// What was out lies behind everything.
  private var shades: Markup {
    let shades = record.faults.map { fault -> Markup in
      let end = fault.end ?? record.length
      return """
        <rect class="fault" data-place="\(fault.place)" x="\(x(fault.start))" y="22" width="\(width(fault.start, end))" \
        height="\(y - 22)"/>
        """
    }
    return "\(shades)"
  }

  // MARK: Rows

  private func label(_ text: String, _ height: Double = TimelineDrawing.rowHeight) -> Markup {
    let short = text.count > 18 ? text.prefix(17) + "…" : text
    return "<text class=\"name\" x=\"4\" y=\"\(y + height / 2 + 4)\">\(short)<title>\(text)</title></text>"
  }

  private mutating func drawFaults() {
    var places: [String] = []
    for fault in record.faults where !places.contains(fault.place) { places.append(fault.place) }
    for place in places {
      rows += label("✕ \(place)")
      for fault in record.faults where fault.place == place {
        let end = fault.end ?? record.length
        rows += """
          <rect class="out" data-at="\(exact(fault.start))" x="\(x(fault.start))" y="\(y + 5)" \
          width="\(width(fault.start, end))" height="12" rx="3"><title>\(fault.name), from \(RunRecord.text(fault.start)) to \
          \(RunRecord.text(end))</title></rect>
          """
      }
      y += Self.rowHeight
    }
  }

  private mutating func drawLeaders() {
    if record.leaders.isEmpty { return }
    rows += label("★ leaders")
    for leader in record.leaders {
      rows += """
        <text class="leader" x="\(x(leader.at))" y="\(y + 15)" text-anchor="middle">★<title>\(leader.server) leads \
        \(leader.group), \(RunRecord.text(leader.at))</title></text>
        """
    }
    y += Self.rowHeight
  }

  /// A step that goes on while another one does has a row of its own.
  private mutating func drawSteps() {
    var lanes: [String] = []
    for step in record.steps where !lanes.contains(step.lane) { lanes.append(step.lane) }
    for lane in lanes.prefix(Self.mostLanes) {
      var ends: [Duration] = []
      let top = y
      rows += label(lane.isEmpty ? "steps" : lane)
      for step in record.steps where step.lane == lane {
        let row = ends.firstIndex { $0 <= step.start } ?? ends.count
        if row == ends.count { ends.append(step.end) } else { ends[row] = step.end }
        let (at, wide) = (x(step.start), width(step.start, step.end))
        let name: Markup = wide > 40 ? name(step.name, in: wide, at, top + Double(row) * Self.rowHeight) : .none
        rows += """
          <g><title>\(step.name), \(RunRecord.text(step.end - step.start))</title>\
          <rect class="step \(step.hasFailed ? "bad" : "")" x="\(at)" y="\(top + Double(row) * Self.rowHeight + 2)" \
          width="\(wide)" height="18" rx="3"/>\(name)</g>
          """
      }
      y += Double(max(1, ends.count)) * Self.rowHeight
    }
  }

  private static let mostLanes = 40

  private func name(_ text: String, in width: Double, _ x: Double, _ y: Double) -> Markup {
    let most = Int((width - 10) / 6.6)
    return
      "<text x=\"\(x + 5)\" y=\"\(y + 15)\">\(text.count > most ? text.prefix(max(0, most - 1)) + "…" : text)</text>"
  }

  // MARK: Charts

  /// How many were acknowledged in each slot, with those that were not on top; below them the slowest, on a scale of
  /// powers of ten.
  private mutating func drawChart(_ series: TimelineSeries, _ title: String, _ gap: RunRecord.Stretch?) {
    let slots = series.slots
    guard var most = slots.map({ $0.done + $0.late + $0.refused }).max(), most > 0 else { return }
    // What was held up comes all at once, and beside that the rate itself would not be seen.
    if let usual = series.usual { most = min(most, max(1, 2 * usual)) }
    y += 10
    let (top, height) = (y, Self.chartHeight)
    rows += label(title, 20)
    rows += "<text class=\"small\" x=\"4\" y=\"\(y + 32)\">up to \(most * 10)/s</text>"
    let wide = max(0.8, x(RatedFigures.slot) - Self.left)
    for (place, slot) in slots.enumerated() where slot.isAnything {
      let at = x(series.start + RatedFigures.slot * place)
      let done = height * Double(min(slot.done, most)) / Double(most)
      let missed = min(height - done, height * Double(slot.late + slot.refused) / Double(most))
      if slot.done > 0 {
        rows += "<rect class=\"acks\" x=\"\(at)\" y=\"\(top + height - done)\" width=\"\(wide)\" height=\"\(done)\"/>"
      }
      if slot.late + slot.refused > 0 {
        rows += """
          <rect class="missed" x="\(at)" y="\(top + height - done - missed)" width="\(wide)" height="\(missed)"/>
          """
      }
    }
    if let gap {
      rows += """
        <rect class="gap" data-at="\(exact(gap.start))" data-took="\(exact(gap.end - gap.start))" x="\(x(gap.start))" \
        y="\(top + height + 1)" width="\(width(gap.start, gap.end))" height="4"><title>the longest gap: \
        \(RunRecord.text(gap.end - gap.start)) from \(RunRecord.text(gap.start)) on</title></rect>
        """
    }
    y += height + 8
    drawLatency(series)
  }

  private mutating func drawLatency(_ series: TimelineSeries) {
    let slots = series.slots
    let times = slots.compactMap(\.slowest).map { max(1e5, Double($0.nanoseconds)) }
    guard let longest = times.max() else { return }
    let (top, height) = (y, Self.chartHeight)
    let (low, high) = (decade(1e5), max(decade(longest * 9.99), decade(1e5) + 1))
    rows += """
      <text class="small" x="4" y="\(top + 12)">slowest, up to</text>\
      <text class="small" x="4" y="\(top + 28)">\(RunRecord.text(.nanoseconds(Int64(longest))))</text>
      """
    var path = Markup.none
    var isOpen = false
    for (place, slot) in slots.enumerated() {
      guard let slowest = slot.slowest else {
        isOpen = false
        continue
      }
      let share = (power(max(1e5, Double(slowest.nanoseconds))) - Double(low)) / Double(high - low)
      let middle = series.start + RatedFigures.slot * place + RatedFigures.slot / 2
      path += "\(isOpen ? "L" : "M")\(x(middle)) \(top + height * (1 - min(max(share, 0), 1))) "
      isOpen = true
    }
    rows += "<path class=\"slowest\" d=\"\(path)\"/>"
    y += height
  }

  /// To which power of ten a number is, by halving the distance: there is no logarithm without a larger library.
  private func power(_ number: Double) -> Double {
    let whole = decade(number)
    var factor = 1.0
    for _ in 0..<whole { factor *= 10 }
    // Between two powers a straight line is close enough for a drawing.
    return Double(whole) + (number / factor - 1) / 9
  }

  private func decade(_ number: Double) -> Int {
    var (whole, rest) = (0, number)
    while rest >= 10 {
      rest /= 10
      whole += 1
    }
    return whole
  }
}
