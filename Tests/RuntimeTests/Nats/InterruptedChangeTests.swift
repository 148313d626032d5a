import Foundation
import Interpreter
import TestSupport
import Testing

@testable import SandboxNats

/// Changes that are on their way when somebody interrupts: what cleans up has to find what they make.
@Suite(.mayWait) struct InterruptedChangeTests {
  /// Runs a change that is asked to stop once its server has heard of it.
  ///
  /// - Parameter answer: comes when whoever would give up at an interrupt has had the time to; nil: none comes.
  private func change(
    _ words: String..., answer: String?, asking request: StopSignal.Request
  ) throws -> Result<Value, CommandFailure> {
    let stop = StopSignal()
    let server = try PretendingServer { subject in
      // The question before a change: there is none yet.
      if subject.contains(".INFO.") { return #"{"error":{"code":404,"err_code":10059,"description":"not found"}}"# }
      stop.ask(request)
      // No wait for something to come: the longer it is, the surer is a fault found.
      if answer != nil { usleep(300_000) }
      return answer
    }
    defer { server.stop() }
    let nats = try NatsFixture(["c1": [server.port]])
    defer { nats.end() }
    return Result { () throws(CommandFailure) in
      try nats.command.run(
        Invocation(
          words: words.map { Text($0) }, cluster: Cluster(name: "c1", index: 0), deadline: .now + .seconds(120),
          stop: stop))
    }
  }

  @Test func theAnswerIsWaitedFor() throws {
    let stream = try change(
      "stream", "add", "S", "--subjects", "s", answer: #"{"config":{"name":"S","subjects":["s"]}}"#, asking: .interrupt)
    #expect(try stream.get()["config.name"].string == "S")
    let consumer = try change(
      "consumer", "add", "S", "c",
      answer:
        #"{"name":"c","config":{"name":"c","durable_name":"c","ack_policy":"explicit","deliver_policy":"all","replay_policy":"instant"}}"#,
      asking: .interrupt)
    #expect(try consumer.get()["name"].string == "c")
  }

  @Test func aSecondInterruptWaitsForNothing() throws {
    let stream = try change("stream", "add", "S", "--subjects", "s", answer: nil, asking: .kill)
    let failure = #expect(throws: CommandFailure.self) { try stream.get() }
    #expect(failure?.kind == .interrupted)
  }
}
