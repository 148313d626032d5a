import Testing

@testable import SandboxLocal
@testable import SandboxSystem

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite(.mayWait) struct CleanupTests {
  @Test func `what is left of a deletion that was cut short is taken away`() throws {
    let sandbox = try SandboxFixture(["c1", "c2"])
    defer { sandbox.remove() }
    let folders = sandbox.store.folders
    try sandbox.run("region delete c1 c2")
    try Folders.make("\(folders.regions)/.c2.gone/pods")
    let memory = StoreLocation.pathInMemory(ofSandbox: folders.root)
    if let memory { try Folders.make(memory) }
    try sandbox.run("region delete c1 c2")
    #expect(!Folders.isFolder(folders.regions))
    if let memory { #expect(!Folders.isFolder(memory)) }
  }

  @Test func `a name that is no region's leads nowhere`() throws {
    let sandbox = try SandboxFixture(["c1"])
    defer { sandbox.remove() }
    let kept = "\(sandbox.store.folders.regions)/kept.gone"
    try Folders.make("\(sandbox.store.folders.regions)/...")
    try Folders.make(kept)
    try sandbox.run("region delete ../../kept")
    #expect(Folders.isFolder(kept))
  }

  @Test(.enabled(if: LocalPlatform.memoryFolder != nil))
  func `a link in the place of the store in memory leads no deletion elsewhere`() throws {
    let theirs = try ScratchFolder()
    try Folders.make(theirs.file("c1/kept"))
    let sandbox = try SandboxFixture(["c1"])
    defer { sandbox.remove() }
    let memory = try #require(StoreLocation.pathInMemory(ofSandbox: sandbox.store.folders.root))
    try Folders.remove(memory)
    symlink(theirs.path, memory)
    defer { unlink(memory) }
    let said = Said()
    try sandbox.run("region delete c1") { said.add($0.masked) }
    #expect(Folders.isFolder(theirs.file("c1/kept")))
    #expect(said.text.contains("\(memory) is a link"), "\(said.text)")
    #expect(sandbox.store.regionNames == [])
  }
}
