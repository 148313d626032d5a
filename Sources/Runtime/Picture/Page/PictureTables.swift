import SandboxSystem

/// The page's figures in words and tables: for those who do not see the drawing, and for all that does not fit into it.
struct PictureTables {
  let picture: SuperclusterPicture

  /// A page with more streams than this is no picture any more.
  static let mostStreams = 400

  // MARK: What comes first

  var figures: Markup {
    let gateways = picture.gateways
    let routes = picture.routes
    var tiles = [
      figure(
        "servers run", "\(picture.runningCount) of \(picture.servers.count)",
        picture.runningCount == picture.servers.count),
      figure("NATS clusters", "\(picture.natsClusters.count)", true),
    ]
    if !gateways.isEmpty {
      tiles.append(count("gateways", gateways.reduce(0) { $0 + $1.found }, gateways.reduce(0) { $0 + $1.expected }))
    }
    if !routes.isEmpty {
      tiles.append(
        count("pairs of servers with routes", routes.reduce(0) { $0 + $1.found }, routes.reduce(0) { $0 + $1.expected })
      )
    }
    if let slowest = (gateways.compactMap(\.roundTrips?.max) + routes.compactMap(\.roundTrips?.max)).max() {
      tiles.append(figure("longest round trip", PictureWords.roundTrip(slowest), true))
    }
    for meta in picture.metas {
      let amount = meta.current.map { "\($0) of \(meta.size)" } ?? "\(meta.size)"
      let leader = meta.leader.map { "led by \($0)" } ?? "with no leader"
      tiles.append(
        figure("JetStream servers, \(leader)", amount, meta.leader != nil && meta.current == meta.size))
    }
    return "<ul class=\"figures\" aria-label=\"In short\">\(tiles)</ul>"
  }

  private func count(_ name: String, _ found: Int, _ expected: Int) -> Markup {
    figure(name, "\(found) of \(expected)", found == expected)
  }

  private func figure(_ name: String, _ amount: String, _ isWell: Bool) -> Markup {
    "<li class=\"\(isWell ? "well" : "bad")\"><b>\(isWell ? "" : "✕ ")\(amount)</b> <span>\(name)</span></li>"
  }

  var problems: Markup {
    guard !picture.problems.isEmpty else { return .none }
    let shown = picture.problems.prefix(12)
    let rest = picture.problems.count - shown.count
    let more: Markup = rest > 0 ? "<li>and \(rest) more</li>" : .none
    return "<ul class=\"problems\" role=\"status\">\(shown.map { "<li>✕ \($0)</li>" as Markup })\(more)</ul>"
  }

  // MARK: Streams

  var streams: Markup {
    guard !picture.streams.isEmpty else {
      return "<section><h2>Streams</h2><p class=\"quiet\">There are none.</p></section>"
    }
    let regions = picture.regions.map(\.name)
    let region = Dictionary(picture.servers.map { ($0.name, $0.region) }, uniquingKeysWith: { first, _ in first })
    let shown = picture.streams.prefix(PictureTables.mostStreams)
    let rows = shown.map { stream -> Markup in
      let places = regions.map { name in stream.copies.filter { region[$0.server] == name } }
      let elsewhere = stream.copies.filter { copy in !regions.contains(region[copy.server] ?? "") }
      let isWell = stream.leader != nil && stream.copies.allSatisfy(\.isWell)
      let servers = stream.copies.map(\.server).joined(separator: " ")
      return """
        <tr class="stream \(isWell ? "" : "bad")" tabindex="0" data-stream="\(stream.name)" data-servers="\(servers)">
        <th scope="row">\(stream.name)<small>\(stream.account)</small></th><td>\(stream.natsCluster)</td>
        \(places.map { "<td class=\"copies\">\($0.map(chip))</td>" as Markup })
        <td class="copies">\(elsewhere.map(chip))\(PictureWords.lack(of: stream).map { "<span class=\"copy bad\">\($0)</span>" as Markup } ?? .none)</td>
        <td class="n">\(Figures.grouped(stream.messages))</td><td class="n">\(Figures.size(stream.bytes))</td>
        <td class="n">\(Figures.grouped(stream.consumers))</td></tr>
        """
    }
    let rest = picture.streams.count - shown.count
    let more: Markup = rest > 0 ? "<p class=\"quiet\">and \(rest) more; nats stream ls lists them</p>" : .none
    return """
      <section><h2>Streams</h2><div class="wide"><table><thead><tr><th scope="col">Stream</th>
      <th scope="col">NATS cluster</th>\(regions.map { "<th scope=\"col\">\($0)</th>" as Markup })
      <th scope="col"><span class="unseen">elsewhere, or missing</span></th><th scope="col" class="n">Messages</th>
      <th scope="col" class="n">Size</th><th scope="col" class="n">Consumers</th></tr></thead>
      <tbody>\(Array(rows))</tbody></table></div>\(more)</section>
      """
  }

