import Interpreter
import Lexer
import SandboxPicture
import SandboxRuntime
import SandboxSystem
import Synchronization

/// `nbx status [CLUSTER…]`
enum StatusSubcommand: Subcommand {
  static let form = CommandForm.subcommand(
    "status", "Shows what runs: clusters, servers, where they listen, how they are",
    [CommonPositionals.clusters("the clusters to show, with what connects them; all of them if none is named")],
    flags: [
      Flag(
        "--json", .toggle,
        "all of it as data: clusters, servers, gateways, routes, leafnodes, links, streams, what is wrong"),
      Flag(
        "--urls", .toggle,
        "where applications connect: a line for each cluster, its name and the URLs of its seed servers, parted by "
          + "commas as clients take them; exit code 1 if one has none"),
      Flag(
        "--watch", .toggle,
        "goes on showing it, until you press Ctrl-C or q; exit code 0. Without a terminal: a report at every change"),
      Flag(
        "--html", .text, "writes a picture of the supercluster, one page without anything from outside", value: "FILE"),
      Flag(
        "--serve", .port,
        "serves the same page to browsers on this machine, always up to date, until you press Ctrl-C; exit code 0. On a "
          + "free port if none is given", valueOptional: true),
      CommonFlags.target, CommonFlags.context,
    ], atMostOneOf: ["--json", "--urls", "--watch", "--html", "--serve"], example: "nbx status"
  ) { words in
    guard words.string("--html")?.isEmpty != true else {
      return WordProblem(
        index: nil, message: "`--html` needs a file to write", advice: "nbx status --html picture.html")
    }
    return words.repetition(ofClustersFrom: 0)
  }

  static let examples = [
    "nbx status --json | python3 -m json.tool", "nbx status --urls", "nbx status c1 c2 --watch", "nbx status --serve",
  ]

  static func run(_ words: ParsedWords) throws(Usage) -> ExitCode {
    let clusters = words.strings()
    let chooser = TargetChooser(
      wanted: words.target, contexts: words.contexts, clusters: clusters,
      environment: ownEnvironment, purpose: "nbx status", isOnlyLooking: true,
      announce: { _ in })
    let target: any Target
    do throws(CommandFailure) {
      target = try LongWait.told("what tells where the clusters are") { () throws(CommandFailure) in
        try chooser.target()
      }
    } catch {
      throw Usage(message: error.reason.masked, advice: error.advice ?? "`nbx doctor` tells what is missing")
    }
    if let unknown = unknown(clusters, on: target) { return unknown }
    let maker = PictureMaker(of: target, clusters: clusters)
    if words.has("--urls") { return ClientURLs(of: target, clusters: clusters).show() }
    if words.has("--watch") { return StatusWatch(maker).run() }
    if let file = words.string("--html") { return StatusPages.write(told(maker), to: file) }
    if words.isGiven("--serve") { return StatusPages.serve(maker, port: words.integer("--serve").map { UInt16($0) }) }
    if words.has("--json") {
      Terminal.standardOutput.write(told(maker).value.json(indented: true).masked + "\n")
    } else {
      let status = LongWait.told("what runs there") { target.status(of: clusters) }
      let problems = LongWait.told("what the servers say") { maker.picture(of: status).problems }
      Terminal.standardOutput.write(text(status, problems, target) + "\n")
    }
    return .done
  }

  /// What servers say of themselves, which may take as long as the slowest of them.
  private static func told(_ maker: PictureMaker) -> SuperclusterPicture {
    LongWait.told("what the servers say") { maker.picture() }
  }

  /// A cluster that is not there shows nothing: better said.
  private static func unknown(_ clusters: [String], on target: any Target) -> ExitCode? {
    guard !clusters.isEmpty else { return nil }
    let there = LongWait.told("the clusters that are there") { target.existingClusters() }
    // Those that exist already are told of by nobody: they are reached by their names.
    let missing = target.ownsClusters ? clusters.filter { !there.contains($0) } : []
    guard let first = missing.first else { return nil }
    let known = there.isEmpty ? "nothing is here" : "there are \(there.joined(separator: ", "))"
    return ExitCode.failed.telling(
      "target \(target.name) has no cluster \(first): \(known)",
      try: there.isEmpty ? "nbx run install \(clusters.joined(separator: " "))" : "nbx status")
  }

