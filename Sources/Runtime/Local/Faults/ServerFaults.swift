import Lexer
import NATS
import SandboxSystem
import ValuesAndCommands

/// What is done to servers so that it can be seen what the others do, and how it is undone.
///
/// Whether a server is frozen, or its disk full, the system says of its process; that it was killed, and what its store has
/// suffered, its record. Nothing of it outlives the region.
struct ServerFaults {
  let pods: PodSupervisor
  /// The regions whose servers are meant.
  let regions: [String]
  let limits: CallLimits
  private let call: Invocation

  private var store: RegionStore { pods.store }

  /// - Parameter call: that which names them; one without clusters means all that there are.
  init(_ pods: PodSupervisor, _ call: Invocation) {
    self.pods = pods
    self.call = call
    limits = CallLimits(call)
    let asked = Set(call.clusters.map(\.name))
    let all = pods.store.regionNames
    regions = asked.isEmpty ? all : all.filter(asked.contains)
  }

  // MARK: Who is meant

  /// The servers that a call names, or those of its role and region that run, or do not.
  ///
  /// - Parameter isForgiving: whether one that is not there is passed over.
  func servers(_ words: ParsedWords, isForgiving: Bool = false) throws(CommandFailure) -> [Pod] {
    var places = regions
    if let region = words.string("--region") {
      _ = try store.existingRegion(region)
      places = [region]
    }
    let all = places.flatMap(pods.pods(of:))
    let role = words.string("--role").flatMap(FaultGrammar.Role.init)
    let fitting = all.filter { pod in role.map { pod.record.release == $0.release(of: pod.key.cluster) } ?? true }
    guard !words.positionals.isEmpty else { return fitting }
    var named: [Pod] = []
    for word in words.positionals where !named.contains(where: { $0.serverName == word.string }) {
      guard let pod = fitting.first(where: { $0.serverName == word.string }) else {
        if isForgiving { continue }
        throw unknown(word, among: fitting)
      }
      named.append(pod)
    }
    return named
  }

  func server(_ word: Text) throws(CommandFailure) -> Pod {
    let all = regions.flatMap(pods.pods(of:))
    guard let pod = all.first(where: { $0.serverName == word.string }) else { throw unknown(word, among: all) }
    return pod
  }

  private func unknown(_ word: Text, among pods: [Pod]) -> CommandFailure {
    let names = pods.map(\.serverName)
    let list = names.isEmpty ? "none is installed: nbx run install" : "there are: \(names.joined(separator: ", "))"
    return CommandFailure(
      .misused, Text("there is no server \(word.masked) among those that are meant"),
      advice: nearestSpelling(to: word.string, among: names).map { "did you mean \($0)?" } ?? list)
  }

  /// Does something to servers while nobody else changes their regions; they are looked at anew when it is their turn.
  private func changing<Result>(
    _ chosen: [Pod], _ body: ([Pod]) throws(CommandFailure) -> Result
  ) throws(CommandFailure) -> Result {
    let regions = Set(chosen.map(\.key.cluster)).sorted()
    let keys = Set(chosen.map(\.key))
    return try store.changing(regions.map { [$0] }, limits) { () throws(CommandFailure) in
      try body(regions.flatMap(pods.pods(of:)).filter { keys.contains($0.key) })
    }
  }

  /// Those that run. One that was named has to.
  private func running(_ pods: [Pod], _ words: ParsedWords) throws(CommandFailure) -> [Pod] {
    if !words.positionals.isEmpty, let dead = pods.first(where: { !$0.isAlive }) { throw notRunning(dead) }
    return pods.filter(\.isAlive)
  }

  private func notRunning(_ pod: Pod) -> CommandFailure {
    let isStopped = store.region(pod.key.cluster)?.wanted == .stopped
    return CommandFailure(
      .failed, "\(pod.serverName) does not run",
      advice: isStopped ? "start its region first: region start \(pod.key.cluster)" : "fault start \(pod.serverName)")
  }

  // MARK: Processes

