import SandboxSystem
import ValuesAndCommands

/// What `link` does on k3d, for one call.
///
/// Clusters of k3d talk over one Docker network. What leaves a node for another cluster's nodes is held up there by tc's
/// netem, and dropped or refused by nft: in the network of the node, by a container beside it. All of it goes when the
/// node stops, and so does the file in the node's memory that says what was set.
struct K3dLinks {
  let target: KubernetesTarget
  let call: Invocation
  /// As the call has it; nil for the one that a cluster's links were set with.
  var image: Text?

  /// Under which a cluster's image lies beside its links; no cluster is called so.
  private static let imageKey = "--image"

  private static let noAddress = "no-address"

  /// Both networks are one here.
  private static let network = LinkNetwork.gateways

  /// Both directions between all clusters that run.
  func states() throws(CommandFailure) -> [LinkState] { try states(of: running(), over: [Self.network]) }

  /// Both directions between clusters, for each of the networks, of which there is one in truth.
  func states(of clusters: [K3dCluster], over networks: [LinkNetwork]) throws(CommandFailure) -> [LinkState] {
    let links = Self.links(try stored(clusters))
    return clusters.flatMap { from in
      clusters.filter { $0.name != from.name }.flatMap { to in
        let shape = links[DirectedLink(from: from.name, to: to.name, over: Self.network)] ?? LinkShape()
        return networks.map { network in
          LinkState(
            link: DirectedLink(from: from.name, to: to.name, over: network), shape: shape, connections: nil,
            bytes: nil, measured: nil)
        }
      }
    }
  }

  func change(_ request: LinkRequest) throws(CommandFailure) {
    try inTurn { () throws(CommandFailure) in
      let all = try clusters()
      let clusters = all.filter { $0.state == .running }
      let names = clusters.map(\.name)
      // One that has stopped, or is gone, has no links, which is what healing is for.
      for name in request.names where request.needsLinks && !names.contains(name) {
        guard all.contains(where: { $0.name == name }) else {
          throw CommandFailure(.failed, "there is no region \(name)", advice: "make it: region create \(name)")
        }
        throw CommandFailure(.failed, "region \(name) does not run", advice: "start it first: region start \(name)")
      }
      try request.checkOthers(among: names)
      let stored = try stored(clusters)
      var links = Self.links(stored)
      request.change(&links, among: names)
      let touched = Set(request.links(among: names).map(\.from))
      try shape(clusters.filter { touched.contains($0.name) }, links, stored, among: clusters)
    }
  }

  /// Takes the links to a region away that has stopped, or is gone: its own went with its nodes.
  func forget(_ region: Text) throws(CommandFailure) {
    try inTurn { () throws(CommandFailure) in
      let clusters = try running().filter { $0.name != region.string }
      let stored = try stored(clusters)
      var links = Self.links(stored)
      let touched = Set(links.keys.filter { $0.to == region.string }.map(\.from))
      for link in links.keys where link.to == region.string { links[link] = nil }
      for cluster in clusters where touched.contains(cluster.name) {
        do throws(CommandFailure) {
          try shape([cluster], links, stored, among: clusters)
        } catch {
          // It is being stopped as well.
          guard Self.saysThatANodeIsGone(error) else { throw error }
        }
      }
    }
  }

  /// What is set is read, changed and written back.
  private func inTurn(_ body: () throws(CommandFailure) -> Void) throws(CommandFailure) {
    try target.inTurn("setting links", call, body)
  }

  private func clusters() throws(CommandFailure) -> [K3dCluster] {
    try K3dRegions(target: target, call: call).clusters()
  }

  private func running() throws(CommandFailure) -> [K3dCluster] { try clusters().filter { $0.state == .running } }

  // MARK: What is set

  private static func links(_ stored: [String: ValueMap]) -> [DirectedLink: LinkShape] {
    var links: [DirectedLink: LinkShape] = [:]
    for (from, known) in stored {
      for (to, shape) in known where to != imageKey {
        links[DirectedLink(from: from, to: to, over: network)] = LinkShape(shape)
      }
    }
    return links
  }

