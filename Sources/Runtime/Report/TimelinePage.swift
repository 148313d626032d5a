import Interpreter
import SandboxPicture

/// The page that shows a run over time: one document without anything from outside, with its figures as data in it.
struct TimelinePage {
  private let record: RunRecord

  init(_ record: RunRecord) { self.record = record }

  var file: String {
    let nonce = PicturePage.nonce()
    let style = Markup(stringLiteral: PicturePage.style + TimelinePage.style)
    let policy = PicturePage.policy(nonce: nonce, isLive: false)
    // Nothing in the data may end the element that holds it.
    let data = record.value.json().masked.split(separator: "<", omittingEmptySubsequences: false)
      .joined(separator: "\\u003c")
    let page: Markup = """
      <!DOCTYPE html>
      <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
      <meta http-equiv="Content-Security-Policy" content="\(policy)">
      <meta name="color-scheme" content="light dark"><meta name="referrer" content="no-referrer">
      <title>nbx: \(record.recipe)</title>
      <style nonce="\(nonce)">\(style)</style></head>
      <body>\(body)<script type="application/json" id="data">\(Markup(stringLiteral: data))</script></body></html>

      """
    return page.html
  }

  private var isWell: Bool { record.ending == "done" || record.ending == "skipped" }

  private var body: Markup {
    """
    <main><header><h1>\(record.recipe)</h1>
    <p class="summary \(isWell ? "well" : "bad")">\(isWell ? "✓" : "✕") \(record.summary)</p>
    <p class="quiet">\(record.clusters.joined(separator: " "))\(record.target.isEmpty ? "" : ", target \(record.target)"), \
    <time>\(record.start.text)</time></p></header>
    \(failures)\(figures)
    <div class="drawing wide">\(TimelineDrawing(record).markup)</div>
    <ul class="legend"><li><i class="mark missing"></i> shaded: something was out</li><li><i class="mark acks"></i> acknowledged \
    in each 100 ms</li><li><i class="mark slow"></i> the slowest of them</li><li><i class="mark gap"></i> \
    the longest gap</li><li>★ another server leads</li><li><i class="mark refusals"></i> late or refused</li>
    </ul>\(loads)\(faults)\(leaders)\(handled)\(steps)</main>
    """
  }

  // MARK: Failures

  private var failures: Markup {
    let told = record.findings.filter { !$0.isHandled }
    if told.isEmpty { return .none }
    return "<ul class=\"problems\">\(told.map { "<li><pre>\(Markup(lines: $0.text))</pre></li>" as Markup })</ul>"
  }

  private var handled: Markup {
    let told = record.findings.filter(\.isHandled)
    if told.isEmpty { return .none }
    let rows = told.prefix(TimelinePage.mostRows).map { finding -> Markup in
      """
      <tr><th scope="row">\(RunRecord.text(finding.at))</th><td>\(finding.lane)</td><td><details><summary>\(finding.title)</summary>\
      <pre>\(Markup(lines: finding.text))</pre></details></td></tr>
      """
    }
    return table("Handled", ["At", "Lane", "What failed and was taken care of"], rows, of: told.count)
  }

  // MARK: Figures

  private static let mostRows = 200

  private var figures: Markup {
    var figures: [(value: String, name: String, isBad: Bool)] = []
    for load in record.loads {
      let values = load.figures.entries
      func text(_ path: String) -> String { values[path: path].isNull ? "–" : values[path: path].shown() }
      let missed = values[path: "late"].amount + values[path: "refused"].amount
      figures += [
        ("\(text("sent")) of \(text("intended"))", load.name, missed > 0),
        (text("latency.p99"), "p99 from when each was due", false), (text("gap.length"), "longest gap", false),
      ]
    }
    if let longest = record.longestGap {
      let refused = record.writes.count(where: \.hasFailed)
      figures += [
        ("\(record.writes.count - refused) of \(record.writes.count)", "single writes acknowledged", refused > 0),
        (RunRecord.text(longest.end - longest.start), "the longest gap in them", false),
      ]
    }
    if figures.isEmpty { return .none }
    let items = figures.map { figure -> Markup in
      "<li class=\"\(figure.isBad ? "bad" : "")\"><b>\(figure.value)</b><span>\(figure.name)</span></li>"
    }
    return "<ul class=\"figures\">\(items)</ul>"
  }

