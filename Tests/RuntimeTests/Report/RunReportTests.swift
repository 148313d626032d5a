import Foundation
import Interpreter
import Lexer
import TestSupport
import Testing

@testable import SandboxRuntime

/// What a run's report tells, in each of its forms; the page in a real browser.
@Suite(.serialized, .mayWait) struct RunReportTests {
  private static func at(_ milliseconds: Int) -> Duration { .milliseconds(milliseconds) }

  /// A run of twenty seconds in which a region was out from 5 s to 12 s.
  private static var record: RunRecord {
    var record = RunRecord(recipe: "<b>loss</b> & </script>", clusters: ["c1", "c2"], start: TimeValue(nanoseconds: 0))
    record.length = .seconds(20)
    record.ending = "failed"
    record.target = "local"
    record.processor = at(1250)
    record.steps = [
      .init(name: "all of it", lane: "", start: .zero, end: at(19_000)),
      .init(name: "c1 goes", lane: "", start: at(5000), end: at(12_000), hasFailed: true),
      .init(name: "writers", lane: "c2", start: at(1000), end: at(18_000)),
    ]
    record.faults = [.init(place: "c1", name: "region stop c1 --now", start: at(5000), end: at(12_000))]
    record.leaders = [.init(at: at(9500), group: "ORDERS", server: "c2-js-0")]
    record.loads = [
      .init(
        name: "acknowledgements of a", lane: "", start: at(2050),
        figures: [
          "intended": 30, "sent": 20, "late": 10, "refused": 0,
          "latency": ["p99": .duration(DurationValue(.seconds(4)))],
          "gap": [
            "at": .duration(DurationValue(at(3000))), "length": .duration(DurationValue(at(4200))),
          ],
          "series": [
            [
              "at": .duration(DurationValue(.zero)), "sent": 20, "acknowledged": 20,
              "slowest": .duration(DurationValue(at(3))),
            ],
            ["at": .duration(DurationValue(at(3000))), "late": 10, "slowest": .duration(DurationValue(.seconds(5)))],
          ],
        ])
    ]
    record.writes = [1000, 1300, 1350, 9000].map { end in
      .init(name: "nats pub a b -J", lane: "c2", start: at(end == 9000 ? 1400 : end - 10), end: at(end))
    }
    record.findings = [
      .init(
        at: at(19_000), lane: "", title: "assertion failed: <it>", text: "assertion failed: <it>\n  n   7",
        isHandled: false)
    ]
    return record
  }

  @Test func theLongestGapIsOfOneLaneThatWrites() throws {
    var record = Self.record
    // From one acknowledgement to the next, with the pause between.
    #expect(record.longestGap?.start == Self.at(1350) && record.longestGap?.end == Self.at(9000))
    record.writes.append(.init(name: "nats pub a c -J", lane: "c1", start: Self.at(100), end: Self.at(5000)))
    #expect(record.longestGap?.lane == "c2")
    record.writes = [1000, 4000].map { .init(name: "", lane: "", start: Self.at($0 - 10), end: Self.at($0)) }
    #expect(record.longestGap.map { $0.end - $0.start } == Self.at(10))
    record.writes[1].hasFailed = true
    #expect(record.longestGap?.end == Self.at(1000))
  }

  @Test func whatIsTakenAwayIsOutUntilItIsBack() throws {
    let recorder = RunRecorder(recipe: "r.nbx", clusters: [])
    func tell(_ command: String, failed: Bool = false) {
      recorder.observe(
        Event(lane: "", cluster: nil, kind: .commandEnded(command, took: .milliseconds(1), failed: failed)))
    }
    recorder.observe(Event(lane: "", cluster: nil, kind: .recipeStarted(title: "A title")))
    tell("region stop c1 --now")
    tell("region stop c1")
    tell("region pause c2 c3")
    tell("link cut c1 c2")
    tell("link cut c3")
    tell("link heal c1")
    tell("region start c2", failed: true)
    tell("region resume c3 c2")
    tell("kubectl delete pod/x")
    tell("nats pub a b --jetstream")
    tell("nats kv put b k v", failed: true)
    tell("nats pub a b")
    let record = recorder.record(of: .done, target: "local", clusters: ["c1"])
    #expect(record.recipe == "A title" && record.ending == "done")
    #expect(record.faults.map(\.place) == ["c1", "c2", "c3", "link c1 c2", "link c3", "kubectl"])
    #expect(record.faults.map { $0.end != nil } == [false, true, true, true, false, true])
    #expect(record.writes.map(\.hasFailed) == [false, true])
  }

