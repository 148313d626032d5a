import SandboxSystem

/// The supercluster as SVG: regions as areas, servers in them by release, gateways in blue above, routes in green below.
struct SuperclusterDrawing {
  private let picture: SuperclusterPicture
  private let layout: PictureLayout

  init(_ picture: SuperclusterPicture) {
    self.picture = picture
    layout = PictureLayout(picture)
  }

  var markup: Markup {
    let columns = layout.columns.map(area)
    let boxes = layout.columns.map(box)
    return """
      <svg viewBox="0 0 \(layout.width) \(layout.height)" role="img" aria-labelledby="drawing-title drawing-text" \
      data-columns="\(layout.columns.count)">
      <title id="drawing-title">The supercluster</title><desc id="drawing-text">\(text)</desc>
      <g>\(columns)</g><g>\(layout.bands.map(band))</g><g>\(LinkDrawing(picture, layout).markup)</g><g>\(boxes)</g>\
      <g>\(layout.bands.map(bandTiles))</g></svg>
      """
  }

  /// What a screen reader says in the drawing's place; the tables below it say the rest.
  private var text: String {
    let regions = layout.columns.map { column in
      let own = picture.servers.filter { $0.region == column.region.name }
      return
        "\(column.region.name) is \(column.region.state), \(PictureWords.running(own.count(where: \.isUp), of: own.count))"
    }
    return (regions + [PictureWords.summary(picture)]).joined(separator: "; ") + ". The tables below have all figures."
  }

  // MARK: Regions

  private func area(_ column: PictureLayout.Column) -> Markup {
    let own = picture.servers.filter { $0.region == column.region.name }
    let isWell = column.region.state == "running" && own.allSatisfy(\.isUp)
    let state = column.region.state.isEmpty ? "unknown" : column.region.state
    let (x, y) = (column.x, layout.top)
    return """
      <g class="region \(isWell ? "well" : "bad")" data-region="\(column.region.name)" data-state="\(state)">
      <rect class="area" x="\(x)" y="\(y)" width="\(layout.columnWidth)" height="\(layout.areaBottom - y)" rx="16"/>
      <text class="region-name" x="\(x + 18)" y="\(y + 30)">\(shortened(column.region.name, 14))</text>
      <text class="state" x="\(x + layout.columnWidth - 18)" y="\(y + 29)" text-anchor="end">\
      \(PictureWords.sign(isWell ? "running" : state)) \(state)</text>
      <text class="small" x="\(x + 18)" y="\(y + 49)">\(PictureWords.running(own.count(where: \.isUp), of: own.count))</text>
      </g>
      """
  }

  private func box(_ column: PictureLayout.Column) -> Markup {
    guard !column.rows.isEmpty else { return .none }
    let (x, y) = (column.x + 10, layout.boxTop)
    var rows = Markup.none
    var line = 0
    for row in column.rows {
      let top = y + 28 + Double(line) * layout.lineHeight
      rows += """
        <text class="kind" x="\(x + 10)" y="\(top + PictureLayout.tile.height / 2 + 4)">\(shortened(row.kind, 6))</text>
        \(tiles(row.servers, x: x + 10 + PictureLayout.labelWidth, y: top))
        """
      line += layout.lines(row.servers.count)
    }
    let bottom = y + layout.boxHeight - 10
    let leaves = leavesText(column.region.name, x: x + 10, y: bottom)
    let routes = routesText(
      column.home, column.region.name, x: x + 10, y: leaves.html.isEmpty ? bottom : bottom - PictureLayout.leafLine)
    return """
      <g><rect class="box" x="\(x)" y="\(y)" width="\(layout.columnWidth - 20)" height="\(layout.boxHeight)" rx="10"/>
      <text class="small" x="\(x + 10)" y="\(y + 18)">\(column.home.isEmpty ? "in no" : "") NATS cluster \
      <tspan class="name">\(shortened(column.home, 14))</tspan></text>
      \(rows)\(routes)\(leaves)</g>
      """
  }

  /// Leafnodes that no arc shows.
  private func leavesText(_ region: String, x: Double, y: Double) -> Markup {
    let leaves = layout.leavesWithin(region)
    guard !leaves.isEmpty else { return .none }
    let found = leaves.count(where: \.isConnected)
    let isWhole = found == leaves.count
    let times = SuperclusterPicture.RoundTrips(leaves.compactMap(\.roundTrip)).map {
      " · \(PictureWords.roundTrip($0.median))"
    }
    return """
      <text class="leaf-text \(isWhole ? "" : "missing")" x="\(x)" y="\(y)" data-link="leaf \(region)">leafnodes \
      \(isWhole ? "" : "✕ ")\(found)/\(leaves.count)\(times ?? "")\
      <title>\(leaves.map(LinkDrawing.detail).joined(separator: " · "))</title></text>
      """
  }

  private func routesText(_ cluster: String, _ region: String, x: Double, y: Double) -> Markup {
    guard
      let routes = picture.routes.first(where: { $0.natsCluster == cluster && $0.from == region && $0.to == region })
    else { return .none }
    let isWhole = routes.found == routes.expected
    let times = routes.roundTrips.map { " · \(PictureWords.roundTrip($0.median))" } ?? ""
    return """
      <text class="routes-text \(isWhole ? "" : "missing")" x="\(x)" y="\(y)">routes \(isWhole ? "" : "✕ ")\
      \(routes.found)/\(routes.expected)\(times)<title>\(LinkDrawing.detail(routes))</title></text>
      """
  }

