import SandboxSystem
import ValuesAndCommands

/// `fault …`: what breaks servers, and how it is undone.
struct FaultCommand: Command {
  let pods: PodSupervisor

  let name = FaultGrammar.name
  let summary = FaultGrammar.summary
  let grammar = FaultGrammar.grammar
  let concernsCluster = false

  func run(_ call: Invocation) throws(CommandFailure) -> Value {
    let words = try grammar.parsed(call, of: name)
    let faults = ServerFaults(pods, call)
    switch words.path {
    case "kill": return names(try faults.kill(words))
    case "start": return names(try faults.start(words))
    case "freeze": return names(try faults.freeze(words, true))
    case "thaw": return names(try faults.freeze(words, false))
    case "disk full": return names(try faults.fill(words, true))
    case "disk free": return names(try faults.fill(words, false))
    case "bit-flip": return told(try faults.flipBit(words), call)
    case "cut-off": return told(try faults.cutOff(words), call)
    case "copy": try faults.copy(words)
    case "set-back": try faults.setBack(words)
    case "heal": try faults.heal(words)
    default: return list(faults.standing(), call)
    }
    return .null
  }

  private func names(_ pods: [Pod]) -> Value { .list(pods.map { .string($0.serverName) }) }

  private func told(_ damage: ValueMap, _ call: Invocation) -> Value {
    if call.isStatement {
      func text(_ key: String) -> String { damage[key]?.asText?.string ?? "" }
      let isCut = text("at").isEmpty
      let what = isCut ? "cut off" : "bit \(text("bit")) of byte \(text("at")), drawn by seed \(text("seed"))"
      call.say(Text("\(text("server")): \(text("file")): \(what)"))
    }
    return .map(damage)
  }

  private func list(_ all: [ServerFaults.Standing], _ call: Invocation) -> Value {
    if call.isStatement {
      let table = PlainTable(
        ["SERVER", "REGION", "FAULT", "WHAT"],
        all.map { [$0.pod.serverName, $0.pod.key.cluster, $0.fault, $0.words] })
      if all.isEmpty { call.say("nothing stands") } else { for line in table.lines { call.say(line) } }
    }
    return .list(
      all.map { standing in
        [
          "server": .string(standing.pod.serverName), "region": .string(standing.pod.key.cluster),
          "fault": .string(standing.fault), "what": .string(standing.words),
        ]
      })
  }
}
