import Foundation
import TestSupport
import Testing

/// What is recorded of calls, and the failures, hangs and times that they are told to have.
@Suite(.mayWait) struct StandInRecordTests: StandInSuite {
  let world: StandIns

  init() throws { world = try StandIns() }

  @Test func `every call is recorded whole`() throws {
    try cluster()
    _ = try world.run("kubectl apply --context k3d-c1 -f -", input: Self.object("ConfigMap", "x", namespace: "default"))
    _ = try world.run("kubectl get secret nothing")
    let calls = try world.calls
    try #require(calls.count == 3)
    #expect(calls.map(\.number) == [1, 2, 3])
    #expect(calls.map(\.program) == ["k3d", "kubectl", "kubectl"])
    #expect(calls[1].argv == ["apply", "--context", "k3d-c1", "-f", "-"])
    #expect(calls.map(\.cluster) == ["k3d-c1", "k3d-c1", "k3d-c1"])
    #expect(calls[1].stdin?.contains(#""name": "x""#) == true)
    #expect(calls[0].stdin == nil)
    #expect(calls.map(\.exit) == [0, 0, 1])
    #expect(calls[2].said.contains("NotFound"))
    for (call, next) in zip(calls, calls.dropFirst()) {
      #expect(call.end! > call.start)
      #expect(next.start > call.start)
    }
  }

  @Test func `32 calls at once lose nothing`() throws {
    try cluster()
    try done("kubectl create namespace many")
    let world = world
    DispatchQueue.concurrentPerform(iterations: 32) { index in
      let manifest = Self.object("ConfigMap", "m\(index)", #""data": {"n": "\#(index)"}"#, namespace: "many")
      _ = try? world.run("kubectl apply -f -", input: manifest)
    }
    let names = try done("kubectl get configmaps -n many -o name").split(separator: "\n")
    #expect(Set(names) == Set((0..<32).map { "configmap/m\($0)" }))
    let calls = try world.calls
    #expect(calls.map(\.number) == Array(1...35))
    #expect(Set(calls.compactMap(\.stdin)).count == 32)
    #expect(calls.allSatisfy { $0.exit == 0 })
  }

  @Test func `a copy goes its own way`() throws {
    try cluster()
    let copy = try world.copy()
    #expect(try copy.calls.isEmpty)
    #expect(try copy.run("kubectl create ns there").status == 0)
    #expect(try copy.calls.map(\.number) == [1])
    try refused("kubectl get ns there", #"namespaces "there" not found"#)
    try world.reset()
    try refused("kubectl get ns", "refused", code: 1)
  }

  @Test func `a failure comes once, before the effect or after it`() throws {
    try cluster()
    try refused("kubectl create ns a", "TLS handshake timeout", ["NBX_STANDIN_FAIL_AT": "2"])
    try refused("kubectl get ns a", "NotFound", ["NBX_STANDIN_FAIL_AT": "2"])
    try refused("kubectl create ns b", "TLS handshake timeout", ["NBX_STANDIN_FAIL_AFTER": "4"])
    try done("kubectl get ns b", ["NBX_STANDIN_FAIL_AFTER": "4"])
    let match = ["NBX_STANDIN_FAIL_MATCH": "create ns (c|d)$"]
    try refused("kubectl create ns c", "TLS handshake timeout", match)
    try done("kubectl create ns c", match)
    try done("kubectl create ns d", match)
    #expect(try world.calls.compactMap(\.injected).count == 3)
  }

  /// Starts an install that hangs in its middle, ends it by this signal, and says what is left of the release.
  func installEnded(by signal: Int32, ignoring: String = "") throws -> String {
    try cluster()
    try repositories()
    try done("kubectl create ns nats")
    let helm = Process()
    helm.executableURL = URL(fileURLWithPath: world.folder + "/bin/helm")
    helm.arguments = "upgrade --install c1 nats/nats -n nats".split(separator: " ").map(String.init)
    helm.environment = ProcessInfo.processInfo.environment.merging(
      world.environment(["NBX_STANDIN_HANG_MATCH": "upgrade", "NBX_STANDIN_HANG_IGNORES": ignoring])
    ) { $1 }
    helm.standardError = FileHandle.nullDevice
    let output = Pipe()
    helm.standardOutput = output
    try helm.run()
    try output.fileHandleForWriting.close()
    let deadline = ContinuousClock.now + .seconds(60)
    while try world.calls.last?.injected != "hang", .now < deadline { usleep(20_000) }
    #expect(try world.calls.last?.exit == nil)
    if !ignoring.isEmpty {
      kill(helm.processIdentifier, SIGINT)
      usleep(200_000)
      #expect(helm.isRunning)
    }
    kill(helm.processIdentifier, signal)
    while helm.isRunning, .now < deadline { usleep(20_000) }
    // Should it not have listened, it must not outlive the test.
    if helm.isRunning { kill(helm.processIdentifier, SIGKILL) }
    helm.waitUntilExit()
    // Whoever plays the call has the pipe's other end: it goes with the client.
    var end = pollfd(fd: output.fileHandleForReading.fileDescriptor, events: 0, revents: 0)
    #expect(poll(&end, 1, 60_000) == 1, "it is still played")
    struct Release: Decodable {
      struct Info: Decodable { let status: String }
      let info: Info
    }
    return try JSONDecoder().decode(Release.self, from: Data(done("helm status c1 -n nats -o json").utf8)).info.status
  }

  @Test func `a killed helm leaves its release pending`() throws {
    #expect(try installEnded(by: SIGKILL, ignoring: "INT") == "pending-install")
    try refused(
      "helm upgrade --install c1 nats/nats -n nats", "another operation (install/upgrade/rollback) is in progress")
    #expect(try done("helm list -n nats -q") == "")
    #expect(try done("helm list -n nats -q --pending") == "c1\n")
    #expect(try world.calls.contains { $0.injected == "hang" && $0.exit == nil })
    try done("helm uninstall c1 -n nats")
    try done("helm upgrade --install c1 nats/nats -n nats")
  }

  @Test func `an interrupted helm says that its release failed`() throws {
    #expect(try installEnded(by: SIGINT) == "failed")
    try done("helm upgrade --install c1 nats/nats -n nats")
  }

  @Test func `a call takes its time, scaled`() throws {
    let table = world.folder + "/times.json"
    try Data(#"{"commands": {"": 10, "k3d version": 40}, "ready": {"": 0}}"#.utf8).write(
      to: URL(fileURLWithPath: table))
    try done("k3d version", ["NBX_STANDIN_SPEED": "100", "NBX_STANDIN_TIMES": table])
    let call = try #require(try world.calls.first)
    // Never less; how much more depends on the machine.
    #expect(call.end! - call.start >= 400_000_000)
  }
}
