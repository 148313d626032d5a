import Interpreter
import TestSupport
import Testing

@testable import SandboxLocal
@testable import SandboxRuntime
@testable import SandboxSystem

#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

@Suite(.mayWait) struct FaultTests {
  private static let withJetStream: Value = ["config": ["jetstream": ["enabled": true]]]

  private func faults(_ sandbox: SandboxFixture) throws -> [String] {
    (try sandbox.run("fault list").elements ?? []).map { row in
      "\(row[at: "server"]?.asText?.string ?? "") \(row[at: "fault"]?.asText?.string ?? "")"
    }
  }

  @Test func `what was killed is gone until it is started, and what is frozen stands still`() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install()
    let before = sandbox.processes()
    for _ in 1...2 {
      try sandbox.run("fault kill c1-nats-0")
      try sandbox.run("fault freeze --role core --region c1")
      #expect(sandbox.states() == ["killed", "frozen"])
      #expect(try faults(sandbox) == ["c1-nats-0 killed", "c1-nats-1 frozen"])
    }
    #expect(sandbox.target.status().regions.map(\.state) == ["degraded"])
    #expect(try sandbox.failure("fault freeze c1-nats-0").advice == "fault start c1-nats-0")
    try sandbox.run("fault thaw c1-nats-1")
    try sandbox.run("fault start c1-nats-0")
    #expect(sandbox.states() == ["running", "running"])
    #expect(sandbox.processes()["c1-nats-1"] == before["c1-nats-1"])
    #expect(sandbox.processes()["c1-nats-0"] != before["c1-nats-0"])
  }

  @Test func `heal undoes all that stands, and what does not run is started by region start, too`() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install()
    try sandbox.run("fault kill c1-nats-0")
    try sandbox.run("fault freeze c1-nats-1")
    // Of a server that is gone, or never was, nothing is left to heal.
    try sandbox.run("fault heal c1-nats-1 c9-nats-0")
    #expect(sandbox.states() == ["killed", "running"])
    try sandbox.run("fault heal")
    #expect(sandbox.states() == ["running", "running"])
    let processes = sandbox.processes()
    try sandbox.run("fault heal")
    #expect(sandbox.processes() == processes)

    try sandbox.run("fault kill --region c1")
    try sandbox.run("region start")
    #expect(sandbox.states() == ["running", "running"])
    #expect(try faults(sandbox) == [])

    // A region that stands still is its own affair.
    try sandbox.run("region stop")
    #expect(try sandbox.failure("fault kill c1-nats-0").advice == "start it first: region start c1")
    try sandbox.run("fault heal")
    #expect(sandbox.states() == ["stopped", "stopped"])
  }

  @Test func `another server's name is suggested`() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install()
    let failure = try sandbox.failure("fault kill c1-nat-0")
    #expect(failure.kind == .misused && failure.advice == "did you mean c1-nats-0?")
    #expect(try sandbox.failure("fault kill").kind == .misused)
    #expect(sandbox.states() == ["running", "running"])
  }

  #if canImport(Glibc)
    @Test func `a full disk takes nothing from one server, and takes it again`() throws {
      let sandbox = try SandboxFixture()
      defer { sandbox.remove() }
      try sandbox.install("c1-js", SandboxFixture.values(Self.withJetStream))
      for _ in 1...2 {
        try sandbox.run("fault disk full c1-js-nats-0")
        #expect(sandbox.states() == ["disk full", "running"])
      }
      // It has nothing to say of itself either: its log is a file.
      let log = ServerLog(path: sandbox.store.folders.log(sandbox.pods()[0].key))
      let size = log.size
      let process = try #require(sandbox.processes()["c1-js-nats-0"])
      try sandbox.run("fault disk free c1-js-nats-0")
      #expect(sandbox.states() == ["running", "running"])
      #expect(process.signal(SIGHUP))
      try eventually { log.size > size }
      try sandbox.run("fault disk full c1-js-nats-0")
      try sandbox.run("fault heal")
      #expect(sandbox.states() == ["running", "running"])
    }
  #endif

  // MARK: Stores

  /// A server that does not run, with a stream in its store.
  private func killed(_ sandbox: SandboxFixture) throws -> (store: String, block: String) {
    try sandbox.install("c1-js", SandboxFixture.values(replicas: 1, Self.withJetStream))
    try sandbox.run("fault kill c1-js-nats-0")
    let store = sandbox.pods()[0].record.store
    let folder = "\(store)/jetstream/JS/streams/S/msgs"
    try Folders.make(folder)
    try AtomicFile.write(Array(repeating: 1, count: 100), to: "\(folder)/1.blk")
    try AtomicFile.write(Array(repeating: 2, count: 60), to: "\(folder)/2.blk")
    try AtomicFile.write(Array(repeating: 3, count: 10), to: "\(folder)/index.db")
    return (store, folder)
  }

  private func bytes(_ folder: String) -> [[UInt8]] {
    ["1.blk", "2.blk", "index.db"].map { Paths.bytes(at: "\(folder)/\($0)") ?? [] }
  }

  @Test func `one bit is turned, the same by the same seed, and heal turns it back`() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    let (_, folder) = try killed(sandbox)
    let before = bytes(folder)
    let flip = try sandbox.run("fault bit-flip c1-js-nats-0 --stream S --seed 7")
    let after = bytes(folder)
    let differing = zip(before.flatMap(\.self), after.flatMap(\.self)).map { ($0 ^ $1).nonzeroBitCount }
    #expect(differing.reduce(0, +) == 1)
    #expect(differing.firstIndex(of: 1).map { Value.int(Int64($0)).shown() } == flip[at: "at"]?.shown())
    // Asked for again it is there already.
    try sandbox.run("fault bit-flip c1-js-nats-0 --stream S --seed 7")
    #expect(bytes(folder) == after)
    // In the second block.
    try sandbox.run("fault bit-flip c1-js-nats-0 --stream S --at 100")
    #expect(bytes(folder)[1][0].nonzeroBitCount != 1)
    #expect(try faults(sandbox) == ["c1-js-nats-0 killed", "c1-js-nats-0 bit-flip", "c1-js-nats-0 bit-flip"])
    try sandbox.run("fault heal")
    #expect(try faults(sandbox) == [])
    #expect(sandbox.states() == ["running"])
  }

  @Test func `a damaged store can be undone until its server runs`() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    let (store, folder) = try killed(sandbox)
    let before = bytes(folder)
    try sandbox.run("fault cut-off c1-js-nats-0 block --stream S")
    try sandbox.run("fault cut-off c1-js-nats-0 index --stream S")
    #expect(bytes(folder).map(\.count) == [100, 30, 5])
    try sandbox.run("fault cut-off c1-js-nats-0 block --stream S")
    #expect(bytes(folder).map(\.count) == [100, 30, 5])

    // A copy of the damaged store is a store.
    try sandbox.run("fault copy c1-js-nats-0 cut")
    try AtomicFile.write([], to: "\(folder)/1.blk")
    try sandbox.run("fault set-back c1-js-nats-0 --to cut")
    #expect(bytes(folder).map(\.count) == [100, 30, 5])
    var record = sandbox.pods()[0].record
    try StoreDamage.undo(&record)
    try sandbox.store.save(record)
    #expect(bytes(folder).map(\.count) == [0, 60, 10] && bytes(folder)[2] == before[2])
    #expect(!Folders.isFolder("\(store).kept"))

    // What a server has run with is its store.
    try sandbox.run("fault cut-off c1-js-nats-0 index --stream S")
    #expect(Folders.isFolder("\(store).kept"))
    try sandbox.run("fault start c1-js-nats-0")
    #expect(!Folders.isFolder("\(store).kept") && Folders.isFolder("\(store).copies"))
    #expect(try faults(sandbox) == ["c1-js-nats-0 copy"])
    try sandbox.run("fault heal")
    #expect(!Folders.isFolder("\(store).copies"))
  }

  @Test func `a store is damaged while its server does not run, and copied in any case`() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    try sandbox.install("c1-js", SandboxFixture.values(replicas: 1, Self.withJetStream))
    let failure = try sandbox.failure("fault bit-flip c1-js-nats-0 --stream S")
    #expect(failure.advice?.hasPrefix("end it first: fault kill c1-js-nats-0") == true)
    try sandbox.run("fault copy c1-js-nats-0 early")
    #expect(sandbox.states() == ["running"])
    try sandbox.run("fault kill c1-js-nats-0")
    #expect(
      try sandbox.failure("fault bit-flip c1-js-nats-0 --stream S").reason.string
        == "c1-js-nats-0 has nothing of a stream S")
    #expect(try sandbox.failure("fault set-back c1-js-nats-0 --to late").advice == "there are: early")
    // With the region all of it goes.
    let store = try #require(sandbox.store.region("c1")).store.folder
    try sandbox.run("fault set-back c1-js-nats-0 --to early")
    try sandbox.run("region delete")
    #expect(!Folders.isFolder(store))
  }

  @Test func `what was synced since a copy stays, and the rest goes back to it`() throws {
    let sandbox = try SandboxFixture()
    defer { sandbox.remove() }
    let (_, folder) = try killed(sandbox)
    try sandbox.run("fault copy c1-js-nats-0 early")
    for name in ["1.blk", "2.blk", "3.blk", "4.blk"] { try AtomicFile.write([9], to: "\(folder)/\(name)") }
    unlink("\(folder)/index.db")
    let trace = "\(sandbox.home)/trace"
    let calls = """
      11 fsync(7<\(folder)/1.blk>) = 0
      12 openat(AT_FDCWD</>, "\(folder)/3.tmp", O_WRONLY|O_CREAT|O_SYNC|O_CLOEXEC, 0640) = 8<\(folder)/3.tmp>
      12 renameat(AT_FDCWD</>, "\(folder)/3.tmp", AT_FDCWD</>, "\(folder)/3.blk") = 0
      """
    try AtomicFile.write(Array(calls.utf8), to: trace)
    try sandbox.run("fault set-back c1-js-nats-0 --to early --keep-synced \(trace)")
    #expect(bytes(folder) == [[9], Array(repeating: 2, count: 60), Array(repeating: 3, count: 10)])
    #expect(Paths.bytes(at: "\(folder)/3.blk") == [9])
    #expect(access("\(folder)/4.blk", F_OK) != 0, "nobody has synced it")
  }
}

