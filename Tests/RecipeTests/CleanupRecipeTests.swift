import Interpreter
import TestSupport
import Testing

@testable import SandboxSystem

@Suite(.mayWait) struct CleanupRecipeTests {
  private let nbx: NbxProgram

  init() throws { nbx = try NbxProgram() }

  @Test(arguments: ["stop", "cleanup"])
  func `what only ends servers needs no nats-server program, and fetches none`(recipe: String) throws {
    let made = try nbx.run(["run", "recipes/create.nbx", "c1"])
    #expect(made.status == 0, "\(made.errorOutput)")
    let ended = try nbx.run(
      ["run", "recipes/\(recipe).nbx", "c1"], environment: ["NBX_NATS_SERVER": "", "PATH": nbx.folder])
    #expect(ended.status == 0, "\(ended.errorOutput)")
    #expect(!ended.errorOutput.contains("fetching"))
  }

  @Test func `cleanup ends the program of an nbx that was killed`() throws {
    let home = "\(nbx.folder)/home"
    // It kills nbx once that has noted it, and lives on.
    _ = try nbx.write(
      """
      until ls \(home)/runs/*/program-*.json; do sleep 0.05; done
      kill -9 $PPID
      echo $$ > \(nbx.folder)/pid
      exec sleep 300
      """, to: "outlives.sh")
    let recipe = "exec sh \(nbx.folder)/outlives.sh\n"
    #expect(throws: (any Error).self) { try nbx.run(["run", "<outlives>"], recipe: recipe) }
    let pid = try #require(eventualPid())
    let program = try #require(ProcessIdentity(pid: pid))
    let ended = try nbx.run(["run", "recipes/cleanup.nbx", "c1"])
    #expect(ended.status == 0, "\(ended.errorOutput)")
    #expect(!program.isAlive)
    #expect(!Folders.isFolder("\(home)/runs"))
  }

  @Test func `an nbx that ends well keeps no account`() throws {
    let ended = try nbx.run(["run", "<exec>"], recipe: "exec true\n")
    #expect(ended.status == 0)
    #expect(StateFile.names(in: "\(nbx.folder)/home/runs") == [])
  }

  private func eventualPid() -> Int32? {
    let end = ContinuousClock.now + .seconds(60)
    while .now < end {
      if let pid = StateFile.text(of: "\(nbx.folder)/pid").flatMap({ Int32($0.filter(\.isNumber)) }) { return pid }
      Pause.sleep(.milliseconds(20))
    }
    return nil
  }
}
