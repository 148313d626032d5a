import Interpreter
import TestSupport
import Testing

@testable import SandboxRuntime

@Suite(.mayWait) struct FaultOnKubernetesTests {
  @Test func `pods are killed by kubectl, as the plan says`() throws {
    let programs = try ProgramFixture()
    try programs.program("kubectl", "echo killed")
    let words = "--namespace nats --grace-period=0 --force --context k3d-"
    for (line, calls) in [
      ("fault kill c2-js-nats-1", ["kubectl delete pod c2-js-nats-1 \(words)c2"]),
      ("fault kill c1-xr-js-nats-0", ["kubectl delete pod xr-js-nats-0 \(words)c1"]),
      (
        "fault kill --role gw",
        ["c1", "c2"].map { "kubectl delete pod --selector app.kubernetes.io/instance=\($0)-gw \(words)\($0)" }
      ),
    ] {
      let before = programs.calls.count
      #expect(try programs.plan(line) == calls)
      #expect(programs.calls.count == before)
      try programs.run(line)
      #expect(Array(programs.calls.dropFirst(before)) == calls)
    }
    #expect(try programs.failure("fault kill c7-nats-0").kind == .misused)
  }

  @Test func `nothing else can be had, and nothing is left to heal`() throws {
    let programs = try ProgramFixture()
    for line in ["fault disk full c1-nats-0", "fault freeze c1-nats-0", "fault bit-flip c1-nats-0 --stream S"] {
      let failure = try programs.failure(line)
      #expect(failure.kind == .misused && failure.reason.string.contains("which the target k3d does not reach"))
      #expect(throws: CommandFailure.self) { try programs.plan(line) }
    }
    try programs.run("fault heal")
    #expect(try programs.run("fault list").elements?.isEmpty == true)
    #expect(programs.calls == [])
  }
}
