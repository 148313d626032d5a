#if canImport(Darwin)
  import Darwin
  import Machine

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

    /// A process sets its limits itself here, at its start.
    static func refuseWrites(_ isRefusing: Bool, of pid: pid_t) throws(Problem) -> Bool {
      // What cannot be is never in force.
      guard isRefusing else { return true }
      throw Problem(
        "macOS cannot limit the files of a process that runs, as prlimit(2) of Linux does",
        ways: [
          "run the recipe on Linux: in a virtual machine, or in a container",
          "or install with store=disk on a small disk image (hdiutil create -size 100m) and fill it",
        ])
    }

    static func refusesWrites(_ pid: pid_t) -> Bool { false }

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

    /// Every process that there is now.
    static var pids: [pid_t] {
      // Some may be started between the two calls.
      var pids = [pid_t](repeating: 0, count: Int(max(0, proc_listallpids(nil, 0))) + 64)
      let count = proc_listallpids(&pids, Int32(pids.count * MemoryLayout<pid_t>.stride))
      return pids.prefix(Int(max(0, count))).filter { $0 > 0 }
    }

    /// The words that a process was started with, the program's own name first, without those that are empty; nil for one
    /// that is gone, or not this user's to look at. `KERN_PROCARGS2` gives their number, the program's path, and then
    /// them, each with a zero behind it (xnu, `sysctl_procargsx`).
    static func commandLine(of pid: pid_t) -> [[UInt8]]? {
      var name: [Int32] = [CTL_KERN, KERN_PROCARGS2, pid]
      var size = 0
      guard sysctl(&name, UInt32(name.count), nil, &size, nil, 0) == 0, size > MemoryLayout<Int32>.size else {
        return nil
      }
      var bytes = [UInt8](repeating: 0, count: size)
      guard sysctl(&name, UInt32(name.count), &bytes, &size, nil, 0) == 0, size > MemoryLayout<Int32>.size else {
        return nil
      }
      let count = bytes.withUnsafeBytes { Int($0.loadUnaligned(as: Int32.self)) }
      let texts = bytes[MemoryLayout<Int32>.size..<min(size, bytes.count)].split(separator: 0)
      return texts.dropFirst().prefix(max(0, count)).map(Array.init)
    }
  }
#endif
