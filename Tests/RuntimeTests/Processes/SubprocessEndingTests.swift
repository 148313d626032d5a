import Machine
import Synchronization
import TestSupport
import Testing

@testable import SandboxSystem

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Deadlines and stop requests: what is ended, and how.
@Suite(.mayWait) struct SubprocessEndingTests {
  /// A shell and its child, both deaf to SIGINT and SIGTERM; each tells its pid.
  private static let stubbornTree = """
    trap '' INT TERM
    sh -c 'trap "" INT TERM; echo $$; while :; do sleep 0.1; done' &
    echo $$
    wait
    """

  private func pids(_ result: ProgramResult) -> [Int32] {
    result.text.split(separator: "\n").compactMap { Int32($0) }
  }

  @Test func aTimeOutEndsTheWholeTree() throws {
    var command = shell(Self.stubbornTree)
    command.patience = .init(afterInterrupt: .milliseconds(100), afterTerminate: .milliseconds(100))
    // On a busy machine the time may be over before both have told their pids.
    let told = try eventually { () -> [Int32] in
      command.limit.until = .now + .milliseconds(500)
      let result = try command.run()
      #expect(result.timedOut)
      #expect(result.status == .killed(signal: SIGKILL))
      return pids(result)
    } where: {
      $0.count == 2
    }
    for pid in told { try eventually { !isAlive(pid) } }
  }

  @Test func aHelperThatOutlivesItsProgramIsEndedToo() throws {
    // The shell leaves at SIGINT, its child does not.
    var command = shell("sh -c 'trap \"\" INT TERM; echo $$; while :; do sleep 0.1; done' & wait")
    stop(&command, afterLines: 1, with: .interrupt)
    let result = try command.run()
    #expect(result.stopped)
    let helper = try #require(pids(result).first)
    try eventually { !isAlive(helper) }
  }

  @Test func aGentleStopIsAnInterrupt() throws {
    var command = shell("trap 'echo asked; exit 9' INT; echo ready; while :; do sleep 0.05; done")
    command.patience.afterInterrupt = patience
    stop(&command, afterLines: 1, with: .interrupt)
    let result = try command.run()
    #expect(result.stopped)
    #expect(result.status == .exited(code: 9))
    #expect(result.text == "ready\nasked\n")
  }

  @Test func whoIsStoppedIsLetGoOnToHearOfIt() throws {
    var command = shell("trap 'echo asked; exit 9' INT; echo $$; kill -STOP $$; while :; do sleep 0.05; done")
    command.patience.afterInterrupt = patience
    let told = Told()
    command.onOutput = { _, line in told.pid.withLock { $0 = $0 ?? Int32(String(decoding: line, as: UTF8.self)) } }
    let result = try command.run(interruptedWhen: {
      told.pid.withLock { $0 }.flatMap { ProcessIdentity(pid: $0)?.isStopped } == true
    })
    #expect(result.stopped)
    #expect(result.status == .exited(code: 9))
  }

  @Test func whoIsDeafToInterruptsIsTerminated() throws {
    var command = shell("trap '' INT; trap 'echo told; exit 8' TERM; echo ready; while :; do sleep 0.05; done")
    command.patience = .init(afterInterrupt: .milliseconds(50), afterTerminate: patience)
    stop(&command, afterLines: 1, with: .interrupt)
    #expect(try command.run().status == .exited(code: 8))
  }

  @Test func atOnceAsksNobody() throws {
    var command = shell(Self.stubbornTree)
    stop(&command, afterLines: 2, with: .kill)
    let result = try command.run()
    #expect(result.stopped)
    #expect(result.status == .killed(signal: SIGKILL))
    for pid in pids(result) { try eventually { !isAlive(pid) } }
  }

  @Test func atOnceOvertakesAGentleStop() throws {
    var command = shell(Self.stubbornTree)
    command.patience = .init(afterInterrupt: .seconds(600), afterTerminate: .seconds(600))
    // It says no more once it is asked: the second request comes with time.
    let stop = StopSignal()
    command.limit.stop = stop
    var lines = 0
    command.onOutput = { _, _ in
      lines += 1
      guard lines == 2 else { return }
      stop.ask(.interrupt)
      let thread = LaneThread.start {
        Pause.sleep(.milliseconds(100))
        stop.ask(.kill)
      }
      thread?.detach()
    }
    #expect(try command.run().status == .killed(signal: SIGKILL))
  }

  @Test func nothingIsStartedAfterTheEnd() throws {
    let folder = try ScratchFolder()
    var late = Subprocess("touch", [folder.file("late")])
    late.limit.until = .now
    let result = try late.run()
    #expect(result.timedOut)
    #expect(result.status == .notStarted)
    var unwanted = Subprocess("touch", [folder.file("unwanted")])
    unwanted.limit.stop = StopSignal()
    unwanted.limit.stop?.ask(.interrupt)
    #expect(try unwanted.run().stopped)
    #expect(access(folder.file("late"), F_OK) != 0)
    #expect(access(folder.file("unwanted"), F_OK) != 0)
  }

  private final class Told: Sendable {
    let pid = Mutex<Int32?>(nil)
  }

  /// A request that comes only when the program has said so many lines, so that no speed is depended on.
  private func stop(_ command: inout Subprocess, afterLines lines: Int, with request: StopSignal.Request) {
    let stop = StopSignal()
    command.limit.stop = stop
    var seen = 0
    command.onOutput = { _, _ in
      seen += 1
      if seen == lines { stop.ask(request) }
    }
  }
}
