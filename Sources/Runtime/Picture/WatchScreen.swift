import Lexer
import SandboxSystem

/// A picture as lines of a terminal, for `nbx status --watch`: what is wrong first, then as much as there is room for.
package struct WatchScreen {
  private let picture: SuperclusterPicture

  package init(_ picture: SuperclusterPicture) { self.picture = picture }

  /// Lines that fit a window.
  package func lines(columns: Int, rows: Int, style: TextStyle) -> [String] {
    var all = [title(columns), summary] + problems(atMost: max(2, rows / 3)) + [StyledLine()] + regions
    for section in [links, gateways, leafnodes, streams, servers] where !section.isEmpty {
      all += [StyledLine()] + section
    }
    if all.count > rows {
      let hidden = all.count - rows + 1
      all = all.prefix(max(rows - 1, 0)) + [StyledLine("… \(hidden) more lines in a higher window", .quiet)]
    }
    return all.prefix(rows).map { $0.text(style, width: columns) }
  }

  /// What changed, for a reader that is no terminal: without what is different at every look.
  package var report: String {
    ([StyledLine("\(PictureWords.moment(picture)) \(PictureWords.summary(picture))")] + regionStates + settings
      + problems(atMost: .max))
      .map { $0.text(.plain) }.joined(separator: "\n")
  }

  /// Two pictures that have this in common need not be told of both.
  package var gist: String {
    (regionStates + settings + problems(atMost: .max) + [summary]).map { $0.text(.plain) }.joined(separator: "\n")
  }

  // MARK: What is wrong

  private func title(_ columns: Int) -> StyledLine {
    var line = StyledLine(picture.regions.map(\.name).joined(separator: " "), .strong)
    line.add(" on target \(picture.target), \(PictureWords.moment(picture))", .quiet)
    let hint = "Ctrl-C or q ends"
    if line.width + hint.count + 2 <= columns {
      line.tab(columns - hint.count)
      line.add(hint, .quiet)
    }
    return line
  }

  private var summary: StyledLine {
    let isWell = picture.problems.isEmpty && !picture.servers.isEmpty
    if picture.regions.isEmpty {
      return StyledLine("nothing is here; try: nbx run recipes/install.nbx c1 c2 c3", .quiet)
    }
    return StyledLine((isWell ? "✓ " : "✕ ") + PictureWords.summary(picture), isWell ? .good : .bad)
  }

  private func problems(atMost most: Int) -> [StyledLine] {
    let shown = picture.problems.count > most ? picture.problems.prefix(most - 1) : picture.problems[...]
    let rest = picture.problems.count - shown.count
    return shown.map { StyledLine("  ✕ \($0)", .bad) } + (rest > 0 ? [StyledLine("  … and \(rest) more", .bad)] : [])
  }

  // MARK: Regions

  private var regionStates: [StyledLine] {
    picture.regions.map { region in
      let own = picture.servers.filter { $0.region == region.name }
      return StyledLine(
        "  \(region.name): \(region.state), \(PictureWords.running(own.count(where: \.isUp), of: own.count))")
    }
  }

  /// A row a region, a column a kind of server, a sign a server.
  private var regions: [StyledLine] {
    let kinds = Set(picture.servers.map(\.kind)).sorted { WatchScreen.order($0) < WatchScreen.order($1) }
    guard !kinds.isEmpty else { return regionStates }
    let nameWidth = (picture.regions.map { displayWidth($0.name) }.max() ?? 0) + 3
    let first = nameWidth + 13
    var starts: [Int] = []
    var next = first
    for kind in kinds {
      starts.append(next)
      let most =
        picture.regions.map { region in
          picture.servers.count { $0.region == region.name && $0.kind == kind }
        }.max() ?? 0
      next += max(displayWidth(kind), 2 * most) + 3
    }
    var head = StyledLine("Region", .quiet)
    for (kind, start) in zip(kinds, starts) {
      head.tab(start)
      head.add(kind, .quiet)
    }
    return [head]
      + picture.regions.map { region in
        let own = picture.servers.filter { $0.region == region.name }
        let isWell = region.state == "running" && own.allSatisfy(\.isUp)
        var line = StyledLine(region.name, .strong)
        line.tab(nameWidth)
        line.add("\(PictureWords.sign(isWell ? "running" : region.state)) \(region.state)", isWell ? .good : .bad)
        for (kind, start) in zip(kinds, starts) {
          line.tab(start)
          for server in own where server.kind == kind { add(server, to: &line) }
        }
        line.tab(next)
        line.add("\(own.count(where: \.isUp)) of \(own.count)", own.allSatisfy(\.isUp) ? .plain : .bad)
        return line
      }
  }

  private func add(_ server: SuperclusterPicture.Server, to line: inout StyledLine) {
    line.add((picture.leadsMeta(server) ? "★" : PictureWords.sign(server.state)) + " ", server.isUp ? .good : .bad)
  }

  private static func order(_ kind: String) -> (Int, String) {
    (["seed", "js", "gw"].firstIndex(of: kind) ?? 3, kind)
  }

  // MARK: Links

  private var linkRows: [LinkRow] { LinkRow.rows(of: picture.links) }

  /// What is set, without what is measured.
  private var settings: [StyledLine] {
    linkRows.map { StyledLine("  \($0.place), \($0.networkNames): \($0.words)") }
  }

  private var links: [StyledLine] {
    guard !linkRows.isEmpty else { return [] }
    let place = max(12, (linkRows.map { displayWidth($0.place) }.max() ?? 0) + 2)
    return [StyledLine("Links", .quiet)]
      + linkRows.map { row in
        var line = StyledLine(row.place, .strong)
        line.tab(place)
        line.add(row.networkNames, .quiet)
        line.tab(place + 21)
        line.add((row.shape.cut == nil ? "" : "✕ ") + row.words, row.shape.cut == nil ? .plain : .bad)
        if !row.measuredWords.isEmpty { line.add(" (measured: \(row.measuredWords))", .quiet) }
        return line
      }
  }

  /// From the row's cluster to the column's: connected of expected, and the round trip. Routes on the diagonal.
  private var gateways: [StyledLine] {
    let clusters = picture.natsClusters
    guard !picture.gateways.isEmpty || !picture.routes.isEmpty else { return [] }
    let step = max(17, (clusters.map { displayWidth($0) }.max() ?? 0) + 2)
    var head = StyledLine("Gateways", .quiet)
    for (place, cluster) in clusters.enumerated() {
      head.tab(12 + place * step)
      head.add("to \(cluster)", .quiet)
    }
    return [head]
      + clusters.map { from in
        var line = StyledLine(from, .strong)
        for (place, to) in clusters.enumerated() {
          line.tab(12 + place * step)
          if from == to {
            let own = picture.routes.filter { $0.natsCluster == from }
            let (found, expected) = (own.reduce(0) { $0 + $1.found }, own.reduce(0) { $0 + $1.expected })
            line.add("routes \(found)/\(expected)", found < expected ? .bad : .quiet)
          } else if let link = picture.gateways.first(where: { $0.from == from && $0.to == to }) {
            line.add("\(link.found)/\(link.expected)", link.found < link.expected ? .bad : .plain)
            if let times = link.roundTrips { line.add(" \(PictureWords.roundTrip(times.median))", .quiet) }
          }
        }
        return line
      }
  }

  private var leafnodes: [StyledLine] {
    guard !picture.leafnodes.isEmpty else { return [] }
    let nameWidth = (picture.leafnodes.map { displayWidth($0.server) }.max() ?? 0) + 2
    return [StyledLine("Leafnodes", .quiet)]
      + picture.leafnodes.map { leaf in
        var line = StyledLine(leaf.server, .strong)
        line.tab(max(12, nameWidth))
        line.add(PictureWords.connection(of: leaf), leaf.isConnected ? .plain : .bad)
        return line
      }
  }

  // MARK: Streams and servers

  private var streams: [StyledLine] {
    guard !picture.streams.isEmpty else { return [] }
    let nameWidth = min(28, (picture.streams.map { displayWidth($0.name) }.max() ?? 0) + 2)
    return [StyledLine("Streams", .quiet)]
      + picture.streams.map { stream in
        var line = StyledLine(stream.name.truncated(to: nameWidth - 2), .strong)
        line.tab(nameWidth)
        line.add("\(Figures.grouped(stream.messages)) messages", .quiet)
        line.tab(nameWidth + 19)
        if let lack = PictureWords.lack(of: stream) { line.add(stream.copies.isEmpty ? lack : lack + "  ", .bad) }
        for copy in stream.copies {
          let (sign, words) = PictureWords.mark(of: copy)
          line.add(
            "\(sign) \(copy.server)\(words.isEmpty ? "" : " " + words)  ", copy.isWell ? .plain : .bad)
        }
        return line
      }
  }

  private var servers: [StyledLine] {
    guard !picture.servers.isEmpty else { return [] }
    let nameWidth = (picture.servers.map { displayWidth($0.name) }.max() ?? 0) + 2
    return [StyledLine("Servers", .quiet)]
      + picture.servers.map { server in
        var line = StyledLine(server.name)
        line.tab(nameWidth)
        line.add("\(PictureWords.sign(server.state)) \(server.state)", server.isUp ? .good : .bad)
        line.tab(nameWidth + 12)
        if let own = server.figures {
          line.add("\(Figures.grouped(own.connections)) connections")
          line.tab(nameWidth + 30)
          line.add(Figures.size(own.memory))
          line.tab(nameWidth + 40)
          line.add("\(Int(own.cpu.rounded()))% cpu")
          line.tab(nameWidth + 50)
          line.add("up \(own.uptime)")
        }
        line.tab(nameWidth + 66)
        line.add(server.url, .quiet)
        return line
      }
  }
}