  // MARK: Bands

  private func band(_ cluster: String) -> Markup {
    let y = layout.bandTop(cluster)
    return """
      <rect class="band" x="\(PictureLayout.margin - 10)" y="\(y)" width="\(layout.width - 2 * PictureLayout.margin + 20)" \
      height="\(layout.bandHeight(cluster))" rx="14"/>
      """
  }

  private func bandTiles(_ cluster: String) -> Markup {
    let y = layout.bandTop(cluster)
    let parts = layout.columns.map { column -> Markup in
      let x = column.x + 20
      let servers = column.stretched[cluster] ?? []
      return """
        \(tiles(servers, x: x + PictureLayout.labelWidth, y: y + 30))\
        <text class="kind" x="\(x)" y="\(y + 30 + PictureLayout.tile.height / 2 + 4)">\(servers.isEmpty ? "" : shortened(servers[0].kind, 6))</text>
        \(routesText(cluster, column.region.name, x: x, y: y + layout.bandHeight(cluster) - 9))
        """
    }
    return """
      <text class="small" x="\(PictureLayout.margin + 20)" y="\(y + 19)">NATS cluster \
      <tspan class="name">\(shortened(cluster, 20))</tspan>, across the regions</text>\(parts)
      """
  }

  // MARK: Servers

  private func tiles(_ servers: [SuperclusterPicture.Server], x: Double, y: Double) -> [Markup] {
    servers.enumerated().map { place, server in
      let tile = PictureLayout.tile
      let column = Double(place % layout.tilesInLine)
      let line = Double(place / layout.tilesInLine)
      return ServerTile(server, in: picture).markup(
        x: x + column * (tile.width + tile.space), y: y + line * layout.lineHeight)
    }
  }

  private func shortened(_ text: String, _ most: Int) -> String {
    text.count > most ? text.prefix(most - 1) + "…" : text
  }
}

/// One server in the drawing: its number, a sign for its state, a star for the meta leader, a dot for each stream.
struct ServerTile {
  private let server: SuperclusterPicture.Server
  private let picture: SuperclusterPicture
  private let led: Int
  private let followed: Int

  private static let mostDots = 5

  init(_ server: SuperclusterPicture.Server, in picture: SuperclusterPicture) {
    self.server = server
    self.picture = picture
    let copies = picture.streams.flatMap(\.copies).filter { $0.server == server.name }
    led = copies.count(where: \.isLeader)
    followed = copies.count - led
  }

  private var isMetaLeader: Bool { picture.leadsMeta(server) }

  func markup(x: Double, y: Double) -> Markup {
    let (width, height) = (PictureLayout.tile.width, PictureLayout.tile.height)
    let number = server.name.split(separator: "-").last.map(String.init).flatMap { $0.count < 4 ? $0 : nil } ?? "•"
    let text = server.isUp ? number : "\(PictureWords.sign(server.state)) \(number)"
    let star: Markup =
      isMetaLeader ? "<text class=\"star\" x=\"\(x + width - 3)\" y=\"\(y + 10)\" text-anchor=\"end\">★</text>" : .none
    let storage = server.figures?.hasJetStream == true ? "storage" : ""
    return """
      <g class="server \(server.isUp ? "up" : "down") \(storage)" data-server="\(server.name)" \
      data-state="\(server.state)"><title>\(detail)</title>
      <rect x="\(x)" y="\(y)" width="\(width)" height="\(height)" rx="7"/>
      <text class="number" x="\(x + width / 2)" y="\(y + 19)" text-anchor="middle">\(text)</text>\(star)\
      \(dots(x: x + width / 2, y: y + height - 7))</g>
      """
  }

  private func dots(x: Double, y: Double) -> Markup {
    let count = led + followed
    guard count > 0 else { return .none }
    guard count <= ServerTile.mostDots else {
      return "<text class=\"dots-text\" x=\"\(x)\" y=\"\(y + 3)\" text-anchor=\"middle\">\(led)/\(count)</text>"
    }
    let first = x - Double(count - 1) * 3
    return
      "\((0..<count).map { "<circle class=\"\($0 < led ? "leads" : "follows")\" cx=\"\(first + Double($0) * 6)\" cy=\"\(y)\" r=\"2.1\"/>" as Markup })"
  }

  private var detail: String {
    var lines = [
      "\(server.name) \(PictureWords.sign(server.state)) \(server.state)",
      server.natsCluster.isEmpty ? "in no NATS cluster" : "NATS cluster \(server.natsCluster)",
    ]
    if isMetaLeader { lines.append("leads JetStream's meta group") }
    if let figures = server.figures {
      lines.append("nats-server \(server.version), up \(figures.uptime)")
      lines.append(
        "\(figures.connections) connections, \(figures.subscriptions) subscriptions, "
          + "\(Figures.size(figures.memory)), \(Int(figures.cpu.rounded()))% cpu")
    }
    for leaf in picture.leafnodes where leaf.server == server.name {
      lines.append(PictureWords.connection(of: leaf))
    }
    if led + followed > 0 { lines.append("holds \(led + followed) streams, leads \(led)") }
    if !server.url.isEmpty { lines.append(server.url) }
    return lines.joined(separator: " · ")
  }
}
