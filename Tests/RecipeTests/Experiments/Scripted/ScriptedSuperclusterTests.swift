import TestSupport
import Testing

/// The scripted supercluster is held against what real servers do in the same topology.
@Suite(.mayWait) struct ScriptedSuperclusterTests {
  private func holds(_ recipe: String, sourceLocation place: SourceLocation = #_sourceLocation) throws {
    let run = try ScriptedSupercluster().run(text: recipe)
    #expect(run.status == 0, "\(run.errorOutput)", sourceLocation: place)
  }

  @Test func `36 servers are one mesh, and half of them are one JetStream`() throws {
    try holds(
      """
      let servers = nats server list
      assert servers.count == 36 and servers.filter(s => s.jetstream).count == 18
      assert servers.all(s => s.statsz.routes.count == 32 and s.statsz.gateways.count == 3)
      assert (nats server check meta).replicas.count == 17
      """)
  }

  @Test func `a region that goes is missed by the others, and JetStream goes on`() throws {
    try holds(
      """
      region stop c3
      let servers = nats server list
      assert servers.count == 24
      assert servers.filter(s => s.cluster == "xr-js").all(s => s.statsz.routes.count == 20)
      assert servers.all(s => s.statsz.gateways.count == 2)
      let meta = try nats server check meta
      assert not meta and meta.error.contains("6 of 18 JetStream servers are not current")
      assert [r.state for r in (region list)] == ["running", "running", "stopped"]
      let client = try nats stream ls --names on "c3"
      assert client.error.contains("no server of c3 can be reached")
      """)
  }

  @Test func `what is frozen keeps its connections and does not answer`() throws {
    try holds(
      """
      region stop c1 --now
      region pause c2
      let servers = nats server list on "c3"
      assert servers.count == 12 and servers.filter(s => s.cluster == "xr-js").all(s => s.statsz.routes.count == 20)
      # Six of eighteen are no quorum.
      assert (try nats server check meta on "c3").error.contains("no leader")
      assert (try nats stream ls --names on "c3" within 50ms).error.contains("took too long")
      assert (try nats server list on "c2" within 50ms).error.contains("took too long")
      region resume c2
      region start c1
      assert (nats server check meta).replicas.count == 17
      """)
  }

  @Test func `copies lie in different regions, or in the one that a tag names`() throws {
    try holds(
      """
      let stretched = nats stream add XR --subjects "xr.*" --replicas 3 --cluster xr-js
      let homes = ([stretched.cluster.leader] + [r.name for r in stretched.cluster.replicas]).map(n => n.split("-").first)
      assert homes.unique.count == 3
      assert (try nats stream add FIVE --subjects five --replicas 5 --cluster xr-js).error.contains("10005")
      # Whoever asks for three without a tag asks for three regions, and a region's cluster has one.
      assert (try nats stream add ALONE --subjects alone --replicas 3 --cluster c1).error.contains("10005")
      let regional = nats stream add HOME --subjects home --replicas 3 --cluster c1 --tag az:c1
      assert ([regional.cluster.leader] + [r.name for r in regional.cluster.replicas]).all(n => n.starts_with("c1-js-"))
      region stop c2
      assert (try nats stream add TWO --subjects two --replicas 3 --cluster xr-js).error.contains("10005")
      """)
  }

  @Test func `a leader that is asked to end hands over, one that is killed is missed for a while`() throws {
    try holds(
      """
      let made = nats stream add KEPT --subjects "kept.*" --replicas 3 --cluster xr-js
      task home() { return (nats stream info KEPT).cluster.leader.split("-").first }

      let first = home()
      let other = clusters.filter(c => c.name != first).first
      region stop $first
      let _passing = nats pub kept.interrupt "a" on other
      assert (nats stream info KEPT on other).state.messages == 1, "no gap"
      region start $first

      let second = (nats stream info KEPT on other).cluster.leader.split("-").first
      let left = clusters.filter(c => c.name != second).first
      region stop $second --now
      let _lost = nats pub kept.killed "b" on left
      let _kept = nats pub kept.waits "c" --jetstream on left
      assert (nats stream info KEPT on left).state.messages == 2, "what nobody waited for is lost"
      assert (nats stream get KEPT --last-for kept.waits on left).data == "c"
      assert (try nats stream get KEPT --last-for kept.killed on left).error.contains("no message found")

      # One of three copies takes nothing, and what was acknowledged is there when the others are back.
      region pause ${left.name}
      let alone = clusters.filter(c => c.name != second and c != left).first
      assert (try nats pub kept.alone "d" --jetstream on alone within 50ms).error.contains("took too long")
      region resume ${left.name}
      region start $second
      wait-for (nats stream info KEPT).state.messages == 2
      """)
  }