  func kill(_ words: ParsedWords) throws(CommandFailure) -> [Pod] {
    let chosen = try servers(words)
    for region in Set(chosen.map(\.key.cluster)).sorted() where try store.existingRegion(region).wanted == .stopped {
      throw CommandFailure(.failed, "region \(region) is stopped", advice: "start it first: region start \(region)")
    }
    try changing(chosen) { found throws(CommandFailure) in
      for pod in found where pod.record.isKilled != true {
        var record = pod.record
        record.isKilled = true
        try store.save(record)
      }
      try pods.stop(found, now: true, limits)
    }
    return chosen
  }

  func start(_ words: ParsedWords) throws(CommandFailure) -> [Pod] {
    let chosen = try servers(words)
    try start(chosen) { _ in true }
    return chosen
  }

  /// Starts those that do not run, and waits until they listen.
  private func start(_ chosen: [Pod], where isMeant: (Pod) -> Bool) throws(CommandFailure) {
    guard !chosen.isEmpty else { return }
    let started = try changing(chosen) { found throws(CommandFailure) in
      var started: [StartedPod] = []
      let dead = Dictionary(grouping: found.filter { !$0.isAlive && isMeant($0) }, by: \.key.cluster)
      for (region, pods) in dead.sorted(by: { $0.key < $1.key }) {
        started += try self.pods.startAgain(pods, in: try store.runningRegion(region), limits)
      }
      return started
    }
    try pods.waitUntilListening(started, limits)
  }

  func freeze(_ words: ParsedWords, _ isFrozen: Bool) throws(CommandFailure) -> [Pod] {
    let chosen = try servers(words)
    return try changing(chosen) { found throws(CommandFailure) in
      let alive = isFrozen ? try running(found, words) : found.filter(\.isAlive)
      try pods.hold(alive, isFrozen, limits)
      return alive
    }
  }

  func fill(_ words: ParsedWords, _ isFull: Bool) throws(CommandFailure) -> [Pod] {
    let chosen = try servers(words)
    return try changing(chosen) { found throws(CommandFailure) in
      let alive = isFull ? try running(found, words) : found.filter(\.isAlive)
      for pod in alive { try fill(pod, isFull) }
      return alive
    }
  }

  private func fill(_ pod: Pod, _ isFull: Bool) throws(CommandFailure) {
    guard let process = pod.record.process else { return }
    do throws(Problem) {
      if try process.refuseWrites(isFull) || !process.isAlive { return }
    } catch {
      throw CommandFailure(.misused, of: error)
    }
    throw CommandFailure(
      .failed, "the limit on the files of \(pod.serverName) (process \(process.pid)) cannot be changed",
      advice:
        "it runs as another user, or a container forbids prlimit(2): start nbx as the user that started the servers")
  }

  // MARK: Stores

  /// Changes the store of a server that does not run.
  private func damage<Result>(
    _ word: Text, _ body: (inout PodRecord) throws(CommandFailure) -> Result
  ) throws(CommandFailure) -> Result {
    let pod = try server(word)
    return try changing([pod]) { found throws(CommandFailure) in
      guard var record = found.first?.record else { throw unknown(word, among: []) }
      guard found.first?.isAlive == false else {
        throw CommandFailure(
          .failed, "\(pod.serverName) runs, and would not notice what is done to its files",
          advice: "end it first: fault kill \(pod.serverName); then start it: fault start \(pod.serverName)")
      }
      guard !record.store.isEmpty, Folders.isFolder(record.store) else {
        throw CommandFailure(.misused, "\(pod.serverName) has no store", advice: "name a server with JetStream")
      }
      let result = try body(&record)
      try store.save(record)
      return result
    }
  }