  private func chip(_ copy: SuperclusterPicture.Copy) -> Markup {
    let kind = !copy.isWell ? "bad" : copy.isLeader ? "leads" : "follows"
    let (sign, words) = PictureWords.mark(of: copy)
    let state = copy.isLeader ? "leader" : words
    return """
      <span class="copy \(kind)" data-copy="\(copy.server)">\(sign) \(copy.server)\
      \(state.isEmpty ? .none : "<em>\(state)</em>" as Markup)</span>
      """
  }

  // MARK: Links

  var links: Markup { distances + gateways + routes + leafnodes }

  /// What is set between regions; nothing where all is as it was made.
  private var distances: Markup {
    let settings = LinkRow.rows(of: picture.links)
    guard !settings.isEmpty else { return .none }
    let rows = settings.map { row -> Markup in
      let isCut = row.shape.cut != nil
      return """
        <tr class="\(isCut ? "bad" : "")"><th scope="row">\(row.place)</th><td>\(row.networkNames)</td>
        <td class="n">\(row.measuredWords.isEmpty ? "–" : row.measuredWords)</td>
        <td>\(isCut ? "✕ " : "")\(row.words)</td></tr>
        """
    }
    return """
      <section><h2>Between regions</h2><p class="quiet">What is set, and for how long the relay held what passed lately: \
      there and back, or one way.</p><div class="wide"><table><thead><tr><th scope="col">Regions</th>
      <th scope="col">Over</th><th scope="col" class="n">Measured</th><th scope="col">Set</th></tr></thead>
      <tbody>\(rows)</tbody></table></div></section>
      """
  }

