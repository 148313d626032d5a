/// What is wrong with links, in sentences that say how it is mended.
public enum LinkWords {
  public static let relayIsDown = "the relay between the regions does not run: nothing passes between them"

  /// - Parameter region: one that runs, and with which the relay is started.
  static func relayIsDown(whileRunning region: String?) -> String {
    relayIsDown + (region.map { "; to start it: region start \($0)" } ?? "")
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
