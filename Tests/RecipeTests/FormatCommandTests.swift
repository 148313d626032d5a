import Foundation
import SandboxSystem
import TestSupport
import Testing

/// `nbx fmt`, as it is called.
@Suite(.mayWait) struct FormatCommandTests {
  let nbx: NbxProgram

  init() throws { nbx = try NbxProgram() }

  private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

  @Test func `files and folders are brought into form, with their permissions; what is in form is left alone`() throws {
    let folder = nbx.folder + "/recipes"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let messy = try nbx.write("print   1\n", to: "recipes/messy.nbx")
    let tidy = try nbx.write("print 2\n", to: "recipes/tidy.nbx")
    let wrong = try nbx.write("print   (\n", to: "recipes/wrong.nbx")
    chmod(messy, 0o755)
    let inode = try FileManager.default.attributesOfItem(atPath: tidy)[.systemFileNumber] as? Int
    let ended = try nbx.run(["fmt", folder])
    #expect(ended.status == 2)
    #expect(ended.output == "\(messy)\n")
    #expect(
      ended.errorOutput == """
        error: expected a value, found the end of the file
          --> \(wrong):2:1
           |
         2 |
           | ^ a value is due here

        1 of 3 files with errors, left alone; 1 of 3 files changed

        """)
    #expect(try text(messy) == "print 1\n")
    #expect(try text(wrong) == "print   (\n")
    let attributes = try FileManager.default.attributesOfItem(atPath: messy)
    #expect(attributes[.posixPermissions] as? Int == 0o755)
    #expect(try FileManager.default.attributesOfItem(atPath: tidy)[.systemFileNumber] as? Int == inode)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == ["messy.nbx", "tidy.nbx", "wrong.nbx"])
    try FileManager.default.removeItem(atPath: wrong)
    let again = try nbx.run(["fmt", folder])
    #expect(again.status == 0 && again.output == "2 files in form already\n" && again.errorOutput == "")
  }

  @Test func `a link stays one, and what it leads to is brought into form`() throws {
    let file = try nbx.write("print   1\n", to: "there.nbx")
    let link = nbx.folder + "/here.nbx"
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: "there.nbx")
    #expect(try nbx.run(["fmt", link]).status == 0)
    #expect(try text(file) == "print 1\n")
    #expect(try FileManager.default.destinationOfSymbolicLink(atPath: link) == "there.nbx")
  }

  @Test func `check and diff tell and write nothing`() throws {
    let path = try nbx.write("print   1\nprint 2\n", to: "messy.nbx")
    let check = try nbx.run(["fmt", "--check", path, "recipes"])
    #expect(check.status == 1)
    #expect(check.output == "not in form: \(path)\n")
    let difference = try nbx.run(["fmt", "--diff", path])
    #expect(difference.status == 0)
    #expect(difference.output == "--- \(path)\n+++ \(path)\n@@ -1,2 +1,2 @@\n-print   1\n+print 1\n print 2\n")
    #expect(try nbx.run(["fmt", "--diff", "--check", path]).status == 1)
    #expect(try text(path) == "print   1\nprint 2\n")
    let good = try nbx.run(["fmt", "--check", "recipes"])
    #expect(good.status == 0, "\(good.output)\(good.errorOutput)")
  }

  @Test func `standard input goes to standard output, unless it has errors`() throws {
    let nbxPath = NbxProgram.path
    func piped(_ text: String, _ flags: String = "") throws -> (Int32, String) {
      let path = try nbx.write(text, to: "piped.txt")
      var shell = Subprocess("/bin/sh", ["-c", "\"$0\" fmt \(flags) - < \"$1\" 2>/dev/null", nbxPath, path])
      shell.environment = nbx.environment
      let result = try shell.run()
      guard case .exited(let status) = result.status else { return (-1, "") }
      return (status, String(decoding: result.output, as: UTF8.self))
    }
    #expect(try piped("print   1\r\n") == (0, "print 1\n"))
    #expect(try piped("") == (0, ""))
    #expect(try piped("print (") == (2, ""))
    #expect(try piped("print   1", "--check") == (1, "not in form: <standard input>\n"))
    #expect(try piped("print 1\n", "--check") == (0, ""))
  }

  @Test(arguments: [
    (["fmt"], "needs PATH"), (["fmt", "-", "recipes"], "`-` stands alone"), (["fmt", "--chek", "-"], "`--check`"),
    (["fmt", "no-such.nbx"], "no such file"),
  ]) func `a call that makes no sense`(words: [String], said: String) throws {
    let ended = try nbx.run(words)
    #expect(ended.status == 2 && ended.output == "")
    #expect(ended.errorOutput.contains(said), "\(ended.errorOutput)")
  }
}
