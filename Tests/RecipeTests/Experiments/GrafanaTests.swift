import Foundation
import SandboxRuntime
import TestSupport
import Testing

extension Experiments {
  /// The figures on nbx's own page, which stands in for Grafana on the local target.
  @Suite struct Grafana {
    let sandbox: ExperimentSandbox

    init() throws { sandbox = try ExperimentSandbox.shared }

    @Test func `the page has every server with the figures that its monitoring gives`() throws {
      let run = try sandbox.run("grafana", try freePort())
      #expect(run.status == 0, "\(run.errorOutput)")
      #expect(run.output.contains("108 of 108 gateways; streams: 1; every figure is right"), "\(run.output)")
      for cluster in ["c1", "c2", "c3", "xr-js"] {
        #expect(run.output.split(separator: "\n").contains { $0.contains(" \(cluster) ") && $0.contains(" 288 ") })
      }
    }

    @Test func `a server that is missing on the page is noticed`() throws {
      let run = try sandbox.runBroken(
        "grafana", try freePort(), replacing: "answering - servers.map(s => s.name) ==",
        with: "answering - servers.drop(1).map(s => s.name) ==")
      #expect(run.status == 1)
      #expect(run.errorOutput.contains("every server that answers is on the page"), "\(run.errorOutput)")
    }

    @Test func `a figure that is wrong is noticed`() throws {
      let run = try sandbox.runBroken(
        "grafana", try freePort(), replacing: "routes: found.routes, connections", with: "routes: 7, connections")
      #expect(run.status == 1)
      #expect(run.errorOutput.contains("the page's figures are those of the servers' monitoring"), "\(run.errorOutput)")
    }

    private func freePort() throws -> [String] { try withFreePorts(1) { ["port=\($0[0])"] } }
  }
}

/// On Kubernetes, played by the stand-ins; the figures are those of real servers.
@Suite(.mayWait) struct GrafanaOnKubernetesTests {
  private struct Made: Sendable {
    let world: StandIns
    let servers: NbxProgram
    /// Takes the servers away when the tests are over.
    let guardian: SandboxGuard
    let environment: [String: String]
    /// Where the servers' monitoring is, by their names.
    let monitors: [String: String]
  }

  /// Two clusters whose Prometheus knows sixteen real servers, once for all tests.
  private static let made = Result {
    let local = try NbxProgram()
    let guardian = try SandboxGuard(local, regions: ["c1", "c2"])
    let install = try local.run(["run", "recipes/install.nbx", "c1", "c2", "replicas=2"])
    try #require(install.status == 0, "\(install.errorOutput)")
    let servers = try local.status().servers
    let ports = try ["c1", "c2"].map { cluster -> String in
      let url = try #require(servers.first { $0.name == "\(cluster)-nats-0" }).url
      return "\"\(cluster)\": \(try #require(url.split(separator: ":").last))"
    }
    let world = StageWorlds.kept(try StandIns())
    let installed = try world.nbx(["run", "recipes/install.nbx", "c1", "c2", "replicas=2", "verify=false"], [:])
    try #require(installed.status == 0, "\(installed.ended.errorOutput)")
    return Made(
      world: world, servers: local, guardian: guardian,
      environment: ["NBX_STANDIN_PORTS": "{\(ports.joined(separator: ", "))}"],
      monitors: Dictionary(uniqueKeysWithValues: servers.map { ($0.name, $0.monitorURL) }))
  }

