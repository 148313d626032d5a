import TestSupport
import Testing

extension Experiments {
  @Suite struct Leafnodes {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    @Test func `messages and streams across the connection, and WebSocket`() throws {
      let run = try sandbox.run("leafnodes-websockets", ["messages=20"])
      #expect(run.status == 0, "\(run.errorOutput)")
      for row in [
        "asked at the leafnode, answered in c3", "asked in c3, answered at the leafnode",
        "stored in the hub from the leafnode", "the same over WebSocket", "40 orders copied to the leafnode",
      ] { #expect(run.output.contains(row), "\(row) is not in\n\(run.output)") }
    }

    @Test func `a leafnode in the hub's own domain is noticed`() throws {
      // It takes for itself what is meant for the hub. One server holds no three replicas, so one is asked for.
      let run = try sandbox.runBroken(
        "leafnodes-websockets", ["messages=5", "copies=1"], replacing: "merge.domain: \"leaf\"",
        with: "merge.domain: jetstream_domain")
      #expect(run.status == 1)
      #expect(run.errorOutput.contains("assertion failed: the stream lies in c1"), "\(run.errorOutput)")
    }

    @Test func `a stream asked for without the domain is noticed`() throws {
      let run = try sandbox.runBroken(
        "leafnodes-websockets", ["messages=5", "copies=1"], replacing: "--tag az:$home --js-domain ${jetstream_domain}",
        with: "--tag az:$home")
      #expect(run.status == 1)
      #expect(run.errorOutput.contains("assertion failed: the stream lies in c1"), "\(run.errorOutput)")
    }

    @Test func `a copy whose origin is sought in its own domain is noticed`() throws {
      let run = try sandbox.runBroken(
        "leafnodes-websockets", ["messages=5"], replacing: ", external.api: \"\\$JS.$jetstream_domain.API\"", with: "")
      #expect(run.status == 1)
      #expect(run.errorOutput.contains("the leafnode has a copy of every order"), "\(run.errorOutput)")
    }

    @Test func `a leafnode that is not let in is noticed`() throws {
      let run = try sandbox.runBroken(
        "leafnodes-websockets", ["messages=5"], replacing: "js:${secret(\"js\")}@", with: "js:${secret(\"wrong\")}@")
      #expect(run.status == 1)
      #expect(run.errorOutput.contains("the hub's JetStream is heard at the leafnode"), "\(run.errorOutput)")
    }
  }
}
