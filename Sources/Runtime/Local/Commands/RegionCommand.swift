import Interpreter

/// `region …`: a cluster with all that runs in it, as a whole.
struct RegionCommand: Command {
  let sandbox: Sandbox

  let name = RegionGrammar.name
  let summary = RegionGrammar.summary
  let grammar = RegionGrammar.grammar

  func run(_ call: Invocation) throws(CommandFailure) -> Value {
    let words = try grammar.parsed(call, of: name)
    let limits = CallLimits(call)
    if words.path == "list" { return list(call) }
    let names = try names(words, call)
    switch words.path {
    case "create":
      try sandbox.create(
        names, store: words.string("--store").flatMap(StoreLocation.Kind.init),
        ports: try clientPorts(of: names, words), limits)
    case "start": try sandbox.start(names, limits)
    case "stop": try sandbox.stop(names, now: words.has("--now"), limits)
    case "delete":
      try sandbox.delete(names, now: words.has("--now"), limits)
      try onThisMachine { () throws(MachineError) in
        try Leftovers.takeAway(in: sandbox.folders.home, environment: sandbox.environment) { call.say(Text($0)) }
      }
    case "pause": try sandbox.pause(names, true, limits)
    default: try sandbox.pause(names, false, limits)
    }
    return .null
  }

  private func names(_ words: ParsedWords, _ call: Invocation) throws(CommandFailure) -> [String] {
    var names: [String] = []
    for word in words.positionals where !names.contains(word.string) { names.append(word.string) }
    if names.isEmpty, let cluster = call.cluster { names = [cluster.name] }
    guard !names.isEmpty else {
      throw CommandFailure(
        .misused, "`region \(words.path)` needs a region's name", advice: "for example: region \(words.path) c1")
    }
    return names
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
    for name in sandbox.regionNames {
      guard let region = sandbox.region(name) else { continue }
      let states = sandbox.pods(of: name).map { $0.state(in: region) }
      let row: [(String, Value)] = [
        ("name", .string(name)), ("state", .string(sandbox.stateName(of: region, states))),
        ("servers", .int(Int64(states.count))), ("running", .int(Int64(states.count { $0 == .running }))),
        ("store", .string(region.store.kind.rawValue)),
        ("url", sandbox.seedPorts(of: region).first.map { .string("nats://127.0.0.1:\($0)") } ?? .null),
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
}
