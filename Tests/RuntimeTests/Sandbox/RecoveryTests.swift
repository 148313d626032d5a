import Foundation
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

/// What an earlier nbx, a crash or a stranger may have left.
@Suite(.mayWait) struct RecoveryTests {
  private func kill(_ pod: Pod) throws {
    let process = try #require(pod.record.process)
    #expect(process.signal(SIGKILL))
    #expect(process.waitForExit(until: .now + patience))
  }

  @Test(arguments: ["region start", "helm upgrade --install c1 nats/nats -n nats --wait"])
  func whatCrashedIsShownAndHealed(_ line: String) throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install()
    let processes = sandbox.processes()
    try kill(sandbox.pods()[0])
    #expect(sandbox.states() == ["crashed", "running"])
    #expect(sandbox.target.status().regions.map(\.state) == ["degraded"])
    try sandbox.run(line, with: line.hasPrefix("helm") ? SandboxFixture.values() : nil)
    #expect(sandbox.states() == ["running", "running"])
    #expect(sandbox.processes()["c1-nats-0"] != processes["c1-nats-0"])
    #expect(sandbox.processes()["c1-nats-1"] == processes["c1-nats-1"])
    #expect(sandbox.pods()[0].record.restarts == 1)
  }

  @Test func aProcessThatWasNotRecordedIsFoundAgain() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install()
    let processes = sandbox.processes()
    // As a kill between the spawn and the record leaves it.
    for pod in sandbox.pods() {
      var record = pod.record
      record.process = nil
      try sandbox.store.save(record)
    }
    #expect(sandbox.processes() == processes)
    try sandbox.install()
    #expect(sandbox.processes() == processes)
    try sandbox.run("region delete")
    #expect(processes.values.allSatisfy(isGone))
  }

  @Test func aPidThatBelongsToAStrangerIsLeftAlone() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install()
    let stranger = try Daemon("sleep", ["300"], environment: SandboxFixture.environment, log: "/dev/null").start()
    defer { _ = stranger.signal(SIGKILL) }
    let pod = sandbox.pods()[0]
    try kill(pod)
    var record = pod.record
    let before = try #require(record.process)
    record.process = ProcessIdentity(pid: stranger.pid, start: before.start, bootID: before.bootID)
    try sandbox.store.save(record)
    #expect(sandbox.states() == ["crashed", "running"])
    try sandbox.run("region stop --now")
    #expect(stranger.isAlive)
    try sandbox.run("region start")
    try sandbox.run("region delete")
    #expect(stranger.isAlive)
  }

  @Test func aServerThatIsAboutToEndIsStartedWithTheNewConfiguration() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install()
    let pod = sandbox.pods()[1]
    try kill(pod)
    // As an earlier upgrade leaves it whose configuration does not work, before its servers have found out.
    var record = pod.record
    record.process = try Daemon("sleep", ["2"], environment: SandboxFixture.environment, log: "/dev/null").start()
    try sandbox.store.save(record)
    try sandbox.install("c1", SandboxFixture.values(["config": ["merge": ["max_payload": 4096]]]))
    #expect(sandbox.states() == ["running", "running"])
    #expect(sandbox.processes()["c1-nats-1"] != record.process)
  }

  @Test func whatAStopHasToldToEndIsStartedAgain() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install()
    let processes = sandbox.processes()
    // As a stop leaves it that was killed right after it had told the servers.
    try sandbox.store.change("c1") { $0.wanted = .stopped }
    try sandbox.run("region start")
    #expect(sandbox.states() == ["running", "running"])
    #expect(processes.values.allSatisfy(isGone))
  }

  @Test func anInterruptedStopLeavesNobodyDying() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install()
    let pod = sandbox.pods()[1]
    try kill(pod)
    // A server that takes its time.
    let ready = sandbox.home + "/is-ready"
    let script = "trap 'sleep 1; exit' TERM; : > \"$0\"; while :; do sleep 0.05; done"
    var record = pod.record
    record.process = try Daemon(
      "sh", ["-c", script, ready], environment: SandboxFixture.environment, log: "/dev/null"
    ).start()
    try eventually { FileManager.default.fileExists(atPath: ready) }
    try sandbox.store.save(record)
    let stop = StopSignal()
    let isTold = sandbox.store
    Thread.detachNewThread {
      while isTold.region("c1")?.wanted != .stopped { poll(nil, 0, 5) }
      stop.ask(.interrupt)
    }
    try sandbox.run("region stop", stop: stop)
    #expect(record.process?.isAlive == false)
  }

  @Test func aPortThatAStrangerHasTakenIsNamed() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install()
    try sandbox.run("region stop")
    let port = try #require(sandbox.pods()[0].record.port(.client))
    let stranger = try #require(Listener(port))
    let failure = try sandbox.failure("region start")
    #expect(failure.reason.string.contains("port \(port) is taken by another program"))
    #expect(failure.advice?.contains("delete") == false && failure.advice?.contains("ss -ltnp") == true)
    #expect(failure.reason.string.contains("c1-nats-0"))
    #expect(sandbox.pods()[1].isAlive)
    stranger.close()
    try sandbox.run("region start")
    #expect(sandbox.states() == ["running", "running"])
  }

  @Test func aPromisedPortThatWasNeverUsedIsChosenAnew() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    let address = PodAddress(cluster: "c1", namespace: "nats", pod: "c1-nats-0", port: .client)
    let promised = try sandbox.supervisor.ports.lookingUp { lookUp throws(CommandFailure) in try lookUp(address) }
    let stranger = try #require(Listener(promised))
    defer { stranger.close() }
    try sandbox.install()
    #expect(sandbox.pods()[0].record.port(.client) != promised)
    #expect(sandbox.states() == ["running", "running"])
  }

  @Test func promisesOutliveTheRun() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    let address = PodAddress(cluster: "c9", namespace: "nats", pod: "c9-nats-0", port: .gateway)
    let first = SandboxFolders(home: sandbox.home)
    let book = PortBook(first, firstCluster: nil)
    let promised = try book.lookingUp { lookUp throws(CommandFailure) in try lookUp(address) }
    book.letGo()
    let again = try PortBook(first, firstCluster: nil).lookingUp { lookUp throws(CommandFailure) in try lookUp(address)
    }
    #expect(promised == again)
    try PortBook(first, firstCluster: nil).forget { $0.cluster == "c9" }
    #expect(LocalPlatform.isFree(promised))
  }

  /// Every state file, cut at several places or filled with something else: nothing crashes, all is healed.
  @Test(arguments: [0, 1, 2, 3, 4, 5, 6, 7])
  func damagedStateIsHealed(_ seed: Int) throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install()
    let folders = sandbox.store.folders
    let pod = sandbox.pods()[0].key
    let release = ReleaseIdentity(cluster: "c1", namespace: "nats", name: "c1")
    let files = [
      folders.regionRecord("c1"), folders.podRecord(pod), folders.release(release), folders.ports,
      folders.configuration(pod), folders.repositories,
    ]
    let processes = sandbox.processes()
    for (index, file) in files.enumerated() where (seed + index) % 3 != 0 {
      let bytes = Paths.bytes(at: file) ?? []
      let damaged = seed < 6 ? Array(bytes.prefix(bytes.count * seed / 6)) : Array("[\"not ours\", 12]".utf8)
      try AtomicFile.write(damaged, to: file)
    }
    let later = sandbox.anotherTarget()
    _ = later.status()
    for line in ["region list", "helm list -A", "kubectl get pods -n nats -o json", "helm status c1 -n nats"] {
      try sandbox.run(line, by: later)
    }
    // Another nbx: what this process knows of ports must not help it.
    sandbox.target.letGo()
    try sandbox.run(
      "helm upgrade --install c1 nats/nats --namespace nats --create-namespace --wait", with: SandboxFixture.values(),
      by: later)
    #expect(later.status().servers.map(\.state) == ["running", "running"])
    let process = ProcessSearch.find(sandbox.pods().map(\.key), in: folders)
    #expect(process.count == 2)
    try sandbox.run("region delete", by: later)
    #expect((Array(processes.values) + process.values).allSatisfy(isGone))
  }
}

/// Somebody else's server.
final class Listener {
  private var descriptor: Int32

  init?(_ port: UInt16) {
    descriptor = TCPSocket.open(isBlocking: true)
    TCPSocket.reuseAddress(descriptor)
    guard SocketAddress.loopback(port).bind(descriptor) == 0, listen(descriptor, 8) == 0 else { return nil }
  }

  func close() { shutdownAndClose(&descriptor) }
  deinit { close() }
}

private func shutdownAndClose(_ descriptor: inout Int32) {
  guard descriptor >= 0 else { return }
  // Not left to `close`: a child that another test is spawning right now holds the socket until its exec.
  shutdown(descriptor, Int32(SHUT_RDWR))
  close(descriptor)
  descriptor = -1
}
