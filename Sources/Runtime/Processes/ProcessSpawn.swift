#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

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
    if SignalHandling.isIgnored(SIGCHLD) { signal(SIGCHLD, SIG_DFL) }
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
