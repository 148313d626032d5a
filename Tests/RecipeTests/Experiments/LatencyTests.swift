import TestSupport
import Testing

extension Experiments {
  @Suite struct Latency {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    @Test func `a stream that is not stretched is noticed`() throws {
      let run = try sandbox.runBroken(
        "latency", ["messages=20"],
        replacing: [#"["--replicas", "3", "--cluster", "xr-js"]"#: #"["--replicas", "1", "--cluster", "xr-js"]"#])
      #expect(run.status == 1)
      #expect(
        run.errorOutput.contains("assertion failed: xr-js has a copy in each of three regions"), "\(run.errorOutput)")
    }

    @Test func `regions that are not apart are noticed`() throws {
      let run = try sandbox.runBroken(
        "latency", ["messages=20"], replacing: ["link set $first $second --rtt $rtt": "let unset = second"],
        in: "lib/experiments.nbx")
      #expect(run.status == 1)
      #expect(
        run.errorOutput.contains("assertion failed: between regions a message takes half of the round trip"),
        "\(run.errorOutput)")
    }

    @Test func `interrupted, it leaves no stream`() throws {
      let run = try sandbox.run("latency", ["messages=200"], interruptOnceItSays: "a stream with one copy")
      #expect(run.status == 130)
    }

    /// Every way is measured.
    static func check(_ run: NbxProgram.Ended, messages: Int) {
      #expect(run.status == 0, "\(run.errorOutput)")
      let rows = run.output.split(separator: "\n").filter { $0.contains("\(messages)") }
      // Three regions, six ways between them, three streams with two readers each.
      #expect(rows.count == 15, "\(run.output)")
      #expect(rows.count { $0.contains("core") } == 9)
      for way in ["R1", "R3", "xr-js"] { #expect(rows.count { $0.contains(way) } == 2, "\(way)") }
    }
  }
}

extension SmallSandbox {
  /// Without other regions, and without a stream with three copies.
  @Suite struct Latency {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    private func run(replacing text: String, with replacement: String) throws -> NbxProgram.Ended {
      try sandbox.runBroken(
        "latency", ["messages=20"],
        replacing: [text: replacement, #"["--replicas", "3"] + regional"#: #"["--replicas", "1"] + regional"#])
    }

    @Test func `messages that nobody hears are missed`() throws {
      let run = try run(
        replacing: "nats latency latency.core --to $c",
        with: "nats latency latency.core --as latency.other --wait 200ms --to $c")
      #expect(run.status == 1)
      #expect(run.errorOutput.contains("assertion failed: every message arrived"), "\(run.errorOutput)")
    }

    @Test func `a subject that no stream takes is noticed`() throws {
      let run = try run(
        replacing: "nats latency $subject --stream",
        with: "nats latency latency.nowhere --as $subject --wait 200ms --stream")
      #expect(run.status == 1)
      #expect(run.errorOutput.contains("assertion failed: every message arrived"), "\(run.errorOutput)")
    }

    @Test func `three copies that one server alone should hold are noticed`() throws {
      let run = try run(replacing: "assert one.copies.count == 1", with: "print \"one copy\"")
      #expect(run.status == 1)
      #expect(run.errorOutput.contains("assertion failed: R3 has three copies in c1"), "\(run.errorOutput)")
    }
  }
}
