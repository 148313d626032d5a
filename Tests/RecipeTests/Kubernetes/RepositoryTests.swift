import TestSupport
import Testing

/// helm's repositories: of mirrors, and what is the user's own.
@Suite(.mayWait) struct RepositoryTests {
  private static let mirror = "https://mirror.test/nats"

  private func repositories(_ world: StandIns) throws -> JSONTree { try world.state().tree()["host", "repositories"] }

  @Test func `charts come from where they are said to be`() throws {
    let world = try StandIns()
    let urls = #"chart_urls={ nats: "\#(Self.mirror)", jetstack: "https://mirror.test/jetstack" }"#
    let run = try world.nbx(["run", "recipes/install.nbx", "c1", "replicas=2", "verify=false", urls])
    #expect(run.status == 0, "\(run.ended.errorOutput)")
    let known = try repositories(world)
    #expect(known["nats"] == .text(Self.mirror) && known["jetstack"] == "https://mirror.test/jetstack")
    #expect(known["linkerd-edge"] == "https://helm.linkerd.io/edge")
    #expect(known.keys.count == 6)
  }

  @Test func `a name that helm knows is taken as it is, unless asked otherwise`() throws {
    let world = try StageWorlds.before(Stage.named("repos"))
    #expect(try world.run("helm repo add nats \(Self.mirror)").status == 0)
    let run = try world.run(Stage.named("repos"), on: ["c1"])
    #expect(run.status == 0, "\(run.ended.errorOutput)")
    #expect(run.said.contains("helm knows the repository nats at another address: it is taken as it is"))
    #expect(try repositories(world)["nats"] == .text(Self.mirror))
    #expect(try repositories(world).keys.count == 6)
    // What it knows is fetched again, and nothing is added.
    let again = try world.run(Stage.named("repos"), on: ["c1"])
    let changes = again.ownCalls.map(\.line).filter { $0.hasPrefix("helm repo") && !$0.hasPrefix("helm repo list") }
    #expect(changes.count == 1 && changes[0].hasPrefix("helm repo update "), "\(changes)")
    let replaced = try world.nbx(["run", "recipes/repos.nbx", "replace=true"])
    #expect(replaced.status == 0, "\(replaced.ended.errorOutput)")
    #expect(try repositories(world)["nats"] == "https://nats-io.github.io/k8s/helm/charts/")
  }

  /// A slash at its end makes no other address, and a name that is none of ours no repository.
  @Test func `only what differs is spoken of`() throws {
    let world = try StandIns()
    #expect(try world.run("helm repo add nats https://nats-io.github.io/k8s/helm/charts").status == 0)
    let run = try world.nbx(["run", "recipes/repos.nbx", "--target", "k3d"])
    #expect(run.status == 0 && !run.said.contains("at another address"), "\(run.said)")
    let strange = try world.nbx(["run", "recipes/repos.nbx", #"chart_urls={ natss: "https://mirror.test/nats" }"#])
    #expect(strange.status == 1)
    #expect(strange.ended.errorOutput.contains("chart_urls names natss, and the repositories are jetstack, "))
  }
}