  @Test func whatBefallsServersLastsUntilThatIsUndone() throws {
    let recorder = RunRecorder(recipe: "r.nbx", clusters: [])
    for command in [
      "fault kill c1-js-nats-0 c2-js-nats-0 c3-js-nats-0", "fault freeze c1-js-nats-0", "fault freeze c1-js-nats-0",
      "fault disk full c1-js-nats-0", "fault kill --role js", "fault copy c1-js-nats-0 early",
      "fault start c1-js-nats-0",
      "fault disk free c1-js-nats-0", "region start c2", "fault heal c2-gw-nats-0", "fault start --role xr-js",
    ] {
      recorder.observe(
        Event(lane: "", cluster: nil, kind: .commandEnded(command, took: .milliseconds(1), failed: false)))
    }
    let faults = recorder.record(of: .done, target: "local", clusters: []).faults
    let server = "c1-js-nats-0"
    #expect(faults.map(\.place) == [server, "c2-js-nats-0", "c3-js-nats-0", server, server, "--role js"])
    // Killed and started, started with its region, still away, still frozen, with room again, still away.
    #expect(faults.map { $0.end != nil } == [true, true, false, false, true, false])
    recorder.observe(
      Event(lane: "", cluster: nil, kind: .commandEnded("fault heal", took: .milliseconds(1), failed: false)))
    #expect(recorder.record(of: .done, target: "local", clusters: []).faults.allSatisfy { $0.end != nil })
  }

  @Test func aWorkloadIsOutWithFewerPodsThanItThenGets() throws {
    let recorder = RunRecorder(recipe: "r.nbx", clusters: [])
    for (command, cluster) in [
      ("kubectl scale statefulset c1-js-nats --replicas=1 --namespace nats", "c1"),
      ("kubectl scale statefulset/xr-js-nats --replicas=0 -n nats", "c2"),
      ("kubectl scale statefulset c3-js-nats --replicas=4 --namespace nats", "c3"),
      ("kubectl scale statefulset c1-js-nats --replicas=3 --namespace nats", "c1"),
    ] {
      recorder.observe(
        Event(
          lane: "", cluster: Cluster(name: cluster, index: 0),
          kind: .commandEnded(command, took: .milliseconds(1), failed: false)))
    }
    let faults = recorder.record(of: .done, target: "k3d", clusters: []).faults
    #expect(faults.map(\.place) == ["c2 xr-js-nats", "c1-js-nats"])
    #expect(faults.map { $0.end != nil } == [false, true])
    #expect(faults.last?.name.contains("--replicas=1") == true)
  }

  @Test func theEndingOfTheNameChoosesTheForm() throws {
    #expect(RunReport(file: "a/run.html") == .html && RunReport(file: "x.y.JSON") == .json)
    #expect(RunReport(file: "junit.xml") == .xml)
    for file in ["run", "a.html/run", "run.txt", ""] { #expect(RunReport(file: file) == nil, "\(file)") }
  }

  @Test func dataAndJUnitAreWellFormed() throws {
    let data = try JSONTree(RunReport.json.text(Self.record))
    #expect(data["recipe"].text == "<b>loss</b> & </script>" && data["writes", "gap", "at"].text == "1.35s")
    #expect(
      data["processor"].text == "1.25s" && Self.record.summary.contains("nbx itself used 1.25s of the processors"))
    #expect(data["faults"].elements[0]["until"].text == "12s" && data["loads"].elements[0]["at"].text == "2.05s")
    let parser = XMLSearch()
    let text = RunReport.xml.text(Self.record)
    #expect(parser.parse(text), "\(text)")
    #expect(parser.cases == ["all of it", "c1 goes", "c2: writers", "the whole run"] && parser.failures == 2)
    #expect(parser.text.contains("assertion failed: <it>\n  n   7"))
  }

