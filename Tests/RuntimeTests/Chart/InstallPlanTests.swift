import Interpreter
import TestSupport
import Testing

@testable import SandboxLocal
@testable import SandboxRuntime
@testable import SandboxSystem

/// What `recipes/install.nbx` would start, for other numbers of regions and servers than those that are really started:
/// its plan's releases, rendered. No process runs.
@Suite(.mayWait) struct InstallPlanTests {
  struct Size: Sendable, CustomTestStringConvertible {
    let regions: [String]
    let replicas: Int
    var servers: Int { 4 * replicas * regions.count }
    var testDescription: String { "\(regions.joined(separator: " ")) replicas=\(replicas)" }
  }

  static let sizes = [
    Size(regions: ["c1", "c2", "c3"], replicas: 3), Size(regions: ["eu1", "eu2"], replicas: 3),
    Size(regions: ["eu1"], replicas: 3), Size(regions: ["c1", "c2"], replicas: 1), Size(regions: ["c1"], replicas: 1),
    Size(regions: ["a", "b", "c", "d"], replicas: 2),
    // The chart has its name in its servers' names but once.
    Size(regions: ["nats", "eu", "nats-eu", "nats-1"], replicas: 2),
  ]

  @Test(arguments: sizes) func `every server is one of a mesh in which all find each other`(size: Size) throws {
    let releases = try releases(of: size)
    let pods = releases.flatMap(\.pods)
    #expect(pods.count == size.servers)
    #expect(Set(pods.map(\.serverName)).count == size.servers)
    let kinds = size.regions.flatMap { region in
      let suffix = region.hasPrefix("nats") ? "" : "-nats"
      return ["", "-js", "-gw"].map { "\(region)\($0)\(suffix)" } + ["\(region)-xr-js-nats"]
    }
    #expect(
      Set(pods.map(\.serverName)) == Set(kinds.flatMap { kind in (0..<size.replicas).map { "\(kind)-\($0)" } }))

    var listeners: Set<PodAddress> = []
    for release in releases {
      for pod in release.pods {
        for port in release.ports.keys { listeners.insert(release.key(of: pod).address(port)) }
      }
    }
    for release in releases {
      let isStretched = release.identity.name == "xr-js"
      var asked: Set<PodAddress> = []
      let texts = try LocalConfiguration.texts(
        of: release, clusters: size.regions, isRelayed: false,
        places: { .init(store: "/store/\($0.name)", folder: "/pods/\($0.name)") },
        port: { address throws(CommandFailure) in
          asked.insert(address)
          return try readablePort(address)
        })
      for (pod, text) in zip(release.pods, texts) {
        // It names nobody who is not there,
        #expect(asked.isSubset(of: listeners), "\(pod.serverName): \(asked.subtracting(listeners))")
        // it has a route to a server of every region of its NATS cluster, and a gateway to all the others,
        let routes = Set(asked.filter { $0.port == .cluster }.map(\.cluster))
        #expect(routes == (isStretched ? Set(size.regions) : [release.identity.cluster]), "\(pod.serverName)")
        let gateways = Set(asked.filter { $0.port == .gateway && $0.pod.contains("-gw-") }.map(\.cluster))
        #expect(gateways == Set(size.regions), "\(pod.serverName)")
        #expect(asked.contains { $0.port == .gateway && $0.pod.hasPrefix("xr-js") }, "\(pod.serverName)")
        // and it belongs to the NATS cluster that it should.
        #expect(text.contains("name: \"\(isStretched ? "xr-js" : release.identity.cluster)\""), "\(pod.serverName)")
      }
    }
  }

  @Test(arguments: [sizes[1], sizes[3]]) func `nats-server takes what is rendered`(size: Size) throws {
    for release in try releases(of: size) {
      let text = try release.localText(clusters: size.regions)
      #expect(try complaint(about: text) == nil, "\(release.identity)")
    }
  }

  /// The releases of the plan's upgrades, and what its check would look for.
  private func releases(of size: Size) throws -> [RenderedRelease] {
    let path = NbxProgram.repository + "/recipes/install.nbx"
    let host = SandboxHost(
      chooser: TargetChooser(
        wanted: "local", contexts: [:], clusters: size.regions, environment: [:], purpose: "a test",
        isOnlyLooking: true, announce: { _ in }), observer: { _ in })
    let program = try Program.load(path, vocabulary: Vocabulary(host: host)) { file in
      do { return .success(Array(try String(contentsOfFile: file, encoding: .utf8).utf8)) } catch {
        return .failure(FileProblem("\(error)"))
      }
    }
    let (plan, ending) = Run(
      program, host: host, clusters: size.regions, arguments: ["replicas": "\(size.replicas)"]
    ).plan()
    guard case .done = ending else { throw ChartTestFailure(description: "the plan fails: \(ending)") }
    return try plan.nodes.flatMap(upgrades).map { call, cluster in
      let words = call.words.map(\.string)
      try #require(words[2] == "--install" && words[4] == "nats/nats", "\(words)")
      return try NatsChart.render(
        ReleaseIdentity(cluster: cluster, namespace: "nats", name: words[3]), values: valueMap(call.document ?? [:]))
    }
  }

  private func upgrades(_ node: PlanNode) -> [(PlannedCommand, String)] {
    if case .command(let command, let cluster, _) = node.kind,
      command.words.prefix(2).map(\.string) == ["helm", "upgrade"]
    {
      return [(command, cluster?.name ?? "")]
    }
    return node.children.flatMap(upgrades)
  }
}
