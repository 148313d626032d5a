import TestSupport
import Testing

/// `recipes/lib/faults.nbx`, on the scripted supercluster.
@Suite(.mayWait) struct FaultScheduleTests {
  private func run(_ text: String) throws -> (ended: ScriptedSupercluster.Ended, left: [String]) {
    let path = "experiments/disk-full.nbx"
    let supercluster = ScriptedSupercluster()
    let head = "clusters c1 c2 c3\nuse \"../lib/faults.nbx\"\n"
    let ended = try supercluster.run(path, []) { place, original in place == path ? head + text : original }
    return (ended, supercluster.leftovers)
  }

  @Test func `a seed draws the same schedule again, and never more than is allowed`() throws {
    let (ended, _) = try run(
      """
      let kinds = ["kill", "freeze region", "cut"]
      let drawn = schedule(7, 200s, kinds, pace: 1s, at_once: 2)
      assert drawn == schedule(7, 200s, kinds, pace: 1s, at_once: 2)
      assert drawn != schedule(8, 200s, kinds, pace: 1s, at_once: 2)
      assert drawn.count == 400 and drawn.map(f => f.kind).unique.sort == kinds.sort
      foreach round in 0..<200 {
        let hits = drawn.filter(f => f.round == round)
        assert hits.map(f => f.region).unique.count == 2, "two different regions"
        assert hits.all(f => f.begins >= 1s * round and f.begins + f.lasts <= 1s * (round + 1)), "all within the round"
      }
      # Each region has its share.
      assert clusters.all(c => drawn.filter(f => f.region == c.name).count > 90)
      assert schedule(7, 5s, kinds, pace: 10s) == []
      assert (try schedule(1, 1s, ["melt"])).error.contains("there is no fault melt")
      assert (try schedule(1, 1s, kinds, at_once: 4)).error.contains("there are 3 regions")
      """)
    #expect(ended.status == 0, "\(ended.errorOutput)")
  }

  @Test func `each kind is healed, also when the schedule is cut short`() throws {
    let (ended, left) = try run(
      """
      foreach kind in known_faults() {
        let done = break_by(schedule(3, 30ms, [kind], pace: 30ms))
        assert done.count == 1 and done.first.healed > done.first.hit
        assert done.first.server.starts_with(done.first.region)
        assert (fault list) == [] and (region list).all(r => r.state == "running")
      }
      try { step "cut short" within 300ms { break_by(schedule(3, 10s, known_faults(), pace: 1s)) } } else err {
        print "cut: $err"
      }
      """)
    #expect(ended.status == 0, "\(ended.errorOutput)")
    #expect(left == [])
  }
}
