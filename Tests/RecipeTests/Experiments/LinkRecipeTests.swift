import TestSupport
import Testing

extension Experiments {
  /// `recipes/links.nbx`, and what `link` does to real servers.
  @Suite struct Links {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    private func links(_ arguments: String...) throws -> NbxProgram.Ended {
      let ended = try sandbox.nbx.run(["run", "recipes/links.nbx"] + sandbox.regions + arguments)
      try #require(ended.status == 0, "\(ended.errorOutput)")
      return ended
    }

    private func run(_ recipe: String) throws {
      let ended = try sandbox.nbx.run(["run", "<links>"] + sandbox.regions, recipe: recipe)
      #expect(ended.status == 0, "\(ended.errorOutput)")
    }

    @Test func `regions are as far apart as a profile says, and near again once they are healed`() throws {
      defer { _ = try? links("heal=true") }
      let set = try links()
      #expect(set.output.contains("c1 ↔ c3") && set.output.contains("181ms"))
      // What is set twice is set.
      #expect(try links().output.contains("229ms"))
      try run(
        """
        let there = (link list).filter(l => l.from == "c1" and l.to == "c2")
        assert there.count == 2 and there.all(l => l.rtt == 91ms and l.delay == 45.5ms and l.open > 0 and l.bytes > 0B)
        foreach way in [["c1", "c2", 45ms], ["c2", "c3", 114ms], ["c3", "c1", 90ms]] {
          let found = nats latency links.far --to ${way[1]} --msgs 20 --rate 100 on way[0]
          assert found.received == 20 and found.latency.min >= way[2]
        }
        """)
      _ = try links("heal=true")
      try run(
        """
        assert (link list).all(l => l.rtt == 0s and l.cut == null and l.loss == 0 and l.rate == null)
        wait-for (nats latency links.near --to c2 --msgs 20 --rate 100 on "c1").latency.min < 45ms within 1m
        """)
    }

    @Test(arguments: ["", "--refuse"]) func `a region that is cut off is missed, and joined again is back`(
      flag: String
    ) throws {
      let count = sandbox.installed.serverCount
      let kind = flag.isEmpty ? "silent" : "refused"
      try run(
        """
        link set c1 c3 --rtt 20ms
        defer { link heal }
        step "cut" {
          link cut c3 \(flag)
          defer { link join c3 }
          let cut = (link list).filter(l => l.cut != null)
          assert cut.count == 8 and cut.all(l => "c3" in [l.from, l.to] and l.cut == "\(kind)")
          wait-for (nats server list).count == \(count * 2 / 3) within 2m "the others miss its servers"
          assert (nats server list on "c3").count <= \(count / 3), "and it misses theirs"
        }
        assert (link list).filter(l => l.from == "c1" and l.to == "c3").all(l => l.cut == null and l.rtt == 20ms)
        wait-for (nats server list).count == \(count) within 2m "all are back"
        wait-for (nats server check meta).replicas.count == \(count / 2 - 1) within 2m "and follow one leader"
        """)
    }
  }
}