@Suite struct SyncTraceTests {
  private func trace(_ lines: String...) -> SyncTrace { SyncTrace(Array(lines.joined(separator: "\n").utf8)) }

  @Test(arguments: [
    "7 fsync(3</s/a>) = 0", "7 fdatasync(3</s/a> <unfinished ...>", "7 sync_file_range(3</s/a>, 0, 0, 7) = 0",
    #"7 openat(AT_FDCWD</s>, "a", O_WRONLY|O_DSYNC, 0600) = 4</s/a>"#, "7 sync() = 0",
  ])
  func `may be on the disk`(line: String) {
    #expect(trace(line).isSynced("/s/a"))
  }

  @Test(arguments: [
    "", "7 fsync(3</s/b>) = 0", #"7 openat(AT_FDCWD</s>, "a", O_WRONLY|O_CREAT, 0600) = 4</s/a>"#,
    "7 close(3</s/a>) = 0",
  ])
  func `is not`(line: String) {
    #expect(!trace(line).isSynced("/s/a"))
  }

  @Test func `a file takes along what is known of it, and another in its place does not`() {
    let calls = trace(
      "7 fsync(3</s/x/a>) = 0", #"7 renameat2(AT_FDCWD</>, "/s/x", AT_FDCWD</>, "/s/y", 0) = 0"#,
      "7 fsync(3</s/b>) = 0", #"7 rename("/s/new", "/s/b") = 0"#)
    #expect(calls.isSynced("/s/y/a") && !calls.isSynced("/s/x/a"))
    #expect(!calls.isSynced("/s/b"))
  }

  @Test func `a seed draws the same again`() {
    var (one, other, another) = (Draw(seed: 7), Draw(seed: 7), Draw(seed: 8))
    let numbers = (1...20).map { _ in one.next(below: 1000) }
    #expect(numbers == (1...20).map { _ in other.next(below: 1000) })
    #expect(numbers != (1...20).map { _ in another.next(below: 1000) })
    #expect(Set(numbers).count > 15 && numbers.allSatisfy { 0..<1000 ~= $0 })
  }
}
