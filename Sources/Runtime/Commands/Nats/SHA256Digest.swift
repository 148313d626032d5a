import Interpreter
import NATS

/// SHA-256 by the program `openssl`: nbx has no cryptography of its own.
enum SHA256Digest {
  static func of(_ bytes: [UInt8], _ call: NatsCall) throws(CommandFailure) -> [UInt8] {
    try run([], input: bytes, call)
  }

  static func ofFile(_ path: String, _ call: NatsCall) throws(CommandFailure) -> [UInt8] {
    // A name that begins with a hyphen would be taken for a flag.
    try run([path.hasPrefix("-") ? "./" + path : path], input: nil, call)
  }

  private static func run(_ files: [String], input: [UInt8]?, _ call: NatsCall) throws(CommandFailure) -> [UInt8] {
    var program = Subprocess("openssl", ["dgst", "-sha256", "-binary"] + files)
    program.standardInput = input
    program.limit = call.call.limit(givingUpFrom: .interrupt)
    let result: ProgramResult
    do throws(ProcessError) {
      result = try program.run()
    } catch {
      throw CommandFailure(.failed, error.description, advice: "object stores need the program openssl; install it")
    }
    if result.timedOut { throw CommandFailure(.timedOut, "openssl took too long") }
    if result.stopped { throw CommandFailure(.interrupted, "stopped") }
    guard result.succeeded, result.output.count == 32 else {
      throw CommandFailure(
        .failed, "openssl gave no SHA-256 digest", said: Text(String(decoding: result.errorOutput, as: UTF8.self)))
    }
    return result.output
  }
}
