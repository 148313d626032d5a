import Interpreter
import NATS

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// `stream get`: a message as a stream has stored it.
extension NatsSubcommand {
  static let storedMessages: [NatsSubcommand] = [
    NatsSubcommand(
      CommandForm(
        "stream get", "A stored message: by its sequence, or the last of a subject",
        positionals: [Positional("STREAM"), Positional("SEQ", as: .integer, optional: true)],
        flags: [Flag("--last-for", .text, "the last message of this subject", aliases: ["-S"]), .json]
          + Flag.ofConnection,
        example: "nats stream get ORDERS --last-for orders.new", needsOneOf: ["SEQ", "--last-for"]), as: .jetStream,
      run: get)
  ]

  /// Asks the stream's leader, never a replica or a mirror: so what was acknowledged before is seen.
  @Sendable private static func get(_ call: NatsCall) throws(CommandFailure) -> Value {
    let stream = try call.name(Names.checkStream)
    let reply = try call.ask("STREAM.MSG.GET.\(stream)", .map(try question(call, stream)))
    let message = reply.entries["message"]?.entries ?? ValueMap()
    var entries = ValueMap()
    for key in ["subject", "seq", "time"] { entries[key] = message[key] }
    MessageValue.set(decoded(message["data"]), in: &entries)
    entries["headers"] = MessageValue.headers(MessageValue.fields(in: decoded(message["hdrs"])))
    let value = Value.map(entries)
    return call.present(value, NatsDetails.text(value))
  }

  private static func question(_ call: NatsCall, _ stream: String) throws(CommandFailure) -> ValueMap {
    var question = ValueMap()
    switch (call.words.positional(1)?.string, call.words.string("--last-for")) {
    case (let sequence?, nil):
      guard let number = Int64(sequence), number > 0 else {
        throw CommandFailure(
          .misused, "`\(sequence)` is no sequence: those are numbers from 1 on", advice: "nats stream get \(stream) 1")
      }
      question["seq"] = .int(number)
    case (nil, let subject?):
      try call.checked { () throws(NATSError) in try Names.checkSubscribeSubject(subject) }
      question["last_by_subj"] = .string(subject)
    default:
      throw CommandFailure(
        .misused, "`nats stream get` needs either a sequence or --last-for",
        advice: "nats stream get \(stream) 1, nats stream get \(stream) --last-for orders.new")
    }
    return question
  }

  private static func decoded(_ base64: Value?) -> [UInt8] {
    guard let text = base64?.asText?.string, let data = Data(base64Encoded: text) else { return [] }
    return Array(data)
  }
}
