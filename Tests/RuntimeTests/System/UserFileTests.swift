import Foundation
import TestSupport
import Testing

@testable import SandboxSystem

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What is at a path that a user names stays theirs.
@Suite(.mayWait) struct UserFileTests {
  let folder: ScratchFolder

  init() throws { folder = try ScratchFolder() }

  private func facts(_ name: String) throws -> stat {
    var facts = stat()
    try #require(lstat(folder.file(name), &facts) == 0)
    return facts
  }

  private func write(_ text: String, to name: String, mode: mode_t = 0o666) throws {
    try UserFile.write(Array(text.utf8), to: folder.file(name), mode: mode)
  }

  private func make(_ name: String, mode: mode_t = 0o644) throws {
    try Data("old, and longer than what comes".utf8).write(to: URL(fileURLWithPath: folder.file(name)))
    #expect(chmod(folder.file(name), mode) == 0)
  }

  private var names: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted() }
  }

  @Test(arguments: [0o600, 0o640, 0o755, 0o666]) func `a file keeps its permissions and its owner`(mode: mode_t) throws
  {
    try make("kept", mode: mode)
    let before = try facts("kept")
    try write("new", to: "kept", mode: 0o600)
    let after = try facts("kept")
    #expect(folder.text("kept") == "new")
    #expect(after.st_mode == before.st_mode && after.st_uid == before.st_uid && after.st_gid == before.st_gid)
    #expect(try names == ["kept"])
  }

  @Test(.enabled(if: geteuid() == 0)) func `a file of somebody else stays theirs, special bits and all`() throws {
    try make("theirs")
    #expect(chown(folder.file("theirs"), 4321, 1234) == 0 && chmod(folder.file("theirs"), 0o4750) == 0)
    try write("new", to: "theirs")
    let after = try facts("theirs")
    #expect(after.st_uid == 4321 && after.st_gid == 1234 && after.st_mode & 0o7777 == 0o4750)
    #expect(folder.text("theirs") == "new")
  }

  @Test(arguments: [0o444, 0o400, 0o555]) func `what is read-only is left alone`(mode: mode_t) throws {
    try make("fixed", mode: mode)
    let error = #expect(throws: MachineError.self) { try write("new", to: "fixed") }
    #expect(error.map { "\($0)".contains("chmod u+w") } == true)
    #expect(folder.text("fixed")?.hasPrefix("old") == true)
    #expect(try names == ["fixed"])
  }

  @Test func `a link is followed, to what is there and to what is not yet`() throws {
    let files = FileManager.default
    try make("target", mode: 0o600)
    try files.createSymbolicLink(atPath: folder.file("link"), withDestinationPath: "target")
    try files.createSymbolicLink(atPath: folder.file("to-link"), withDestinationPath: folder.file("link"))
    try write("new", to: "to-link")
    #expect(folder.text("target") == "new")
    #expect(try facts("target").st_mode & 0o777 == 0o600)
    try files.createSymbolicLink(atPath: folder.file("hanging"), withDestinationPath: "later/there")
    try write("made", to: "hanging")
    #expect(folder.text("later/there") == "made")
    for link in ["link", "to-link", "hanging"] { #expect(try facts(link).st_mode & S_IFMT == S_IFLNK) }
    try files.createSymbolicLink(atPath: folder.file("circle"), withDestinationPath: "circle")
    #expect(throws: MachineError.fileNotWritten(path: folder.file("circle"), errno: ELOOP)) {
      try write("x", to: "circle")
    }
  }

  @Test(arguments: [O_APPEND, 0]) func `a stream that is open goes on behind what stands in it`(flag: Int32) throws {
    try make("log")
    let stream = open(folder.file("log"), O_WRONLY | flag)
    try #require(stream >= 0)
    defer { close(stream) }
    #expect(lseek(stream, 0, SEEK_END) > 0)
    let before = try #require(folder.text("log"))
    try FileManager.default.createSymbolicLink(atPath: folder.file("link"), withDestinationPath: "/dev/fd/\(stream)")
    try UserFile.write(Array("one".utf8), to: "/dev/fd/\(stream)")
    try write("two", to: "link")
    #expect(posixWrite(stream, "end", 3) == 3)
    #expect(folder.text("log") == before + "onetwoend")
  }

  @Test func `every name of a file with several leads to the new text`() throws {
    try make("one", mode: 0o640)
    #expect(link(folder.file("one"), folder.file("other")) == 0)
    try write("new", to: "one")
    #expect(folder.text("one") == "new" && folder.text("other") == "new")
    #expect(try facts("one").st_ino == facts("other").st_ino)
  }

  @Test func `a pipe gets all of it, and stays a pipe`() throws {
    let path = folder.file("pipe")
    #expect(mkfifo(path, 0o600) == 0)
    // Nobody reads yet: said at once, rather than waited for.
    #expect(throws: MachineError.fileNotWritten(path: path, errno: ENXIO)) { try write("x", to: "pipe") }
    let text = String(repeating: "more than a pipe holds ", count: 20_000)
    let reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    try #require(reader >= 0)
    _ = fcntl(reader, F_SETFL, 0)
    let got = Reading(reader)
    try write(text, to: "pipe")
    #expect(got.text == text)
    #expect(try facts("pipe").st_mode & S_IFMT == S_IFIFO)
    #expect(try names == ["pipe"])
  }

  @Test func `a pipe whose reader stands still is given up when the time is over`() throws {
    let path = folder.file("pipe")
    #expect(mkfifo(path, 0o600) == 0)
    let reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
    defer { close(reader) }
    let more = [UInt8](repeating: 65, count: 1 << 20)
    #expect(throws: MachineError.stopped(doing: "writing \(path)")) {
      try UserFile.write(more, to: path, within: .within(.milliseconds(100)))
    }
  }

  @Test func `folders are made, and a folder is not written`() throws {
    try write("deep", to: "a/b/c.txt")
    #expect(folder.text("a/b/c.txt") == "deep")
    for path in ["a/b", "a/b/", "new/"] {
      let error = #expect(throws: MachineError.self) { try write("x", to: path) }
      #expect(error.map { "\($0)".contains("name a file in it") } == true, "\(path)")
    }
    try make("file")
    let error = #expect(throws: MachineError.self) { try write("x", to: "file/below") }
    #expect(error.map { "\($0)".contains(folder.path) } == true)
  }

  @Test func `a new file has the permissions of any new file, or fewer`() throws {
    let mask = umask(0o022)
    umask(mask)
    try write("x", to: "usual")
    try write("x", to: "secret", mode: 0o600)
    #expect(try facts("usual").st_mode & 0o777 == 0o666 & ~mask)
    #expect(try facts("secret").st_mode & 0o777 == 0o600)
  }

  @Test func `what is not kept leaves nothing`() throws {
    try make("kept")
    do {
      let file = try UserFile(folder.file("kept"))
      try file.append([1, 2, 3])
    }
    #expect(try names == ["kept"])
    #expect(folder.text("kept")?.hasPrefix("old") == true)
  }
}

/// All that comes out of a descriptor, read by a thread.
private final class Reading: @unchecked Sendable {
  private let condition = NSCondition()
  private var bytes: [UInt8] = []
  private var isOver = false

  init(_ descriptor: Int32) {
    Thread.detachNewThread { [self] in
      // Where nobody has opened the other end yet, a pipe read from is at its end.
      var entry = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      poll(&entry, 1, -1)
      var buffer = [UInt8](repeating: 0, count: 4096)
      // A pipe that nobody has opened for writing yet is at its end, too.
      var hasBegun = false
      while true {
        let count = read(descriptor, &buffer, buffer.count)
        if count > 0 {
          hasBegun = true
          condition.withLock { bytes += buffer[..<count] }
        } else if hasBegun {
          break
        } else {
          poll(nil, 0, 1)
        }
      }
      close(descriptor)
      condition.withLock {
        isOver = true
        condition.signal()
      }
    }
  }

  var text: String {
    condition.withLock {
      while !isOver { condition.wait() }
      return String(decoding: bytes, as: UTF8.self)
    }
  }
}

private func posixWrite(_ descriptor: Int32, _ text: String, _ count: Int) -> Int { write(descriptor, text, count) }