  @Test func `what a region collects from others comes once they are back`() throws {
    try holds(
      """
      foreach c in clusters {
        let _made = nats stream add FROM_$c --subjects from.$c --replicas 3 --cluster $c --tag az:$c
      }
      let _copy = nats stream add COPY --source FROM_c1,FROM_c2 --source FROM_c3 --replicas 3 --cluster c3 --tag az:c3
      foreach c in clusters { let _sent = nats pub from.$c "$c" --jetstream }
      region stop c1 --now
      let _more = nats pub from.c3 "alone" --jetstream on "c3"
      let _reader = nats consumer add COPY READER --ack none --memory on "c3"
      let found = nats consumer next COPY READER --count 3 --no-ack --raw on "c3"
      assert "alone" in found and "c3" in found and not ("c1" in found)
      assert (try nats pub from.c1 "nobody" --jetstream on "c3" within 50ms).error.contains("took too long")
      region start c1
      wait-for (nats stream get COPY --last-for from.c1).data == "c1"
      let rest = nats consumer next COPY READER --count 1 --no-ack --raw
      assert rest == ["c1"]
      """)
  }

  @Test func `a bucket refuses an old revision, and without its quorum only a copy answers`() throws {
    try holds(
      """
      let _made = nats kv add b --replicas 3 --history 2 --cluster c1 --tag az:c1
      let first = nats kv put b key one
      let second = nats kv update b key two ${first.revision}
      let conflict = try nats kv update b key three ${first.revision}
      assert not conflict and conflict.error.contains("(10071)")
      assert (try nats kv create b key three).error.contains("exists already, at revision ${second.revision}")
      let _third = nats kv put b key three
      assert [e.value for e in (nats kv history b key)] == ["two", "three"], "it keeps two"

      kubectl scale statefulset c1-js-nats --replicas=1 --namespace nats on "c1"
      assert (try nats kv put b key four within 50ms).error.contains("took too long")
      assert (try nats kv get b key --raw within 50ms).error.contains("took too long")
      assert (nats kv get b key --raw --direct on "c2") == "three"
      assert ((nats kv status b).cluster.leader ?? "nobody") == "nobody"
      kubectl scale statefulset c1-js-nats --replicas=3 --namespace nats on "c1"
      wait-for (nats kv get b key --raw) == "three"
      """)
  }

  @Test func `what it was not taught it refuses`() throws {
    for (call, refusal) in [
      ("nats stream add S --subjects s --max-msgs 3", "knows no `stream add --max-msgs`"),
      ("nats latency s", "knows no `nats latency s`"), ("kubectl get pods", "knows no `kubectl get pods`"),
      ("helm list", "knows no `helm list`"),
    ] {
      let run = try ScriptedSupercluster().run(text: call)
      #expect(run.status == 1 && run.errorOutput.contains(refusal), "\(run.errorOutput)")
    }
    #expect(throws: (any Error).self) { try ScriptedSupercluster().run(text: "nats stream add S --subjetcs s") }
  }

  @Test func `what an experiment leaves is told`() throws {
    let supercluster = ScriptedSupercluster()
    let run = try supercluster.run(
      text: """
        let made = nats stream add LEFT --subjects left --replicas 3 --cluster xr-js
        region stop c2
        """)
    #expect(run.status == 0, "\(run.errorOutput)")
    #expect(supercluster.leftovers.contains("stream LEFT"))
    #expect(supercluster.leftovers.contains("server c2-nats-0 stopped"))
    #expect(supercluster.leftovers.count == 13)
  }
}
