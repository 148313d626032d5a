import Foundation
import Interpreter
import SandboxSystem
import Synchronization
import TestSupport
import Testing

/// `nbx status` in all its forms, on real servers; the page in a real browser.
@Suite(.serialized, .withADozenServers) struct StatusTests {
  let nbx: NbxProgram

  init() throws { nbx = try NbxProgram() }

  @Test func `where nothing runs every form says so`() throws {
    #expect(try nbx.run(["status"]).output.contains("nothing is here"))
    #expect(try nbx.status().servers.isEmpty)
    _ = try emptyPage()
    // Where nobody can tell, it is not known.
    let unknown = try nbx.run(["status", "--target", "k3d"], environment: ["PATH": nbx.folder])
    #expect(
      unknown.output == "target k3d: no region is found\nk3d does not tell its clusters (k3d is not on the PATH)\n",
      "\(unknown.output)\(unknown.errorOutput)")
  }

  /// Writes the page of nothing, and gives its file.
  private func emptyPage() throws -> String {
    let file = nbx.folder + "/empty.html"
    let written = try nbx.run(["status", "--html", file])
    #expect(written.status == 0 && written.output == "\(file): nothing is here\n")
    return file
  }

  @Test(arguments: [
    (["--json", "--watch"], "contradict each other"), (["--html"], "`--html` needs a value"),
    (["--serve", "70000"], "a port from 1 to 65535, not `70000`"), (["--html", ""], "`--html` needs"),
    (["--wach"], "did you mean `--watch`?"),
    (["--serve=x"], "a port from 1 to 65535, not `x`"),
  ]) func `what makes no sense is refused`(words: [String], said: String) throws {
    let ended = try nbx.run(["status"] + words)
    #expect(ended.status == 2 && ended.errorOutput.contains(said), "\(ended.errorOutput)")
  }

  @Test func `a cluster that is not there is said, and those that are`() throws {
    let nothing = try nbx.run(["status", "c9"])
    #expect(nothing.status == 1 && nothing.errorOutput.contains("target local has no cluster c9: nothing is here"))
    let made = try nbx.run(["run", "<made>"], recipe: "clusters a b\nregion create a b\n")
    try #require(made.status == 0, "\(made.errorOutput)")
    let wrong = try nbx.run(["status", "a", "c9"])
    #expect(wrong.status == 1 && wrong.errorOutput.contains("has no cluster c9: there are a, b"))
    let one = try nbx.run(["status", "b"])
    #expect(one.status == 0 && one.output.contains("b: running") && !one.output.contains("a: running"))
    #expect(!one.output.contains("streams of a"))
    let data = try JSONTree(nbx.run(["status", "b", "--json"]).output)
    #expect(data["clusters"].elements.compactMap { $0["name"].text } == ["b"])
    let stopped = try nbx.run(["run", "<stopped>"], recipe: "clusters a\nregion stop a\n")
    try #require(stopped.status == 0, "\(stopped.errorOutput)")
    let problem = "a is stopped"
    let problems = try JSONTree(nbx.run(["status", "--json"]).output)["problems"].elements
    #expect(problems.first?.text?.hasPrefix(problem) == true)
    #expect(try nbx.run(["status"]).output.contains("\n✕ \(problem)"))
  }

  @Test func `a file that cannot be written is a failure`() throws {
    let ended = try nbx.run(["status", "--html", "/proc/nowhere/x.html"])
    #expect(ended.status == 1 && ended.errorOutput.contains("cannot make the folder /proc/nowhere"))
  }

  @Test func `three regions on the page, in the terminal and as data, while one is stopped`() throws {
    let emptyPage = try emptyPage()
    let install = try nbx.run(["run", "recipes/install.nbx", "c1", "c2", "c3", "replicas=1"])
    try #require(install.status == 0, "\(install.errorOutput)")
    let streams = """
      clusters c1 c2 c3
      let a = nats stream add ORDERS --subjects orders --replicas 3 --cluster xr-js
      let b = nats stream add LOGS --subjects logs --replicas 1 --cluster c3 --tag az:c3
      """
    try #require(try nbx.run(["run", "<streams>"], recipe: streams).status == 0)
    let names = try nbx.status().servers.map(\.name).sorted()
    try #require(names.count == 12)
    try checkData(names)
    let shown = try nbx.run(["status"], environment: ["COLUMNS": ""]).output
    #expect(shown.hasPrefix("target local, nats-server 2."))
    let table = shown.split(separator: "\n").filter { $0.hasPrefix("│") || $0.hasPrefix("╭") }
    #expect(table.count == 14 && table.allSatisfy { $0.count <= 80 }, "\(table)")
    #expect(names.allSatisfy { name in table.contains { $0.contains(name) } })
    let some = try JSONTree(nbx.run(["status", "c1", "c3", "--json"]).output)
    #expect(some["problems"] == [] && some["servers"].elements.count == 8)
    #expect(Set(some["gateways"].elements.compactMap { $0["from"].text }) == ["c1", "c3", "xr-js"])
    try checkPage(names, andEmpty: emptyPage)
    try checkTerminal()
  }

  // MARK: As data

  private func checkData(_ names: [String]) throws {
    var picture = JSONTree.null
    // On a busy machine a server may be behind its leader for a moment.
    for _ in 0..<240 where picture["problems"] != [] {
      if picture != .null { Thread.sleep(forTimeInterval: 0.5) }
      picture = try JSONTree(nbx.run(["status", "--json"]).output)
    }
    #expect(picture["problems"] == [])
    #expect(picture["servers"].elements.compactMap { $0["name"].text }.sorted() == names)
    // Three servers of each region's cluster find three other clusters; so do those of xr-js.
    #expect(picture["gateways"].elements.count == 12)
    #expect(picture["gateways"].elements.allSatisfy { $0["found"] == 3 && $0["expected"] == 3 })
    #expect(picture["routes"].elements.allSatisfy { $0["found"] == $0["expected"] && $0["rtt_median"].text != nil })
    let orders = try #require(picture["streams"].elements.first { $0["name"] == "ORDERS" })
    #expect(
      Set(orders["copies"].elements.map { $0["server"].text ?? "" }) == Set((1...3).map { "c\($0)-xr-js-nats-0" }))
    #expect(orders["copies"].elements.count { $0["leader"] == true } == 1)
    #expect(picture["meta", "size"] == 6 && picture["meta", "current"] == 6)
  }

  // MARK: In a browser

  private func checkPage(_ names: [String], andEmpty emptyPage: String) throws {
    let server = try Served(nbx)
    defer { _ = try? server.end() }
    let tiles = "[...document.querySelectorAll('.server')].map(t => t.dataset.server).sort()"
    let down = "[...document.querySelectorAll('.server.down')].map(t => t.dataset.server).sort()"
    let colour = "getComputedStyle(document.querySelector('[data-region=c3] .area')).stroke"
    func region(_ word: String) throws -> [String] {
      [NbxProgram.path, "run", try nbx.write("clusters c1 c2 c3\nregion \(word) c3\n", to: "\(word).nbx")]
    }
    let seen = try Browser.run(
      [
        .open(server.address), .value(tiles), .value("document.querySelectorAll('.server.down').length"),
        .value(colour), .value("document.querySelectorAll('[data-link]').length"),
        .value("[...document.querySelectorAll('tr.stream')].map(row => row.dataset.stream)"),
        .run(try region("stop")),
        .wait("document.querySelectorAll('.server.down').length === 4", 120), .value(down), .value(colour),
        .value("document.querySelector('[data-region=c3] .state').textContent"),
        .value("document.querySelector('.problems').innerText"),
        // Who knows of a stream that nobody has is JetStream's leader, which may have gone with the region.
        .wait("document.querySelector('tr[data-stream=LOGS]')?.innerText.includes('out of reach')", 120),
        .run(try region("start")),
        .wait("document.querySelectorAll('.server.down').length === 0", 120),
        .end(server.pid), .wait("!document.getElementById('lost').hidden", 120),
        .value("document.getElementById('lost').innerText"), .requests, .complaints,
        .open("file://" + emptyPage), .value("document.querySelector('main').innerText"),
      ], environment: nbx.environment)
    #expect(seen[1].elements.compactMap(\.text) == names)
    #expect(seen[2] == 0)
    // Three arcs and three ways down of gateways, three ways of routes.
    #expect(seen[4] == 9)
    // Of the streams that install makes to try JetStream none is left.
    #expect(seen[5].elements.compactMap(\.text) == ["LOGS", "ORDERS"])
    #expect(seen[7] == true, "the page did not follow")
    #expect(seen[8].elements.compactMap(\.text) == names.filter { $0.hasPrefix("c3-") })
    #expect(seen[9] == "rgb(198, 40, 40)" && seen[3] != seen[9])
    #expect(seen[10].text?.contains("✕ stopped") == true)
    #expect(seen[11].text?.contains("c3 is stopped: all of its 4 servers are down") == true)
    #expect(seen[12] == true, "the stream that went with the region is not told of")
    #expect(seen[14] == true, "the page did not see it come back")
    #expect(seen[16] == true)
    #expect(seen[17].text?.contains("nbx does not answer any more") == true)
    let asked = seen[18].elements.compactMap(\.text)
    #expect(asked.count > 2 && asked.allSatisfy { $0.hasPrefix(server.address) }, "\(Set(asked))")
    // Only that nbx is gone was complained about.
    #expect(seen[19].elements.allSatisfy { $0.text?.contains("ERR_CONNECTION_REFUSED") == true }, "\(seen[19])")
    #expect(seen[21].text?.contains("nbx run recipes/install.nbx c1 c2 c3") == true)
    #expect(try server.end()?.status == .exited(code: 0))
  }

  // MARK: In a terminal

  private func checkTerminal() throws {
    let terminal = try TerminalSession(
      columns: 100, rows: 30, environment: nbx.environment.merging(["NO_COLOR": ""]) { $1 })
    try terminal.type("echo before; '\(NbxProgram.path)' status --watch; echo ended with $?")
    try terminal.wait { $0.contains("✓ all is well: 12 servers run") && $0.contains("Region") }
    let plain = try nbx.write("clusters c1 c2 c3\nregion pause c2\n", to: "pause.nbx")
    _ = try nbx.run(["run", plain])
    try terminal.wait { $0.contains("✕ c2 is paused: all of its 4 servers are down") }
    // Select Graphic Rendition 31: red; 49, which tmux adds, is the usual background.
    let coloured = try terminal.screen(withColours: true).replacing("\u{1B}[49m", with: "")
    #expect(coloured.contains("\u{1B}[31m✕ 4 of 12 servers are down"), "\(coloured)")
    _ = try nbx.run(["run", "<resume>"], recipe: "clusters c1 c2 c3\nregion resume c2\n")
    try terminal.resize(columns: 50, rows: 8)
    try terminal.wait { $0.contains("more lines in a higher window") }
    try terminal.press("C-c")
    try terminal.wait { $0.contains("before") && $0.contains("ended with 0") && !$0.contains("Region") }
    // What is typed is shown again.
    try terminal.type("echo typed")
    try terminal.wait { $0.components(separatedBy: "typed").count > 2 }
  }

  @Test func `without a terminal a report comes at first and at every change, and it ends with its reader`() throws {
    let made = try nbx.run(["run", "<made>"], recipe: "clusters a\nregion create a\n")
    try #require(made.status == 0, "\(made.errorOutput)")
    let stop = try nbx.write("clusters a\nregion stop a\n", to: "stop.nbx")
    var process = Subprocess(NbxProgram.path, ["status", "--watch"], environment: nbx.environment)
    process.limit.until = .now + .seconds(240)
    let enough = StopSignal()
    process.limit.stop = enough
    var reports: [String] = []
    process.onOutput = { _, line in
      reports.append(String(decoding: line, as: UTF8.self))
      if reports.count == 2 { _ = try? self.nbx.run(["run", stop]) }
      if reports.last?.contains("a: stopped") == true { enough.ask(.interrupt) }
    }
    #expect(try process.run().status == .exited(code: 0))
    #expect(reports.contains { $0.contains("a: running") })
    let piped = Subprocess(
      "sh", ["-c", "'\(NbxProgram.path)' status --watch | head -1"], environment: nbx.environment)
    #expect(try piped.run().succeeded)
  }
}

