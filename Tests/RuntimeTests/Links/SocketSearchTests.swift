@testable import SandboxLocal
@testable import SandboxSystem

#if os(Linux)
  import Glibc
  import TestSupport
  import Testing

  @testable import SandboxRuntime

  @Suite(.mayWait) struct SocketSearchTests {
    /// Some kernels do not tell sockets' numbers; then they are looked up.
    private static let ways: [@Sendable () -> SocketNumbers?] = [{ SocketNumbers() }, { nil }]

    @Test(arguments: [0, 1]) func findsTheProcessAtTheOtherEnd(_ way: Int) throws {
      let server = try PlainServer()
      let clients = try (0..<3).map { _ in try PlainPeer() }
      for client in clients { try client.dial(server.port) }
      let peers = clients.map { PeerPorts(asker: $0.port, relay: server.port) }
      var search = SocketSearch(peers, numbers: Self.ways[way]())
      #expect(!search.isOver && search.found.isEmpty)
      search.look(at: getpid(), of: "c1")
      #expect(search.isOver)
      #expect(search.found == Dictionary(uniqueKeysWithValues: peers.map { ($0, "c1") }))
    }

    @Test(arguments: [0, 1]) func findsNobodyWhereNobodyIs(_ way: Int) throws {
      let server = try PlainServer()
      let client = try PlainPeer()
      try client.dial(server.port)
      let peer = PeerPorts(asker: client.port, relay: server.port)
      client.reset()
      try eventually { SocketSearch([peer], numbers: Self.ways[way]()).isOver }
    }

    @Test func knowsServersByTheirConfiguration() throws {
      let folder = try ScratchFolder()
      let configuration = "\(folder.path)/regions/c7/pods/nats/c7-nats-0/nats.conf"
      try Folders.make("\(folder.path)/regions/c7/pods/nats/c7-nats-0")
      let server = try PlainServer()
      let text = """
        listen: "127.0.0.1:-1"
        cluster { name: xr, listen: "127.0.0.1:-1", routes: ["nats://127.0.0.1:\(server.port)"] }
        """
      try AtomicFile.write(Array(text.utf8), to: configuration)
      let process = try Daemon(
        natsServerBinary(), ["-c", configuration], environment: [:], log: folder.file("log")
      ).start()
      defer {
        _ = process.signal(SIGKILL)
        _ = process.waitForExit(until: .now + patience)
      }
      let visitor = try server.accept()
      let peer = PeerPorts(asker: visitor.peerPort, relay: server.port)
      let stranger = try PlainPeer()
      try stranger.dial(server.port)
      let other = PeerPorts(asker: stranger.port, relay: server.port)
      let peers = SandboxPeers(RelayPlace(named: SandboxFolders(root: folder.path)))
      // The second time it is known already.
      for _ in 0..<2 { #expect(peers.find([peer, other]) == [peer: "c7"]) }
      #expect(SandboxPeers(RelayPlace(named: SandboxFolders(root: "\(folder.path)/other"))).find([peer]) == [:])
    }
  }
#endif
