import Interpreter

extension ProgramCommand {
  private static let linesShown = 12

  /// The program ran and did not end well.
  func failure(
    _ result: ProgramResult, _ record: ProgramRecord, _ program: ProgramCall, _ call: Invocation
  ) -> CommandFailure {
    let spoken = record.err.string.utf8.contains { $0 > 0x20 } ? record.err : record.out
    let said = spoken.lastLines(ProgramCommand.linesShown).withoutColours
    let advice = ProgramAdvice(program: program, call: call, ownership: ownership).advice(after: spoken.string)
    func failed(_ kind: CommandFailure.Kind, _ reason: String, _ word: String) -> CommandFailure {
      CommandFailure(
        kind, Text(reason), said: said, advice: advice, ran: program.line,
        details: FailureDetails(word, code: record.code, out: record.out, err: record.err))
    }
    switch result.ending {
    case .timedOut: return failed(.timedOut, "its time was over", "timed-out")
    case .stopped: return failed(.interrupted, "stopped", "interrupted")
    case .tooMuchOutput: return failed(.failed, "it wrote more than 64 MiB", "too-much-output")
    case .byItself:
      if case .killed(let signal) = result.status { return failed(.failed, "killed by signal \(signal)", "killed") }
      return failed(.failed, "exit \(result.exitCode)", "exit")
    }
  }

  /// The program could not be started.
  func failure(_ error: ProcessError, _ program: ProgramCall) -> CommandFailure {
    guard case .notFound(let missing, let searched) = error else {
      return CommandFailure(.failed, Text("\(error)"), ran: program.line)
    }
    return CommandFailure(
      .failed, Text(searched.isEmpty ? "there is no program \(missing)" : "\(missing) is not on the PATH"),
      advice: ProgramAdvice.installation(of: program.programName, searched: searched), ran: program.line,
      details: FailureDetails("no-program"))
  }
}

extension Text {
  /// The last lines that hold more than blanks.
  func lastLines(_ count: Int) -> Text {
    let bytes = Array(string.utf8)
    var end = bytes.count
    while end > 0, bytes[end - 1] <= 0x20 { end -= 1 }
    var start = end
    var lines = 0
    while start > 0 {
      if bytes[start - 1] == 0x0a {
        lines += 1
        if lines == count { break }
      }
      start -= 1
    }
    return slice(start..<end)
  }
}
