import Foundation
import Interpreter
import Lexer
import TestSupport
import Testing

@testable import SandboxSystem

@Suite(.mayWait) struct ReporterTests {
  @Test func `behind the end of a run nobody is told that it will end`() throws {
    let folder = try ScratchFolder()
    let path = folder.file("said")
    let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    let stop = StopSignal()
    let terminal = Terminal(descriptor: descriptor)
    let reporter = Reporter(output: terminal, error: terminal, stop: stop)
    stop.ask(.interrupt)
    reporter.show(Diagnostic("interrupted", at: nil))
    // Some ticks.
    usleep(350_000)
    reporter.finish()
    #expect(folder.text("said")?.hasSuffix("error: interrupted\n") == true)
  }
}
