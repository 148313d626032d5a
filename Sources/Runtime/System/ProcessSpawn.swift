import Machine

/// One call of `posix_spawn`. `Foundation.Process` will not do: it tells of an exit only when every grandchild has let
/// go of a descriptor, and the session can't be chosen.
///
/// The process gets a session of its own: what it starts can be ended with it, the terminal's Ctrl-C and end do not reach
/// it, and it has no terminal to ask at. In a group of its own within nbx's session it would be stopped there and wait for
/// ever; so opening `/dev/tty` fails at once.
struct ProcessSpawn {
  var path: String
  /// With the program's own name first.
  var arguments: [String]
  var environment: [String: String]
  var workingDirectory: String?
  var standardInput: OwnedDescriptor
  var standardOutput: OwnedDescriptor
  var standardError: OwnedDescriptor

  /// Starts the process; the caller has to wait for it, or it stays a zombie.
  func start() throws(ProcessError) -> pid_t {
    try checkTexts()
    try checkWorkingDirectory()
    Self.keepExitsVisible

    var actions = ProcessPlatform.emptyActions()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_adddup2(&actions, standardInput.number, 0)
    posix_spawn_file_actions_adddup2(&actions, standardOutput.number, 1)
    posix_spawn_file_actions_adddup2(&actions, standardError.number, 2)
    if let workingDirectory { posix_spawn_file_actions_addchdir_np(&actions, workingDirectory) }
    ProcessPlatform.closeInherited(&actions)

    var attributes = ProcessPlatform.emptyAttributes()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    describe(&attributes)

    var pid: pid_t = 0
    let problem = withCStrings(arguments.map { Array($0.utf8CString) }) { argv in
      withCStrings(InheritedEnvironment.entries(of: environment)) { envp in
        posix_spawn(&pid, path, &actions, &attributes, argv, envp)
      }
    }
    guard problem == 0 else {
      // These two are about the machine; all others are about the file.
      let ofTheSystem = problem == EAGAIN || problem == ENOMEM
      throw ofTheSystem ? .system(call: "posix_spawn", errno: problem) : .notRunnable(path: path, errno: problem)
    }
    return pid
  }

  private func describe(_ attributes: inout ProcessPlatform.SpawnAttributes) {
    let flags =
      Int32(POSIX_SPAWN_SETSIGDEF) | Int32(POSIX_SPAWN_SETSIGMASK) | Int32(POSIX_SPAWN_SETSID)
      | ProcessPlatform.closeInheritedFlag
    posix_spawnattr_setflags(&attributes, Int16(truncatingIfNeeded: flags))

    // A signal that nbx ignores or blocks (nohup, a thread's mask) would stay so in the program.
    var signals = sigset_t()
    sigfillset(&signals)
    sigdelset(&signals, SIGKILL)
    sigdelset(&signals, SIGSTOP)
    posix_spawnattr_setsigdefault(&attributes, &signals)
    sigemptyset(&signals)
    posix_spawnattr_setsigmask(&attributes, &signals)
  }

  /// Where SIGCHLD is ignored, which a parent can hand down, the kernel throws exit codes away.
  private static let keepExitsVisible: Void = {
    if Signals.isIgnored(SIGCHLD) { signal(SIGCHLD, SIG_DFL) }
  }()

  private func checkTexts() throws(ProcessError) {
    func check(_ text: String, _ place: @autoclosure () -> String) throws(ProcessError) {
      if text.utf8.contains(0) { throw .zeroByte(where: place()) }
    }
    try check(path, "the program's path")
    for (index, argument) in arguments.enumerated() { try check(argument, "argument \(index) of \(path)") }
    for (name, value) in environment { try check(name + value, "the environment variable \(name)") }
    if let workingDirectory { try check(workingDirectory, "the working directory of \(path)") }
  }

  private func checkWorkingDirectory() throws(ProcessError) {
    guard let workingDirectory else { return }
    var facts = stat()
    guard stat(workingDirectory, &facts) == 0 else { throw .noWorkingDirectory(path: workingDirectory, errno: errno) }
    guard facts.st_mode & S_IFMT == S_IFDIR else { throw .noWorkingDirectory(path: workingDirectory, errno: ENOTDIR) }
    guard access(workingDirectory, X_OK) == 0 else { throw .noWorkingDirectory(path: workingDirectory, errno: errno) }
  }
}

/// Lends the strings as the null-ended array of C strings that `posix_spawn` takes.
private func withCStrings<Result>(
  _ strings: [[CChar]], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
) -> Result {
  let copies = strings.map { strdup($0) }
  defer { for copy in copies { free(copy) } }
  return body(copies + [nil])
}

/// What of the environment that nbx was given is no UTF-8. No string can hold it; programs get it byte for byte.
enum InheritedEnvironment {
  private struct Entry: Sendable {
    /// As strings have them, with a sign in place of what is no letter.
    let name: String
    let value: String
    /// `NAME=VALUE`, and the zero behind it.
    let bytes: [CChar]
  }

  private static let odd: [Entry] = {
    var odd: [Entry] = []
    guard var place = ProcessPlatform.environment else { return [] }
    while let entry = place.pointee {
      place += 1
      guard String(validatingCString: entry) == nil else { continue }
      let parts = String(cString: entry).split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2 else { continue }
      var bytes: [CChar] = []
      var next = UnsafePointer(entry)
      while next.pointee != 0 {
        bytes.append(next.pointee)
        next += 1
      }
      odd.append(Entry(name: String(parts[0]), value: String(parts[1]), bytes: bytes + [0]))
    }
    return odd
  }()

  /// The environment of a program as bytes, each variable with a zero behind it: what was not changed is as nbx got it.
  static func entries(of environment: [String: String]) -> [[CChar]] {
    var plain = environment
    var entries: [[CChar]] = []
    for entry in odd where plain[entry.name] == entry.value {
      plain[entry.name] = nil
      entries.append(entry.bytes)
    }
    return entries + plain.map { Array("\($0.key)=\($0.value)".utf8CString) }
  }
}

/// A program that goes on when nbx ends: a session of its own, no standard input, both outputs appended to a log.
package struct Daemon {
  /// A path, or a name that is looked up on the PATH of `environment`.
  package var program: String
  package var arguments: [String]
  /// All of it: nothing is inherited beside.
  package var environment: [String: String]
  /// Nil: where nbx runs.
  package var workingDirectory: String?
  /// Made with mode 0600 where it is missing; its folder must be there.
  package var log: String

  package init(
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
  package func start() throws(ProcessError) -> ProcessIdentity {
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
