import Interpreter
import TestSupport
import Testing

@testable import SandboxLocal
@testable import SandboxSystem

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// nbx's home is moved by hand, with servers in it that run or do not.
@Suite(.mayWait) struct MovedHomeTests {
  private static let values = SandboxFixture.values(["config": ["gateway": ["enabled": true]]])
  private static let stored = SandboxFixture.values(["config": ["jetstream": ["enabled": true]]])

  /// The sandbox where it is now, for an nbx that begins there.
  private func moved(_ sandbox: SandboxFixture, relay: String?) throws -> LocalTarget {
    sandbox.target.letGo()
    let home = sandbox.home + "-moved"
    #expect(rename(sandbox.home, home) == 0)
    return LocalTarget(
      home: home, clusters: sandbox.clusters, environment: SandboxFixture.environment, relay: relay)
  }

  private func end(_ sandbox: SandboxFixture, _ target: LocalTarget) {
    let names = target.existingClusters().joined(separator: " ")
    if !names.isEmpty { _ = try? sandbox.run("region delete --now \(names)", by: target) }
    target.letGo()
    try? Folders.remove(sandbox.home + "-moved")
    sandbox.remove()
  }

  private func isEmptyInMemory(_ sandbox: SandboxFixture) -> Bool {
    let roots = [sandbox.home, sandbox.home + "-moved"].map { SandboxFolders(home: $0).root }
    return !roots.compactMap { StoreLocation.pathInMemory(ofSandbox: $0) }.contains(where: Folders.isFolder)
  }

  @Test(arguments: ["memory", "disk"]) func `one that was stopped starts, stops and goes`(_ store: String) throws {
    let sandbox = try SandboxFixture()
    try sandbox.run("region delete c1")
    try sandbox.run("region create c1 --store \(store)")
    try sandbox.install("c1", Self.stored)
    try sandbox.run("region stop c1")
    let target = try moved(sandbox, relay: nil)
    defer { end(sandbox, target) }
    let said = Said()
    try sandbox.run("region start c1", by: target) { said.add($0.masked) }
    #expect(said.text.contains("c1 has moved with nbx's home, from \(sandbox.home)"), "\(said.text)")
    #expect(target.status().servers.map(\.state) == ["running", "running"])
    #expect(!Folders.isFolder(sandbox.home), "nothing is written where it was")
    let folders = target.releases.store.folders
    let pod = PodKey(cluster: "c1", namespace: "nats", name: "c1-nats-0")
    #expect(access(folders.pod(pod) + "/nats.pid", F_OK) == 0)
    // Once more it says nothing, and changes nothing.
    target.letGo()
    let line = "helm upgrade --install c1 nats/nats -n nats --wait"
    let before = target.releases.pods.pods(of: "c1").map(\.record.process)
    let again = try sandbox.run(line, with: Self.stored, by: target).asText?.string
    #expect(again?.contains("is as ordered") == true, "\(again ?? "")")
    #expect(target.releases.pods.pods(of: "c1").map(\.record.process) == before)
    try sandbox.run("region stop c1", by: target)
    #expect(target.status().servers.map(\.state) == ["stopped", "stopped"])
    try sandbox.run("region delete c1", by: target)
    #expect(isEmptyInMemory(sandbox) && !Folders.isFolder(folders.regions))
  }

  @Test func `servers that run are known by their ids, and the relay goes on with them`() throws {
    let sandbox = try SandboxFixture(["c1", "c2"], relay: NbxProgram.path)
    for cluster in ["c1", "c2"] { try sandbox.install(cluster, Self.values, on: cluster) }
    let processes = sandbox.processes("c1")
    let relay = try sandbox.relayProcess()
    let target = try moved(sandbox, relay: NbxProgram.path)
    defer { end(sandbox, target) }
    #expect(target.status().servers.map(\.state) == ["running", "running", "running", "running"])
    #expect(target.relay.linkStates().allSatisfy { $0.connections != nil }, "the relay answers where it is now")
    let said = Said()
    try sandbox.run("link set c1 c2 --rtt 20ms", by: target) { said.add($0.masked) }
    #expect(said.text.contains("region stop, region start"), "\(said.text)")
    #expect(target.relay.process == relay)
    #expect(target.relay.lastReport?.generation == target.relay.ordersOnDisk.generation)
    try sandbox.run("region start c1 c2", by: target)
    #expect(Set(target.releases.pods.pods(of: "c1").map(\.record.process)) == Set(processes.values))
    try sandbox.run("region stop c1 c2", by: target)
    #expect(processes.values.allSatisfy(isGone) && !relay.isAlive)
    try sandbox.run("region start c1 c2", by: target)
    #expect(target.status().servers.map(\.state) == ["running", "running", "running", "running"])
    try sandbox.run("region delete c1 c2", by: target)
    #expect(isEmptyInMemory(sandbox))
  }

  @Test func `a copy is told from what was moved, and touches nothing of the other`() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install()
    let copy = sandbox.home + "-copy"
    defer { try? Folders.remove(copy) }
    var copying = Subprocess("cp", ["-a", sandbox.home, copy])
    copying.limit = .within(.seconds(60))
    #expect(try copying.run().succeeded)
    let target = LocalTarget(home: copy, clusters: ["c1"], environment: SandboxFixture.environment)
    defer { target.letGo() }
    let failure = try sandbox.failure("region stop c1", by: target)
    #expect(failure.reason.string == "\(copy) is a copy of \(sandbox.home), to which servers and streams of c1 belong")
    #expect(failure.advice?.contains("NBX_HOME=\(sandbox.home)") == true)
    #expect(sandbox.states() == ["running", "running"])
  }
}