  private var loads: Markup {
    if record.loads.isEmpty { return .none }
    let columns = [
      ("Rate/s", "rate"), ("Intended", "intended"), ("Sent", "sent"), ("Late", "late"), ("Refused", "refused"),
      ("P50", "latency.p50"), ("P90", "latency.p90"), ("P99", "latency.p99"), ("P99.9", "latency.p999"),
      ("Max", "latency.max"), ("Gap", "gap.length"), ("Gap at", "gap.at"),
    ]
    let rows = record.loads.map { load -> Markup in
      let cells = columns.map { _, path -> Markup in
        let value = load.figures.entries[path: path]
        return "<td class=\"n\">\(value.isNull ? "–" : value.shown())</td>"
      }
      return "<tr><th scope=\"row\">\(load.name)</th><td>\(RunRecord.text(load.start))</td>\(cells)</tr>"
    }
    return table("Loads", ["Load", "From"] + columns.map(\.0), rows, of: rows.count)
  }

  private var faults: Markup {
    if record.faults.isEmpty { return .none }
    let rows = record.faults.map { fault -> Markup in
      """
      <tr><th scope="row">\(fault.place)</th><td class="n">\(RunRecord.text(fault.start))</td>\
      <td class="n">\(fault.end.map(RunRecord.text) ?? "the end")</td><td><code>\(fault.name)</code></td></tr>
      """
    }
    return table("Out", ["What", "From", "Until", "Command"], rows, of: rows.count)
  }

  private var leaders: Markup {
    if record.leaders.isEmpty { return .none }
    let rows = record.leaders.prefix(TimelinePage.mostRows).map { leader -> Markup in
      """
      <tr><th scope="row">\(leader.group)</th><td class="n">\(RunRecord.text(leader.at))</td><td>\(leader.server)</td></tr>
      """
    }
    return table("Leaders", ["Group", "From", "Server"], rows, of: record.leaders.count)
  }

  private var steps: Markup {
    if record.steps.isEmpty { return .none }
    let rows = record.steps.prefix(TimelinePage.mostRows).map { step -> Markup in
      """
      <tr class="\(step.hasFailed ? "bad" : "")"><th scope="row">\(step.hasFailed ? "✕ " : "")\(step.name)</th>\
      <td>\(step.lane)</td><td class="n">\(RunRecord.text(step.start))</td>\
      <td class="n">\(RunRecord.text(step.end - step.start))</td></tr>
      """
    }
    return table("Steps", ["Step", "Lane", "From", "Took"], rows, of: record.steps.count)
  }

  private func table(_ title: String, _ columns: [String], _ rows: [Markup], of count: Int) -> Markup {
    let heads = columns.map { "<th scope=\"col\">\($0)</th>" as Markup }
    let more: Markup =
      count > rows.count ? "<p class=\"quiet\">\(count - rows.count) more are in the data.</p>" : .none
    return """
      <section><h2>\(title)</h2><div class="wide"><table><thead><tr>\(heads)</tr></thead><tbody>\(rows)</tbody></table></div>\
      \(more)</section>
      """
  }

  /// What a timeline has beyond the picture of servers.
  private static let style = """
    svg.timeline { min-width: 960px; max-width: none; }
    pre { margin: 0; font: 12.5px/1.4 ui-monospace, monospace; overflow-x: auto; white-space: pre; }
    .timeline .fault { fill: var(--bad); fill-opacity: .12; } .timeline .out { fill: var(--bad); fill-opacity: .75; }
    .timeline .step { fill: var(--storage); stroke: var(--storage-line); } .timeline .step.bad { fill: var(--bad-soft);
      stroke: var(--bad); }
    .timeline .grid { stroke: var(--line); } .timeline .acks { fill: var(--good); fill-opacity: .7; }
    .timeline .missed { fill: var(--bad); } .timeline .slowest { fill: none; stroke: var(--gateway); stroke-width: 1.2; }
    .timeline .leader { fill: var(--star); } .timeline .gap { fill: var(--star); }
    .mark.acks { color: var(--good); } .mark.slow { color: var(--gateway); } .mark.refusals { color: var(--bad); }
    .mark.gap { color: var(--star); }
    """
}
