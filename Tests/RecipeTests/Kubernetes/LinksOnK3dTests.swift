import Foundation
import TestSupport
import Testing

/// `link` on k3d and on clusters that exist, with stand-ins that check each word that tc and nft are given.
@Suite(.mayWait) struct LinksOnK3dTests {
  let world: StandIns
  /// The recipes of all worlds lie in one folder.
  private let name: String

  init() throws {
    world = try StandIns()
    name = "<links-\(UUID().uuidString.lowercased())>"
    let made = try world.nbx(["run", "recipes/create.nbx", "c1", "c2", "c3"])
    try #require(made.status == 0, "\(made.said)")
  }

  private func run(_ recipe: String, _ clusters: [String] = ["c1", "c2", "c3"]) throws -> WorldRun {
    try world.nbx(["run", name] + clusters, recipe: recipe)
  }

  private func done(_ recipe: String) throws -> WorldRun {
    let run = try run(recipe)
    try #require(run.status == 0, "\(run.said)")
    return run
  }

  /// By node: what becomes of what goes to an address.
  private func links(of cluster: String) throws -> JSONTree {
    try world.state().tree()["host", "clusters", cluster, "links"]
  }

  /// The addresses of a cluster's nodes but for its load balancer.
  private func addresses(of cluster: String) throws -> Set<String> {
    let told = try world.run(
      words: ["docker", "network", "inspect", "--format", "{{json .Containers}}", "linkerd-idc"])
    let tree = try JSONTree(told.output)
    let nodes = tree.keys.map { tree[$0] }.filter { node in
      node["Name"].text.map { $0.hasPrefix("k3d-\(cluster)-") && !$0.hasSuffix("serverlb") } ?? false
    }
    return Set(nodes.compactMap { $0["IPv4Address"].text?.split(separator: "/").first.map(String.init) })
  }

  private static let nodes = ["server-0", "agent-0", "agent-1"]

