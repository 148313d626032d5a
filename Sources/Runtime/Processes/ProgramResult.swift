/// One of the two streams that a program writes to.
public enum ProgramStream: Equatable, Sendable {
  case output
  case errorOutput
}

/// Whether whoever asked for a command still wants it. Asked again and again while it runs.
public enum StopRequest: Equatable, Sendable {
  case none
  /// The program is asked first (SIGINT, then SIGTERM) and killed only when its patience is used up.
  case gently
  /// The program and all of its process group are killed with no more asking.
  case atOnce
}

/// How a process left.
public enum ExitStatus: Equatable, Sendable {
  case exited(code: Int32)
  case killed(signal: Int32)
  /// Its time was up, or a stop was asked for, before it was started.
  case notStarted
}

/// What a program left behind. An exit code other than 0 is a result too, not an error.
public struct ProgramResult: Sendable {
  /// Who ended the program.
  public enum Ending: Equatable, Sendable {
    case byItself
    /// The deadline passed; its process group was ended.
    case timedOut
    /// `shouldStop` asked for it; its process group was ended.
    case stopped
    /// The stream grew beyond `Subprocess.keptLimit`; its process group was ended.
    case tooMuchOutput(ProgramStream)
  }

  public var status: ExitStatus
  public var ending: Ending
  /// Standard output, at most `Subprocess.keptLimit` bytes of it.
  public var output: [UInt8]
  /// Standard error, at most `Subprocess.keptLimit` bytes of it.
  public var errorOutput: [UInt8]
  /// From the spawn to the exit.
  public var duration: Duration

  public var timedOut: Bool { ending == .timedOut }
  public var stopped: Bool { ending == .stopped }

  /// Whether it ended by itself with exit code 0.
  public var succeeded: Bool { ending == .byItself && status == .exited(code: 0) }
}