  /// More would hide what is below them.
  private static let mostProblems = 12

  private static func text(_ status: TargetStatus, _ problems: [String], _ target: any Target) -> String {
    let style = Terminal.standardOutput.style
    guard !status.regions.isEmpty else {
      // A note may say that nobody could tell.
      let lines =
        status.notes.isEmpty
        ? ["nothing is here", "= try: nbx run install c1 c2 c3"] : ["no region is found"] + status.notes
      return "target \(target.name): " + lines.joined(separator: "\n")
    }
    let versions = Set(status.servers.map(\.version))
    let version = versions.count == 1 ? versions.first.flatMap { $0.isEmpty ? nil : $0 } : nil
    var lines = ["target \(target.name)" + (version.map { ", nats-server \($0)" } ?? "")]
    lines += problems.prefix(mostProblems).map { style.bad("✕ \($0)") }
    if problems.count > mostProblems {
      lines.append(style.bad("✕ and \(problems.count - mostProblems) more: nbx status --json"))
    }
    for region in status.regions {
      let servers = status.servers.filter { $0.cluster == region.name }
      let running = servers.count { $0.state == "running" }
      let state = region.state == "running" ? style.good(region.state) : style.bad(region.state)
      lines.append("\(style.strong(region.name)): \(state), \(running) of \(servers.count) servers running")
    }
    let columns = Terminal.standardOutput.columns
    let links = LinkRow.rows(of: status.links)
    if !links.isEmpty { lines.append(Table.fitting(columns) { table(links, style).text }) }
    if !status.servers.isEmpty {
      lines.append(Table.fitting(columns) { table(status, style, hasVersions: version == nil).text })
    }
    return (lines + status.notes).joined(separator: "\n")
  }

  /// What is set between regions; a pair of them once where both directions are alike.
  private static func table(_ links: [LinkRow], _ style: TextStyle) -> Table {
    Table(
      header: ["Regions", "Over", "Set", "Measured"],
      rows: links.map { row in
        let words = row.shape.cut == nil ? row.words : style.bad(row.words)
        return [row.place, row.networkNames, words, row.measuredWords]
      }, alignments: [.left, .left, .left, .right])
  }

  /// What all servers have in common needs no column, so that the rest fits 80.
  private static func table(_ status: TargetStatus, _ style: TextStyle, hasVersions: Bool) -> Table {
    let isPlain = status.servers.allSatisfy { $0.name.hasPrefix($0.cluster + "-") }
    var columns: [(title: String, alignment: Table.Alignment, cell: (TargetStatus.Server) -> String)] = [
      ("Name", .left, \.name),
      ("State", .left, { $0.state == "running" ? $0.state : style.bad($0.state) }),
      ("URL", .left, \.url), ("Monitor", .right, { $0.monitorURL.split(separator: ":").last.map(String.init) ?? "" }),
      ("PID", .right, { $0.pid.map { "\($0)" } ?? "" }),
    ]
    if hasVersions { columns.append(("Version", .left, \.version)) }
    if !isPlain { columns.insert(("Cluster", .left, \.cluster), at: 1) }
    columns.removeAll { column in column.title != "Name" && status.servers.allSatisfy { column.cell($0).isEmpty } }
    return Table(
      header: columns.map(\.title), rows: status.servers.map { server in columns.map { $0.cell(server) } },
      alignments: columns.map(\.alignment))
  }
}

/// `nbx status --html` and `--serve`: the picture as a page.
enum StatusPages {
  static func write(_ picture: SuperclusterPicture, to file: String) -> ExitCode {
    do throws(MachineError) {
      try UserFile.write(Array(PicturePage(picture).file.utf8), to: file)
    } catch {
      return ExitCode.failed.telling(error.reason, try: error.advice)
    }
    Terminal.standardOutput.write("\(file): \(PicturePage(picture).summary)\n")
    return .done
  }

