import Foundation
import Interpreter
import TestSupport
import Testing

@testable import SandboxRuntime

/// Changes that are on their way when somebody interrupts: what cleans up has to find what they make.
@Suite(.mayWait) struct InterruptedChangeTests {
  /// Runs a change whose server is asked to stop in between, and answers a moment later.
  private func change(
    _ words: String..., answer: String, asking request: StopSignal.Request
  ) throws -> Result<Value, CommandFailure> {
    let stop = StopSignal()
    let server = try PretendingServer { _ in
      stop.ask(request)
      usleep(300_000)
      return answer
    }
    defer { server.stop() }
    let nats = NatsFixture(["c1": [server.port]])
    defer { nats.end() }
    return Result { () throws(CommandFailure) in
      try nats.command.run(
        Invocation(
          words: words.map { Text($0) }, cluster: Cluster(name: "c1", index: 0), deadline: .now + .seconds(60),
          stop: stop))
    }
  }

  @Test func theAnswerIsWaitedFor() throws {
    let stream = try change(
      "stream", "add", "S", "--subjects", "s", answer: #"{"config":{"name":"S"}}"#, asking: .interrupt)
    #expect(try stream.get()["config.name"].string == "S")
    let consumer = try change(
      "consumer", "add", "S", "c", answer: #"{"name":"c","config":{"durable_name":"c"}}"#, asking: .interrupt)
    #expect(try consumer.get()["name"].string == "c")
  }

  @Test func aSecondInterruptWaitsForNothing() throws {
    let stream = try change(
      "stream", "add", "S", "--subjects", "s", answer: #"{"config":{"name":"S"}}"#, asking: .kill)
    #expect(throws: CommandFailure.self) { try stream.get() }
  }
}