  private func stored(_ clusters: [K3dCluster]) throws(CommandFailure) -> [String: ValueMap] {
    var all: [String: ValueMap] = [:]
    for cluster in clusters {
      if case .map(let known)? = try stored(cluster) { all[cluster.name] = known }
    }
    return all
  }

  /// Nil where nothing was set.
  private func stored(_ cluster: K3dCluster) throws(CommandFailure) -> Value? {
    do throws(CommandFailure) {
      let text = try start(K3dCommands.readLinks(of: Text(cluster.name))).out.string
      return try? Value.json(Array(text.utf8))
    } catch {
      guard error.said?.string.contains("No such file") == true || Self.saysThatANodeIsGone(error) else { throw error }
      return nil
    }
  }

  /// A cluster may stop, or be paused, while it is looked at.
  private static func saysThatANodeIsGone(_ failure: CommandFailure) -> Bool {
    if failure.details.kind == noAddress { return true }
    guard let said = failure.said?.string else { return false }
    return ["No such container", "is not running", "non running container", "is paused"].contains(where: said.contains)
  }

  // MARK: Making it so

  private func shape(
    _ touched: [K3dCluster], _ links: [DirectedLink: LinkShape], _ stored: [String: ValueMap],
    among clusters: [K3dCluster]
  ) throws(CommandFailure) {
    guard !touched.isEmpty else { return }
    let addresses = try addresses()
    for from in touched {
      let image = image ?? stored[from.name]?[Self.imageKey]?.asText ?? Text(LinkGrammar.k3dImage)
      var known = ValueMap([(Self.imageKey, Value(image))])
      var ways: [(shape: LinkShape, addresses: [String])] = []
      for to in clusters {
        guard let shape = links[DirectedLink(from: from.name, to: to.name, over: Self.network)] else { continue }
        known[to.name] = shape.value
        ways.append((shape, try to.ownNodes.map { node throws(CommandFailure) in try address(of: node, addresses) }))
      }
      let script = K3dLinkScript(ways).text
      _ = try start(K3dCommands.writeLinks(of: Text(from.name), .map(known)))
      for node in from.ownNodes { _ = try start(K3dCommands.shape(Text(node), image: image, .string(script))) }
    }
  }

  /// A link that would not hold for one of the nodes is none.
  private func address(of node: String, _ addresses: [String: String]) throws(CommandFailure) -> String {
    if let address = addresses[node] { return address }
    throw CommandFailure(
      .failed, "\(node) has no address in the network \(K3dCommands.network), by which a link to it would be set",
      advice: "docker network inspect \(K3dCommands.network) tells who has; region stop and start connect it again",
      details: FailureDetails(K3dLinks.noAddress))
  }

  /// The address of each node in the network of the clusters.
  private func addresses() throws(CommandFailure) -> [String: String] {
    let output = try start(K3dCommands.addresses).out.string
    guard case .map(let containers)? = try? Value.json(Array(output.utf8)) else {
      throw CommandFailure(
        .failed, "Docker does not tell who is in the network \(K3dCommands.network)",
        advice: "docker network inspect \(K3dCommands.network)")
    }
    var addresses: [String: String] = [:]
    for container in containers.values {
      guard let name = container[at: "Name"]?.asText?.string,
        let address = container[at: "IPv4Address"]?.asText?.string.split(separator: "/").first
      else { continue }
      addresses[name] = String(address)
    }
    return addresses
  }

  private func start(_ program: ProgramCall) throws(CommandFailure) -> ProgramRecord {
    var call = call
    call.isStatement = false
    return try target.program(program.programName).start(program, call)
  }
}

extension K3dCluster {
  /// The nodes that pods run on; the load balancer talks to no other cluster.
  fileprivate var ownNodes: [String] {
    nodes.filter { ($0.role == "server" || $0.role == "agent") && $0.status == "running" }.map(\.name)
  }
}

