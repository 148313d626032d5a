import TestSupport
import Testing

extension Experiments {
  /// It takes the time that a region takes to go and to come back: more than every run has.
  @Suite(.enabled(if: Campaign.isWhole)) struct SteadyLoad {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    /// A thousand a second for 20 s. What was due in the gap waited for its end; p99 leaves out the slowest 200 of 20,000,
    /// which are those that were due in the gap's first 200 ms.
    @Test func `a region is killed under a steady load, and every message is told of`() throws {
      let run = try sandbox.run(
        recipe: sandbox.nbx.write(
          """
          clusters c1 c2 c3
          use "\(NbxProgram.repository)/recipes/lib/experiments.nbx"
          use "\(NbxProgram.repository)/recipes/lib/names.nbx"
          let before = connections_at_rest()
          remove_streams(["LOAD"])
          defer { remove_streams(["LOAD"]) }
          defer { bring_back(before) }
          let _made = nats stream add LOAD --subjects "load.*" --replicas 3 --cluster xr-js
          let lost = region_of((nats stream info LOAD).cluster.leader)
          let safe = (clusters - lost).first
          during load = nats bench js pub async load.a --stream LOAD --dedup --clients 4
            --rate 1000/s --duration 20s --wait 30s on safe {
            wait-for (nats stream info LOAD on safe).state.messages > 9000 within 30s
            region stop $lost --now
            sleep 20s
          }
          let whole = bring_back(before)
          print load.sent, load.late, load.refused, load.gap.length, load.latency.p99
          assert load.intended == 20000 and load.sent + load.late + load.refused == load.intended
          assert load.series.map(s => s.intended).sum == 20000
          assert load.refused == 0 and load.late == 0, "each is acknowledged in the end"
          assert load.gap.length > 100ms, "nobody leads for a while"
          assert load.latency.p99 >= (load.gap.length - 200ms) * 0.99, "what was due in the gap waited for its end"
          assert (nats stream info LOAD on safe).state.messages == 20000, "each is there, and once"
          """, to: "load.nbx"))
      #expect(run.status == 0, "\(run.output)\n\(run.errorOutput)")
    }
  }
}
