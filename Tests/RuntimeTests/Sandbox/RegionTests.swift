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

@Suite(.mayWait) struct RegionTests {
  @Test func regionsCanBeMadeAndDeletedTwice() throws {
    let sandbox = try SandboxFixture(["c1", "c2"])
    defer { sandbox.remove() }
    try sandbox.run("region create c1 c2")
    #expect(sandbox.target.existingClusters() == ["c1", "c2"])
    try sandbox.run("region delete c1 c2")
    try sandbox.run("region delete c1 c2")
    #expect(sandbox.target.existingClusters() == [])
    let failure = try sandbox.failure("region start c7")
    #expect(failure.kind == .misused)
    #expect(failure.reason.string == "there is no region c7; there are none yet")
    #expect(failure.advice?.hasPrefix("build everything first: nbx run install c1 c2; ") == true)
    #expect(try sandbox.failure("region create C_1").kind == .misused)
  }

  @Test func listSaysHowRegionsAre() throws {
    let sandbox = try SandboxFixture(["c1", "c2"])
    defer { sandbox.remove() }
    try sandbox.install()
    try sandbox.run("region stop c2")
    let rows = try sandbox.run("region list").elements ?? []
    let shown = rows.map { $0.json().string }
    #expect(shown[0].hasPrefix(#"{"name":"c1","state":"running","servers":2,"running":2,"store":""#))
    #expect(shown[1].hasPrefix(#"{"name":"c2","state":"stopped","servers":0,"running":0"#))
  }

  @Test(arguments: ["region stop", "region stop --now"]) func stopsAndStarts(_ stop: String) throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install()
    let before = sandbox.processes()
    try sandbox.run(stop)
    #expect(sandbox.states() == ["stopped", "stopped"])
    #expect(before.values.allSatisfy(isGone))
    let log = ServerLog(path: sandbox.store.folders.log(sandbox.pods()[0].key)).text(from: 0)
    #expect(log.contains("Server Exiting") == !stop.contains("--now"))

    let failure = try sandbox.failure("helm upgrade --install c1 nats/nats -n nats")
    #expect(failure.advice == "start it first: region start c1")
    #expect(throws: CommandFailure.self) { try sandbox.target.clientAddresses(of: Cluster(name: "c1", index: 0)) }

    let ports = sandbox.pods().map(\.record.ports)
    try sandbox.run("region start")
    #expect(sandbox.states() == ["running", "running"])
    #expect(sandbox.pods().map(\.record.ports) == ports)
    let after = sandbox.processes()
    try sandbox.run("region start")
    #expect(sandbox.processes() == after)
  }

  @Test func pausesAndResumes() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install()
    let processes = sandbox.processes()
    try sandbox.run("region pause")
    #expect(sandbox.states() == ["paused", "paused"])
    #expect(sandbox.target.status().regions.map(\.state) == ["paused"])
    try sandbox.run("region resume")
    #expect(sandbox.states() == ["running", "running"])
    #expect(sandbox.processes() == processes)
    // A paused server hears a gentle stop too.
    try sandbox.run("region pause")
    try sandbox.run("region stop")
    #expect(sandbox.states() == ["stopped", "stopped"])
  }

  @Test func clientsFindTheSeedsFirst() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install("a")
    try sandbox.install("c1")
    let addresses = try sandbox.target.clientAddresses(of: Cluster(name: "c1", index: 0))
    let seeds = sandbox.pods().filter { $0.statefulSet == "c1-nats" }.compactMap { $0.record.port(.client) }
    #expect(addresses.count == 4)
    #expect(addresses.prefix(2).map(\.port) == seeds.map(Int.init))
    #expect(addresses.allSatisfy { ListenProbe.isListening(UInt16($0.port)) })
  }

  @Test func deletingLeavesNothing() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install("c1-js", SandboxFixture.values(["config": ["jetstream": ["enabled": true]]]))
    let folders = sandbox.store.folders
    let store = try #require(sandbox.store.region("c1")).store.folder
    let ports = sandbox.pods().flatMap(\.record.ports.values)
    let processes = sandbox.processes()
    #expect(Folders.isFolder(store))
    try sandbox.run("region delete")
    #expect(processes.values.allSatisfy(isGone))
    #expect(!Folders.isFolder(store))
    #expect(!Folders.isFolder(folders.regions))
    #expect(access(folders.ports, F_OK) != 0)
    #expect(StateFile.names(in: folders.root) == ["sandbox.lock"])
    #expect(ports.allSatisfy { LocalPlatform.isFree($0) })
  }

  @Test func streamsCanBeKeptOnDisk() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.run("region create c2 --store disk")
    let region = try #require(sandbox.store.region("c2"))
    #expect(region.store.kind == .disk)
    #expect(region.store.folder.hasPrefix(sandbox.home))
    #expect(sandbox.target.status().notes.contains { $0.hasPrefix("streams of c2 lie on disk: ") })
  }

  @Test func aStoreInMemoryThatIsGoneIsMadeAgain() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install("c1-js", SandboxFixture.values(["config": ["jetstream": ["enabled": true]]]))
    try sandbox.run("region stop")
    let store = try #require(sandbox.store.region("c1")).store.folder
    try Folders.remove(String(store.dropLast("/c1".count)))
    try sandbox.run("region start")
    #expect(sandbox.states() == ["running", "running"])
    #expect(Folders.isFolder(sandbox.pods()[0].record.store))
  }
}
