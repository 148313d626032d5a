import SandboxSystem
import ValuesAndCommands

/// `region …`: a cluster with all that runs in it, as a whole; any number of them at once.
struct RegionCommand: Command {
  let pods: PodSupervisor

  private var store: RegionStore { pods.store }

  let name = RegionGrammar.name
  let summary = RegionGrammar.summary
  let grammar = RegionGrammar.grammar

  func run(_ call: Invocation) throws(CommandFailure) -> Value {
    let words = try grammar.parsed(call, of: name)
    let limits = CallLimits(call)
    if words.path == "list" { return list(call) }
    let names = try RegionGrammar.regions(words, call).map(\.string)
    switch words.path {
    case "create":
      try store.create(
        names, store: words.string("--store").flatMap(StoreLocation.Kind.init),
        ports: try clientPorts(of: names, words), limits)
    case "start": try start(names, limits)
    case "stop": try stop(names, now: words.has("--now"), limits)
    case "delete":
      try delete(names, now: words.has("--now"), limits)
      try onThisMachine { () throws(MachineError) in
        try Leftovers.takeAway(in: store.folders.home, environment: pods.environment) { call.say(Text($0)) }
      }
    case "pause": try pause(names, true, limits)
    default: try pause(names, false, limits)
    }
    return .null
  }

  /// By region: the port that was asked for, and those behind it.
  private func clientPorts(of names: [String], _ words: ParsedWords) throws(CommandFailure) -> [String: UInt16] {
    guard let first = words.integer("--port") else { return [:] }
    guard first > 0, first + Int64(names.count) - 1 <= UInt16.max else {
      throw CommandFailure(
        .misused, "`--port \(first)` leaves no port for each region", advice: "take one from 1024 to 65000")
    }
    return Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, UInt16(first) + UInt16($0)) })
  }

  private func list(_ call: Invocation) -> Value {
    var rows: [ValueMap] = []
    for name in store.regionNames {
      guard let region = store.region(name) else { continue }
      let states = pods.pods(of: name).map { $0.state(in: region) }
      let row: [(String, Value)] = [
        ("name", .string(name)), ("state", .string(region.stateName(states))),
        ("servers", .int(Int64(states.count))), ("running", .int(Int64(states.count { $0 == .running }))),
        ("store", .string(region.store.kind.rawValue)),
        ("url", store.seedPorts(of: name).first.map { .string("nats://127.0.0.1:\($0)") } ?? .null),
      ]
      rows.append(ValueMap(row))
    }
    if call.isStatement {
      let table = PlainTable(
        ["NAME", "STATE", "SERVERS", "RUNNING", "STORE", "URL"], rows.map { $0.values.map { $0.asText ?? "" } })
      for line in table.lines { call.say(line) }
    }
    return .list(rows.map(Value.map))
  }

  // MARK: Processes

  /// Starts what does not run, and wakes what is paused.
  private func start(_ names: [String], _ limits: CallLimits) throws(CommandFailure) {
    for name in names { _ = try store.existingRegion(name) }
    let started = try store.changing(names.map { [$0] }, limits) { () throws(CommandFailure) in
      var started: [StartedPod] = []
      for name in names {
        // Those that a stop has told to end which was cut short itself: they are to be started, not to be counted.
        if try store.existingRegion(name).wanted == .stopped { try pods.stop(pods.pods(of: name), limits) }
        try store.change(name) { $0.wanted = .running }
        let found = pods.pods(of: name)
        let alive = found.filter(\.isAlive)
        for pod in alive { _ = pod.record.process?.signal(SIGCONT) }
        started += alive.map { StartedPod(pod: $0) }
        started += try pods.startAgain(found.filter { !$0.isAlive }, in: try store.existingRegion(name), limits)
      }
      return started
    }
    try pods.waitUntilListening(started, limits)
  }

  /// Stops every server; what they keep stays.
  private func stop(_ names: [String], now: Bool, _ limits: CallLimits) throws(CommandFailure) {
    for name in names { _ = try store.existingRegion(name) }
    try store.changing(names.map { [$0] }, limits) { () throws(CommandFailure) in
      for name in names { try store.change(name) { $0.wanted = .stopped } }
      try pods.stop(names.flatMap(pods.pods(of:)), now: now, limits)
      try pods.relay.endIfIdle()
    }
  }

  /// Lets the servers stand still, or go on.
  private func pause(_ names: [String], _ isPaused: Bool, _ limits: CallLimits) throws(CommandFailure) {
    for name in names where try store.existingRegion(name).wanted == .stopped {
      throw CommandFailure(.failed, "region \(name) is stopped", advice: "start it first: region start \(name)")
    }
    try store.changing(names.map { [$0] }, limits) { () throws(CommandFailure) in
      for name in names {
        try store.change(name) { $0.wanted = isPaused ? .paused : .running }
      }
      try pods.hold(names.flatMap(pods.pods(of:)), isPaused, limits)
    }
  }

  /// Takes the regions away with all that they keep, and what is left of those whose deletion was cut short.
  private func delete(_ names: [String], now: Bool, _ limits: CallLimits) throws(CommandFailure) {
    // They become parts of paths.
    let asked = names.filter { SandboxNames.isLabel($0) }
    guard !asked.isEmpty, store.isAnythingThere else { return }
    try store.changing(asked.map { [$0] }, limits) { () throws(CommandFailure) in
      let there = asked.filter { store.region($0) != nil }
      // On a full disk this can't be noted, and deleting is what makes room.
      for name in there { try? store.change(name) { $0.wanted = .stopped } }
      try pods.stop(there.flatMap(pods.pods(of:)), now: now, limits)
      for name in there { try store.remove(name, limits) }
      for name in asked {
        try store.removeHalfGone(name)
        // Of the regions that are gone nothing is kept, whether that can be noted on a full disk or not.
        try? pods.relay.forget(region: name, limits)
      }
      try pods.relay.endIfIdle()
      try pods.ports.forget { asked.contains($0.cluster) }
    }
  }
}

/// `link …`: how far the sandbox's regions are from each other. The relay between them makes it so.
struct LinkCommand: Command {
  let store: RegionStore
  let relay: RelayKeeper

  let name = LinkGrammar.name
  let summary = LinkGrammar.summary
  let grammar = LinkGrammar.grammar
  let concernsCluster = false

  func run(_ call: Invocation) throws(CommandFailure) -> Value {
    let words = try grammar.parsed(call, of: name)
    if words.path == "list" { return LinkListing(states: relay.linkStates()).answer(call) }
    let request = try LinkRequest(call)
    // What is healed may be gone already: then it is done.
    if request.needsLinks { for name in request.names { _ = try store.existingRegion(name) } }
    let regions = store.regionNames
    try request.checkOthers(among: regions)
    try relay.changeLinks(CallLimits(call)) { links in request.change(&links, among: regions) }
    return .null
  }

  func plan(_ call: Invocation) throws(CommandFailure) -> [PlannedCommand] {
    try LinkGrammar.check(call) { store.regionNames }
    return [PlannedCommand([Text(name)] + call.words, document: call.document)]
  }
}
