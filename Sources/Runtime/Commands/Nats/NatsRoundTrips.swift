import Interpreter
import NATS

/// `rtt`: how far away the servers of the current cluster are.
extension NatsSubcommand {
  static let roundTrips: [NatsSubcommand] = [
    NatsSubcommand(
      CommandForm(
        "rtt", "The round trip to every server of the current cluster",
        positionals: [Positional("ITERATIONS", optional: true)], flags: [.json] + Flag.ofConnection,
        example: "nats rtt 10 on c2"),
      as: .jetStream, run: measure)
  ]

  @Sendable private static func measure(_ call: NatsCall) throws(CommandFailure) -> Value {
    let destination = try call.destination()
    let pings = try pings(call)
    var rows: [ValueMap] = []
    var failures: [NATSError] = []
    for endpoint in destination.endpoints {
      do throws(NATSError) {
        rows.append(try row(endpoint, destination, pings, call))
      } catch .cancelled(let activity, let server) {
        throw call.failure(.cancelled(activity, server: server))
      } catch {
        failures.append(error)
        let entries: [(String, Value)] = [
          ("server", .null), ("url", .string(endpoint.url)), ("rtt", .null),
        ]
        rows.append(ValueMap(entries))
      }
    }
    if failures.count == rows.count { throw call.failure(.allEndpointsFailed(failures), at: destination) }
    let value = Value.list(rows.map(Value.map))
    return call.present(value, value.displayed)
  }

  /// The mean of so many counts: the first ping on a connection is slower than the others.
  private static func pings(_ call: NatsCall) throws(CommandFailure) -> Int {
    guard let word = call.words.positional(0)?.string else { return 5 }
    guard let number = Int(word), (1...10_000).contains(number) else {
      throw CommandFailure(.misused, "`nats rtt` takes 1 to 10,000 iterations, not `\(word)`")
    }
    return number
  }

  private static func row(
    _ endpoint: Endpoint, _ destination: NatsDestination, _ pings: Int, _ call: NatsCall
  ) throws(NATSError) -> ValueMap {
    var options = destination.options
    options.endpoints = [endpoint]
    let limit = call.limit(atMost: NatsCall.patience)
    let connection = try Connection.connect(options, limit: limit)
    defer { connection.close() }
    var total = Duration.zero
    for _ in 0..<pings { total += try connection.roundTrip(limit: limit) }
    let entries: [(String, Value)] = [
      ("server", .string(connection.info.serverName)), ("url", .string(endpoint.url)),
      ("rtt", .duration(DurationValue(total / pings))),
    ]
    return ValueMap(entries)
  }
}
