import Machine
import Synchronization
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

/// How many were inside at once, at most.
private final class SharedCounts: Sendable {
  private let counts = Mutex((now: 0, most: 0, turns: 0))

  func enter() {
    counts.withLock {
      $0.now += 1
      $0.most = max($0.most, $0.now)
      $0.turns += 1
    }
  }

  func leave() { counts.withLock { $0.now -= 1 } }

  var most: Int { counts.withLock { $0.most } }
  var turns: Int { counts.withLock { $0.turns } }
}

@Suite(.mayWait) struct FileLockTests {
  @Test func isHeldOnceAndSaysByWhom() throws {
    let folder = try ScratchFolder()
    let path = folder.file("lock")
    let lock = try #require(try FileLock.tryAcquire(path, for: "starting region c1"))
    #expect(try FileLock.tryAcquire(path, for: "another") == nil)
    #expect(FileLock.holder(of: path) == "process \(getpid()), starting region c1")
    let error = #expect(throws: MachineError.self) {
      try FileLock.acquire(path, for: "another", limit: .within(.milliseconds(30)))
    }
    #expect(error == .lockHeld(path: path, holder: "process \(getpid()), starting region c1"))
    lock.release()
    #expect(try FileLock.tryAcquire(path, for: "another") != nil)
  }

  @Test func isLetGoOfWithItsOwner() throws {
    let folder = try ScratchFolder()
    do { _ = try FileLock.tryAcquire(folder.file("lock"), for: "a moment") }
    #expect(try FileLock.tryAcquire(folder.file("lock"), for: "another") != nil)
  }

  @Test func anotherProcessHoldsItUntilItDies() throws {
    let folder = try ScratchFolder()
    let path = try folder.script("lock", "process 4711, testing")
    let script = "use Fcntl ':flock'; open(F, '+<', $ARGV[0]); flock(F, LOCK_EX); syswrite(STDOUT, 'held'); sleep 300"
    let other = try Daemon(
      "perl", ["-e", script, path], environment: ["PATH": "/usr/bin:/bin"], log: folder.file("log")
    ).start()
    defer { _ = other.hasExited || other.signal(SIGKILL) }
    try eventually { folder.text("log") == "held" }
    #expect(try FileLock.tryAcquire(path, for: "a test") == nil)
    #expect(FileLock.holder(of: path) == "process 4711, testing")
    #expect(other.signal(SIGKILL))
    let lock = try FileLock.acquire(path, for: "a test", limit: .within(patience))
    #expect(FileLock.holder(of: path) == "process \(getpid()), a test")
    #expect(other.waitForExit(until: .now + patience))
    lock.release()
  }

  @Test func waitingCanBeStopped() throws {
    let folder = try ScratchFolder()
    let lock = try #require(try FileLock.tryAcquire(folder.file("lock"), for: "a long time"))
    defer { lock.release() }
    let stop = StopSignal()
    stop.ask(.windDown)
    let error = #expect(throws: MachineError.self) {
      try FileLock.acquire(folder.file("lock"), for: "x", limit: .within(.seconds(600), stop: stop))
    }
    guard case .stopped = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func aRemovedFileIsNoLock() throws {
    let folder = try ScratchFolder()
    let first = try #require(try FileLock.tryAcquire(folder.file("lock"), for: "cleaning up"))
    unlink(folder.file("lock"))
    let second = try #require(try FileLock.tryAcquire(folder.file("lock"), for: "after it"))
    first.release()
    #expect(try FileLock.tryAcquire(folder.file("lock"), for: "third") == nil)
    second.release()
  }

  @Test func aFileRemovedByItsHolderNeverLetsTwoIn() throws {
    let folder = try ScratchFolder()
    let path = folder.file("lock")
    let inside = SharedCounts()
    onThreads(4) { _ in
      var turns = 0
      let deadline = ContinuousClock.now + patience
      while ContinuousClock.now < deadline, turns < 100 {
        guard let lock = try? FileLock.tryAcquire(path, for: "cleaning up") else {
          usleep(20)
          continue
        }
        inside.enter()
        usleep(50)
        inside.leave()
        unlink(path)
        lock.release()
        turns += 1
      }
    }
    #expect(inside.turns == 400)
    #expect(inside.most == 1)
  }

  @Test func aMissingFolderIsSaid() {
    #expect(throws: MachineError.lockNotOpened(path: "/no/such/lock", errno: ENOENT)) {
      try FileLock.tryAcquire("/no/such/lock", for: "x")
    }
  }

  @Test func onlyOneOfManyThreadsHoldsItAtATime() throws {
    let folder = try ScratchFolder()
    let path = folder.file("lock")
    let count = folder.file("count")
    try AtomicFile.write(Array("0".utf8), to: count)
    onThreads(8) { _ in
      for _ in 0..<5 {
        guard let lock = try? FileLock.acquire(path, for: "counting", limit: .within(patience)) else { return }
        let seen = (try? String(contentsOfFile: count, encoding: .utf8)).flatMap { Int($0) } ?? -1000
        try? AtomicFile.write(Array("\(seen + 1)".utf8), to: count)
        lock.release()
      }
    }
    #expect(folder.text("count") == "40")
  }
}
