#if canImport(Glibc)
  import Glibc
  import Machine

  /// What Linux does in its own way around processes.
  package enum ProcessPlatform {
    typealias SpawnAttributes = posix_spawnattr_t
    typealias SpawnActions = posix_spawn_file_actions_t

    static func emptyAttributes() -> SpawnAttributes { posix_spawnattr_t() }
    static func emptyActions() -> SpawnActions { posix_spawn_file_actions_t() }

    /// Closing is a file action here, see `closeInherited`.
    static let closeInheritedFlag: Int32 = 0

    static func closeInherited(_ actions: inout SpawnActions) {
      _ = posix_spawn_file_actions_addclosefrom_np(&actions, 3)
    }

    package static func makePipe() -> (read: Int32, write: Int32)? {
      var ends: [Int32] = [-1, -1]
      guard pipe2(&ends, O_CLOEXEC) == 0 else { return nil }
      return (ends[0], ends[1])
    }

    /// The environment that nbx was given: pointers to `NAME=VALUE`, the last one nil.
    static var environment: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? {
      typealias Entries = UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
      return dlsym(nil, "environ")?.assumingMemoryBound(to: Entries.self).pointee
    }

    // MARK: Handles: descriptors that mean one process for good, and become readable when it exits

    /// `pidfd_open` (Linux 5.3): nil where the kernel or a container forbids it.
    static func openHandle(_ pid: pid_t) -> OwnedDescriptor? {
      guard let systemCall else { return nil }
      let number = systemCall(434, Int(pid), 0, 0, 0)
      return number < 0 ? nil : OwnedDescriptor(Int32(number))
    }

    /// `pidfd_send_signal` (Linux 5.1).
    static func send(_ signal: Int32, to handle: OwnedDescriptor) -> Bool {
      guard let systemCall else { return false }
      return systemCall(424, Int(handle.number), Int(signal), 0, 0) == 0
    }

    private typealias SystemCall = @convention(c) (Int, Int, Int, Int, Int) -> Int

    /// `syscall` takes any number of arguments, which Swift does not import; on x86-64 and arm64 it may be called with
    /// a fixed number of integers. Both calls above have the same number on every architecture.
    private static let systemCall: SystemCall? =
      dlsym(nil, "syscall").map { unsafeBitCast($0, to: SystemCall.self) }

    // MARK: The process table

    /// Names this boot of the machine: pids and start times begin anew with the next.
    static let bootID: String = {
      let bytes = Paths.bytes(at: "/proc/sys/kernel/random/boot_id") ?? []
      return String(decoding: bytes.prefix { $0 > 0x20 }, as: UTF8.self)
    }()

    /// What the kernel says of a pid now: `/proc/PID/stat`, fields 3 (state) and 22 (start, in ticks since the boot).
    static func record(of pid: pid_t) -> ProcessRecord? {
      // The name in field 2 may itself hold spaces and brackets: count from its last bracket.
      guard pid > 0, let text = Paths.bytes(at: "/proc/\(pid)/stat"),
        let bracket = text.lastIndex(of: UInt8(ascii: ")"))
      else { return nil }
      let fields = text[(bracket + 1)...].split(separator: UInt8(ascii: " "))
      guard fields.count > 19, let state = fields[0].first,
        let start = UInt64(String(decoding: fields[19], as: UTF8.self))
      else { return nil }
      switch state {
      // Of a process of many threads the first may be dead before the others, which still hold its ports and files.
      case UInt8(ascii: "Z") where fields[17].count > 1 || fields[17].first ?? 0 > UInt8(ascii: "1"):
        return ProcessRecord(start: start, state: .running)
      case UInt8(ascii: "Z"), UInt8(ascii: "X"): return ProcessRecord(start: start, state: .exited)
      case UInt8(ascii: "T"): return ProcessRecord(start: start, state: .paused)
      default: return ProcessRecord(start: start, state: .running)
      }
    }

    // MARK: A disk that is full for one process

    /// By the limit on a file's size, which any process of the same user may be given while it runs. The hard limit stays,
    /// or the soft one could not be raised again.
    static func refuseWrites(_ isRefusing: Bool, of pid: pid_t) throws(Problem) -> Bool {
      var limit = rlimit()
      guard prlimit(pid, RLIMIT_FSIZE, nil, &limit) == 0 else { return false }
      limit.rlim_cur = isRefusing ? 0 : limit.rlim_max
      return prlimit(pid, RLIMIT_FSIZE, &limit, nil) == 0
    }

    static func refusesWrites(_ pid: pid_t) -> Bool {
      var limit = rlimit()
      return prlimit(pid, RLIMIT_FSIZE, nil, &limit) == 0 && limit.rlim_cur == 0
    }

    // MARK: Writing to a pipe whose reader may have gone

    /// `write(2)` that answers EPIPE and raises no SIGPIPE in nbx.
    static func writeQuietly(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
      var brokenPipe = sigset_t()
      var before = sigset_t()
      sigemptyset(&brokenPipe)
      sigaddset(&brokenPipe, SIGPIPE)
      pthread_sigmask(SIG_BLOCK, &brokenPipe, &before)
      let written = write(descriptor, bytes.baseAddress, bytes.count)
      let problem = errno
      if written < 0, problem == EPIPE, sigismember(&before, SIGPIPE) == 0 {
        // The signal waits for this thread alone: it is taken away before the mask is put back.
        var noTime = timespec()
        sigtimedwait(&brokenPipe, nil, &noTime)
      }
      pthread_sigmask(SIG_SETMASK, &before, nil)
      errno = problem
      return written
    }

    static func silenceBrokenPipe(_ descriptor: OwnedDescriptor) {}

    /// Every process that there is now.
    package static var pids: [pid_t] {
      guard let folder = opendir("/proc") else { return [] }
      defer { closedir(folder) }
      var pids: [pid_t] = []
      while let entry = readdir(folder) {
        let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
          String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
        if let pid = pid_t(name) { pids.append(pid) }
      }
      return pids
    }

    /// The words that a process was started with, the program's own name first, without those that are empty; nil for one
    /// that is gone, or not this user's to look at.
    package static func commandLine(of pid: pid_t) -> [[UInt8]]? {
      Paths.bytes(at: "/proc/\(pid)/cmdline")?.split(separator: 0).map(Array.init)
    }
  }
#endif
