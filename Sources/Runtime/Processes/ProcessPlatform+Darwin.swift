#if canImport(Darwin)
  import Darwin

  /// What macOS does in its own way around processes.
  enum ProcessPlatform {
    typealias SpawnAttributes = posix_spawnattr_t?
    typealias SpawnActions = posix_spawn_file_actions_t?

    static func emptyAttributes() -> SpawnAttributes { nil }
    static func emptyActions() -> SpawnActions { nil }

    static let closeInheritedFlag = Int32(POSIX_SPAWN_CLOEXEC_DEFAULT)

    /// `closeInheritedFlag` does it.
    static func closeInherited(_ actions: inout SpawnActions) {}

    /// Both ends are closed in children by `closeInheritedFlag`; the flag on the ends is for programs started otherwise.
    static func makePipe() -> (read: Int32, write: Int32)? {
      var ends: [Int32] = [-1, -1]
      guard pipe(&ends) == 0 else { return nil }
      for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
      return (ends[0], ends[1])
    }

    /// The environment that nbx was given: pointers to `NAME=VALUE`, the last one nil.
    static var environment: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? { _NSGetEnviron().pointee }

    /// There are no process handles here: exits are found by looking, signals are sent by pid.
    static func openHandle(_ pid: pid_t) -> OwnedDescriptor? { nil }
    static func send(_ signal: Int32, to handle: OwnedDescriptor) -> Bool { false }

    /// Start times are points in calendar time here, so they tell boots apart by themselves.
    static let bootID = ""

    /// What the kernel says of a pid now; the start is in microseconds since 1970.
    static func record(of pid: pid_t) -> ProcessRecord? {
      var facts = proc_bsdinfo()
      let size = Int32(MemoryLayout<proc_bsdinfo>.size)
      guard pid > 0, proc_pidinfo(pid, PROC_PIDTBSDINFO, 0, &facts, size) == size else { return nil }
      let start = facts.pbi_start_tvsec * 1_000_000 + facts.pbi_start_tvusec
      switch Int32(facts.pbi_status) {
      case SZOMB: return ProcessRecord(start: start, state: .exited)
      case SSTOP: return ProcessRecord(start: start, state: .paused)
      default: return ProcessRecord(start: start, state: .running)
      }
    }

    static func writeQuietly(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
      write(descriptor, bytes.baseAddress, bytes.count)
    }

    /// Writes to this pipe answer EPIPE and raise no SIGPIPE in nbx.
    static func silenceBrokenPipe(_ descriptor: OwnedDescriptor) {
      _ = fcntl(descriptor.number, F_SETNOSIGPIPE, 1)
    }
  }
#endif
