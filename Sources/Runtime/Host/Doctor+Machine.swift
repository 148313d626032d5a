import Interpreter

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Room: processors, memory, ports.
extension Doctor {
  /// What the sandbox of three clusters takes while nothing happens in it.
  private enum Need {
    static let clusterCPUs: Int64 = 4
    static let clusterMemory: Int64 = 12 << 30
    /// 36 servers as plain processes.
    static let serverCPUs: Int64 = 2
    static let serverMemory: Int64 = 2 << 30
    static let streamRoom: UInt64 = 1 << 30
  }

  // MARK: k3d

  /// The engine, what it has to give, and the ports that clients use.
  var docker: [Finding] {
    let engine = DockerEngine(environment: environment, patience: patience)
    let state = engine.state()
    if state == .notInstalled { return [] }
    guard case .running(let version) = state else {
      let problem = state.problem
      return [Finding("engine", .broken, problem?.what ?? "", advice: problem?.advice ?? [])]
    }
    var findings = [Finding("engine", .good, "Docker \(version) answers")]
    if let resources = engine.resources() {
      findings.append(
        cpus(resources.cpus, least: Need.clusterCPUs, "three clusters", advice: Doctor.dockerRoom))
      findings.append(
        memory(resources.memory, least: Need.clusterMemory, "three clusters", advice: Doctor.dockerRoom))
    }
    return findings + [ports(engine), links(engine)]
  }

  /// What `link` needs is fetched by Docker when it is first asked for.
  private func links(_ engine: DockerEngine) -> Finding {
    let place = engine.hasImage(K3dLinks.image) ? "which is here" : "which the first `link` fetches"
    return Finding(
      "links", .good, "by tc and nft of \(K3dLinks.image), \(place); they need the kernel's sch_netem and nf_tables")
  }

  private static let dockerRoom = [
    "macOS: Docker Desktop, Settings, Resources", "or take fewer clusters: nbx run recipes/install.nbx c1",
  ]

  private func ports(_ engine: DockerEngine) -> Finding {
    let ours = engine.publishedPorts()
    let taken = clientPorts.filter { ours[$0] == nil && !PortAllocator.isFree($0) }
    guard taken.isEmpty else {
      return Finding(
        "ports", .warning, "taken by other programs: \(taken.map(String.init).joined(separator: ", "))",
        advice: ["end what listens there, or choose others: nbx run recipes/host-access.nbx port=14222"])
    }
    let states = clientPorts.map { port in "\(port) is \(ours[port].map { $0 + "'s" } ?? "free")" }
    return Finding("ports", .good, states.joined(separator: ", "))
  }

  // MARK: Local

  var ownMachine: [Finding] {
    let process = ProcessInfo.processInfo
    let advice = ["fewer servers: nbx run recipes/install.nbx c1 c2 c3 replicas=1"]
    return [
      cpus(Int64(process.activeProcessorCount), least: Need.serverCPUs, "36 servers", advice: advice),
      memory(Int64(process.physicalMemory), least: Need.serverMemory, "36 servers", advice: advice),
    ]
  }

  /// Looks only: the folder itself is made when a region is.
  var streams: Finding {
    guard let folder = LocalPlatform.memoryFolder else { return Finding("streams", .good, "on disk, below nbx's home") }
    guard LocalPlatform.isInMemory(folder) else {
      return Finding("streams", .good, "on disk, below nbx's home: \(folder) is not in memory here")
    }
    let room = StoreLocation.freeBytes(in: folder)
    guard room >= Need.streamRoom else {
      return Finding(
        "streams", .warning,
        "\(folder) has \(Doctor.gibibytes(Int64(room))) free: streams lie on disk, which is slower",
        advice: ["make room in \(folder)"])
    }
    return Finding("streams", .good, "in memory, below \(folder): \(Doctor.gibibytes(Int64(room))) free")
  }

  // MARK: Both

  private func cpus(_ count: Int64, least: Int64, _ what: String, advice: [String]) -> Finding {
    count >= least
      ? Finding("processors", .good, "\(count)")
      : Finding("processors", .warning, "\(count); \(what) take about \(least), idle", advice: advice)
  }

  /// A machine of 12 GiB tells of a little less.
  private func memory(_ bytes: Int64, least: Int64, _ what: String, advice: [String]) -> Finding {
    bytes >= least / 16 * 15
      ? Finding("memory", .good, Doctor.gibibytes(bytes))
      : Finding(
        "memory", .warning, "\(Doctor.gibibytes(bytes)); \(what) take about \(Doctor.gibibytes(least)), idle",
        advice: advice)
  }

  private static func gibibytes(_ bytes: Int64) -> String {
    let tenths = (bytes * 10 + 1 << 29) >> 30
    return tenths % 10 == 0 ? "\(tenths / 10) GiB" : "\(tenths / 10).\(tenths % 10) GiB"
  }
}
