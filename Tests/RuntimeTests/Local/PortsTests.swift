import Machine
import TestSupport
import Testing

@testable import SandboxLocal
@testable import SandboxSystem

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite(.mayWait) struct PortsTests {
  /// Listens as a nats-server does, with SO_REUSEADDR.
  private func listener(on port: UInt16) throws -> OwnedDescriptor {
    let descriptor = try #require(OwnedDescriptor.aboveStandardStreams(TCPSocket.open()))
    TCPSocket.reuseAddress(descriptor.number)
    #expect(SocketAddress.loopback(port).bind(descriptor.number) == 0)
    #expect(listen(descriptor.number, 1) == 0)
    return descriptor
  }

  @Test func twoHundredPortsAreDistinctAndFreeAndNotEphemeral() throws {
    var allocator = PortAllocator(promised: [], sandbox: "distinct")
    var other = PortAllocator(promised: [], sandbox: "distinct")
    var ports: [UInt16] = []
    defer { ports.forEach(PortAllocator.giveBack) }
    for _ in 0..<100 {
      ports.append(try allocator.take())
      ports.append(try other.take())
    }
    #expect(Set(ports).count == 200)
    let ephemeral = LocalPlatform.ephemeralPorts()
    #expect(ports.allSatisfy { !ephemeral.contains($0) && LocalPlatform.isFree($0) })
  }

  @Test func aTakenPortIsPassedOver() throws {
    var allocator = PortAllocator(promised: [], sandbox: "taken")
    let port = try allocator.take()
    let server = try listener(on: port)
    #expect(!LocalPlatform.isFree(port))
    // Promised to nobody, so that what stands in the way is the server.
    PortAllocator.giveBack(port)
    let another = try allocator.take(preferring: port)
    defer { PortAllocator.giveBack(another) }
    #expect(another != port)
    // Promised again, it is no other test's when the server goes.
    try #require(PortPromises.promise(port))
    defer { PortAllocator.giveBack(port) }
    // Not left to `close`: a child that another test is spawning right now holds the socket until its exec.
    shutdown(server.number, Int32(SHUT_RDWR))
    server.close()
    #expect(LocalPlatform.isFree(port))
  }

  @Test func thePreferredPortIsGivenOnceUntilItIsGivenBack() throws {
    // Ports that no other test takes while this one has given them back.
    var allocator = PortAllocator(promised: [], sandbox: "\(getpid())", range: 9760...9799)
    let port = try allocator.take()
    PortAllocator.giveBack(port)
    #expect(try allocator.take(preferring: port) == port)
    let second = try allocator.take(preferring: port)
    #expect(second != port)
    PortAllocator.giveBack(port)
    #expect(try allocator.take(preferring: port) == port)
    PortAllocator.giveBack(port)
    PortAllocator.giveBack(second)
  }

  @Test func promisedPortsAreNotGiven() throws {
    let range: ClosedRange<UInt16> = 9700...9739
    var allocator = PortAllocator(promised: Set(9700...9729), sandbox: "promised", range: range)
    let port = try allocator.take(preferring: 9705)
    defer { PortAllocator.giveBack(port) }
    #expect((9730...9739).contains(port))
  }

  @Test func noneLeftIsSaid() {
    var allocator = PortAllocator(promised: [9740, 9741], sandbox: "none", range: 9740...9741)
    #expect(throws: MachineError.noFreePort(range: 9740...9741)) { try allocator.take() }
  }

  @Test func anotherNbxDoesNotPromiseTheSamePort() throws {
    if let task = OwnProcess.task?.split(separator: " ") {
      let port = try #require(UInt16(task[0]))
      #expect(LocalPlatform.isFree(port))
      #expect(PortPromises.promise(port) == (task[1] == "free"))
      return
    }
    // Ports that no other test takes while this one has given them back.
    var allocator = PortAllocator(promised: [], sandbox: "\(getpid())", range: 9800...9839)
    let port = try allocator.take()
    try OwnProcess.run("\(port) promised").expectPassed()
    PortAllocator.giveBack(port)
    try OwnProcess.run("\(port) free").expectPassed()
  }

  @Test func aConnectionThatLingersIsNoObstacle() throws {
    var allocator = PortAllocator(promised: [], sandbox: "lingering")
    let port = try allocator.take()
    defer { PortAllocator.giveBack(port) }
    // The side that closes first, the server, keeps the port in TIME_WAIT.
    let script = """
      use Socket; my $port = shift;
      socket(S, PF_INET, SOCK_STREAM, 0); setsockopt(S, SOL_SOCKET, SO_REUSEADDR, 1);
      my $address = sockaddr_in($port, INADDR_LOOPBACK); bind(S, $address) or die; listen(S, 1);
      socket(C, PF_INET, SOCK_STREAM, 0); connect(C, $address) or die; accept(A, S) or die;
      close(A); sysread(C, my $end, 1); close(C); close(S);
      """
    let result = try Subprocess("perl", ["-e", script, "\(port)"]).run()
    try #require(result.succeeded, "\(result.errorText)")
    #expect(LocalPlatform.isFree(port))
  }

  @Test(
    arguments: [
      (32768...60999, 10000...29999),
      (10000...65535, 10000...29999),
      (1024...65535, 10000...29999),
      (20000...65535, 10000...19999),
      (1024...15000, 15001...29999),
      (12000...20000, 20001...29999),
    ] as [(ClosedRange<UInt16>, ClosedRange<UInt16>)])
  func searchesOutsideOfEphemeralPorts(_ ephemeral: ClosedRange<UInt16>, _ expected: ClosedRange<UInt16>) {
    #expect(PortAllocator.usablePorts(outside: ephemeral) == expected)
  }
}
