import Interpreter
import TestSupport
import Testing

@testable import SandboxSystem

/// What a program wrote before it failed may be megabytes: what is made of it is not.
@Suite(.mayWait) struct LongOutputTests {
  @Test func anErrorShowsTheEndOfALongLine() {
    let text = Text("first\n" + String(repeating: "ü", count: 1_000_000) + "the end \n\n")
    let said = text.lastLines(12).string
    #expect(said.utf8.count <= 16 << 10)
    #expect(said.hasPrefix("ü") && said.hasSuffix("the end"))
  }

  @Test func linesThatAreNotLongAreShownWhole() {
    #expect(Text("a\nb\n\nc \n \n").lastLines(2).string == "\nc")
    #expect(Text("a\nb").lastLines(5).string == "a\nb")
    #expect(Text(" \n\n").lastLines(5).string.isEmpty)
    #expect(Text("x\nsecret", hidden: [2..<8]).lastLines(1).masked == "•••")
    #expect(Text("it failed" + String(repeating: " \n", count: 100_000)).lastLines(3).string == "it failed")
  }

  @Test(arguments: [("beginning", true), ("middle", false), ("end", true)])
  func adviceIsLookedForWhereErrorsStand(_ place: String, _ isFound: Bool) throws {
    let programs = try ProgramFixture()
    let lines = "yes 'nothing that anybody knows' | head -c 200000"
    let said = "echo 'Cannot connect to the Docker daemon'"
    let parts = place == "beginning" ? [said, lines] : place == "end" ? [lines, said] : [lines, said, lines]
    try programs.program("docker", "{ " + parts.joined(separator: "; ") + "; } >&2; exit 1")
    let failure = try programs.failure("docker ps")
    #expect((failure.advice?.contains("start Docker") ?? false) == isFound, "\(failure.advice ?? "none")")
  }
}
