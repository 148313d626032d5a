import TestSupport
import Testing

extension Experiments {
  /// It is run beside others: `SideBySideTests`.
  enum Leafnodes {
    static func check(_ run: NbxProgram.Ended, messages: Int) {
      #expect(run.status == 0, "\(run.errorOutput)")
      for row in [
        "asked at the leafnode, answered in c3", "asked in c3, answered at the leafnode",
        "stored in the hub from the leafnode", "the same over WebSocket",
        "\(2 * messages) orders copied to the leafnode",
      ] { #expect(run.output.contains(row), "\(row) is not in\n\(run.output)") }
    }
  }
}

extension SmallSandbox {
  @Suite struct Leafnodes {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    private func run(_ texts: KeyValuePairs<String, String>) throws -> NbxProgram.Ended {
      try sandbox.runBroken("leafnodes-websockets", ["messages=5", "copies=1"], replacing: texts)
    }

    @Test func `a leafnode in the hub's own domain is noticed`() throws {
      // It takes for itself what is meant for the hub.
      let run = try run(["merge.domain: \"leaf\"": "merge.domain: jetstream_domain"])
      #expect(run.status == 1)
      #expect(run.errorOutput.contains("assertion failed: the stream lies in c1"), "\(run.errorOutput)")
    }

    @Test func `a stream asked for without the domain is noticed`() throws {
      let run = try run(["--tag az:$home --js-domain ${jetstream_domain}": "--tag az:$home"])
      #expect(run.status == 1)
      #expect(run.errorOutput.contains("assertion failed: the stream lies in c1"), "\(run.errorOutput)")
    }

    @Test func `a copy whose origin is sought in its own domain is noticed`() throws {
      let run = try run([
        ", external.api: \"\\$JS.$jetstream_domain.API\"": "", "within 30s every 10ms": "within 3s every 10ms",
      ])
      #expect(run.status == 1)
      #expect(run.errorOutput.contains("the leafnode has a copy of every order"), "\(run.errorOutput)")
    }

    @Test func `a leafnode that is not let in is noticed`() throws {
      let run = try run([
        "js:${secret(\"js\")}@": "js:${secret(\"wrong\")}@",
        "within 30s \"the hub's JetStream": "within 3s \"the hub's JetStream",
      ])
      #expect(run.status == 1)
      #expect(run.errorOutput.contains("the hub's JetStream is heard at the leafnode"), "\(run.errorOutput)")
    }
  }
}
