import Foundation
import TestSupport
import Testing

/// The REPL on real servers.
@Suite(.serialized, .withADozenServers) struct ReplSandboxTests {
  @Test func `a region is set up, used and completed in one session`() throws {
    let nbx = try NbxProgram()
    let terminal = try TerminalSession(columns: 100, rows: 40, environment: nbx.environment)
    try terminal.type("cd \(NbxProgram.repository); \(NbxProgram.path) repl c1")
    try terminal.wait { $0.contains("nbx>") }
    try terminal.type("run \"recipes/install.nbx\" replicas=1")
    try terminal.wait { last($0) == "nbx>" && $0.contains("supercluster") }
    try terminal.type("let made = nats stream add ORDERS --subjects orders --replicas 1 --cluster c1")
    try terminal.wait { last($0) == "nbx>" && $0.contains("ORDERS") }
    try terminal.type("defer { nats stream rm ORDERS --force }")
    try terminal.type("made.config.name + \" is made\"")
    try terminal.wait { $0.contains("\"ORDERS is made\"") }
    // The first Tab asks the servers, and does not wait for long: another may find more.
    try terminal.send("nats stream info OR")
    try terminal.press("Tab")
    try terminal.wait { screen in
      if last(screen).hasPrefix("nbx> nats stream info ORDERS") { return true }
      try? terminal.press("Tab")
      return false
    }
    try terminal.press("Enter")
    try terminal.wait { $0.contains("Subjects") || $0.contains("orders") }
    try terminal.type("nats sub orders --count 1")
    try terminal.wait { $0.contains("nats sub orders --count 1  ") }
    try terminal.press("C-c")
    try terminal.wait { $0.contains("interrupted") && last($0) == "nbx>" }
    try terminal.press("C-d")
    try terminal.wait { $0.contains("stream ORDERS is taken away") && last($0) == "$" }
    let left = try nbx.repl("(nats stream ls --names)")
    #expect(!left.output.contains("ORDERS") && left.status == 0, "\(left.output)")
  }

  private func last(_ screen: String) -> String {
    let lines = screen.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
    return lines.last { !$0.isEmpty } ?? ""
  }
}
