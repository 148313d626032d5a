import Foundation

/// The Python that plays the stand-ins of all worlds: started once, it has read their code when a call comes, and ends
/// when the tests do.
final class StandInPlayer: Sendable {
  static let shared = Result { try StandInPlayer() }

  /// Where it takes calls over.
  let socket: String
  /// It takes this folder away when it ends, and so when the tests are killed, too.
  var folder: String { (socket as NSString).deletingLastPathComponent }
  /// It plays for as long as this is open.
  private let life: Pipe

  private init() throws {
    let python = Process()
    python.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    python.arguments = ["python3", "-IS", "\(NbxProgram.repository)/Tests/StandIns/player.py"]
    let (input, output) = (Pipe(), Pipe())
    python.standardInput = input
    python.standardOutput = output
    try python.run()
    var line = Data()
    while line.last != 10, let more = try output.fileHandleForReading.read(upToCount: 1), !more.isEmpty { line += more }
    guard line.last == 10 else { throw TestServerError(description: "player.py did not start") }
    socket = String(decoding: line.dropLast(), as: UTF8.self)
    life = input
  }

  /// The program that hands calls over to it; it lies beside nbx.
  static var client: String { (NbxProgram.path as NSString).deletingLastPathComponent + "/StandIn" }
}
