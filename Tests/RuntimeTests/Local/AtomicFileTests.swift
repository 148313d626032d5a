import Testing

@testable import SandboxRuntime

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

@Suite struct AtomicFileTests {
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

  @Test func aFullDiskLeavesTheOldFileWhole() async throws {
    let folder = try ScratchFolder()
    let path = folder.path
    // A limit on the size of files stands for the disk's: the write fails in the middle in the same way.
    await #expect(processExitsWith: .success) { [path = path as String] in
      let file = "\(path)/state"
      try AtomicFile.write(Array("old".utf8), to: file)
      signal(SIGXFSZ, SIG_IGN)
      var limit = rlimit(rlim_cur: 4096, rlim_max: 4096)
      #if canImport(Glibc)
        setrlimit(__rlimit_resource_t(RLIMIT_FSIZE.rawValue), &limit)
      #else
        setrlimit(RLIMIT_FSIZE, &limit)
      #endif
      do {
        try AtomicFile.write([UInt8](repeating: 65, count: 100_000), to: file)
        _exit(2)
      } catch MachineError.fileNotWritten(file, EFBIG) {
        _exit(0)
      }
    }
    #expect(folder.text("state") == "old")
    #expect(try names(in: folder) == ["state"])
  }

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
