import Interpreter
import Lexer
import SandboxSystem
import Synchronization

/// Hears what happens in a run, and keeps what its report tells. From any thread.
package final class RunRecorder: Sendable {
  private let begun = ContinuousClock.now
  private let state: Mutex<RunRecord>

  /// So many writes are kept one by one, and so many steps: a report is to be looked at.
  private static let most = 200_000

  package init(recipe: String, clusters: [String]) {
    state = Mutex(RunRecord(recipe: recipe, clusters: clusters, start: .now))
  }

  package func observe(_ event: Event) {
    let now = begun.duration(to: .now)
    state.withLock { record in
      switch event.kind {
      case .recipeStarted(let title): if record.steps.isEmpty { record.recipe = title }
      case .stepEnded(let name, let took, let failed):
        guard record.steps.count < Self.most else { return }
        record.steps.append(.init(name: name, lane: event.lane, start: now - took, end: now, hasFailed: failed))
      case .commandEnded(let name, let took, let failed):
        let command = RunRecord.Stretch(
          name: name, lane: event.lane, start: now - took, end: now, hasFailed: failed)
        record.note(command, in: event.cluster?.name ?? "", most: Self.most)
      case .measured(let name, let figures):
        guard case .time(let start)? = figures.entries["start"] else { return }
        let at = Duration.nanoseconds(start.nanoseconds - record.start.nanoseconds)
        record.loads.append(.init(name: name, lane: event.lane, start: at, figures: figures))
      case .handled(let diagnostic): record.note(diagnostic, lane: event.lane, at: now, isHandled: true)
      default: break
      }
    }
  }

  /// Another server leads a group, as JetStream said at that moment.
  func noteLeader(_ server: String, of group: String, at moment: ContinuousClock.Instant) {
    let at = begun.duration(to: moment)
    state.withLock { $0.leaders.append(.init(at: at, group: group, server: server)) }
  }

  /// What the run was, once it has ended.
  ///
  /// - Parameters:
  ///   - target: on which it ran.
  ///   - clusters: those that it had.
  package func record(of ending: Run.Ending, target: String, clusters: [String]) -> RunRecord {
    let now = begun.duration(to: .now)
    return state.withLock { record in
      var record = record
      record.length = now
      record.processor = ProcessorTime.used
      record.target = target
      record.clusters = clusters
      switch ending {
      case .done: break
      case .skipped: record.ending = "skipped"
      case .failed(let failure):
        record.ending = "failed"
        for diagnostic in failure.diagnostics { record.note(diagnostic, lane: "", at: now, isHandled: false) }
      case .interrupted(let failure):
        record.ending = "interrupted"
        for diagnostic in failure.diagnostics { record.note(diagnostic, lane: "", at: now, isHandled: false) }
      case .refused(let diagnostics):
        record.ending = "failed"
        for diagnostic in diagnostics { record.note(diagnostic, lane: "", at: now, isHandled: false) }
      }
      record.steps.sort { $0.start < $1.start }
      record.leaders.sort { $0.at < $1.at }
      return record
    }
  }
}

extension RunRecord {
  fileprivate mutating func note(_ diagnostic: Diagnostic, lane: String, at moment: Duration, isHandled: Bool) {
    let title = (diagnostic.heading.map { "\($0): " } ?? "") + diagnostic.title.coveringEvidentSecrets
    findings.append(
      Finding(at: moment, lane: lane, title: title, text: diagnostic.rendered(.plain), isHandled: isHandled))
  }

