import TestSupport
import Testing

extension Experiments {
  @Suite struct Latency {
    let sandbox: ExperimentSandbox
    /// Enough for a property that is broken to be seen.
    let hasty = ["messages=20"]

    init() throws { sandbox = try ExperimentSandbox.shared }

    @Test func `every way is measured`() throws {
      let run = try sandbox.run("latency")
      #expect(run.status == 0, "\(run.errorOutput)")
      let rows = run.output.split(separator: "\n").filter { $0.contains("400") }
      // Three regions, six ways between them, three streams with two readers each.
      #expect(rows.count == 15, "\(run.output)")
      #expect(rows.count { $0.contains("core") } == 9)
      for way in ["R1", "R3", "xr-js"] { #expect(rows.count { $0.contains(way) } == 2, "\(way)") }
    }

    @Test func `messages that nobody hears are missed`() throws {
      let run = try sandbox.runBroken(
        "latency", hasty, replacing: "nats latency latency.core --to $to",
        with: "nats latency latency.core --as latency.other --wait 200ms --to $to")
      #expect(run.status == 1)
      #expect(run.errorOutput.contains("assertion failed: every message arrived"), "\(run.errorOutput)")
    }

    @Test func `a subject that no stream takes is noticed`() throws {
      let run = try sandbox.runBroken(
        "latency", hasty, replacing: "nats latency $subject --stream",
        with: "nats latency latency.nowhere --as $subject --wait 200ms --stream")
      #expect(run.status == 1)
      #expect(run.errorOutput.contains("assertion failed: every message arrived"), "\(run.errorOutput)")
    }

    @Test func `a stream that is not stretched is noticed`() throws {
      let run = try sandbox.runBroken(
        "latency", hasty, replacing: #"["--replicas", "3", "--cluster", "xr-js"]"#,
        with: #"["--replicas", "1", "--cluster", "xr-js"]"#)
      #expect(run.status == 1)
      #expect(
        run.errorOutput.contains("assertion failed: xr-js has a copy in each of three regions"), "\(run.errorOutput)")
    }

    @Test func `interrupted, it leaves no stream`() throws {
      let run = try sandbox.run("latency", ["messages=800"], interruptOnceItSays: "a stream with three copies")
      #expect(run.status == 130)
    }
  }
}