  /// From the row's NATS cluster to the column's.
  private var gateways: Markup {
    guard !picture.gateways.isEmpty else { return .none }
    let clusters = Set(picture.gateways.flatMap { [$0.from, $0.to] }).sorted()
    let rows = clusters.map { from -> Markup in
      let cells = clusters.map { to -> Markup in
        guard let link = picture.gateways.first(where: { $0.from == from && $0.to == to }) else { return "<td></td>" }
        return
          "<td\(link.found < link.expected ? " class=\"bad\"" : Markup.none)>\(connected(link.found, link.expected, link.roundTrips))</td>"
      }
      return "<tr><th scope=\"row\">from \(from)</th>\(cells)</tr>"
    }
    return """
      <section><h2>Gateways</h2><p class="quiet">How many servers of one NATS cluster are connected to another; the \
      round trip at the median, and the longest.</p><div class="wide"><table><thead><tr><td></td>\
      \(clusters.map { "<th scope=\"col\">to \($0)</th>" as Markup })</tr></thead><tbody>\(rows)</tbody></table></div></section>
      """
  }

  /// Between the regions of the row's NATS cluster.
  private var routes: Markup {
    guard !picture.routes.isEmpty else { return .none }
    let rows = picture.routes.map { link -> Markup in
      """
      <tr class="\(link.found < link.expected ? "bad" : "")"><th scope="row">\(link.natsCluster)</th>
      <td>\(link.from == link.to ? "in \(link.from)" : "\(link.from) – \(link.to)")</td>
      <td>\(connected(link.found, link.expected, link.roundTrips))</td></tr>
      """
    }
    return """
      <section><h2>Routes</h2><p class="quiet">How many pairs of servers of a NATS cluster are connected.</p>
      <div class="wide"><table><thead><tr><th scope="col">NATS cluster</th><th scope="col">Where</th>
      <th scope="col">Pairs of servers</th></tr></thead><tbody>\(rows)</tbody></table></div></section>
      """
  }

  private var leafnodes: Markup {
    guard !picture.leafnodes.isEmpty else { return .none }
    let rows = picture.leafnodes.map { leaf -> Markup in
      """
      <tr class="\(leaf.isConnected ? "" : "bad")"><th scope="row">\(leaf.server)</th>
      <td>\(leaf.region ?? "elsewhere")</td><td>\(leaf.account)</td>
      <td>\(leaf.hub ?? "✕ nobody") <small>\(leaf.roundTrip.map(PictureWords.roundTrip) ?? "")</small></td></tr>
      """
    }
    return """
      <section><h2>Leafnodes</h2><p class="quiet">Which servers are leaves, for which account of theirs, and of whom.</p>
      <div class="wide"><table><thead><tr><th scope="col">Leaf</th><th scope="col">Region</th>
      <th scope="col">Account</th><th scope="col">Leaf of</th></tr></thead><tbody>\(rows)</tbody></table></div></section>
      """
  }

  private func connected(_ found: Int, _ expected: Int, _ times: SuperclusterPicture.RoundTrips?) -> Markup {
    let trip = times.map { "\(PictureWords.roundTrip($0.median)), at most \(PictureWords.roundTrip($0.max))" } ?? ""
    return "\(found < expected ? "✕ " : "")\(found) of \(expected) <small>\(trip)</small>"
  }

  // MARK: Servers

  var servers: Markup {
    guard !picture.servers.isEmpty else { return .none }
    return """
      <section><h2>Servers</h2><div class="wide"><table><thead><tr><th scope="col">Server</th><th scope="col">Region</th>
      <th scope="col">State</th><th scope="col">NATS cluster</th><th scope="col">Version</th><th scope="col">JetStream</th>
      <th scope="col" class="n">Connections</th><th scope="col" class="n">Subscriptions</th>
      <th scope="col" class="n">Routes</th><th scope="col" class="n">Memory</th><th scope="col" class="n">CPU %</th>
      <th scope="col" class="n">Slow</th><th scope="col" class="n">Up</th><th scope="col">Address</th></tr></thead>
      <tbody>\(picture.servers.map(serverRow))</tbody></table></div></section>
      """
  }

  private func serverRow(_ server: SuperclusterPicture.Server) -> Markup {
    let own = server.figures
    func amount(_ key: (SuperclusterPicture.Figures) -> Int64) -> String {
      own.map { Figures.grouped(key($0)) } ?? "–"
    }
    return """
      <tr class="\(server.isUp ? "" : "bad")"><th scope="row">\(server.name)</th><td>\(server.region)</td>
      <td class="state">\(PictureWords.sign(server.state)) \(server.state)</td><td>\(server.natsCluster.isEmpty ? "–" : server.natsCluster)</td>
      <td>\(server.version)</td><td>\(own.map { $0.hasJetStream ? "yes" : "no" } ?? "–")</td>
      <td class="n">\(amount(\.connections))</td><td class="n">\(amount(\.subscriptions))</td>
      <td class="n">\(amount(\.routes))</td><td class="n">\(own.map { Figures.size($0.memory) } ?? "–")</td>
      <td class="n">\(own.map { "\(Int($0.cpu.rounded()))" } ?? "–")</td><td class="n">\(amount(\.slowConsumers))</td>
      <td class="n">\(own?.uptime ?? "–")</td><td class="url">\(server.url)</td></tr>
      """
  }

  var notes: Markup {
    picture.notes.isEmpty
      ? .none
      : "<section class=\"notes\"><h2>Notes</h2><ul>\(picture.notes.map { "<li>\($0)</li>" as Markup })</ul></section>"
  }
}
