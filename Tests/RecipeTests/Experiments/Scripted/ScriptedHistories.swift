import Interpreter
import Verdicts

/// `nats history record`, played: a client in each region, which does one thing after the other in turn with the others, so
/// that what it was told is the world's own truth. Histories are judged by the real command.
enum ScriptedHistories {
  static let forms: [String: ScriptedNats.Form] = [
    "history record stream": { call throws(CommandFailure) in
      try record(call, .stream, call.words.string("--stream") ?? "", call.word(0))
    },
    "history record kv": { call throws(CommandFailure) in
      try record(call, .kv, "KV_\(call.word(0))", "$KV.\(call.word(0)).key")
    },
    "history record queue": { call throws(CommandFailure) in try record(call, .queue, call.word(0), "torture") },
  ]

  private static let pause = Duration.milliseconds(5)

  private static func record(
    _ call: ScriptedCall, _ workload: History.Workload, _ stream: String, _ subject: String
  ) throws(CommandFailure) -> Value {
    try call.takes("--stream", "--rate", "--duration")
    let start = ContinuousClock.now
    let end = start + (call.words.duration("--duration")?.duration ?? .seconds(10))
    func now() -> Int64 { start.duration(to: .now).nanoseconds }
    var history = History(workload, stream)
    var number = 0
    while ContinuousClock.now < end, call.call.stop.request == .none {
      for region in ExperimentSandbox.regions {
        number += 1
        let begin = now()
        let value = "\(region).\(number)"
        let told = call.world.change { world in
          play(workload, stream, subject, value, of: region, in: &world)
        }
        for (kind, told) in told {
          history.operations.append(
            History.Operation(
              kind, client: region, region: region, begin: begin, end: now(), key: subject, value: told.value ?? value,
              sequence: told.sequence, deliveries: kind == .consume || kind == .ack ? 1 : nil, told: told.outcome))
        }
      }
      Pause.sleep(pause)
    }
    var found: ScriptedStream?
    while found == nil, call.call.stop.request == .none {
      found = call.world.change { world in
        guard let index = try? world.find(stream), world.streams[index].leader != nil else { return nil }
        return world.streams[index]
      }
      Pause.sleep(pause)
    }
    for copy in found?.copies ?? [] {
      let begin = now()
      for message in found?.messages ?? [] {
        history.operations.append(
          History.Operation(
            .hold, client: "end", begin: begin, end: now(), key: message.subject, value: message.data,
            sequence: UInt64(message.sequence), by: copy))
      }
      history.operations.append(History.Operation(.scan, client: "end", begin: begin, end: now(), by: copy))
    }
    func count(_ told: History.Operation.Told) -> Value {
      .int(Int64(history.operations.count { $0.told == told && $0.kind != .hold && $0.kind != .scan }))
    }
    return [
      "workload": .string(workload.rawValue), "name": .string(stream), "ok": count(.ok), "refused": count(.refused),
      "unknown": count(.unknown), "operations": .int(Int64(number)),
      "processor": .duration(DurationValue(.milliseconds(1))),
      "lines": .string(String(decoding: history.lines, as: UTF8.self)),
    ]
  }

  private struct Told {
    var value: String?
    var sequence: UInt64?
    var outcome = History.Operation.Told.ok
  }

  /// What a client does in its turn: it writes, and reads what it has written, or does the work.
  private static func play(
    _ workload: History.Workload, _ stream: String, _ subject: String, _ value: String, of region: String,
    in world: inout ScriptedWorld
  ) -> [(History.Operation.Kind, Told)] {
    // While its servers are away a client waits.
    guard world.entry(of: region) == .running else { return [] }
    guard let index = try? world.find(stream), world.isLed(world.streams[index], seenFrom: region) else {
      return [(.write, Told(outcome: .refused))]
    }
    let sequence = UInt64(world.streams[index].store(subject, value))
    let written = (History.Operation.Kind.write, Told(sequence: sequence))
    switch workload {
    case .stream: return [written, (.read, Told(sequence: sequence))]
    case .kv:
      let last = world.streams[index].last(of: subject)
      return [written, (.read, Told(value: last?.data, sequence: last.map { UInt64($0.sequence) }))]
    case .queue:
      world.streams[index].remove([Int(sequence)])
      return [written, (.consume, Told(sequence: sequence)), (.ack, Told(sequence: sequence))]
    }
  }
}