/// `nbx status --serve`, running in a thread of its own.
private final class Served: @unchecked Sendable {
  private struct State {
    var line: String?
    var pid: Int32?
    var result: ProgramResult?
  }

  private let state = Mutex(State())
  private let stop = StopSignal()

  init(_ nbx: NbxProgram) throws {
    let environment = nbx.environment
    Thread.detachNewThread { self.run(environment) }
    try wait { $0.line != nil }
  }

  private func run(_ environment: [String: String]) {
    // The shell tells its own process's number, and then is nbx.
    var process = Subprocess(
      "sh", ["-c", "echo $$; exec '\(NbxProgram.path)' status --serve"], environment: environment)
    process.limit.until = .now + .seconds(900)
    process.limit.stop = stop
    process.onOutput = { _, line in
      let text = String(decoding: line, as: UTF8.self)
      self.state.withLock { state in if state.pid == nil { state.pid = Int32(text) } else { state.line = text } }
    }
    let result = try? process.run()
    state.withLock { $0.result = result }
  }

  var pid: Int32 { state.withLock { $0.pid ?? 0 } }

  /// `http://127.0.0.1:PORT/`
  var address: String {
    let words = state.withLock { $0.line ?? "" }.split(separator: " ")
    return words.first { $0.hasPrefix("http://127.0.0.1:") }.map(String.init) ?? ""
  }

  /// Interrupts it if that has not been done, and waits for it.
  @discardableResult
  func end() throws -> ProgramResult? {
    stop.ask(.interrupt)
    try wait { $0.result != nil }
    return state.withLock { $0.result }
  }

  private func wait(until isRight: (State) -> Bool) throws {
    let end = Date() + 120
    while !state.withLock({ isRight($0) }) {
      guard Date() < end else { throw TestServerError(description: "nbx status --serve does not come, or does not go") }
      Thread.sleep(forTimeInterval: 0.05)
    }
  }
}