  func flipBit(_ words: ParsedWords) throws(CommandFailure) -> ValueMap {
    let (server, stream) = (words.positional(0) ?? "", words.string("--stream") ?? "")
    return try damage(server) { record throws(CommandFailure) in
      let blocks = try StreamFiles(record: record, stream: stream).blocks()
      let size = blocks.map(\.size).reduce(0, +)
      guard size > 0 else { throw CommandFailure(.failed, "\(server) has no messages of \(stream)") }
      // Of a byte that is said the same bit is turned each time.
      let isSaid = words.isGiven("--at")
      let seed = words.integer("--seed") ?? (isSaid ? 0 : Int64(UInt32.random(in: 0...UInt32.max)))
      var draw = Draw(seed: seed)
      let drawn = draw.next(below: size)
      let at = words.integer("--at").map { Int(clamping: $0) } ?? drawn
      let bit = draw.next(below: 8)
      var rest = at
      for block in blocks {
        guard rest >= block.size else {
          let place = rest
          try StoreDamage.change(block.file, of: &record, .bitFlip, "\(stream), bit \(bit) of byte \(at)") { bytes in
            if bytes.indices.contains(place) { bytes[place] ^= 1 << UInt8(bit) }
          }
          return row(record, stream, block.file, size, at: at, bit: bit, seed: seed)
        }
        rest -= block.size
      }
      throw CommandFailure(
        .misused, "\(server) has \(size) bytes of \(stream), and none at \(at)",
        advice: "take one from 0 to \(size - 1)")
    }
  }

  func cutOff(_ words: ParsedWords) throws(CommandFailure) -> ValueMap {
    let (server, stream) = (words.positional(0) ?? "", words.string("--stream") ?? "")
    let part = words.positional(1).flatMap { StorePart(rawValue: $0.string) } ?? .block
    let group = part == .snapshot ? try self.group(of: stream) : ""
    return try damage(server) { record throws(CommandFailure) in
      let files = StreamFiles(record: record, stream: stream)
      let file: String
      switch part {
      case .block:
        guard let last = try files.blocks().last(where: { $0.size > 0 }) else {
          throw CommandFailure(.failed, "\(server) has no messages of \(stream)")
        }
        file = last.file
      case .index: file = try files.index()
      case .snapshot: file = try files.snapshot(of: group)
      }
      let size = files.size(file)
      try StoreDamage.change(file, of: &record, .cutOff, "\(stream), its \(part.rawValue)") { bytes in
        bytes.removeLast(bytes.count - bytes.count / 2)
      }
      return row(record, stream, file, size, at: nil, bit: nil, seed: nil)
    }
  }

  private func row(
    _ record: PodRecord, _ stream: String, _ file: String, _ size: Int, at: Int?, bit: Int?, seed: Int64?
  ) -> ValueMap {
    let row: [(String, Value)] = [
      ("server", .string(record.serverName ?? record.key.name)), ("stream", .string(stream)),
      ("file", .string("\(record.store)/\(file)")), ("size", .size(SizeValue(bytes: Int64(size)))),
      ("at", at.map { .int(Int64($0)) } ?? .null), ("bit", bit.map { .int(Int64($0)) } ?? .null),
      ("seed", seed.map { .int($0) } ?? .null),
    ]
    return ValueMap(row)
  }

  /// What the servers call the group of a stream's copies: any that runs and has one knows it.
  private func group(of stream: String) throws(CommandFailure) -> String {
    let ports = store.regionNames.flatMap(pods.pods(of:)).filter { $0.isAlive && $0.record.process?.isStopped == false }
      .compactMap { $0.record.port(.monitor) }
    for port in ports {
      let page = Monitoring(Endpoint(host: "127.0.0.1", port: port))
      let limit = limits.limit.atMost(.seconds(2))
      guard let answer = try? page.get(.jetStream, query: "accounts=true&streams=true&raft=true", limit: limit),
        let accounts = (try? Value.json(answer.body))?.entries["account_details"]?.elements
      else { continue }
      for details in accounts.flatMap({ $0.entries["stream_detail"]?.elements ?? [] })
      where details.entries["name"]?.asText?.string == stream {
        if let group = details.entries["stream_raft_group"]?.asText?.string, !group.isEmpty { return group }
      }
    }
    throw CommandFailure(
      .failed, "no server that runs knows the group of the copies of \(stream)",
      advice: "it takes three copies, one of which runs: see nats stream info \(stream)")
  }

