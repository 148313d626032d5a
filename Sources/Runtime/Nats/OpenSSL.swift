import NATS
import SandboxSystem
import ValuesAndCommands

/// Signatures by the program `openssl`. A seed reaches it through its standard input: it is in no argument list and in no
/// file.
struct OpenSSL: Signer {
  let environment: @Sendable () -> [String: String]

  func publicKey(of seed: [UInt8]) throws(Problem) -> [UInt8] {
    let key = try run(["pkey", "-inform", "DER", "-pubout", "-outform", "DER"], input: privateKey(seed))
    guard key.count == 44 else { throw Problem("openssl gave no public key", advice: Self.versionAdvice) }
    return key.suffix(32)
  }

  func signature(of message: [UInt8], by seed: [UInt8]) throws(Problem) -> [UInt8] {
    // It reads what it signs from a file only. That is no secret.
    let folder = try PrivateFolder()
    defer { folder.remove() }
    let path = try folder.write(message, to: "message")
    let signature = try run(
      ["pkeyutl", "-sign", "-keyform", "DER", "-inkey", "/dev/stdin", "-rawin", "-in", path],
      input: privateKey(seed))
    guard signature.count == 64 else { throw Problem("openssl gave no signature", advice: Self.versionAdvice) }
    return signature
  }

  /// PKCS#8 (RFC 8410): everything before the seed is the same for all keys.
  private func privateKey(_ seed: [UInt8]) -> [UInt8] {
    [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20] + seed
  }

  private static let versionAdvice = "install OpenSSL 3.0 or newer"

  private func run(_ arguments: [String], input: [UInt8]) throws(Problem) -> [UInt8] {
    var program = Subprocess("openssl", arguments, environment: environment())
    program.standardInput = input
    let result: ProgramResult
    do throws(ProcessError) {
      result = try program.ask(within: .seconds(10))
    } catch .notFound {
      throw Problem(
        "the program openssl is missing, which makes signatures for nbx",
        advice: "install it: apt-get install openssl (Debian, Ubuntu), brew install openssl@3 (macOS)")
    } catch {
      throw error.problem
    }
    guard result.succeeded else {
      let said = String(decoding: result.errorOutput.prefix(400), as: UTF8.self).split(separator: "\n").first ?? ""
      throw Problem(
        "openssl \(arguments[0]) failed\(said.isEmpty ? "" : " (\(said))")", advice: Self.versionAdvice)
    }
    return result.output
  }
}

/// A new folder that nobody else can look into.
private struct PrivateFolder {
  let path: String

  init() throws(Problem) {
    // Where it is found again should nbx be killed before it takes it away.
    let base = Leftovers.ownFolder ?? getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(base)/nbx-XXXXXX".utf8CString)
    guard mkdtemp(&template) != nil else {
      throw Problem("no folder can be made in \(base): \(errorText(errno))", advice: "set TMPDIR to another")
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  func write(_ bytes: [UInt8], to name: String) throws(Problem) -> String {
    let file = "\(path)/\(name)"
    do throws(MachineError) { try AtomicFile.write(bytes, to: file, mode: 0o600) } catch { throw error.problem }
    return file
  }

  func remove() { try? Folders.remove(path) }
}

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
      throw .failed(error.description, advice: "object stores need the program openssl; install it")
    }
    if result.timedOut { throw CommandFailure(.timedOut, "openssl took too long") }
    if result.stopped { throw CommandFailure(.interrupted, "stopped") }
    guard result.succeeded, result.output.count == 32 else {
      throw .failed("openssl gave no SHA-256 digest", said: Text(String(decoding: result.errorOutput, as: UTF8.self)))
    }
    return result.output
  }
}