  fileprivate mutating func note(_ command: Stretch, in cluster: String, most: Int) {
    let words = command.name.split(separator: " ").map(String.init)
    if words.count > 2, words[0] == "nats", words.isWrite {
      if writes.count < most { writes.append(command) }
      return
    }
    guard !command.hasFailed, words.count > 1 else { return }
    switch (words[0], words[1]) {
    case ("region", "stop"), ("region", "pause"), ("region", "delete"):
      for place in words.dropFirst(2).named { begin(command, place) }
    case ("region", "start"), ("region", "resume"), ("region", "create"):
      let places = words.dropFirst(2).named
      end(at: command.end) { fault in
        // A region that starts starts those of its servers that were killed.
        places.contains(fault.place)
          || fault.name.hasPrefix("fault kill ") && places.contains { fault.place.hasPrefix("\($0)-") }
      }
    case ("link", "cut"): begin(command, (["link"] + words.dropFirst(2).named).joined(separator: " "))
    case ("link", "heal"), ("link", "join"):
      let ends = Set(words.dropFirst(2).named)
      end(at: command.end) { fault in
        let joined = fault.place.split(separator: " ").map(String.init)
        return joined.first == "link" && joined.count > 1 && ends.isSubset(of: joined.dropFirst())
      }
    case ("fault", _): noteFault(command, words)
    case ("kubectl", "scale"): noteScale(command, words, in: cluster)
    // What such a command takes away is brought back by others that nobody gives: shown is as long as it took.
    case ("kubectl", "delete"), ("kubectl", "drain"):
      faults.append(Fault(place: "kubectl", name: command.name, start: command.start, end: command.end))
    default: break
    }
  }

  /// Which fault of servers ends by which form.
  private static let undoing = ["start": "kill", "thaw": "freeze", "disk free": "disk full"]

  /// A row for each server that is named; where flags say which, as `--role js`, one for all of them.
  private mutating func noteFault(_ command: Stretch, _ words: [String]) {
    var rest = words.dropFirst(2)
    let form = words[1] == "disk" ? "disk \(rest.popFirst() ?? "")" : words[1]
    let places = rest.contains { $0.hasPrefix("-") } ? [rest.joined(separator: " ")] : Array(rest)
    if let undone = Self.undoing[form] {
      end(at: command.end) { $0.name.hasPrefix("fault \(undone) ") && places.contains($0.place) }
    } else if form == "heal" {
      end(at: command.end) { $0.name.hasPrefix("fault ") && (places.isEmpty || places.contains($0.place)) }
    } else if Self.undoing.values.contains(form) {
      for place in places { begin(command, place, as: "fault \(form) ") }
    }
  }

  /// A workload is out without a pod, and where it has had fewer than it then gets.
  private mutating func noteScale(_ command: Stretch, _ words: [String], in cluster: String) {
    let flag = "--replicas="
    // `statefulset NAME`, or `statefulset/NAME`.
    guard words.count > 3, let name = (words[2].contains("/") ? words[2] : words[3]).split(separator: "/").last,
      let count = words.first(where: { $0.hasPrefix(flag) }).flatMap({ Int($0.dropFirst(flag.count)) })
    else { return }
    let place = name.hasPrefix(cluster) ? String(name) : "\(cluster) \(name)"
    if let earlier = scaled[place], earlier.count < count {
      begin(earlier.command, place)
      end(at: command.end) { $0.place == place }
    }
    if count == 0 { begin(command, place) }
    scaled[place] = (count, command)
  }

  /// - Parameter kind: how the commands begin of which one place may suffer a single one at a time.
  private mutating func begin(_ command: Stretch, _ place: String, as kind: String = "") {
    if faults.contains(where: { $0.place == place && $0.end == nil && $0.name.hasPrefix(kind) }) { return }
    faults.append(Fault(place: place, name: command.name, start: command.start))
  }

  private mutating func end(at moment: Duration, _ isMeant: (Fault) -> Bool) {
    for place in faults.indices where faults[place].end == nil && isMeant(faults[place]) { faults[place].end = moment }
  }
}

extension [String] {
  /// Whether a call of `nats` writes one message and waits for the stream's word.
  fileprivate var isWrite: Bool {
    (self[1] == "pub" && (contains("--jetstream") || contains("-J")))
      || (self[1] == "kv" && ["put", "create", "update"].contains(self[2]))
  }
}

extension ArraySlice<String> {
  /// Those that are no flags.
  fileprivate var named: [String] { filter { !$0.hasPrefix("-") } }
}