  /// Runs the recipe, or a copy of it in which one text has taken another's place.
  private func run(
    replacing text: String = "", with replacement: String = "", without missing: String = "none",
    in world: StandIns? = nil
  ) throws -> (status: Int32, output: String, errorOutput: String) {
    let made = try Self.made.get()
    let known = ["c1", "c2"].map { cluster -> String in
      let own = made.monitors.filter { $0.key.hasPrefix(cluster + "-") && $0.key != missing }.values
      return "\"\(cluster)\": [\(own.map { "\"\($0)\"" }.joined(separator: ", "))]"
    }
    var recipe = NbxProgram.repository + "/recipes/experiments/grafana.nbx"
    if !text.isEmpty {
      let original = try String(contentsOfFile: recipe, encoding: .utf8)
      try #require(original.contains(text))
      let files = FileManager.default
      let folder = made.servers.folder + "/broken-\(UUID().uuidString.prefix(8))"
      try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
      try files.copyItem(atPath: NbxProgram.repository + "/recipes/experiments/grafana", toPath: folder + "/grafana")
      recipe = folder + "/grafana.nbx"
      try original.replacingOccurrences(of: text, with: replacement).write(
        toFile: recipe, atomically: true, encoding: .utf8)
    }
    let environment = made.environment.merging(["NBX_STANDIN_SERVERS": "{\(known.joined(separator: ", "))}"]) { $1 }
    let patience = text.isEmpty && missing == "none" ? "120s" : "20s"
    // A world of its own: in another one somebody else may have loaded the dashboard.
    let run = try (world ?? made.world.copy()).nbx(["run", recipe, "c1", "c2", "patience=\(patience)"], environment)
    return (run.status, run.ended.output, run.ended.errorOutput)
  }

  @Test func `Grafana has the dashboard and every server's figures, and people learn the way to it`() throws {
    let world = try Self.made.get().world.copy()
    let run = try run(in: world)
    #expect(run.status == 0, "\(run.errorOutput)")
    for cluster in ["c1", "c2"] {
      #expect(run.output.contains("http://grafana.\(cluster).local/d/nbx-nats"), "\(run.output)")
      #expect(run.output.contains("172.18.0.3 grafana.\(cluster).local"))
      let maps = try world.state().objects("configmaps", "prometheus", in: cluster)
      #expect(maps["nats-dashboard", "metadata", "labels", "grafana_dashboard"] == "1")
    }
    #expect(run.output.contains("secret prometheus-grafana"))
    #expect(!(run.output + run.errorOutput).contains("prom-operator"), "the password is shown")
  }

  @Test func `a dashboard that Grafana does not take is noticed`() throws {
    let run = try run(replacing: "grafana_dashboard: ", with: "some_other_label: ")
    #expect(run.status == 1 && run.errorOutput.contains("the dashboard is loaded"), "\(run.errorOutput)")
  }

  @Test func `a data source that does not answer is noticed`() throws {
    let run = try run(replacing: "proxy/uid/prometheus/", with: "proxy/uid/missing/")
    #expect(run.status == 1 && run.errorOutput.contains("Grafana's data source answers"), "\(run.errorOutput)")
  }

  @Test func `a server that is not among the figures is noticed`() throws {
    let run = try run(without: "c2-gw-nats-0")
    #expect(run.status == 1, "\(run.output)")
    #expect(run.errorOutput.contains("every server of c2 is among Grafana's figures"), "\(run.errorOutput)")
  }

  @Test func `nbx status has its picture over the system account there, and it is that of the servers' own ports`()
    throws
  {
    let made = try Self.made.get()
    var local = JSONTree.null
    var there = JSONTree.null
    // On a busy machine JetStream may lose its leader for a moment.
    for _ in 0..<60 where there["problems"] != [] {
      if there != .null { Thread.sleep(forTimeInterval: 1) }
      local = try JSONTree(made.servers.run(["status", "--json"]).output)
      there = try JSONTree(made.world.nbx(["status", "--json"], made.environment).ended.output)
    }
    func names(_ picture: JSONTree) -> [String] { picture["servers"].elements.compactMap { $0["name"].text }.sorted() }
    #expect(names(local).count == 16)
    #expect(names(there) == names(local))
    for what in ["gateways", "routes"] {
      func links(_ picture: JSONTree) -> [[JSONTree]] {
        picture[what].elements.map { [$0["from"], $0["to"], $0["found"], $0["expected"]] }
      }
      #expect(links(there) == links(local), "\(what)")
    }
    #expect(there["problems"] == [], "\(there["problems"])")
  }
}