/// A line for a terminal, in parts that are coloured each for itself, so that it can be cut to a width.
struct StyledLine {
  enum Tone { case plain, strong, quiet, good, bad, attention }

  private(set) var parts: [(text: String, tone: Tone)] = []

  init() {}
  init(_ text: String, _ tone: Tone = .plain) { add(text, tone) }

  mutating func add(_ text: String, _ tone: Tone = .plain) {
    // What servers name themselves may hold anything: an escape sequence would write elsewhere on the screen.
    parts.append((text.fitForTerminalLine, tone))
  }

  /// Goes on in a column: blanks up to there, at least one.
  mutating func tab(_ column: Int) { add(String(repeating: " ", count: max(1, column - width))) }

  var width: Int { parts.reduce(0) { $0 + displayWidth($1.text) } }

  func text(_ style: TextStyle, width: Int = .max) -> String {
    var left = width
    var all = ""
    for (text, tone) in parts where left > 0 {
      let cut = text.truncated(to: left)
      left -= displayWidth(cut)
      switch tone {
      case .plain: all += cut
      case .strong: all += style.strong(cut)
      case .quiet: all += style.quiet(cut)
      case .good: all += style.good(cut)
      case .bad: all += style.bad(cut)
      case .attention: all += style.attention(cut)
      }
    }
    return all
  }
}
