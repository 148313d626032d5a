import SandboxSystem

/// What connects clusters and regions, as one line for each pair with a label: found of expected, and the round trip.
struct LinkDrawing {
  private let picture: SuperclusterPicture
  private let layout: PictureLayout

  init(_ picture: SuperclusterPicture, _ layout: PictureLayout) {
    self.picture = picture
    self.layout = layout
  }

  var markup: Markup {
    var lines = Markup.none
    var labels = Markup.none
    func add(_ link: (line: Markup, label: Markup)?) {
      guard let link else { return }
      lines += link.line
      labels += link.label
    }
    for first in layout.columns.indices {
      for second in layout.columns.indices where second > first {
        add(arc(first, second))
        add(leafArc(first, second))
      }
      for band in layout.bands { add(descent(first, band)) }
    }
    for band in layout.bands {
      for first in layout.columns.indices {
        for second in layout.columns.indices where second > first { add(stretch(first, second, band)) }
      }
    }
    return "\(lines)\(labels)"
  }

  // MARK: What a link tells

  private struct Link {
    let kind: String
    let found: Int
    let expected: Int
    let median: Int64?
    let detail: String
    let key: String
    /// What is set between the regions that it joins.
    var settings: [LinkRow] = []

    private var isCut: Bool { settings.contains { $0.shape.cut != nil } }
    var state: String {
      let reach = found >= expected ? "whole" : found == 0 ? "missing none" : "missing"
      return isCut ? "missing cut" : settings.isEmpty ? reach : "\(reach) set"
    }
    var text: String {
      if isCut { return "✕ cut · \(found)/\(expected)" }
      return (found >= expected ? "" : "✕ ") + "\(found)/\(expected)"
        + (median.map { " · \(PictureWords.roundTrip($0))" } ?? "")
    }
    var title: String { ([detail] + settings.map(LinkDrawing.detail)).joined(separator: " · ") }
  }

  /// Both directions as one.
  private func gateways(_ a: String, _ b: String) -> Link? {
    let both = picture.gateways.filter { ($0.from == a && $0.to == b) || ($0.from == b && $0.to == a) }
    guard !both.isEmpty else { return nil }
    return Link(
      kind: "gateway", found: both.reduce(0) { $0 + $1.found }, expected: both.reduce(0) { $0 + $1.expected },
      median: both.compactMap { $0.roundTrips?.median }.max(),
      detail: both.map(LinkDrawing.detail).joined(separator: " · "),
      key: "\(a) \(b)")
  }

  private func routes(_ a: String, _ b: String, _ band: String) -> Link? {
    guard
      let routes = picture.routes.first(where: {
        $0.natsCluster == band && (($0.from == a && $0.to == b) || ($0.from == b && $0.to == a))
      })
    else { return nil }
    return Link(
      kind: "route", found: routes.found, expected: routes.expected, median: routes.roundTrips?.median,
      detail: LinkDrawing.detail(routes), key: "\(band) \(a) \(b)")
  }

  /// Of servers in either region that are leaves of one in the other.
  private func leafnodes(_ a: String, _ b: String) -> Link? {
    let both = picture.leafnodes.filter {
      ($0.region == a && $0.hubRegion == b) || ($0.region == b && $0.hubRegion == a)
    }
    guard !both.isEmpty else { return nil }
    return Link(
      kind: "leaf", found: both.count(where: \.isConnected), expected: both.count,
      median: SuperclusterPicture.RoundTrips(both.compactMap(\.roundTrip))?.median,
      detail: both.map(LinkDrawing.detail).joined(separator: " · "), key: "leaf \(a) \(b)")
  }

  /// What is set between two regions on one of the networks.
  private func settings(_ first: Int, _ second: Int, over network: LinkNetwork) -> [LinkRow] {
    let names = [layout.columns[first].region.name, layout.columns[second].region.name]
    return LinkRow.rows(
      of: picture.links.filter {
        $0.link.network == network && names.contains($0.link.from) && names.contains($0.link.to)
      })
  }

  static func detail(_ row: LinkRow) -> String {
    "\(row.place): \(row.words)" + (row.measuredWords.isEmpty ? "" : ", measured \(row.measuredWords)")
  }

  static func detail(_ leaf: SuperclusterPicture.Leafnode) -> String {
    "\(leaf.server): \(PictureWords.connection(of: leaf))"
  }

  static func detail(_ link: SuperclusterPicture.Gateways) -> String {
    "gateways from \(link.from) to \(link.to): \(link.found) of \(link.expected) servers\(times(link.roundTrips))"
  }

