import SandboxSystem
import ValuesAndCommands

/// What is set between two regions, as people read it: told once where it is the same in both directions, and on both
/// networks.
package struct LinkRow: Sendable, Equatable {
  package let from: String
  package let to: String
  /// Whether it is the same from the second region to the first.
  package let isBothWays: Bool
  /// Those that it is the same on.
  package private(set) var networks: [LinkNetwork]
  package let shape: LinkShape
  /// For how long bytes were held lately, in nanoseconds, there and back where it holds both ways; of two networks the
  /// longer time. Nil before the first byte, and where nobody tells.
  package private(set) var measured: Int64?

  /// All that is set, the regions in the order in which they come; what is as it was made is left out.
  package static func rows(of states: [LinkState]) -> [LinkRow] {
    let known = Dictionary(states.map { ($0.link, $0) }, uniquingKeysWith: { first, _ in first })
    var regions: [String] = []
    for name in states.flatMap({ [$0.link.from, $0.link.to] }) where !regions.contains(name) { regions.append(name) }
    return regions.enumerated().flatMap { place, from in
      regions[(place + 1)...].flatMap { to in between(from, to, known).filter { !$0.shape.isPlain } }
    }
  }

  private static func between(_ from: String, _ to: String, _ known: [DirectedLink: LinkState]) -> [LinkRow] {
    var rows: [LinkRow] = []
    for network in LinkNetwork.allCases {
      let link = DirectedLink(from: from, to: to, over: network)
      for row in directions(known[link], known[link.reversed], link) {
        if let alike = rows.firstIndex(where: { $0.isAlike(row) }) {
          rows[alike].networks += row.networks
          rows[alike].measured = [rows[alike].measured, row.measured].compactMap { $0 }.max()
        } else {
          rows.append(row)
        }
      }
    }
    return rows
  }

  private static func directions(_ there: LinkState?, _ back: LinkState?, _ link: DirectedLink) -> [LinkRow] {
    func row(_ link: DirectedLink, _ shape: LinkShape, isBothWays: Bool, _ measured: Int64?) -> LinkRow {
      LinkRow(
        from: link.from, to: link.to, isBothWays: isBothWays, networks: [link.network], shape: shape,
        measured: measured)
    }
    let (shape, shapeBack) = (there?.shape ?? LinkShape(), back?.shape ?? LinkShape())
    guard shape != shapeBack else {
      let both = there?.measured.flatMap { there in back?.measured.map { LinkRow.sum(there, $0) } }
      return [row(link, shape, isBothWays: true, both)]
    }
    return [
      row(link, shape, isBothWays: false, there?.measured),
      row(link.reversed, shapeBack, isBothWays: false, back?.measured),
    ]
  }

  private func isAlike(_ other: LinkRow) -> Bool {
    from == other.from && to == other.to && isBothWays == other.isBothWays && shape == other.shape
  }

  // MARK: In words

  /// `c1 ↔ c2`, `c1 → c2`
  package var place: String { "\(from) \(isBothWays ? "↔" : "→") \(to)" }

  /// `gateways and routes`
  package var networkNames: String { networks.map(\.rawValue).joined(separator: " and ") }

  /// `cut`, `round trip 80ms ± 5ms, 10MB/s, 1% lost`
  package var words: String {
    let time = isBothWays ? LinkRow.sum(shape.delay, shape.delay) : shape.delay
    return LinkListing.words(shape, time, isBothWays ? "round trip " : "one way ")
  }

  /// `81 ms`; empty where nothing was measured, or nothing passes any more.
  package var measuredWords: String {
    guard let measured, shape.cut == nil else { return "" }
    // What stands in a file may be any number.
    return PictureWords.roundTrip(min(measured, .max / 2))
  }

  private static func sum(_ a: Int64, _ b: Int64) -> Int64 {
    let (sum, overflow) = a.addingReportingOverflow(b)
    return overflow ? .max : sum
  }
}

/// What is wrong with links, in sentences that say how it is mended.
package enum LinkWords {
  /// - Parameter region: one that runs, and with which the relay is started.
  static func sentence(on trouble: TargetStatus.RelayTrouble, whileRunning region: String?) -> String {
    let (state, mending) =
      switch trouble {
      case .down: ("does not run", "to start it")
      case .frozen(let pid): ("stands still (process \(pid) is stopped)", "to let it go on")
      }
    return "the relay between the regions \(state): nothing passes between them"
      + (region.map { "; \(mending): region start \($0)" } ?? "")
  }

  /// A sentence for each pair of regions that is cut, and one for a region that is cut from all others.
  static func cuts(_ links: [LinkState]) -> [String] {
    // However far apart they are: what is cut in both directions is told once.
    var cuts = LinkRow.rows(of: links.map(\.withCutAlone))
    var sentences: [String] = []
    let regions = Set(links.flatMap { [$0.link.from, $0.link.to] }).sorted()
    for region in regions where regions.count > 2 {
      let own = cuts.filter { $0.from == region || $0.to == region }
      guard let first = own.first, Set(own.flatMap { [$0.from, $0.to] }).count == regions.count,
        own.allSatisfy({ $0.isBothWays && $0.shape == first.shape && $0.networks == first.networks })
      else { continue }
      cuts.removeAll { $0.from == region || $0.to == region }
      sentences.append(
        "\(region) is cut from all other regions: \(lack(first, "its ")); " + mending([region], links))
    }
    return sentences
      + cuts.map { cut in
        let what =
          cut.isBothWays
          ? "\(cut.from) and \(cut.to) are cut from each other: \(lack(cut, "their "))"
          : "\(cut.from) is cut from \(cut.to) one way: \(lack(cut, "")) from \(cut.from) to \(cut.to)"
        return "\(what); " + mending([cut.from, cut.to], links)
      }
  }

  private static func lack(_ cut: LinkRow, _ whose: String) -> String {
    cut.shape.cut == .refused
      ? "\(whose)\(cut.networkNames) are refused" : "nothing passes over \(whose)\(cut.networkNames)"
  }

  /// What takes the cut away, and leaves what else is set.
  private static func mending(_ regions: [String], _ links: [LinkState]) -> String {
    let hasMore = links.contains { state in
      let isMeant = [state.link.from, state.link.to].count(where: regions.contains) == regions.count
      return isMeant && state.shape != state.withCutAlone.shape
    }
    return "to mend it: link \(hasMore ? "join" : "heal") \(regions.joined(separator: " "))"
  }
}

extension LinkState {
  fileprivate var withCutAlone: LinkState {
    var shape = LinkShape()
    shape.cut = self.shape.cut
    return LinkState(link: link, shape: shape, connections: nil, bytes: nil, measured: nil)
  }
}
