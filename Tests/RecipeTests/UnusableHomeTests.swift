import Foundation
import SandboxSystem
import TestSupport
import Testing

/// A home of nbx that can't be one, or that may not be looked at.
@Suite(.mayWait) struct UnusableHomeTests {
  let nbx: NbxProgram

  init() throws { nbx = try NbxProgram() }

  /// Each with what makes it, in the test's folder.
  static let homes = [
    "file", "file/below", "circle", "nowhere", "nowhere/below", "/proc/nowhere", String(repeating: "long", count: 100),
  ]

  private func path(_ home: String) throws -> String {
    _ = try nbx.write("", to: "file")
    try? FileManager.default.createSymbolicLink(atPath: nbx.folder + "/circle", withDestinationPath: "circle")
    try? FileManager.default.createSymbolicLink(atPath: nbx.folder + "/nowhere", withDestinationPath: "is/nothing")
    return home.hasPrefix("/") ? home : "\(nbx.folder)/\(home)"
  }

  @Test(arguments: homes) func `doctor says that it can't be used, and how to go on`(_ home: String) throws {
    let environment = ["NBX_HOME": try path(home)]
    let ended = try nbx.run(["doctor"], environment: environment)
    #expect(ended.status == 3)
    #expect(ended.output.contains("broken") && ended.output.contains("set NBX_HOME to"), "\(ended.output)")
    let json = try nbx.run(["doctor", "--json"], environment: environment)
    let data = try #require(try JSONSerialization.jsonObject(with: Data(json.output.utf8)) as? [String: Any])
    let home = try #require((data["findings"] as? [[String: Any]])?.first { $0["what"] as? String == "home" })
    #expect(home["state"] as? String == "broken")
  }

  @Test func `a good one is told, and nothing is left in it`() throws {
    let home = nbx.folder + "/not/yet"
    let ended = try nbx.run(["doctor"], environment: ["NBX_HOME": home])
    #expect(ended.status == 0, "\(ended.output)")
    #expect(ended.output.contains("home"))
    #expect(!FileManager.default.fileExists(atPath: nbx.folder + "/not"))
    #expect(try !FileManager.default.contentsOfDirectory(atPath: nbx.folder).contains { $0.hasPrefix(".nbx") })
  }

  @Test(arguments: ["file", "circle", "nowhere", "nowhere/below"]) func `what can't be looked at is not nothing`(
    _ home: String
  ) throws {
    let environment = ["NBX_HOME": try path(home)]
    for words in [["status"], ["status", "--json"], ["status", "--urls"], ["run", "recipes/cleanup.nbx", "c1"]] {
      let ended = try nbx.run(words, environment: environment)
      #expect(ended.status == 2, "\(words)")
      #expect(ended.errorOutput.contains("cannot look into"), "\(ended.errorOutput)")
      #expect(ended.output == "")
    }
  }

  @Test func `the same where permissions forbid it`() throws {
    // Root may look at everything, so somebody else is asked for.
    guard geteuid() == 0, let nobody = getpwnam("nobody")?.pointee.pw_uid else { return }
    let home = nbx.folder + "/theirs"
    try FileManager.default.createDirectory(atPath: home + "/local/regions/c1", withIntermediateDirectories: true)
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: home)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: nbx.folder)
    let program = nbx.folder + "/nbx"
    // By a process of its own: what is open for writing here, a child of another test may hold, and it can't be run.
    try #require(try Subprocess("cp", [NbxProgram.path, program]).run().succeeded)
    for (word, status) in [("status", Int32(2)), ("doctor", 3)] {
      var process = Subprocess(
        "python3",
        [
          "-c", "import os, sys; os.setuid(int(sys.argv[1])); os.execv(sys.argv[2], sys.argv[2:])", "\(nobody)",
          program,
          word,
        ])
      process.environment = nbx.environment.merging(["NBX_HOME": home]) { $1 }
      process.workingDirectory = "/"
      process.limit.until = .now + .seconds(120)
      let ended = try process.run()
      #expect(ended.status == .exited(code: status))
      let said = String(decoding: ended.output + ended.errorOutput, as: UTF8.self)
      #expect(said.contains("cannot look into") && !said.contains("nothing is here"), "\(said)")
    }
  }
}
