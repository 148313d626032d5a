import Foundation
import TestSupport
import Testing

/// Recipes that are reached by links, and folders with links in them.
@Suite(.mayWait) struct LinkedRecipeTests {
  let nbx: NbxProgram

  init() throws {
    nbx = try NbxProgram()
    for folder in ["real/lib", "other", "outside"] {
      try FileManager.default.createDirectory(atPath: "\(nbx.folder)/\(folder)", withIntermediateDirectories: true)
    }
    _ = try nbx.write("task hello() { return \"beside the file\" }\n", to: "real/lib/l.nbx")
    _ = try nbx.write("task hello() { return \"beside the link\" }\n", to: "other/l.nbx")
    _ = try nbx.write("note\n", to: "real/note.txt")
    _ = try nbx.write("print \"other\"\n", to: "real/other.nbx")
    _ = try nbx.write(
      "recipe \"Linked\"\nuse \"lib/l.nbx\"\nprint hello(), read(\"note.txt\").trim\nrun \"other.nbx\"\nexec pwd\n",
      to: "real/main.nbx")
  }

  private func link(_ name: String, to target: String) throws -> String {
    let path = "\(nbx.folder)/\(name)"
    try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: target)
    return path
  }

  private func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(nbx.folder)/\(name)", encoding: .utf8)
  }

  @Test func `paths in a linked recipe start from the file that the link leads to`() throws {
    let link = try link("other/linked.nbx", to: "../real/main.nbx")
    let twice = try self.link("outside/again.nbx", to: link)
    let plain = try nbx.run(["run", nbx.folder + "/real/main.nbx"])
    #expect(plain.output.hasPrefix("beside the file note\nother\n"))
    for path in [link, twice] {
      let ended = try nbx.run(["run", path])
      #expect(ended.output == plain.output, "\(ended.errorOutput)")
      let check = try nbx.run(["check", path, "--strict"])
      #expect(check.status == 0, "\(check.errorOutput)")
    }
  }

  @Test func `so do those of a library behind a link, and of files behind a linked folder`() throws {
    _ = try link("other/lib.nbx", to: "../real/chain.nbx")
    _ = try nbx.write("use \"lib/l.nbx\"\ntask greet() { return hello() }\n", to: "real/chain.nbx")
    let recipe = try nbx.write("use \"lib.nbx\"\nprint greet()\n", to: "other/user.nbx")
    #expect(try nbx.run(["run", recipe]).output == "beside the file\n")

    // `..` of a linked folder is where the folder lies.
    _ = try nbx.write("use \"../lib/l.nbx\"\nprint hello()\n", to: "real/lib/up.nbx")
    let folder = try link("outside/lib", to: "../real/lib")
    #expect(try nbx.run(["run", folder + "/up.nbx"]).output == "beside the file\n")
  }

  @Test func `a file in error is named as the user names it`() throws {
    _ = try nbx.write("print nope\n", to: "real/wrong.nbx")
    let link = try link("other/wrong.nbx", to: "../real/wrong.nbx")
    #expect(try nbx.run(["check", link]).errorOutput.contains("\(link):1:7"))
  }

  @Test func `fmt of a folder changes nothing outside of it`() throws {
    _ = try nbx.write("print   1\n", to: "outside/away.nbx")
    _ = try nbx.write("print   2\n", to: "other/here.nbx")
    _ = try link("other/file.nbx", to: "../outside/away.nbx")
    _ = try link("other/folder", to: "../outside")
    _ = try link("other/nowhere.nbx", to: "gone.nbx")
    let ended = try nbx.run(["fmt", nbx.folder + "/other"])
    #expect(ended.status == 0, "\(ended.errorOutput)")
    #expect(try text("outside/away.nbx") == "print   1\n")
    #expect(try text("other/here.nbx") == "print 2\n")

    // A folder that is named is meant, by whatever link.
    let named = try link("named", to: "outside")
    #expect(try nbx.run(["fmt", named]).status == 0)
    #expect(try text("outside/away.nbx") == "print 1\n")
  }
}