  @Test func `a distance is half of it each way, on each node`() throws {
    _ = try done("link set c1 c2 --rtt 80ms --jitter 5ms --rate 10MB --loss 1%")
    for (from, to) in [("c1", "c2"), ("c2", "c1")] {
      let far = try addresses(of: to)
      #expect(far.count == 3)
      let links = try links(of: from)
      for node in Self.nodes {
        let ways = links["k3d-\(from)-\(node)", "ways"]
        #expect(ways.keys == far)
        for address in far {
          #expect(ways[address] == .text("delay 40000us 5000us loss 1% rate 10000000bps"))
        }
      }
    }
    #expect(try links(of: "c3") == .null)
    // Order is kept, with a rate that nothing reaches.
    _ = try done("link set c1 c2 --rate none")
    let first = try links(of: "c1")["k3d-c1-server-0", "ways"]
    for address in first.keys { #expect(first[address] == .text("delay 40000us 5000us loss 1% rate 100gbit")) }
  }

  @Test func `what is not named stays, and what is set is listed`() throws {
    _ = try done("link set c1 c2 --rtt 80ms\nlink set c1 c2 --loss 0.5% --one-way\nlink cut c3 --refuse")
    let listed = try done(
      """
      let links = link list
      link list
      assert links.count == 6
      let there = links.filter(l => l.from == "c1" and l.to == "c2").first
      assert there.rtt == 80ms and there.delay == 40ms and there.loss == 0.005 and there.cut == null
      assert links.filter(l => l.from == "c2" and l.to == "c1").first.loss == 0
      assert links.filter(l => l.cut == "refused").count == 4
      """)
    #expect(listed.ended.output.contains("c1 → c2"))
    #expect(listed.ended.output.contains("40ms, 0.5% lost"))
    let away = try links(of: "c3")["k3d-c3-agent-1", "refuses"].elements.compactMap(\.text)
    #expect(try Set(away) == addresses(of: "c1").union(addresses(of: "c2")))
  }

  @Test func `cuts end, and all of it is healed`() throws {
    _ = try done("link set c1 c2 --rtt 80ms\nlink cut c1 c2\nlink join c1 c2")
    let joined = try links(of: "c1")["k3d-c1-server-0"]
    #expect(joined["drops"].elements.isEmpty && joined["ways"].keys.count == 3)
    _ = try done("link cut c1 c3\nlink heal\nlink heal")
    for cluster in ["c1", "c2", "c3"] {
      for node in Self.nodes {
        let links = try links(of: cluster)["k3d-\(cluster)-\(node)"]
        #expect(links["drops"].elements.isEmpty && links["refuses"].elements.isEmpty && links["ways"].keys.isEmpty)
      }
    }
  }

  @Test func `a region that stops has no links, and no others to it`() throws {
    _ = try done("link set c1 c2 --rtt 80ms\nlink cut c2 c3")
    _ = try done("region stop c2\nlink heal c2\nregion start c2")
    _ = try done("assert (link list).all(l => l.rtt == 0s and l.cut == null)")
    #expect(try links(of: "c1")["k3d-c1-server-0", "ways"].keys.isEmpty)
    #expect(try links(of: "c3")["k3d-c3-server-0", "drops"].elements.isEmpty)
  }

  /// The usual one may be out of reach.
  @Test func `what links were set with heals them and forgets a region that stops`() throws {
    _ = try done("link set c1 c2 --rtt 80ms --image nicolaka/netshoot:v0.14\nlink cut c1 c3")
    let run = try done("link heal c3\nregion stop c2")
    let started = run.calls.filter { $0.line.contains("run --rm") && $0.line.contains("k3d-c1-") }
    #expect(started.count == 6 && started.allSatisfy { $0.line.contains(" nicolaka/netshoot:v0.14 ") })
  }

  @Test func `status tells what is set, and what is cut`() throws {
    #expect(try !world.nbx(["status"]).ended.output.contains("Regions"))
    _ = try done("link set c1 c2 --rtt 80ms\nlink cut c3")
    let status = try world.nbx(["status"])
    let rows = status.ended.output.split(separator: "\n").map { line in
      line.split(separator: "│").map { $0.trimmingCharacters(in: .whitespaces) }
    }
    #expect(rows.contains { $0.starts(with: ["c1 ↔ c2", "gateways and routes", "round trip 80ms"]) }, "\(status.said)")
    #expect(rows.contains { $0.starts(with: ["c2 ↔ c3", "gateways and routes", "cut"]) })
    let told = try JSONTree(world.nbx(["status", "--json"]).ended.output)
    #expect(told["links"].elements.count == 12)
    #expect(told["problems"].elements.contains { $0.text?.hasPrefix("c3 is cut from all other regions") == true })
    // One that is shown alone has no link.
    #expect(try !world.nbx(["status", "c1"]).ended.output.contains("Regions"))
    let silent = try world.nbx(["status"], ["NBX_STANDIN_FAIL_MATCH": "^docker exec k3d-c2"])
    #expect(silent.ended.output.contains("what is set between the clusters is not known: "), "\(silent.said)")
  }

  @Test func `the plan is what is done`() throws {
    let recipe = "link set c1 c2 --rtt 80ms --image nicolaka/netshoot:v0.14"
    let plan = try world.nbx(["plan", name, "c1", "c2", "c3", "--json"], recipe: recipe)
    let planned = try PlannedCommands(plan.ended.output).commands
    let run = try done(recipe)
    let given = run.ownCalls.filter { !$0.isLookOfNbx }
    #expect(planned.count == 8)
    #expect(given.count == planned.count)
    for (command, call) in zip(planned, given) { #expect(command.isRun(by: call), "\(call.line)") }
  }

  @Test(arguments: [
    ("link cut c1 c2 --over routes", "gateways and routes go over one network between clusters of k3d"),
    (
      #"link set with { "c1 c2": { rtt: 1ms, over: "routes" } }"#,
      "gateways and routes go over one network between clusters of k3d"
    ),
    ("link cut c1 c2 --image nobody/nothing", "pull access denied for nobody/nothing"),
    ("region stop c2\nlink cut c1 c2", "region c2 does not run"),
  ]) func `what cannot be had is refused`(recipe: String, said: String) throws {
    let run = try run(recipe)
    #expect(run.status == 1)
    #expect(run.ended.errorOutput.contains(said), "\(run.ended.errorOutput)")
  }

  @Test func `what is gone has nothing left to heal`() throws {
    let run = try run("link cut c1 c3\nregion delete c3\nlink heal c3")
    #expect(run.status == 0, "\(run.ended.errorOutput)")
  }

  @Test func `a container that fails is told of, and asking again mends it`() throws {
    let broken = try world.nbx(
      ["run", name, "c1", "c2"], recipe: "link set c1 c2 --rtt 80ms",
      ["NBX_STANDIN_FAIL_MATCH": "^docker run .*k3d-c2-agent-0"])
    #expect(broken.status == 1)
    #expect(broken.ended.errorOutput.contains("docker"))
    _ = try done("link set c1 c2 --rtt 80ms")
    #expect(try links(of: "c2")["k3d-c2-agent-1", "ways"].keys.count == 3)
  }

  @Test func `the recipe sets a profile and heals it`() throws {
    let set = try world.nbx(["run", "recipes/links.nbx", "c1", "c2", "c3"])
    #expect(set.status == 0, "\(set.said)")
    #expect(set.ended.output.contains("West Europe") && set.ended.output.contains("c1 ↔ c2"))
    let ways = try links(of: "c2")["k3d-c2-agent-0", "ways"]
    for address in try addresses(of: "c3") { #expect(ways[address] == .text("delay 114500us")) }
    let healed = try world.nbx(["run", "recipes/links.nbx", "c1", "c2", "c3", "heal=true"])
    #expect(healed.status == 0, "\(healed.said)")
    #expect(try links(of: "c2")["k3d-c2-agent-0", "ways"].keys.isEmpty)
    let seed = try world.nbx(["run", "recipes/links.nbx", "c1", "c2", "c3", "profile=seed"])
    #expect(seed.status == 0 && seed.said.contains("skipped: gateways and routes go over one network"), "\(seed.said)")
  }

  @Test func `foreign networks are left alone`() throws {
    let kube = ["--target", "kube", "--context", "c1=east", "--context", "c2=west"]
    let run = try world.nbx(["run", name, "c1", "c2"] + kube, recipe: "link cut c1 c2")
    #expect(run.status == 1)
    #expect(run.said.contains("leaves the networks of clusters as they are") && run.said.contains("Chaos Mesh"))
    #expect(run.calls.allSatisfy { !$0.line.hasPrefix("docker run") })
    #expect(try world.nbx(["plan", name, "c1", "c2"] + kube, recipe: "link cut c1 c2").status == 1)
    let recipe = try world.nbx(["run", "recipes/links.nbx", "c1", "c2"] + kube)
    #expect(recipe.status == 0 && recipe.said.contains("skipped: "), "\(recipe.said)")
  }
}
