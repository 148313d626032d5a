import TestSupport
import Testing

@testable import SandboxLocal
@testable import SandboxSystem

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Of a machine without a tmpfs for everyone nothing more can be asked than that it takes the disk.
private let hasMemory =
  LocalPlatform.memoryFolder.map { LocalPlatform.isInMemory($0) && access($0, W_OK) == 0 } ?? false

@Suite(.mayWait) struct StoreLocationTests {
  private func mode(_ path: String) -> mode_t {
    var facts = stat()
    return lstat(path, &facts) == 0 ? facts.st_mode & 0o7777 : 0
  }

  @Test(.enabled(if: hasMemory)) func isInMemoryWhereThereIsRoom() throws {
    let sandbox = try ScratchFolder()
    let store = StoreLocation.choose(sandbox: sandbox.path, needing: 1 << 20, onDisk: false)
    defer { try? Folders.remove(store.path) }
    #expect(store.kind == .memory)
    #expect(access(store.path, F_OK) != 0, "nothing is to be kept in it yet")
    #expect(StoreLocation.make(store.path) == nil && mode(store.path) == 0o700)
    #expect(store.path == StoreLocation.pathInMemory(ofSandbox: sandbox.path))
    #expect(store.path.contains("\(geteuid())"))
  }

  @Test(.enabled(if: hasMemory)) func goesToDiskWhereThereIsNoRoomButStaysWhereItsStreamsAre() throws {
    let sandbox = try ScratchFolder()
    let full = StoreLocation.choose(sandbox: sandbox.path, needing: .max, onDisk: false)
    #expect(full.kind == .disk)
    #expect(full.reason.contains("MiB free"))
    let first = StoreLocation.choose(sandbox: sandbox.path, needing: 1, onDisk: false)
    defer { try? Folders.remove(first.path) }
    #expect(StoreLocation.make(first.path) == nil)
    let again = StoreLocation.choose(sandbox: sandbox.path, needing: .max, onDisk: false)
    #expect(again.kind == .memory)
    #expect(again.path == first.path)
  }

  @Test func diskCanBeAskedFor() throws {
    let sandbox = try ScratchFolder()
    let store = StoreLocation.choose(sandbox: sandbox.path, needing: 1, onDisk: true)
    #expect(store == .init(path: sandbox.file("store"), kind: .disk, reason: "store=disk was asked for"))
  }

  @Test func aFolderOnDiskIsNoMemory() throws {
    let sandbox = try ScratchFolder()
    for folder in ["/", nil] {
      let store = StoreLocation.choose(
        sandbox: sandbox.path, needing: 1, onDisk: false, memoryFolder: folder)
      #expect(store.kind == .disk)
    }
  }

  @Test(.enabled(if: hasMemory)) func aLinkLaidOutByAnyoneIsRefused() throws {
    let sandbox = try ScratchFolder()
    let path = try #require(StoreLocation.pathInMemory(ofSandbox: sandbox.path))
    #expect(symlink(sandbox.path, path) == 0)
    defer { unlink(path) }
    let store = StoreLocation.choose(sandbox: sandbox.path, needing: 1, onDisk: false)
    #expect(store.kind == .disk)
    #expect(store.reason.contains("is not a folder"))
  }

  @Test(.enabled(if: hasMemory && geteuid() == 0, "only root can lay out another user's folder"))
  func anotherUsersFolderIsRefused() throws {
    let sandbox = try ScratchFolder()
    let path = try #require(StoreLocation.pathInMemory(ofSandbox: sandbox.path))
    #expect(mkdir(path, 0o700) == 0)
    defer { rmdir(path) }
    #expect(chown(path, 12345, 12345) == 0)
    let store = StoreLocation.choose(sandbox: sandbox.path, needing: 1, onDisk: false)
    #expect(store.kind == .disk)
    #expect(store.reason.contains("belongs to another user"))
  }

  @Test(.enabled(if: hasMemory)) func anOpenFolderOfOursIsClosedToOthers() throws {
    let sandbox = try ScratchFolder()
    let path = try #require(StoreLocation.pathInMemory(ofSandbox: sandbox.path))
    #expect(mkdir(path, 0o755) == 0)
    defer { rmdir(path) }
    #expect(StoreLocation.choose(sandbox: sandbox.path, needing: 1, onDisk: false).kind == .memory)
    #expect(mode(path) == 0o700)
  }
}