  /// Serves until it is interrupted, which is how it is meant to end.
  static func serve(_ maker: PictureMaker, port: UInt16?) -> ExitCode {
    let stop = Interrupts.watched()
    do throws(CommandFailure) {
      let server = try PageServer(port: port)
      Terminal.standardOutput.write("the picture is at \(server.address) until you press Ctrl-C\n")
      let site = PictureSite(maker)
      // Nobody can know where it is whom the address did not reach.
      server.serve(until: { stop.request != .none || Terminal.lostOutput != nil }, answer: site.answer)
      return .done
    } catch {
      return ExitCode.failed.telling(error.reason.masked, try: error.advice)
    }
  }
}

/// `nbx status --watch`: goes on showing what runs until it is interrupted, which is how it is meant to end.
struct StatusWatch {
  private let maker: PictureMaker
  private let terminal = Terminal.standardOutput

  private static let pause = Duration.seconds(1)
  private static let tick = Duration.milliseconds(50)

  init(_ maker: PictureMaker) { self.maker = maker }

  /// Pictures are taken by a thread of their own: servers that do not answer keep no key waiting.
  private final class Latest: Sendable {
    let picture = Mutex<SuperclusterPicture?>(nil)
  }

  func run() -> ExitCode {
    let stop = Interrupts.watched()
    let latest = Latest()
    let maker = maker
    _ = LaneThread.start {
      while true {
        let picture = maker.picture()
        latest.picture.withLock { $0 = picture }
        Pause.sleep(StatusWatch.pause)
      }
    }
    if terminal.isTerminal { watch(latest, stop) } else { tell(latest, stop) }
    return .done
  }

  private func watch(_ latest: Latest, _ stop: StopSignal) {
    let screen = FullScreen(terminal)
    defer { screen.leave() }
    screen.draw(["looking …"])
    var drawn: SuperclusterPicture?
    var size = (0, 0)
    while stop.request == .none, !screen.wantsToLeave {
      let now = (terminal.columns, terminal.rows)
      if let picture = latest.picture.withLock({ $0 }), picture != drawn || now != size {
        // Erasing to the end of a line would take a character in the last column away.
        screen.draw(WatchScreen(picture).lines(columns: now.0 - 1, rows: now.1, style: terminal.style))
        (drawn, size) = (picture, now)
      }
      screen.listen(for: StatusWatch.tick)
    }
  }

  /// Without a terminal: a report at first and at every change.
  private func tell(_ latest: Latest, _ stop: StopSignal) {
    var told: String?
    while stop.request == .none, !terminal.isDeserted, Terminal.lostOutput == nil {
      if let picture = latest.picture.withLock({ $0 }) {
        let screen = WatchScreen(picture)
        if screen.gist != told {
          terminal.write(screen.report + "\n")
          told = screen.gist
        }
      }
      Pause.sleep(StatusWatch.tick)
    }
  }
}

/// `nbx status --urls`: where applications connect.
struct ClientURLs {
  private let target: any ClusterDirectory
  /// All of them if none is named.
  private let names: [String]

  init(of target: any ClusterDirectory, clusters: [String]) {
    self.target = target
    names = clusters
  }

  /// Shows a line for each cluster. What has no address is told, and is a failure: scripts read the lines.
  func show() -> ExitCode {
    let wanted = names.isEmpty ? target.existingClusters() : names
    let clusters = wanted.enumerated().map { target.cluster(named: $1, index: $0) }
    guard !clusters.isEmpty else {
      return ExitCode.failed.telling("target \(target.name): nothing is here", try: "nbx run install c1 c2 c3")
    }
    let width = clusters.map(\.name.count).max() ?? 0
    var code = ExitCode.done
    for cluster in clusters {
      do throws(CommandFailure) {
        let urls = try target.seedAddresses(of: cluster).map { host, port in "nats://\(bracketed(host)):\(port)" }
        Terminal.standardOutput.write("\(cluster.name.padded(to: width))  \(urls.joined(separator: ","))\n")
      } catch {
        code = ExitCode.failed.telling("\(cluster.name): \(error.reason.masked)", try: error.advice)
      }
    }
    return code
  }

  private func bracketed(_ host: String) -> String { host.contains(":") ? "[\(host)]" : host }
}
