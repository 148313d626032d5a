import TestSupport
import Testing

@testable import SandboxRuntime

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite(.mayWait) struct HomeTests {
  @Test(
    arguments: [
      (["NBX_HOME": "/a/b/", "HOME": "/h"], "/a/b"),
      (["NBX_HOME": "rel/./x", "HOME": "/h"], "/somewhere/rel/x"),
      (["NBX_HOME": "", "XDG_STATE_HOME": "/s", "HOME": "/h"], "/s/nbx"),
      (["XDG_STATE_HOME": "rel", "HOME": "/h"], "/h/.local/state/nbx"),
      (["XDG_STATE_HOME": "", "HOME": "/h/"], "/h/.local/state/nbx"),
    ] as [([String: String], String)])
  func isWhereTheEnvironmentSays(_ environment: [String: String], _ expected: String) throws {
    #expect(try Home.folder(environment: environment, workingFolder: "/somewhere") == expected)
  }

  @Test func withoutHomeTheListOfUsersIsAsked() throws {
    #expect(try Home.folder(environment: [:]).hasSuffix("/.local/state/nbx"))
  }

  @Test func foldersAreMadeWithThoseAboveThem() throws {
    let scratch = try ScratchFolder()
    try Folders.make(scratch.file("a/b/c"))
    try Folders.make(scratch.file("a/b/c"))
    #expect(Folders.isFolder(scratch.file("a/b/c")))
    _ = try scratch.script("file", "")
    #expect(throws: MachineError.folderNotMade(path: scratch.file("file"), errno: ENOTDIR)) {
      try Folders.make(scratch.file("file"))
    }
    #expect(throws: MachineError.self) { try Folders.make(scratch.file("file/below")) }
    Folders.remove(scratch.file("a"))
    #expect(!Folders.isFolder(scratch.file("a")))
  }
}