extension LinkShape {
  /// As it lies in a node's memory.
  fileprivate var value: Value {
    [
      "delay": .int(delay), "jitter": .int(jitter), "rate": rate.map(Value.int) ?? .null, "loss": .float(loss),
      "cut": cut.map { .string($0.rawValue) } ?? .null,
    ]
  }

  fileprivate init(_ value: Value) {
    self.init()
    if case .int(let delay)? = value[at: "delay"] { self.delay = delay }
    if case .int(let jitter)? = value[at: "jitter"] { self.jitter = jitter }
    if case .int(let rate)? = value[at: "rate"] { self.rate = rate }
    if case .float(let loss)? = value[at: "loss"] { self.loss = loss }
    cut = value[at: "cut"]?.asText.flatMap { Cut(rawValue: $0.string) }
  }
}

/// The script that makes a node's ways to other clusters as they are set, whatever it was before.
///
/// Cuts are changed as one step, so that nothing gets through a link that stays cut while another is set.
struct K3dLinkScript {
  /// What goes to these addresses.
  private let ways: [(shape: LinkShape, addresses: [String])]

  /// So many packets wait at most on one way.
  private static let room = 10_000

  /// - Parameter ways: those that are not plain.
  init(_ ways: [(shape: LinkShape, addresses: [String])]) { self.ways = ways }

  var text: String { (cuts + delays).joined(separator: "\n") + "\n" }

  private var cuts: [String] {
    // Made first, so that it can be taken away whether it was there or not.
    var lines = ["nft -f - <<'END'", "table ip nbx", "delete table ip nbx"]
    let rules = ways.flatMap { way -> [String] in
      let to = "ip daddr { \(way.addresses.joined(separator: ", ")) }"
      switch way.shape.cut {
      case .silent?: return ["\(to) drop"]
      case .refused?: return ["\(to) meta l4proto tcp reject with tcp reset", "\(to) drop"]
      case nil: return []
      }
    }
    if !rules.isEmpty {
      lines.append("table ip nbx {")
      // Of pods, and of the node itself.
      for hook in ["forward", "output"] {
        lines.append("  chain \(hook) {")
        lines.append("    type filter hook \(hook) priority 0; policy accept;")
        lines += rules.map { "    \($0)" }
        lines.append("  }")
      }
      lines.append("}")
    }
    return lines + ["END"]
  }

  private var delays: [String] {
    // Something else first, so that what was there goes whether there was anything or not.
    var lines = ["tc qdisc replace dev eth0 root pfifo", "tc qdisc del dev eth0 root"]
    let shaped = ways.filter { way in
      let shape = way.shape
      return shape.delay > 0 || shape.jitter > 0 || shape.rate != nil || shape.loss > 0
    }
    guard !shaped.isEmpty else { return lines }
    // All that goes elsewhere takes the first band.
    let map = Array(repeating: "0", count: 16).joined(separator: " ")
    lines.append("tc qdisc add dev eth0 root handle 1: prio bands \(max(3, shaped.count + 1)) priomap \(map)")
    for (index, way) in shaped.enumerated() {
      // tc reads both as hexadecimal.
      let band = String(index + 2, radix: 16)
      let handle = "\(band)0"
      lines.append(
        "tc qdisc add dev eth0 parent 1:\(band) handle \(handle): netem limit \(Self.room)\(Self.words(way.shape))")
      lines += way.addresses.map {
        "tc filter add dev eth0 parent 1: protocol ip prio 1 u32 match ip dst \($0)/32 flowid 1:\(band)"
      }
    }
    return lines
  }

  private static func words(_ shape: LinkShape) -> String {
    var text = ""
    if shape.delay > 0 || shape.jitter > 0 { text += " delay \(shape.delay / 1000)us" }
    if shape.jitter > 0 { text += " \(shape.jitter / 1000)us" }
    if shape.loss > 0 { text += " loss \(LinkListing.percent(shape.loss))" }
    if let rate = shape.rate {
      // tc calls so a byte a second.
      text += " rate \(rate)bps"
    } else if shape.jitter > 0 {
      // With a rate, however high, no packet leaves before one that came earlier.
      text += " rate 100gbit"
    }
    return text
  }
}
