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
      return CommandFailure(.failed, of: error.problem, ran: program.line)
    }
    return CommandFailure(
      .failed, Text(searched.isEmpty ? "there is no program \(missing)" : "\(missing) is not on the PATH"),
      advice: ProgramAdvice.installation(of: program.programName, searched: searched), ran: program.line,
      details: FailureDetails("no-program"))
  }
}

extension Text {
  /// More of a program's output than that helps nobody who reads an error.
  private static let longestExcerpt = 16 << 10

  /// The last lines that hold more than blanks; of long ones, what stands at the end.
  func lastLines(_ count: Int) -> Text {
    let all = string.utf8
    guard let last = all.lastIndex(where: { $0 > 0x20 }) else { return "" }
    let end = all.distance(from: all.startIndex, to: last) + 1
    let bytes = Array(all[...last].suffix(Text.longestExcerpt))
    var start = bytes.count
    var lines = 0
    while start > 0 {
      if bytes[start - 1] == 0x0a {
        lines += 1
        if lines == count { break }
      }
      start -= 1
    }
    // No letter is cut in two.
    while start < bytes.count, bytes[start] & 0xc0 == 0x80 { start += 1 }
    return slice((end - bytes.count + start)..<end)
  }
}
