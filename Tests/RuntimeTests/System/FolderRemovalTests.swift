import Testing

@testable import SandboxSystem

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite(.mayWait) struct FolderRemovalTests {
  private let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  @Test func `takes a folder away with all that is in it, whatever it is called`() throws {
    try Folders.make(folder.file("a/b/c"))
    _ = try folder.script("a/b/.hidden", "")
    // A name that is no UTF-8.
    let odd = Array(folder.file("a/b/").utf8CString.dropLast()) + [-1, 0]
    close(creat(odd, 0o600))
    try Folders.remove(folder.file("a"))
    #expect(access(folder.file("a"), F_OK) != 0)
  }

  @Test func `nothing is there, and nothing is wrong`() throws {
    try Folders.remove(folder.file("a"))
    try Folders.remove(folder.file("a/b/c"))
  }

  @Test func `a link goes, and what it leads to stays`() throws {
    try Folders.make(folder.file("theirs/kept"))
    try Folders.make(folder.file("ours"))
    symlink(folder.file("theirs"), folder.file("ours/link"))
    try Folders.remove(folder.file("ours"))
    #expect(Folders.isFolder(folder.file("theirs/kept")))
    #expect(access(folder.file("ours"), F_OK) != 0)
  }

  @Test func `where everybody may write, nothing is removed through a link`() throws {
    try Folders.make(folder.file("theirs/c1"))
    let shared = folder.file("shared")
    try Folders.make(shared)
    chmod(shared, 0o1777)
    symlink(folder.file("theirs"), "\(shared)/nbx")
    for path in ["\(shared)/nbx/c1", "\(shared)/nbx"] {
      let error = #expect(throws: MachineError.self) { try Folders.remove(path) }
      #expect(error == .notRemoved(path: path, why: "\(shared)/nbx is a link"))
    }
    #expect(Folders.isFolder(folder.file("theirs/c1")))
  }

  @Test(.enabled(if: geteuid() == 0, "only root can give a folder away"))
  func `where everybody may write, another user's folder is left as it is`() throws {
    let shared = folder.file("shared")
    try Folders.make("\(shared)/nbx/c1")
    chmod(shared, 0o1777)
    chown("\(shared)/nbx", 65534, 65534)
    for path in ["\(shared)/nbx/c1", "\(shared)/nbx"] {
      let error = #expect(throws: MachineError.self) { try Folders.remove(path) }
      #expect(error == .notRemoved(path: path, why: "\(shared)/nbx belongs to another user"))
    }
    rmdir("\(shared)/nbx/c1")
    Folders.removeIfEmpty("\(shared)/nbx")
    #expect(Folders.isFolder("\(shared)/nbx"))
  }
}
