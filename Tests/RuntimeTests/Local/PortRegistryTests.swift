import Foundation
import Interpreter
import TestSupport
import Testing

@testable import SandboxLocal
@testable import SandboxSystem

/// Ports that stopped regions keep, seen from other sandboxes.
@Suite(.mayWait) struct PortRegistryTests {
  private let folder: String
  private var registry: PortRegistry { PortRegistry(folder: folder) }

  init() throws {
    folder = try RunFolder.newPath()
    try Folders.make(folder)
  }

  private func end() { try? Folders.remove(folder) }

  /// A sandbox that is there.
  private func sandbox(_ name: String) throws -> SandboxFolders {
    let folders = SandboxFolders(home: "\(folder)/\(name)")
    try Folders.make(folders.root)
    try AtomicFile.write(Array("[]".utf8), to: folders.ports)
    return folders
  }

  @Test func `what one sandbox keeps the others see, until it is gone`() throws {
    defer { end() }
    let (one, other) = (try sandbox("one"), try sandbox("other"))
    registry.keep([4222, 17000], for: one.root)
    registry.keep([17001], for: other.root)
    #expect(registry.kept(besides: other.root).keys.sorted() == [4222, 17000])
    #expect(registry.kept(besides: one.root).keys.sorted() == [17001])
    #expect(registry.kept(besides: other.root)[4222] == .init(sandbox: one.root, user: geteuid()))

    registry.keep([17000], for: one.root)
    #expect(registry.kept(besides: other.root).keys.sorted() == [17000])
    // Taken away by hand.
    try Folders.remove(one.home)
    #expect(registry.kept(besides: other.root).isEmpty)
    registry.keep([], for: other.root)
    #expect(StateFile.names(in: folder).filter { $0.hasSuffix(".ports") } == [])
  }

  @Test func `another user's file counts only if it is theirs`() throws {
    defer { end() }
    let text = #"[{"sandbox":"/home/x/.local/state/nbx/local","ports":[4222]}]"#
    try AtomicFile.write(Array(text.utf8), to: "\(folder)/nbx-\(geteuid() + 1).ports")
    try AtomicFile.write(Array("[[[".utf8), to: "\(folder)/nbx-\(geteuid()).ports")
    #expect(registry.kept(besides: "").isEmpty)
    // What cannot be read is written anew.
    let one = try sandbox("one")
    registry.keep([4222], for: one.root)
    #expect(registry.kept(besides: "").keys.sorted() == [4222])
  }

  @Test func `no link is followed`() throws {
    defer { end() }
    let one = try sandbox("one")
    let target = "\(folder)/target"
    try AtomicFile.write(Array("theirs".utf8), to: target)
    symlink(target, "\(folder)/nbx-\(geteuid()).ports")
    registry.keep([4222], for: one.root)
    #expect(StateFile.text(of: target) == "theirs")
  }

  private func book(_ folders: SandboxFolders, first: String? = nil) -> PortBook {
    PortBook(folders, firstCluster: first, registry: registry)
  }

  private func address(_ pod: String, _ port: PodPort = .client) -> PodAddress {
    PodAddress(cluster: "c1", namespace: "nats", pod: pod, port: port)
  }

  @Test func `a port that a stopped region keeps is given to no other sandbox`() throws {
    defer { end() }
    let one = SandboxFolders(home: "\(folder)/one")
    let other = SandboxFolders(home: "\(folder)/other")
    for folders in [one, other] { try Folders.make(folders.root) }
    // One nbx after the other: the first lets go of all that only a running nbx holds.
    let first = book(one)
    let kept = try first.lookingUp { lookUp throws(CommandFailure) in try lookUp(address("c1-nats-0")) }
    first.letGo()
    #expect(registry.kept(besides: other.root).keys.sorted() == [kept])

    // Asked for outright it is refused, and nobody is told to take the region away.
    try Folders.make(other.region("c1"))
    let record = RegionRecord(
      name: "c1", wanted: .running, store: StoreRecord(folder: "", kind: .disk, reason: ""), namespaces: [],
      clientPort: kept)
    try StateFile.write(record, to: other.regionRecord("c1"))
    let second = book(other)
    let failure = try #require(throws: CommandFailure.self) {
      try second.lookingUp { lookUp throws(CommandFailure) in try lookUp(address("c1-nats-0")) }
    }
    #expect(failure.reason.string.contains("port \(kept)") && failure.reason.string.contains(one.home))
    #expect(failure.advice?.contains("choose another") == true && failure.advice?.contains("delete") == false)
    #expect(failure.advice?.contains("NBX_HOME=\(one.home) nbx status") == true)
    second.letGo()

    // Its own sandbox has it again.
    #expect(try first.lookingUp { lookUp throws(CommandFailure) in try lookUp(address("c1-nats-0")) } == kept)
    try first.forget { _ in true }
    first.letGo()
    #expect(registry.kept(besides: other.root).isEmpty)
    #expect(try second.lookingUp { lookUp throws(CommandFailure) in try lookUp(address("c1-nats-0")) } == kept)
    second.letGo()
  }

  @Test func `with the last region of the last sandbox the file goes`() throws {
    defer { end() }
    let folders = SandboxFolders(home: "\(folder)/one")
    try Folders.make(folders.root)
    let book = book(folders)
    _ = try book.lookingUp { lookUp throws(CommandFailure) in try lookUp(address("c1-nats-0")) }
    let isThere = { StateFile.names(in: folder).contains { $0.hasSuffix(".ports") } }
    #expect(isThere())
    try book.forget { _ in true }
    book.letGo()
    #expect(!isThere())
  }

  @Test func `nor is it among those that nbx chooses`() throws {
    defer { end() }
    let (one, other) = (try sandbox("one"), SandboxFolders(home: "\(folder)/other"))
    try Folders.make(other.root)
    // Where the search of the other one would begin.
    var allocator = PortAllocator(promised: [], sandbox: other.root)
    let port = try allocator.take()
    PortAllocator.giveBack(port)
    registry.keep([port], for: one.root)
    let book = book(other)
    defer { book.letGo() }
    let given = try book.lookingUp { lookUp throws(CommandFailure) in
      try PodPort.allCases.map { port throws(CommandFailure) in try lookUp(address("a-nats-0", port)) }
    }
    #expect(!given.contains(port))
  }

  /// Such as servers that somebody starts beside the sandboxes.
  @Test func `nobody else who looks for ports takes it`() throws {
    defer { end() }
    let one = try sandbox("one")
    func first() throws -> UInt16 {
      var allocator = PortAllocator(promised: [], sandbox: "\(folder)/elsewhere", registry: registry)
      let port = try allocator.take()
      PortAllocator.giveBack(port)
      return port
    }
    let port = try first()
    registry.keep([port], for: one.root)
    #expect(try first() != port)
  }
}
