import Interpreter
import Synchronization
import TestSupport
import Testing

@testable import SandboxLocal
@testable import SandboxSystem

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Several nbx, several sandboxes, several lanes.
@Suite(.mayWait) struct SharingTests {
  @Test func twoSandboxesDoNotMeet() throws {
    let one = try SandboxFixture()
    defer { one.remove() }
    let other = try SandboxFixture()
    defer { other.remove() }
    try one.install()
    try other.install()
    let ports = (one.pods() + other.pods()).flatMap(\.record.ports.values)
    #expect(Set(ports).count == ports.count)
    let processes = other.processes()
    try one.run("region delete --now")
    #expect(other.processes() == processes)
    #expect(other.states() == ["running", "running"])
  }

  @Test func aSecondNbxWaitsAndSaysForWhom() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    let second = sandbox.anotherTarget(purpose: "nbx run second.nbx")
    let said = Notices()
    // On a busy machine the time may be over before it comes to waiting.
    try eventually(is: 1) {
      #expect(throws: CommandFailure.self) {
        try sandbox.run("region stop", within: .milliseconds(300), by: second, say: { said.add($0) })
      }
      return said.lines.count
    }
    #expect(said.lines.first?.contains("nbx") == true)
    let failure = try eventually {
      try sandbox.failure("region stop", within: .milliseconds(100), by: second)
    } where: {
      $0.reason.string.contains("process \(getpid())")
    }
    #expect(failure.kind == .timedOut)
    // Looking needs no lock.
    try sandbox.run("region list", by: second)
    #expect(second.status().notes.contains { $0.contains("is changing the sandbox") })

    sandbox.target.letGo()
    try sandbox.run("region stop", by: second)
    #expect(second.status().notes.allSatisfy { !$0.contains("is changing the sandbox") })
    second.letGo()
  }

  @Test func aStopEndsTheWaitForTheSandbox() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    let stop = StopSignal()
    stop.ask(.windDown)
    let second = sandbox.anotherTarget()
    #expect(try sandbox.failure("region stop", stop: stop, by: second).kind == .interrupted)
  }

  @Test func anInterruptedUpgradeIsUnderstoodByTheNext() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    let stop = StopSignal()
    stop.ask(.interrupt)
    let failure = try sandbox.failure(
      "helm upgrade --install c1 nats/nats -n nats --create-namespace --wait", with: SandboxFixture.values(), stop: stop
    )
    #expect(failure.kind == .interrupted)
    try sandbox.install()
    #expect(sandbox.states() == ["running", "running"])
  }

  @Test func releasesTakeTheirTurnsOnlyWhereTheyMeet() throws {
    let folder = try ScratchFolder()
    let store = RegionStore(home: folder.path, clusters: [], purpose: "nbx")
    defer { store.letGo() }
    let soon = CallLimits(Invocation(words: [], deadline: .now + .milliseconds(100)))
    func change(_ scopes: [[String]], _ body: () throws -> Void = {}) throws {
      let failed = try store.changing(scopes, soon) { () throws(CommandFailure) -> (any Error)? in
        do { try body() } catch { return error }
        return nil
      }
      if let failed { throw failed }
    }
    try change([["c1", "nats", "a"]]) {
      try change([["c1", "nats", "b"], ["c2"]])
      try change([])
      #expect(throws: CommandFailure.self) { try change([["c1"]]) }
      #expect(throws: CommandFailure.self) { try change([["c2"], ["c1", "nats", "a", "more"]]) }
    }
    try change([["c2"], ["c1"]])
  }

  /// Lanes that change one release after the other do not keep the one waiting that wants the region.
  @Test func whoCameFirstGoesFirst() throws {
    let folder = try ScratchFolder()
    let store = RegionStore(home: folder.path, clusters: [], purpose: "nbx")
    defer { store.letGo() }
    func isFree(_ scope: [String]) -> Bool {
      let soon = CallLimits(Invocation(words: [], deadline: .now + .milliseconds(20)))
      return (try? store.changing([scope], soon) { () throws(CommandFailure) in true }) == true
    }
    let patient = CallLimits(Invocation(words: [], deadline: .now + patience))
    let region = Mutex<LaneThread?>(nil)
    let changed = Notices()
    try store.changing([["c1", "nats", "a"]], patient) { () throws(CommandFailure) in
      #expect(isFree(["c1", "nats", "b"]))
      region.withLock {
        $0 = LaneThread.start {
          try? store.changing([["c1"]], patient) { () throws(CommandFailure) in
            changed.add("c1")
          }
        }
      }
      #expect(throws: Never.self) { try eventually(is: false) { isFree(["c1", "nats", "b"]) } }
      #expect(isFree(["c2"]))
      #expect(changed.lines.isEmpty)
    }
    region.withLock { $0 }?.join()
    #expect(changed.lines == ["c1"])
  }
}

private final class Notices: Sendable {
  private let kept = Mutex<[String]>([])
  func add(_ line: Text) { kept.withLock { $0.append(line.string) } }
  var lines: [String] { kept.withLock { $0 } }
}
