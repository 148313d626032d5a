import Interpreter
import TestSupport
import Testing

@testable import SandboxSystem

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What the machine refuses, as a command says it.
struct MachineErrorTests {
  @Test func theReasonIsOneThingAndTheWayOutAnother() {
    let failure = CommandFailure(MachineError.fileNotWritten(path: "/a", errno: ENOSPC))
    #expect(failure.reason.string == "cannot write /a: \(errorText(ENOSPC))")
    #expect(failure.advice == "make room, then run it again")
    #expect(failure.said == nil)
    #expect(failure.kind == .failed)
  }

  @Test func aPathThatIsEmptyIsCalledSo() throws {
    let failure = #expect(throws: MachineError.self) { try UserFile.write([], to: "") }
    #expect(try #require(failure).reason == "a path is not empty")
  }

  @Test func whatWasTriedIsSaidBesideTheWaysToGetAServer() {
    let failure = CommandFailure(MachineError.noServer(version: "2.11.4", tried: ["the PATH holds no nats-server"]))
    #expect(failure.reason.string == "no nats-server 2.11.4 was found on this machine")
    #expect(failure.said?.string == "tried:\n  - the PATH holds no nats-server")
    #expect(failure.advice?.split(separator: "\n").count == 4)
  }

  @Test func programsThatCannotBeStartedSayWhatHelps() {
    let failure = CommandFailure(ProcessError.notRunnable(path: "/a/tool", errno: EACCES))
    #expect(failure.reason.string == "cannot run /a/tool: it is not executable")
    #expect(failure.advice == "chmod +x /a/tool")
  }

  @Test(arguments: [
    (MachineError.stopped(doing: "x"), CommandFailure.Kind.interrupted),
    (.lockHeld(path: "/l", holder: "process 1"), .timedOut), (.oddServerVersion("x"), .misused), (.noHome, .failed),
  ]) func eachHasItsKind(error: MachineError, kind: CommandFailure.Kind) {
    #expect(CommandFailure(error).kind == kind)
  }
}
