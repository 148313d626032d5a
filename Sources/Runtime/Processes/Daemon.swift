#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A program that goes on when nbx ends: a session of its own, no standard input, both outputs appended to a log.
public struct Daemon {
  /// A path, or a name that is looked up on the PATH of `environment`.
  public var program: String
  public var arguments: [String]
  /// All of it: nothing is inherited beside.
  public var environment: [String: String]
  /// Nil: where nbx runs.
  public var workingDirectory: String?
  /// Made with mode 0600 where it is missing; its folder must be there.
  public var log: String

  public init(
    _ program: String, _ arguments: [String], environment: [String: String], workingDirectory: String? = nil,
    log: String
  ) {
    self.program = program
    self.arguments = arguments
    self.environment = environment
    self.workingDirectory = workingDirectory
    self.log = log
  }

  /// Starts it and returns at once. When it dies while nbx lives, `ProcessIdentity.hasExited` reaps it.
  ///
  /// - Throws: `.notFound`, `.notRunnable`, `.noWorkingDirectory`, `.logNotWritable`, `.zeroByte`, `.system`.
  public func start() throws(ProcessError) -> ProcessIdentity {
    let path = try ProgramLookup.find(program, path: environment["PATH"], from: workingDirectory)
    guard !log.utf8.contains(0) else { throw .zeroByte(where: "the log's path") }
    guard let output = OwnedDescriptor.open(log, O_WRONLY | O_APPEND | O_CREAT) else {
      throw .logNotWritable(path: log, errno: errno)
    }
    guard let nothing = OwnedDescriptor.open("/dev/null", O_RDONLY) else {
      throw .system(call: "open /dev/null", errno: errno)
    }
    let spawn = ProcessSpawn(
      path: path, arguments: [program] + arguments, environment: environment, workingDirectory: workingDirectory,
      standardInput: nothing, standardOutput: output, standardError: output)
    let pid = try spawn.start()
    // Even if it died at once: until it is reaped, the process table knows it.
    guard let identity = ProcessIdentity(pid: pid) else {
      throw .system(call: "reading the process table", errno: errno)
    }
    return identity
  }
}
