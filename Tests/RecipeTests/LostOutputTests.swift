import Foundation
import SandboxSystem
import TestSupport
import Testing

/// What could not be written to standard output is no success.
@Suite(.mayWait) struct LostOutputTests {
  let nbx: NbxProgram

  init() throws { nbx = try NbxProgram() }

  /// How nbx ends whose standard output is a file with room for `blocks` blocks of 512 bytes, as on a full disk.
  private func run(_ line: String, blocks: Int) throws -> ProgramResult {
    let recipe = try nbx.write("print \"something\"\nexec echo more\n", to: "says.nbx")
    let script = """
      trap '' XFSZ; ulimit -f \(blocks); cd '\(NbxProgram.repository)'
      '\(NbxProgram.path)' \(line.replacing("RECIPE", with: "'\(recipe)'")) < '\(recipe)' > '\(nbx.folder)/output'
      """
    return try ended(script)
  }

  /// What does not end by itself is ended, which is no exit.
  private func ended(_ script: String) throws -> ProgramResult {
    var process = Subprocess("sh", ["-c", script], environment: nbx.environment)
    process.limit.until = .now + .seconds(60)
    process.patience = .init(afterInterrupt: .seconds(1), afterTerminate: .seconds(1))
    return try process.run()
  }

  @Test(arguments: [
    "fmt -", "plan RECIPE", "check --json RECIPE", "check RECIPE", "run RECIPE", "list", "help", "help --markdown",
    "--version", "explain", "completions bash", "status", "status --json", "doctor", "run RECIPE --help",
  ]) func `it is told, and the exit code says so`(line: String) throws {
    let there = try run(line, blocks: 1 << 20)
    #expect(there.status == .exited(code: 0), "\(String(decoding: there.errorOutput, as: UTF8.self))")
    let lost = try run(line, blocks: 0)
    #expect(lost.status == .exited(code: 1))
    let said = String(decoding: lost.errorOutput, as: UTF8.self)
    #expect(said.contains("standard output could not be written: File too large"), "\(said)")
  }

  @Test(arguments: ["--watch", "--serve"]) func `what goes on until it is ended ends with its output`(how: String)
    throws
  {
    let lost = try run("status \(how)", blocks: 0)
    #expect(lost.status == .exited(code: 1))
    #expect(String(decoding: lost.errorOutput, as: UTF8.self).contains("File too large"))
  }

  /// Whoever starts nbx may have closed its streams: what it opens itself must not get their numbers.
  @Test(arguments: ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"]) func `a stream may be closed`(closed: String) throws {
    let recipe = try nbx.write(
      "exec sh -c \"echo out; echo err >&2\"\nlet got = exec cat says.nbx\nwrite \"got\" with got.out", to: "says.nbx")
    let isLost = closed.contains(" >&-") || closed == ">&-"
    let status = try ended("'\(NbxProgram.path)' run '\(recipe)' \(closed)").status
    #expect(status == .exited(code: isLost ? 1 : 0))
    #expect(try String(contentsOfFile: "\(nbx.folder)/got", encoding: .utf8).hasPrefix("exec sh"))
  }

  @Test func `a reader that has enough is no trouble`() throws {
    let script = "'\(NbxProgram.path)' help --markdown | head -1"
    let result = try Subprocess("sh", ["-c", script], environment: nbx.environment).run()
    #expect(result.succeeded && result.errorOutput.isEmpty)
  }
}
