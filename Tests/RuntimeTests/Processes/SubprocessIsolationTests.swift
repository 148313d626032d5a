import Synchronization
import TestSupport
import Testing

@testable import SandboxSystem

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What passes between nbx and its children beside what is meant to. Each of these has a process of its own, as it
/// counts or changes what all threads share.
@Suite(.mayWait) struct SubprocessIsolationTests {
  @Test func sixtyFourAtOnceLeaveNothingBehind() throws {
    try OwnProcess.expect {
      _ = try shell("exit 0").run()
      let before = openDescriptors()
      let right = Atomic<Int>(0)
      onThreads(64) { index in
        var command = shell("cat; echo err >&2; exit \(index)")
        command.standardInput = Array("input \(index)".utf8)
        guard let result = try? command.run() else { return }
        if result.text == "input \(index)", result.status == .exited(code: Int32(index)) {
          right.add(1, ordering: .relaxed)
        }
      }
      #expect(right.load(ordering: .relaxed) == 64)
      #expect(openDescriptors() == before)
      var status: Int32 = 0
      let left = waitpid(-1, &status, WNOHANG)
      let problem = errno
      #expect(left == -1)
      #expect(problem == ECHILD)
    }
  }

  @Test func failuresToStartLeakNothing() throws {
    try OwnProcess.expect {
      let folder = try ScratchFolder()
      let file = try folder.script("tool", "no program")
      _ = try? Subprocess(file).run()
      let before = openDescriptors()
      for _ in 0..<20 { #expect(throws: ProcessError.self) { try Subprocess(file).run() } }
      #expect(openDescriptors() == before)
    }
  }

  @Test func signalsThatNbxIgnoresOrBlocksAreReset() throws {
    try OwnProcess.expect {
      signal(SIGINT, SIG_IGN)
      var blocked = sigset_t()
      sigemptyset(&blocked)
      sigaddset(&blocked, SIGTERM)
      pthread_sigmask(SIG_BLOCK, &blocked, nil)
      let interrupted = try shell("kill -INT $$; echo survived").run()
      #expect(interrupted.status == .killed(signal: SIGINT))
      let terminated = try shell("kill -TERM $$; echo survived").run()
      #expect(terminated.status == .killed(signal: SIGTERM))
    }
  }

  @Test func exitCodesAreSeenWhereAParentIgnoredThem() throws {
    try OwnProcess.expect {
      signal(SIGCHLD, SIG_IGN)
      let result = try shell("exit 7").run()
      #expect(result.status == .exited(code: 7))
    }
  }

  @Test func aStatusThatAnotherTookIsAnErrorAndNoSuccess() throws {
    try OwnProcess.expect {
      // The first run sees to it that exits are visible; whoever changes that later spoils it.
      _ = try shell("exit 0").run()
      signal(SIGCHLD, SIG_IGN)
      #expect(throws: ProcessError.system(call: "waitpid", errno: ECHILD)) { try shell("exit 7").run() }
    }
  }

  @Test func noDescriptorIsInherited() throws {
    try OwnProcess.expect {
      let file = dup2(open("/dev/null", O_RDONLY), 77)
      #expect(file == 77)
      let result = try shell("[ -e /dev/fd/77 ] && echo inherited; exit 0").run()
      #expect(result.text == "")
    }
  }

  @Test func aClosedStandardInputOfNbxDoesNoHarm() throws {
    try OwnProcess.expect {
      close(0)
      var cat = shell("cat; echo err >&2")
      cat.standardInput = Array("through".utf8)
      let result = try cat.run()
      #expect(result.text == "through")
      #expect(result.errorText == "err\n")
    }
  }

  @Test func aProgramIsTheLeaderOfItsGroupAndOfASessionWithoutATerminal() throws {
    let script = """
      import os
      print(os.getpid() == os.getpgid(0) == os.getsid(0))
      try: open("/dev/tty")
      except OSError: print("no terminal")
      """
    #expect(try Subprocess("python3", ["-c", script]).run().text == "True\nno terminal\n")
  }
}
