import Foundation
import TestSupport
import Testing

/// The experiment `grafana` on Kubernetes, played by the stand-ins; the figures are those of real servers.
@Suite(.mayWait) struct GrafanaOnKubernetesTests {
  /// Two clusters with all that `install.nbx` makes, once for all tests.
  private static let installed = Result {
    let world = StageWorlds.kept(try StandIns())
    let run = try world.nbx(["run", "recipes/install.nbx", "c1", "c2", "replicas=2", "verify=false"])
    try #require(run.status == 0, "\(run.ended.errorOutput)")
    return world
  }

  /// Runs the recipe, or a copy of it in which one text has taken another's place.
  private func run(
    replacing text: String = "", with replacement: String = "", without missing: String = "none",
    in world: StandIns? = nil
  ) throws -> (status: Int32, output: String, errorOutput: String) {
    let servers = try RealServers.shared.get()
    let known = ["c1", "c2"].map { cluster -> String in
      let own = servers.monitors.filter { $0.key.hasPrefix(cluster + "-") && $0.key != missing }.values
      return "\"\(cluster)\": [\(own.map { "\"\($0)\"" }.joined(separator: ", "))]"
    }
    var recipe = NbxProgram.repository + "/recipes/experiments/grafana.nbx"
    if !text.isEmpty {
      let original = try String(contentsOfFile: recipe, encoding: .utf8)
      try #require(original.contains(text))
      let files = FileManager.default
      let folder = servers.program.folder + "/broken-\(UUID().uuidString.prefix(8))"
      try files.copyItem(atPath: NbxProgram.repository + "/recipes", toPath: folder)
      recipe = folder + "/experiments/grafana.nbx"
      try original.replacingOccurrences(of: text, with: replacement).write(
        toFile: recipe, atomically: true, encoding: .utf8)
    }
    let environment = servers.lead.merging(["NBX_STANDIN_SERVERS": "{\(known.joined(separator: ", "))}"]) { $1 }
    let patience = text.isEmpty && missing == "none" ? "120s" : "10s"
    // A world of its own: in another one somebody else may have loaded the dashboard.
    let run = try (world ?? Self.installed.get().copy()).nbx(
      ["run", recipe, "c1", "c2", "patience=\(patience)"], environment)
    return (run.status, run.ended.output, run.ended.errorOutput)
  }

  @Test func `Grafana has the dashboard and every server's figures, and people learn the way to it`() throws {
    let world = try Self.installed.get().copy()
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
    let (servers, world) = (try RealServers.shared.get(), try Self.installed.get())
    var local = JSONTree.null
    var there = JSONTree.null
    // On a busy machine JetStream may lose its leader for a moment.
    for _ in 0..<60 where there["problems"] != [] {
      if there != .null { Thread.sleep(forTimeInterval: 1) }
      local = try JSONTree(servers.program.run(["status", "--json"]).output)
      there = try JSONTree(world.nbx(["status", "--json"], servers.lead).ended.output)
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
