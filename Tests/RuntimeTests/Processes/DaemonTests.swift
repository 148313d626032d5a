import TestSupport
import Testing

@testable import SandboxSystem

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite(.mayWait) struct DaemonTests {
  private func daemon(_ line: String, log: String) -> Daemon {
    Daemon("sh", ["-c", line], environment: ["PATH": "/usr/bin:/bin"], log: log)
  }

  @Test func appendsBothStreamsToItsLog() throws {
    let folder = try ScratchFolder()
    _ = try folder.script("log", "before\n")
    let identity = try daemon("echo out; echo err >&2", log: folder.file("log")).start()
    #expect(identity.waitForExit(until: .now + patience))
    #expect(folder.text("log") == "before\nout\nerr\n")
  }

  @Test func isPausedWokenAndEndedByItsIdentity() throws {
    let folder = try ScratchFolder()
    let identity = try daemon("exec sleep 300", log: folder.file("log")).start()
    defer { kill(identity.pid, SIGKILL) }
    #expect(identity.isAlive)
    #expect(!identity.isStopped)
    #expect(getsid(identity.pid) == identity.pid)
    #expect(identity.signal(SIGSTOP))
    try eventually { identity.isStopped }
    #expect(identity.isAlive)
    #expect(identity.signal(SIGCONT))
    try eventually { !identity.isStopped }
    #expect(!identity.waitForExit(until: .now + .milliseconds(20)))
    #expect(identity.signal(SIGTERM))
    #expect(identity.waitForExit(until: .now + patience))
    #expect(!identity.isAlive)
    #expect(!identity.signal(SIGTERM))
    // Reaped: the process table knows nothing of it any more.
    #expect(ProcessIdentity(pid: identity.pid) != identity)
  }

  @Test func aZombieIsDead() throws {
    let folder = try ScratchFolder()
    let identity = try daemon("exit 0", log: folder.file("log")).start()
    try eventually { !identity.isAlive }
    #expect(ProcessPlatform.record(of: identity.pid)?.state == .exited)
    #expect(!identity.signal(0))
    #expect(identity.hasExited)
    #expect(ProcessPlatform.record(of: identity.pid)?.start != identity.start)
  }

  #if os(Linux)
    @Test func aProcessWhoseFirstThreadIsDeadLivesOn() throws {
      let folder = try ScratchFolder()
      let script = """
        import ctypes, threading, time
        threading.Thread(target=time.sleep, args=(600,)).start()
        ctypes.CDLL(None).pthread_exit(None)
        """
      let identity = try Daemon(
        "python3", ["-c", script], environment: ProcessInfo.processInfo.environment, log: folder.file("log")
      ).start()
      defer { kill(identity.pid, SIGKILL) }
      let stat = "/proc/\(identity.pid)/stat"
      try eventually { StateFile.text(of: stat)?.contains(") Z ") == true }
      #expect(identity.isAlive && !identity.hasExited)
      #expect(identity.signal(SIGKILL))
      #expect(identity.waitForExit(until: .now + patience))
    }
  #endif

  @Test func readsNothing() throws {
    let folder = try ScratchFolder()
    let identity = try daemon("cat; echo done", log: folder.file("log")).start()
    #expect(identity.waitForExit(until: .now + patience))
    #expect(folder.text("log") == "done\n")
  }

  @Test func aClosedStandardInputOfNbxDoesNoHarm() throws {
    try OwnProcess.expect {
      let folder = try ScratchFolder()
      close(0)
      let identity = try daemon("cat; echo out; echo err >&2", log: folder.file("log")).start()
      #expect(identity.waitForExit(until: .now + patience))
      #expect(folder.text("log") == "out\nerr\n")
    }
  }

  @Test func outlivesNbxAndInheritsNoLock() throws {
    if let path = OwnProcess.task {
      let lock = try FileLock.tryAcquire("\(path)/lock", for: "a test")
      try #require(lock != nil)
      let identity = try daemon("exec sleep 300", log: "\(path)/log").start()
      try AtomicFile.write([UInt8](JSONEncoder().encode(identity)), to: "\(path)/identity")
      // Nothing is released by hand.
      kill(getpid(), SIGKILL)
    }
    let folder = try ScratchFolder()
    try OwnProcess.run(folder.path).expectKilled()
    let identity = try JSONDecoder().decode(
      ProcessIdentity.self, from: Data(contentsOf: URL(fileURLWithPath: folder.file("identity"))))
    defer { _ = identity.signal(SIGKILL) }
    #expect(identity.isAlive)
    #expect(try FileLock.tryAcquire(folder.file("lock"), for: "another") != nil)
  }

  @Test func saysWhyItCannotStart() throws {
    #expect(throws: ProcessError.logNotWritable(path: "/no/such/log", errno: ENOENT)) {
      try daemon("exit 0", log: "/no/such/log").start()
    }
    #expect(throws: ProcessError.notFound(program: "/no/server", searched: "")) {
      try Daemon("/no/server", [], environment: [:], log: "/dev/null").start()
    }
  }
}

@Suite(.mayWait) struct ProcessIdentityTests {
  @Test func aReusedPidIsNeverSignalled() throws {
    let folder = try ScratchFolder()
    let real = try Daemon("sleep", ["300"], environment: ["PATH": "/usr/bin:/bin"], log: folder.file("log")).start()
    defer {
      kill(real.pid, SIGKILL)
      _ = real.waitForExit(until: .now + patience)
    }
    let earlier = ProcessIdentity(pid: real.pid, start: real.start - 1, bootID: real.bootID)
    let otherBoot = ProcessIdentity(pid: real.pid, start: real.start, bootID: "another boot")
    for foreign in [earlier, otherBoot] {
      #expect(!foreign.isAlive)
      #expect(foreign.hasExited)
      #expect(!foreign.signal(SIGKILL))
    }
    // Had it got one of them, it would end and never stop.
    #expect(real.signal(SIGSTOP))
    try eventually { real.isStopped }
  }

  @Test func ofNothingThereIsNone() {
    #expect(ProcessIdentity(pid: -1) == nil)
    #expect(ProcessIdentity(pid: 0) == nil)
    #expect(ProcessIdentity(pid: .max) == nil)
  }

  @Test func staysTheSameInAFile() throws {
    let own = try #require(ProcessIdentity(pid: getpid()))
    #expect(own.isAlive)
    #expect(try JSONDecoder().decode(ProcessIdentity.self, from: JSONEncoder().encode(own)) == own)
  }

  @Test func waitingTimesAreRoundedUp() {
    #expect(Duration.microseconds(1).pollMilliseconds == 1)
    #expect(Duration.milliseconds(20).pollMilliseconds == 20)
    #expect(Duration.seconds(-1).pollMilliseconds == 0)
    #expect(Duration.seconds(1 << 40).pollMilliseconds == 60_000)
  }
}
