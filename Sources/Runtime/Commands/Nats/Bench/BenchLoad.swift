import Interpreter
import NATS

/// How much a bench does, by its flags.
struct BenchLoad: Sendable {
  let messages: Int
  let size: Int
  let clients: Int
  let pause: Duration?
  let showsProgress: Bool

  static let flags = [
    Flag("--msgs", .integer, "how many messages in all; 100000 if not given"),
    Flag("--clients", .integer, "how many clients, each with a connection of its own; 1 if not given"),
    Flag("--progress", .toggle, "tells how far it is, from a second on; --no-progress does not"),
  ]
  static let publishFlags =
    flags + [
      Flag("--size", .size, "how large a message is; 128 bytes if not given"),
      Flag("--sleep", .duration, "a pause after each message"),
    ]

  /// - Parameter messages: how many there are if the call does not say.
  init(_ call: NatsCall, messages usual: Int = 100_000) throws(CommandFailure) {
    messages = try Self.count("--msgs", usual, 1_000_000_000, call)
    clients = try Self.count("--clients", 1, 256, call)
    let size = call.words.size("--size") ?? 128
    guard (0...(64 << 20)).contains(size) else {
      throw CommandFailure(.misused, "`--size` takes up to 64Mi, not \(size) bytes")
    }
    self.size = Int(size)
    pause = call.words.duration("--sleep")?.duration
    showsProgress = call.words.has("--progress") || !call.words.isGiven("--progress")
    guard clients <= messages else {
      throw CommandFailure(.misused, "\(clients) clients can't share \(messages) messages", advice: "raise --msgs")
    }
  }

  /// A number of at least 1 and at most `most`.
  static func count(_ flag: String, _ usual: Int, _ most: Int64, _ call: NatsCall) throws(CommandFailure) -> Int {
    let number = call.words.integer(flag) ?? Int64(usual)
    guard (1...most).contains(number) else {
      throw CommandFailure(.misused, "`\(flag)` takes 1 to \(ServerTables.grouped(most)), not \(number)")
    }
    return Int(number)
  }

  /// The body of every message.
  var payload: [UInt8] { Array(repeating: UInt8(ascii: "x"), count: size) }

  /// How many of the messages are this client's.
  func share(of client: Int) -> Int { messages / clients + (client < messages % clients ? 1 : 0) }
}
