import Interpreter

extension ProgramCommand {
  /// Starts the program and waits for its end.
  func start(_ program: ProgramCall, _ call: Invocation) throws(CommandFailure) -> ProgramRecord {
    let cover = SecretCover(program, call)
    let secrecy = OutputSecrecy(of: program)
    var process = Subprocess(program.program.string, program.arguments.map(\.string), environment: environment())
    process.workingDirectory = call.folder == "." ? nil : call.folder
    process.standardInput = program.document?.documentBytes(program.sizes)
    process.limit = call.limit(givingUpFrom: .interrupt)
    process.onStart = call.begun
    if call.isStatement {
      var spoken = SpokenLines(of: program)
      process.onOutput = { stream, line in
        if stream == .output, secrecy.isSecret || !spoken.isSpoken(line) { return }
        call.say(cover.text(line))
      }
    }
    let result: ProgramResult
    do throws(ProcessError) {
      result = try process.run()
    } catch {
      throw failure(error, program)
    }
    let out = secrecy.isSecret ? Text.secret(String(decoding: result.output, as: UTF8.self)) : cover.text(result.output)
    let record = ProgramRecord(
      out: out, err: cover.text(result.errorOutput), code: result.exitCode, json: secrecy.json(result.output))
    if result.succeeded { return record }
    throw failure(result, record, program, call)
  }
}

extension ProgramResult {
  /// The exit code, as a shell would tell it.
  var exitCode: Int {
    switch status {
    case .exited(let code): Int(code)
    case .killed(let signal): 128 + Int(signal)
    case .notStarted: -1
    }
  }
}
