import Machine

/// What the system's process table says of a pid at one moment.
struct ProcessRecord: Equatable {
  enum State {
    case running
    /// Stopped by SIGSTOP or its kin; SIGCONT wakes it.
    case paused
    /// Dead, and its parent has not asked how it ended.
    case exited
  }

  /// In the system's own unit; only ever compared for being the same.
  var start: UInt64
  var state: State
}

/// Tells one process from every other that had or will have its pid, across runs of nbx and of the machine.
///
/// Kept in state files, so that a server started yesterday is found again, and a foreign process that was given the same
/// pid meanwhile is never signalled.
package struct ProcessIdentity: Codable, Hashable, Sendable {
  package let pid: Int32
  /// Linux: ticks since the boot, field 22 of `/proc/PID/stat`. macOS: microseconds since 1970.
  package let start: UInt64
  /// Linux: the kernel's `boot_id`. Empty on macOS.
  package let bootID: String

  init(pid: Int32, start: UInt64, bootID: String) {
    self.pid = pid
    self.start = start
    self.bootID = bootID
  }

  /// The identity of whatever has this pid now; nil if nothing has.
  package init?(pid: Int32) {
    guard let record = ProcessPlatform.record(of: pid) else { return nil }
    self.init(pid: pid, start: record.start, bootID: ProcessPlatform.bootID)
  }

  /// Whether it runs or is paused. A zombie is dead.
  package var isAlive: Bool {
    guard let record else { return false }
    return record.state != .exited
  }

  /// Whether it is paused by SIGSTOP: alive, and answering nobody.
  package var isStopped: Bool { record?.state == .paused }

  /// Whether every file refuses what it writes, as a full disk would; always false where processes have no such limit.
  package var refusesWrites: Bool { isAlive && ProcessPlatform.refusesWrites(pid) }

  /// Lets every file refuse what the process writes from here on, or no more. Sockets and pipes take everything.
  ///
  /// - Returns: false where it is gone, or not this user's.
  /// - Throws: where this system cannot do that to a process which runs.
  package func refuseWrites(_ isRefusing: Bool) throws(Problem) -> Bool {
    guard isAlive else { return false }
    return try ProcessPlatform.refuseWrites(isRefusing, of: pid)
  }

  /// Whether it is dead; takes its remains away where it was a child of this nbx.
  package var hasExited: Bool {
    guard let record else { return true }
    guard record.state == .exited else { return false }
    // The pid is this process's own until it is reaped, so no other child's exit code can be taken by mistake.
    var status: Int32 = 0
    _ = waitpid(pid, &status, WNOHANG)
    return true
  }

  /// Sends a signal to this process and to no other. False: it is gone, or not ours to signal.
  package func signal(_ number: Int32) -> Bool {
    // A handle means one process for good: opened first, compared then, it leaves no moment for the pid to change hands.
    if let handle = ProcessPlatform.openHandle(pid) {
      return isAlive && ProcessPlatform.send(number, to: handle)
    }
    return isAlive && kill(pid, number) == 0
  }

  /// Waits until it is dead, and reaps it where it was a child. False: it lives on at the deadline.
  package func waitForExit(until deadline: ContinuousClock.Instant) -> Bool {
    let handle = ProcessPlatform.openHandle(pid)
    while !hasExited {
      let left = deadline - .now
      guard left > .zero else { return false }
      let longest: Int32 = handle == nil ? 5 : 1000
      var watched = pollfd(fd: handle?.number ?? -1, events: Int16(POLLIN), revents: 0)
      poll(&watched, 1, min(longest, left.pollMilliseconds))
    }
    return true
  }

  private var record: ProcessRecord? {
    guard bootID == ProcessPlatform.bootID, let record = ProcessPlatform.record(of: pid), record.start == start
    else { return nil }
    return record
  }
}
