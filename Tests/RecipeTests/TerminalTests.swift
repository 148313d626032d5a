import Foundation
import Lexer
import TestSupport
import Testing

/// What reaches a terminal, and what programs find of one.
@Suite(.mayWait) struct TerminalTests {
  let nbx: NbxProgram

  init() throws { nbx = try NbxProgram() }

  /// A title for the window, an erased screen, ECMA-48's sequences of one byte, text turned around, a line over another.
  private static let evil = "<\u{1B}]0;owned\u{7}\u{1B}[2J\u{9B}1mx\u{202E}y\u{1B}[31mz\u{8}\rend>"
  private static let shown = "<␛]0;owned␇␛[2J\u{FFFD}1mx\u{FFFD}yz␈␍end>"
  /// Of what a failed program said no sequence of that kind is left.
  private static let excerpt = shown.replacing("␛[2J", with: "")

  private func recipe() throws -> String {
    _ = try nbx.write(Self.evil, to: "evil.txt")
    return try nbx.write(
      #"""
      let evil = read("evil.txt")
      step "step $evil" { print "said $evil" }
      exec sh -c 'echo "out $(cat evil.txt)"; echo "err $(cat evil.txt)" >&2'
      foreach lane in [evil] parallel { print "in a lane" }
      try { fail "handled $evil" } else e { print [{ cell: evil }] }
      exec sh -c 'echo "failed $(cat evil.txt)" >&2; exit 3' $evil
      """#, to: "evil.nbx")
  }

  @Test func `nothing from outside is obeyed by a terminal`() throws {
    let ended = try nbx.runAtTerminal(["run", recipe()])
    #expect(ended.status == 1)
    // The terminal's line ends, and the live lines' own erasing.
    let output = ended.output.replacing("\r\n", with: "\n").replacing(/\u{1B}\[\d+A\r\u{1B}\[J/, with: "")
    #expect(!output.unicodeScalars.contains { $0.standIn != nil }, "\(output.debugDescription)")
    for start in ["step ", "said ", "out ", "err ", "handled ", "failed ", "cell"] { #expect(output.contains(start)) }
    #expect(output.contains("said \(Self.shown)\n") && output.contains("it said: failed \(Self.excerpt)\n"))
  }

  @Test func `a file gets what was said, and errors are for people anywhere`() throws {
    let ended = try nbx.run(["run", recipe()])
    #expect(ended.output.contains("said \(Self.evil)\n") && ended.output.contains("out \(Self.evil)\n"))
    #expect(ended.errorOutput.contains("it said: failed \(Self.excerpt)\n"))
    #expect(!ended.errorOutput.unicodeScalars.contains { $0.standIn != nil })
  }

  @Test func `a program that asks at the terminal hears at once that there is none`() throws {
    let path = try nbx.write("exec sh -c 'read answer < /dev/tty'\n", to: "asks.nbx")
    let ended = try nbx.runAtTerminal(["run", path])
    #expect(ended.status == 1)
    #expect(ended.output.contains("programs have no terminal to ask at here"))
  }

  @Test func `the list of recipes fits the terminal, and is a line for each where a program reads it`() throws {
    let plain = try nbx.run(["list"])
    let lines = plain.output.split(separator: "\n")
    #expect(lines.contains { $0.utf8.count > 100 })
    let ended = try nbx.runAtTerminal(["list"], columns: 80)
    let shown = ended.output.replacing("\r\n", with: "\n").split(separator: "\n")
    #expect(ended.status == 0 && shown.allSatisfy { displayWidth($0) <= 80 } && shown.count > lines.count)
    func words(_ lines: [Substring]) -> [Substring] { lines.flatMap { $0.split(separator: " ") } }
    #expect(words(shown) == words(lines))
  }
}