  /// Copies a store. A server that runs stands still meanwhile: so the copy is what a kill at that moment would leave.
  func copy(_ words: ParsedWords) throws(CommandFailure) {
    let (server, name) = (words.positional(0) ?? "", words.positional(1)?.string ?? "")
    guard SandboxNames.isLabel(name) else {
      throw CommandFailure(
        .misused, "`\(name)` cannot name a copy", advice: "take small letters, digits and hyphens, as in early")
    }
    let pod = try self.server(server)
    try changing([pod]) { found throws(CommandFailure) in
      guard let pod = found.first, Folders.isFolder(pod.record.store), !pod.record.store.isEmpty else {
        throw CommandFailure(.misused, "\(server) has no store", advice: "name a server with JetStream")
      }
      let isToBeHeld = pod.isAlive && pod.record.process?.isStopped == false
      if isToBeHeld { try pods.hold([pod], true, limits) }
      defer { if isToBeHeld { _ = pod.record.process?.signal(SIGCONT) } }
      let copy = StoreDamage.copy(name, of: pod.record)
      try onThisMachine { () throws(MachineError) in
        try Folders.remove(copy)
        try Folders.make(StoreDamage.copies(pod.record))
        try Folders.copy(pod.record.store, to: copy)
      }
    }
  }

  func setBack(_ words: ParsedWords) throws(CommandFailure) {
    let name = words.string("--to") ?? ""
    let trace = try words.string("--keep-synced").map { file throws(CommandFailure) in
      guard let bytes = Paths.bytes(at: call.path(file)) else {
        throw CommandFailure(.failed, "\(file) cannot be read: \(errorText(errno))")
      }
      return SyncTrace(bytes)
    }
    try damage(words.positional(0) ?? "") { record throws(CommandFailure) in
      try StoreDamage.setBack(&record, to: name, keeping: trace)
    }
  }

  // MARK: What stands

  struct Standing {
    let pod: Pod
    let fault: String
    var words = ""
  }

  func standing() -> [Standing] { regions.flatMap(pods.pods(of:)).flatMap(standing) }

  private func standing(of pod: Pod) -> [Standing] {
    guard let region = store.region(pod.key.cluster) else { return [] }
    var all: [Standing] = []
    let isAlive = pod.isAlive
    if !isAlive, pod.record.isKilled == true { all.append(Standing(pod: pod, fault: ServerState.killed.rawValue)) }
    if isAlive, pod.record.process?.isStopped == true, region.wanted != .paused {
      all.append(Standing(pod: pod, fault: ServerState.frozen.rawValue))
    }
    if pod.record.process?.refusesWrites == true {
      all.append(Standing(pod: pod, fault: ServerState.full.rawValue))
    }
    all += (pod.record.damage ?? []).map { Standing(pod: pod, fault: $0.kind.rawValue, words: $0.words) }
    guard !pod.record.store.isEmpty else { return all }
    return all
      + StateFile.names(in: StoreDamage.copies(pod.record)).map { Standing(pod: pod, fault: "copy", words: $0) }
  }

  /// Undoes all that stands. Where nothing does nobody is waited for.
  func heal(_ words: ParsedWords) throws(CommandFailure) {
    let named = Set(try servers(words, isForgiving: true).map(\.key))
    let broken = Set(standing().map(\.pod.key)).intersection(named)
    guard !broken.isEmpty else { return }
    let chosen = regions.flatMap(pods.pods(of:)).filter { broken.contains($0.key) }
    try changing(chosen) { found throws(CommandFailure) in
      for pod in found {
        if pod.isAlive {
          try fill(pod, false)
        } else {
          var record = pod.record
          try StoreDamage.undo(&record)
          try store.save(record)
        }
        if !pod.record.store.isEmpty {
          try onThisMachine { () throws(MachineError) in try Folders.remove(StoreDamage.copies(pod.record)) }
        }
      }
      let isPaused = { (pod: Pod) in store.region(pod.key.cluster)?.wanted == .paused }
      try pods.hold(found.filter { $0.isAlive && !isPaused($0) }, false, limits)
    }
    // Those of a region that stands still start with it.
    let isRunning = { (pod: Pod) in store.region(pod.key.cluster)?.wanted == .running }
    try start(chosen.filter(isRunning)) { $0.record.isKilled == true }
  }
}
