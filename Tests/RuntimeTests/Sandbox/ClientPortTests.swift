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

/// Where clients reach a region, if that was asked for.
@Suite(.mayWait) struct ClientPortTests {
  /// So many ports behind each other that are free now, from outside of those that nbx chooses from.
  private func freePorts(_ count: UInt16) throws -> UInt16 {
    try #require(
      (0..<400).map { _ in UInt16.random(in: 5000...9900) }.first { first in
        (first..<first + count).allSatisfy(LocalPlatform.isFree)
      })
  }

  private func urls(_ sandbox: SandboxFixture) throws -> [String] {
    (try sandbox.run("region list").elements ?? []).map { $0[at: "url"]?.asText?.string ?? "none" }
  }

  @Test func `the first seed listens where it was asked to, after every fresh install`() throws {
    let sandbox = try SandboxFixture(["c1", "c2"])
    defer { sandbox.remove() }
    #expect(try urls(sandbox) == ["none", "none"])
    let port = try freePorts(2)
    for _ in 0..<2 {
      try sandbox.run("region delete --now c1 c2")
      try sandbox.run("region create c1 c2 --port \(port)")
      for cluster in ["c1", "c2"] { try sandbox.install(cluster, on: cluster) }
      #expect(try urls(sandbox) == ["nats://127.0.0.1:\(port)", "nats://127.0.0.1:\(port + 1)"])
      let seeds = try sandbox.target.seedAddresses(of: Cluster(name: "c2", index: 1))
      #expect(seeds.count == 2 && seeds[0].port == Int(port) + 1)
    }
    // It stays, also where a second install asks for the same.
    try sandbox.run("region create c1 c2 --port \(port)")
    let failure = try sandbox.failure("region create c1 --port \(port + 7)")
    #expect(failure.reason.string.contains("at port \(port), not at \(port + 7)"))
    #expect(failure.advice?.contains("region delete c1") == true)
  }

  @Test func `a port that is taken is said, and no other one is chosen`() throws {
    let sandbox = try SandboxFixture(["c1"])
    defer { sandbox.remove() }
    let port = try freePorts(1)
    let listener = TCPSocket.open()
    defer { close(listener) }
    try #require(SocketAddress.loopback(port).bind(listener) == 0 && listen(listener, 1) == 0)
    try sandbox.run("region create c1 --port \(port)")
    let failure = try sandbox.failure(
      "helm upgrade --install c1 nats/nats --namespace nats --create-namespace --wait", with: SandboxFixture.values())
    #expect(failure.reason.string.contains("port \(port)"), "\(failure.reason.string)")
    #expect(failure.advice?.contains("127.0.0.1:\(port)") == true)
    #expect(sandbox.pods().allSatisfy { !$0.isAlive })
  }

  @Test(arguments: ["0", "-1", "65535", "70000"]) func `what is no port for all is refused`(_ port: String) throws {
    let sandbox = try SandboxFixture(["c1"])
    defer { sandbox.remove() }
    #expect(try sandbox.failure("region create c8 c9 --port \(port)").kind == .misused)
    #expect(sandbox.target.existingClusters() == ["c1"])
  }

  @Test func `other servers keep away from what was asked for, and from what follows it`() throws {
    let sandbox = try SandboxFixture(["c1"])
    defer { sandbox.remove() }
    // Where the ports of this sandbox's servers would begin.
    var allocator = PortAllocator(promised: [], sandbox: sandbox.store.folders.root)
    let first = try allocator.take()
    PortAllocator.giveBack(first)
    try sandbox.run("region create c1 --port \(first)")
    try sandbox.install("c1-js")
    let ports = Set(sandbox.pods().flatMap { $0.record.ports.values })
    #expect(ports.count >= 4)
    #expect(ports.isDisjoint(with: first...(first + 31)), "\(ports.sorted())")
  }
}
