import Machine

/// A command to run and wait for.
///
/// ```swift
/// var command = Subprocess("kubectl", ["apply", "-f", "-"])
/// command.standardInput = Array(manifest.utf8)
/// command.limit = .within(.seconds(30))
/// let result = try command.run()
/// ```
///
/// It ends with its process: what that leaves running behind it is neither waited for nor ended (writing on to the
/// command's pipes, it gets SIGPIPE, as behind any closed pipe). When its limit passes or a stop is asked for, the whole
/// process group is ended.
package struct Subprocess {
  /// A path, or a name that is looked up on the PATH of `environment`.
  package var program: String
  package var arguments: [String]
  /// All of it: nothing is inherited beside. At first nbx's own.
  package var environment: [String: String]
  /// Nil: where nbx runs.
  package var workingDirectory: String?
  /// Of any size. Nil is `/dev/null`: there is never a terminal to ask at.
  package var standardInput: [UInt8]?
  /// At its first request to stop the program is asked (SIGINT, then SIGTERM) and killed only when its patience is used
  /// up; at `.kill`, and when the time is over, it and all of its process group end. Looked at about fifty times a second.
  package var limit = Limit(until: nil)
  /// Called once it runs.
  package var onStart: (() -> Void)?
  /// Gets each line when it is whole, without its line end, on the thread that called `run`; what follows the last line
  /// end comes last. A line over 64 KiB comes in pieces.
  package var onOutput: ((_ stream: ProgramStream, _ line: [UInt8]) -> Void)?
  /// How many bytes are kept of each stream; a program that writes more is ended, with `.tooMuchOutput`.
  package var keptLimit = 64 << 20
  /// How long the process group has to leave on its own when it is asked to.
  package var patience = Patience()

  package struct Patience: Equatable, Sendable {
    /// After SIGINT, before SIGTERM.
    package var afterInterrupt: Duration
    /// After SIGTERM, before SIGKILL.
    package var afterTerminate: Duration

    package init(afterInterrupt: Duration = .seconds(3), afterTerminate: Duration = .seconds(2)) {
      self.afterInterrupt = afterInterrupt
      self.afterTerminate = afterTerminate
    }
  }

  package init(
    _ program: String, _ arguments: [String] = [],
    environment: [String: String] = ownEnvironment
  ) {
    self.program = program
    self.arguments = arguments
    self.environment = environment
  }

  /// Runs it to its end, on this thread. Any number of threads may do so at once.
  ///
  /// - Throws: a `ProcessError` where it could not be started (or, hanging in the kernel, not be ended).
  package func run() throws(ProcessError) -> ProgramResult {
    let path = try ProgramLookup.find(program, path: environment["PATH"], from: workingDirectory)
    if let ending = reasonNotToStart {
      return ProgramResult(status: .notStarted, ending: ending, output: [], errorOutput: [], duration: .zero)
    }
    let begun = ContinuousClock.now
    let running = try RunningProgram(self, at: path)
    let note = Leftovers.note(program, pid: running.pid)
    defer { if let note { unlink(note) } }
    onStart?()
    let end = try running.waitForEnd()
    return ProgramResult(
      status: end.status, ending: end.ending, output: running.output.kept, errorOutput: running.errorOutput.kept,
      duration: begun.duration(to: .now))
  }

  /// Asks something that is answered quickly. Who takes longer than `patience` is ended without much ado.
  ///
  /// - Throws: as `run`.
  package func ask(within patience: Duration) throws(ProcessError) -> ProgramResult {
    var question = self
    question.limit = question.limit.atMost(patience)
    question.patience = Patience(afterInterrupt: .milliseconds(200), afterTerminate: .milliseconds(200))
    return try question.run()
  }

  private var reasonNotToStart: ProgramResult.Ending? {
    limit.isStopped ? .stopped : limit.hasPassed ? .timedOut : nil
  }
}

/// One of the two streams that a program writes to.
package enum ProgramStream: Equatable, Sendable {
  case output
  case errorOutput
}

/// How a process left.
package enum ExitStatus: Equatable, Sendable {
  case exited(code: Int32)
  case killed(signal: Int32)
  /// Its time was up, or a stop was asked for, before it was started.
  case notStarted
}

/// What a program left behind. An exit code other than 0 is a result too, not an error.
package struct ProgramResult: Sendable {
  /// Who ended the program.
  package enum Ending: Equatable, Sendable {
    case byItself
    /// The time was over; its process group was ended.
    case timedOut
    /// It was asked to; its process group was ended.
    case stopped
    /// The stream grew beyond `Subprocess.keptLimit`; its process group was ended.
    case tooMuchOutput(ProgramStream)
  }

  package var status: ExitStatus
  package var ending: Ending
  /// Standard output, at most `Subprocess.keptLimit` bytes of it.
  package var output: [UInt8]
  /// Standard error, at most `Subprocess.keptLimit` bytes of it.
  package var errorOutput: [UInt8]
  /// From the spawn to the exit.
  package var duration: Duration

  package var timedOut: Bool { ending == .timedOut }
  package var stopped: Bool { ending == .stopped }

  /// Whether it ended by itself with exit code 0.
  package var succeeded: Bool { ending == .byItself && status == .exited(code: 0) }
}
