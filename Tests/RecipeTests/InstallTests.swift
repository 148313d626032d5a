import Foundation
import TestSupport
import Testing

extension Experiments {
  /// The main job: the sandbox that all experiments run on. Its end is looked at when the suite takes it away.
  @Suite struct Installation {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    @Test func `three regions are one supercluster of 36 servers, checked by the recipe that built it`() throws {
      let nbx = sandbox.nbx
      #expect(sandbox.installation.output.contains("36 servers in 3 regions are one supercluster."))
      let status = try nbx.status()
      #expect(status.target == "local")
      #expect(status.clusters.map(\.name) == ["c1", "c2", "c3"])
      #expect(status.clusters.allSatisfy { $0.state == "running" })
      #expect(status.servers.count == 36)
      #expect(Set(status.servers.map(\.url)).count == 36)
      #expect(status.servers.allSatisfy { $0.state == "running" && $0.version == "2.11.4" })
      let contexts = try FileManager.default.contentsOfDirectory(atPath: nbx.folder + "/config/nats/context").sorted()
      #expect(contexts == ["c1-js.json", "c1.json", "c2-js.json", "c2.json", "c3-js.json", "c3.json"])
    }

    @Test func `servers outlive nbx, and a second install leaves them as they are`() throws {
      let before = try sandbox.nbx.status().servers.map(\.pid)
      let again = try sandbox.installAgain()
      try #require(again.status == 0, "\(again.errorOutput)")
      #expect(try sandbox.nbx.status().servers.map(\.pid) == before)
    }

    @Test func `the README's own examples hold on it`() throws {
      for example in try MarkdownExample.all() where example.page == "README.md" {
        let run = try sandbox.nbx.run(["run", "<readme-\(example.line)>"], recipe: example.text)
        #expect(run.status == 0, "\(example): \(run.errorOutput)")
      }
      #expect(try SandboxState(sandbox.nbx) == sandbox.installed)
    }
  }
}

extension SmallSandbox {
  @Suite struct Installation {
    let sandbox: ExperimentSandbox
    let nbx: NbxProgram

    init() throws {
      sandbox = try ExperimentSandbox.shared
      nbx = sandbox.nbx
    }

    @Test func `one server of each release is enough where that is asked for`() throws {
      #expect(sandbox.installation.output.contains("4 servers in 1 region are one supercluster."))
      #expect(
        try nbx.status().servers.map(\.name).sorted() == [
          "c1-gw-nats-0", "c1-js-nats-0", "c1-nats-0", "c1-xr-js-nats-0",
        ])
    }

    @Test func `what crashed is shown as crashed and started again`() throws {
      let before = try nbx.status()
      let victim = try #require(before.servers.first { $0.name == "c1-js-nats-0" })
      kill(try #require(victim.pid), SIGKILL)
      try waitUntil { try nbx.status().servers.first { $0.name == victim.name }?.state == "crashed" }

      let start = try nbx.run(["run", "recipes/start.nbx", "c1"])
      try #require(start.status == 0, "\(start.errorOutput)")
      let after = try nbx.status()
      #expect(after.servers.allSatisfy { $0.state == "running" })
      #expect(after.servers.first { $0.name == victim.name }?.pid != victim.pid)
      // The others were left alone.
      let others = { (status: NbxProgram.Status) in status.servers.filter { $0.name != victim.name }.map(\.pid) }
      #expect(others(after) == others(before))
    }

    @Test func `stop and start keep what streams hold`() throws {
      let fill = """
        nats stream add KEPT --subjects kept --replicas 1 --cluster c1
        nats pub kept "still here" --jetstream
        """
      let filled = try nbx.run(["run", "<fill>", "c1"], recipe: fill)
      try #require(filled.status == 0, "\(filled.errorOutput)")
      try #require(try nbx.run(["run", "recipes/stop.nbx", "c1"]).status == 0)
      #expect(try nbx.status().servers.allSatisfy { $0.state == "stopped" && $0.pid == nil })
      try #require(try nbx.run(["run", "recipes/start.nbx", "c1"]).status == 0)
      let read = """
        wait-for (nats stream get KEPT --last-for kept).data == "still here" within 1m
        print (nats stream get KEPT --last-for kept).data
        nats stream rm KEPT --force
        """
      let found = try nbx.run(["run", "<read>", "c1"], recipe: read)
      try #require(found.status == 0, "\(found.errorOutput)")
      #expect(found.output.hasPrefix("still here\n"))
    }
  }
}

/// Looks again and again, for up to a minute.
private func waitUntil(_ condition: () throws -> Bool) throws {
  for _ in 0..<600 {
    if try condition() { return }
    usleep(100_000)
  }
  Issue.record("it did not come true")
}
