import Testing

@testable import SandboxSystem

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite(.mayWait) struct LeftoversTests {
  private let home: ScratchFolder

  init() throws { home = try ScratchFolder() }

  /// What an nbx has left, or keeps account of while it lives.
  private func account(of nbx: ProcessIdentity) throws -> (folder: String, program: ProcessIdentity) {
    let folder = home.file("runs/\(nbx.pid)-\(nbx.start)")
    try Folders.make(folder)
    try StateFile.write(nbx, to: "\(folder)/nbx.json")
    let program = try Daemon("sleep", ["300"], environment: ["PATH": "/usr/bin:/bin"], log: home.file("log")).start()
    let note: [String: Any] = ["pid": program.pid, "start": program.start, "bootID": program.bootID]
    let identity = note.map { key, value in "\"\(key)\": \(value is String ? "\"\(value)\"" : "\(value)")" }
    try AtomicFile.write(
      Array("{\"program\": \"sleep\", \"process\": {\(identity.joined(separator: ", "))}}".utf8),
      to: "\(folder)/program-1.json")
    return (folder, program)
  }

  private func takeAway(say: (String) -> Void) throws {
    try Leftovers.takeAway(in: home.path, environment: ["XDG_CONFIG_HOME": home.path], say: say)
  }

  @Test func `the context that a killed nbx was saving goes, and one that is there stays`() throws {
    let folder = home.file("nats/context")
    try Folders.make(folder)
    // No process has this number: it is larger than any.
    for left in ["context/c1.json.4194999-x.nbx.tmp", "context.txt.4194999-x.nbx.tmp", "context/c2.json"] {
      try AtomicFile.write([], to: home.file("nats/\(left)"))
    }
    try takeAway { _ in Issue.record("something was ended") }
    #expect(StateFile.names(in: folder) == ["c2.json"])
    #expect(StateFile.names(in: home.file("nats")) == ["context"])
  }

  @Test func `the program of a killed nbx is ended, and its files go`() throws {
    let gone = ProcessIdentity(pid: getpid(), start: 1, bootID: ProcessPlatform.bootID)
    let (folder, program) = try account(of: gone)
    try Folders.make("\(folder)/nbx-abc")
    var said: [String] = []
    try takeAway { said.append($0) }
    #expect(program.hasExited)
    #expect(said == ["ending sleep (process \(program.pid)), which a killed nbx has left"])
    #expect(access(home.file("runs"), F_OK) != 0)
  }

  @Test func `an nbx that lives keeps its programs and its files`() throws {
    let (folder, program) = try account(of: try #require(ProcessIdentity(pid: getpid())))
    defer { _ = program.signal(SIGKILL) }
    try takeAway { _ in Issue.record("something was ended") }
    #expect(program.isAlive)
    #expect(Folders.isFolder(folder))
  }

  @Test func `a pid that another program has by now is left alone`() throws {
    let gone = ProcessIdentity(pid: getpid(), start: 1, bootID: ProcessPlatform.bootID)
    let (folder, program) = try account(of: gone)
    defer { _ = program.signal(SIGKILL) }
    let text = try #require(StateFile.text(of: "\(folder)/program-1.json"))
    try AtomicFile.write(
      Array(text.replacing("\"start\": \(program.start)", with: "\"start\": 1").utf8), to: "\(folder)/program-1.json")
    try takeAway { _ in Issue.record("something was ended") }
    #expect(program.isAlive)
    #expect(access(home.file("runs"), F_OK) != 0)
  }
}