  static func detail(_ link: SuperclusterPicture.Routes) -> String {
    let place = link.from == link.to ? "in \(link.from)" : "between \(link.from) and \(link.to)"
    return
      "routes of \(link.natsCluster) \(place): \(link.found) of \(link.expected) pairs of servers\(times(link.roundTrips))"
  }

  private static func times(_ times: SuperclusterPicture.RoundTrips?) -> String {
    times.map {
      ", round trip \(PictureWords.roundTrip($0.median)) at the median, \(PictureWords.roundTrip($0.max)) at most"
    }
      ?? ""
  }

  // MARK: Where it runs

  /// Gateways between two regions' own clusters: an arc above them.
  private func arc(_ first: Int, _ second: Int) -> (line: Markup, label: Markup)? {
    guard var link = gateways(layout.columns[first].home, layout.columns[second].home) else { return nil }
    link.settings = settings(first, second, over: .gateways)
    let (from, to) = (layout.port(of: first, towards: second), layout.port(of: second, towards: first))
    let apex = layout.top - layout.arcHeight(second - first) + 12
    return drawn(
      link, path: bow(from, to, layout.top, apex), labelX: (from + to) / 2, labelY: apex)
  }

  /// Leafnodes between two regions: an arc a little below that of their gateways.
  private func leafArc(_ first: Int, _ second: Int) -> (line: Markup, label: Markup)? {
    guard var link = leafnodes(layout.columns[first].region.name, layout.columns[second].region.name) else {
      return nil
    }
    link.settings = settings(first, second, over: .gateways)
    let (from, to) = (layout.port(of: first, towards: second) + 6, layout.port(of: second, towards: first) - 6)
    let apex = layout.top - layout.arcHeight(second - first) + 12 + PictureLayout.arcStep / 2
    return drawn(link, path: bow(from, to, layout.top, apex), labelX: (from + to) / 2, labelY: apex)
  }

  /// Gateways between a region's own cluster and a stretched one.
  private func descent(_ column: Int, _ band: String) -> (line: Markup, label: Markup)? {
    guard let link = gateways(layout.columns[column].home, band) else { return nil }
    let x = layout.columns[column].x + layout.columnWidth / 2
    let (top, bottom) = (layout.boxTop + layout.boxHeight, layout.bandTop(band))
    return drawn(
      link, path: "M\(x) \(top) L\(x) \(bottom)", labelX: x, labelY: bottom - PictureLayout.linkHeight / 2)
  }

  /// Routes of a stretched cluster between two regions: across the gap, or in an arc below.
  private func stretch(_ first: Int, _ second: Int, _ band: String) -> (line: Markup, label: Markup)? {
    guard var link = routes(layout.columns[first].region.name, layout.columns[second].region.name, band) else {
      return nil
    }
    link.settings = settings(first, second, over: .routes)
    let bottom = layout.bandTop(band) + layout.bandHeight(band)
    if second == first + 1 {
      let (from, to) = (layout.columns[first].x + layout.columnWidth - 10, layout.columns[second].x + 10)
      let y = layout.bandTop(band) + 30 + PictureLayout.tile.height / 2
      return drawn(
        link, path: "M\(from - 8) \(y) L\(to + 8) \(y)", labelX: (from + to) / 2, labelY: y)
    }
    let (from, to) = (layout.port(of: first, towards: second), layout.port(of: second, towards: first))
    let apex = bottom + layout.arcHeight(second - first - 1) + 6
    return drawn(link, path: bow(from, to, bottom, apex), labelX: (from + to) / 2, labelY: apex)
  }

  /// A bow from one point of a line to another that reaches out to `apex`.
  private func bow(_ from: Double, _ to: Double, _ line: Double, _ apex: Double) -> Markup {
    // A cubic curve reaches three quarters of the way to its control points.
    let control = line + (apex - line) * 4 / 3
    return "M\(from) \(line) C\(from) \(control) \(to) \(control) \(to) \(line)"
  }

  private func drawn(_ link: Link, path: Markup, labelX: Double, labelY: Double) -> (line: Markup, label: Markup) {
    let width = Double(link.text.count) * 6.4 + 16
    return (
      "<path class=\"link \(link.kind) \(link.state)\" d=\"\(path)\"/>",
      """
      <g class="label \(link.kind) \(link.state)" data-link="\(link.key)"><title>\(link.title)</title>
      <rect x="\(labelX - width / 2)" y="\(labelY - 10)" width="\(width)" height="20" rx="10"/>
      <text x="\(labelX)" y="\(labelY + 4)" text-anchor="middle">\(link.text)</text></g>
      """
    )
  }
}
