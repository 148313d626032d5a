import Foundation
import TestSupport
import Testing

@testable import SandboxSystem

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

  @Test func `however it is spelt, it is one home`() throws {
    let scratch = try ScratchFolder()
    try Folders.make(scratch.file("real/home"))
    try FileManager.default.createSymbolicLink(atPath: scratch.file("link"), withDestinationPath: "real")
    func home(_ path: String) throws -> String { try Home.folder(environment: ["NBX_HOME": path]) }
    let expected = try home(scratch.file("real/home"))
    for path in ["link/home", "link/home/", "real//./home", "link/../real/home", "real/home/../home"] {
      #expect(try home(scratch.file(path)) == expected, "\(path)")
    }
    // Where it is not there yet, the folder that it will be in counts.
    #expect(try home(scratch.file("link/later/x")) == home(scratch.file("real/later/x")))
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
    try Folders.remove(scratch.file("a"))
    #expect(!Folders.isFolder(scratch.file("a")))
  }
}
