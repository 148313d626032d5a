/// The script that makes a node's ways to other clusters as they are set, whatever it was before.
///
/// Cuts are changed as one step, so that nothing gets through a link that stays cut while another is set.
struct K3dLinkScript {
  /// What goes to these addresses.
  private let ways: [(shape: LinkShape, addresses: [String])]

  /// So many packets wait at most on one way.
  private static let room = 10_000

  /// - Parameter ways: those that are not plain.
  init(_ ways: [(shape: LinkShape, addresses: [String])]) {
    // A cluster whose nodes have no address is not there.
    self.ways = ways.filter { !$0.addresses.isEmpty }
  }

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
