import Testing

/// What recipes that install say before anything is done, on a scripted supercluster of three regions.
@Suite(.mayWait) struct OrderCheckTests {
  private func run(_ recipe: String, using files: String...) throws -> ScriptedSupercluster.Ended {
    let uses = files.map { "use \"lib/\($0).nbx\"\n" }.joined()
    return try ScriptedSupercluster().run("verify.nbx", []) { file, text in
      file == "verify.nbx" ? "clusters c1 c2 c3\n" + uses + recipe : text
    }
  }

  @Test(arguments: [
    (1, "the stream A (all but c1-js-nats-0), the stream TWO (all but c1-js-nats-0)"),
    (2, "the consumer own of A (all of its copies)"),
  ]) func `who would be outvoted by servers that go is named before these go`(
    _ replicas: Int, _ named: String
  ) throws {
    let ended = try run(
      """
      foreach name, replicas in { A: 3, TWO: 2 } {
        nats stream add $name --subjects $name --replicas $replicas --cluster c1 --tag az:c1
      }
      nats consumer add A own --replicas 1
      keep_majorities(\(replicas))

      """, using: "jetstream")
    #expect(ended.status == 1)
    let said = "with replicas=\(replicas) most copies of these would go"
    #expect(ended.errorOutput.contains(said) && ended.errorOutput.contains(named), "\(ended.errorOutput)")
  }

  @Test func `majorities that stay keep nobody from it`() throws {
    let ended = try run(
      """
      nats stream add A --subjects A --replicas 3 --cluster c1 --tag az:c1
      nats stream add B --subjects B --replicas 3 --cluster xr-js
      nats consumer add B all
      keep_majorities(2)

      """, using: "jetstream")
    #expect(ended.status == 0, "\(ended.errorOutput)")
  }
}
