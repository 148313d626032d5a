import TestSupport
import Testing

@testable import SandboxSystem

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite(.mayWait) struct AtomicFileTests {
  private func names(in folder: ScratchFolder) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
  }

  @Test(arguments: [false, true]) func writesAndReplaces(sync: Bool) throws {
    let folder = try ScratchFolder()
    try AtomicFile.write(Array("first, and longer".utf8), to: folder.file("state"), sync: sync)
    try AtomicFile.write(Array("second".utf8), to: folder.file("state"), sync: sync)
    #expect(folder.text("state") == "second")
    #expect(try names(in: folder) == ["state"])
  }

  @Test func theModeIsTheGivenOneWhateverTheUmask() throws {
    let folder = try ScratchFolder()
    try AtomicFile.write([], to: folder.file("state"), mode: 0o666)
    var facts = stat()
    #expect(stat(folder.file("state"), &facts) == 0)
    #expect(facts.st_mode & 0o777 == 0o666)
  }

  @Test func aMissingFolderIsSaidWithItsPath() throws {
    let error = #expect(throws: MachineError.fileNotWritten(path: "/no/such/file", errno: ENOENT)) {
      try AtomicFile.write([1], to: "/no/such/file")
    }
    #expect(error.map { "\($0)".contains("/no/such/file: No such file") } == true)
  }

  @Test func whatCannotBeReplacedLeavesNothingBeside() throws {
    let folder = try ScratchFolder()
    try FileManager.default.createDirectory(atPath: folder.file("state/full"), withIntermediateDirectories: true)
    #expect(throws: MachineError.self) { try AtomicFile.write([1], to: folder.file("state")) }
    #expect(try names(in: folder) == ["state"])
  }

  @Test func aFullDiskLeavesTheOldFileWhole() throws {
    try OwnProcess.expect {
      let folder = try ScratchFolder()
      let file = folder.file("state")
      try AtomicFile.write(Array("old".utf8), to: file)
      // A limit on the size of files stands for the disk's: the write fails in the middle in the same way.
      signal(SIGXFSZ, SIG_IGN)
      var before = rlimit()
      #expect(getrlimit(Self.fileSize, &before) == 0)
      var limit = rlimit(rlim_cur: 4096, rlim_max: before.rlim_max)
      #expect(setrlimit(Self.fileSize, &limit) == 0)
      // What is expected is noted only when there is room again: the tests' own output may go to a file too.
      let result = Result { try AtomicFile.write([UInt8](repeating: 65, count: 100_000), to: file) }
      #expect(setrlimit(Self.fileSize, &before) == 0)
      #expect(throws: MachineError.fileNotWritten(path: file, errno: EFBIG)) { try result.get() }
      #expect(folder.text("state") == "old")
      #expect(try names(in: folder) == ["state"])
    }
  }

  #if canImport(Glibc)
    private static let fileSize = __rlimit_resource_t(RLIMIT_FSIZE.rawValue)
  #else
    private static let fileSize = RLIMIT_FSIZE
  #endif

  @Test func manyWritersNeverMixTheirBytes() throws {
    let folder = try ScratchFolder()
    let file = folder.file("state")
    onThreads(8) { index in
      for _ in 0..<20 {
        try? AtomicFile.write([UInt8](repeating: UInt8(65 + index), count: 20_000), to: file)
      }
    }
    let text = try #require(folder.text("state"))
    #expect(text.utf8.count == 20_000)
    #expect(Set(text.utf8).count == 1)
    #expect(try names(in: folder) == ["state"])
  }
}