  @Test func thePageStandsByItself() throws {
    let folder = try RunFolder.newPath()
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let file = folder + "/run.html"
    try RunReport.html.text(Self.record).write(toFile: file, atomically: true, encoding: .utf8)
    // Where a bar begins, in seconds of the axis.
    let moment = """
      (selector => {
        const svg = document.querySelector("svg.timeline"), bar = svg.querySelector(selector);
        const left = +svg.dataset.left, right = +svg.dataset.right;
        return (bar.x.baseVal.value - left) / (right - left) * svg.dataset.seconds;
      })
      """
    let seen = try Browser.run(
      [
        .open("file://" + file), .value("document.querySelector('h1').innerText"),
        .value("\(moment)('rect.out')"), .value("\(moment)('rect.gap')"), .value("\(moment)('rect.missed')"),
        .value("[...document.querySelectorAll('svg .step')].length"),
        .value("document.querySelector('.problems').innerText"),
        .value("JSON.parse(document.getElementById('data').textContent).recipe"),
        .value("getComputedStyle(document.body).backgroundColor"), .scheme("dark"),
        .value("getComputedStyle(document.body).backgroundColor"), .window(360, 800),
        .value("document.documentElement.scrollWidth"),
        .value("document.querySelector('svg.timeline text').getBoundingClientRect().height"), .requests, .complaints,
      ], environment: ProcessInfo.processInfo.environment)
    #expect(seen[1].text == "<b>loss</b> & </script>" && seen[7] == seen[1])
    // To within 100 ms of where they were.
    for (place, expected) in [(2, 5.0), (3, 5.05), (4, 5.05)] {
      guard case .number(let found) = seen[place] else {
        Issue.record("\(seen[place])")
        continue
      }
      #expect(abs(found - expected) < 0.1, "\(place): \(found)")
    }
    #expect(seen[5] == .number(3))
    #expect(seen[6].text?.contains("assertion failed: <it>\n  n   7") == true, "\(seen[6])")
    #expect(seen[8] != seen[10])
    #expect(seen[12] == .number(360))
    guard case .number(let height) = seen[13] else { throw DidNotFail(value: "\(seen[13])") }
    #expect(height > 10)
    #expect(seen[14].elements.compactMap(\.text) == ["file://" + file] && seen[15].elements.isEmpty, "\(seen[15])")
  }
}

/// Reads as much of a JUnit file as the tests ask for.
private final class XMLSearch {
  private(set) var cases: [String] = []
  private(set) var failures = 0
  private(set) var text = ""

  /// Whether each element is closed by its own end and each reference known.
  func parse(_ document: String) -> Bool {
    var open: [String] = []
    var rest = document[...]
    while let start = rest.firstIndex(of: "<") {
      guard let plain = XMLSearch.plain(rest[..<start]) else { return false }
      text += plain
      guard let end = rest[start...].firstIndex(of: ">") else { return false }
      let tag = rest[rest.index(after: start)..<end]
      rest = rest[rest.index(after: end)...]
      if tag.hasPrefix("?") { continue }
      if tag.hasPrefix("/") {
        guard open.popLast() == String(tag.dropFirst()) else { return false }
        continue
      }
      let name = String(tag.prefix { $0 != " " && $0 != "/" })
      if name == "failure" { failures += 1 }
      if name == "testcase", let range = tag.range(of: " name=\"") {
        guard let plain = XMLSearch.plain(tag[range.upperBound...].prefix { $0 != "\"" }) else { return false }
        cases.append(plain)
      }
      if !tag.hasSuffix("/") { open.append(name) }
    }
    return open.isEmpty
  }

  private static func plain(_ text: Substring) -> String? {
    var plain = String(text)
    for (name, sign) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'")] {
      plain = plain.replacingOccurrences(of: name, with: sign)
    }
    guard plain.components(separatedBy: "&").count == plain.components(separatedBy: "&amp;").count else { return nil }
    return plain.replacingOccurrences(of: "&amp;", with: "&")
  }
}
