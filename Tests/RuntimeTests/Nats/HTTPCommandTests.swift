import Foundation
import Interpreter
import TestSupport
import Testing

@testable import SandboxRuntime
@testable import SandboxSystem

@Suite(.mayWait) struct HTTPCommandTests {
  private func run(
    _ words: String..., with document: Value? = nil, isStatement: Bool = false,
    say: @escaping @Sendable (Text) -> Void = { _ in }
  ) throws(CommandFailure) -> Value {
    try HTTPCommand().run(
      Invocation(
        words: words.map { Text($0) }, document: document, deadline: .now + .seconds(120), isStatement: isStatement,
        say: say))
  }

  @Test func everyStatusIsAnAnswer() throws {
    let server = try TestAccount().server
    let base = "http://127.0.0.1:\(server.monitorPort)"
    let variables = try run("get", base + "/varz")
    #expect(variables["status"].shown() == "200")
    #expect(variables["json.server_name"].string == server.name)
    #expect(variables["headers"].entries["content-type"]?.string == "application/json")
    #expect(variables["body"].string?.hasPrefix("{") == true)
    let missing = try run("get", base + "/nowhere")
    #expect(missing["status"].shown() == "404")
    #expect(missing.entries["json"] == nil)
    let posted = try run("post", base + "/healthz", with: ["a": 1])
    #expect(posted["status"].shown() == "200")
    let said = Said()
    _ = try run("get", base + "/healthz", isStatement: true) { said.add($0.masked) }
    #expect(said.text == #"{"status":"ok"}"#)
  }

  @Test func whatIsNoAnswerFails() throws {
    func failure(_ words: String...) -> CommandFailure? {
      do throws(CommandFailure) {
        _ = try HTTPCommand().run(Invocation(words: words.map { Text($0) }, deadline: .now + .seconds(120)))
        return nil
      } catch {
        return error
      }
    }
    let port = try ClosedPort()
    #expect(failure("get", "http://127.0.0.1:\(port.number)/")?.kind == .failed)
    #expect(
      failure("get", "http://127.0.0.1:\(port.number)/")?.reason.string.contains("127.0.0.1:\(port.number)") == true)
    #expect(failure("get", "http://127.0.0.1:\(port.number)/")?.details.kind == "unreachable")
    #expect(failure("get", "http://no-such-host.invalid/")?.details.kind == "unreachable")
    #expect(failure("get", "https://127.0.0.1/")?.kind == .misused)
    #expect(failure("get", "127.0.0.1:1/")?.kind == .misused)
    #expect(failure("get", "http://u:hunter/2@127.0.0.1/")?.ran?.masked == "http get http://•••@127.0.0.1/")
    #expect(failure("put", "http://127.0.0.1:1/")?.kind == .misused)
    #expect(failure("get")?.kind == .misused)
    let garbage = try PretendingServer(answer: "")
    defer { garbage.stop() }
    #expect(failure("get", "http://127.0.0.1:\(garbage.port)/")?.kind == .failed)
  }
}
