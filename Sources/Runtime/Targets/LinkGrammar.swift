import ValuesAndCommands

/// The words of `link`, the same on every target.
package enum LinkGrammar {
  package static let name = "link"
  package static let summary = "how far regions are from each other, and what is cut between them"

  /// What sets links on k3d: it has iproute2 and nftables.
  package static let k3dImage = "nicolaka/netshoot:v0.13"

  package static let grammar: CommandGrammar = {
    let a = Positional("A", as: .cluster)
    let maybeA = Positional("A", as: .cluster, optional: true)
    let maybeB = Positional("B", as: .cluster, optional: true)
    let over = Flag(
      "--over", .choice(LinkNetwork.allCases.map(\.rawValue)),
      "one network alone: gateways with leafnodes, or the routes of clusters that span regions")
    let oneWay = Flag("--one-way", .toggle, "only from A to B; where B is left out, from A to all others")
    let image = Flag("--image", .text, "k3d: what has sh, tc and nft; else the last one, at first \(k3dImage)")
    var set = CommandForm(
      "set", "says how far two regions are from each other; what is not named stays as it is",
      positionals: [maybeA, maybeB],
      flags: [
        Flag("--rtt", .duration, "the round trip, half of it each way; with --one-way this way's half alone"),
        Flag("--jitter", .duration, "by how much each way's time varies, up and down"),
        Flag("--rate", .rate, "bytes a second each way, 10MB being 10,000,000; none for as many as there are"),
        Flag("--loss", .percent, "which share of segments is lost each way"), over, oneWay, image,
      ], document: "a matrix: a map of pairs, each with flags, as { \"c1 c2\": { rtt: 80ms } }",
      example: "link set c1 c2 --rtt 80ms --jitter 5ms",
      rule: { problemOfSet($0, $1) ?? problemOfPair($0) ?? problemOfTimes($0) })
    set.documentRule = problemOfMatrix
    return .forms([
      set,
      CommandForm(
        "cut", "lets nothing pass between two regions, or between one and all others; distances stay",
        positionals: [a, maybeB],
        flags: [
          Flag("--refuse", .toggle, "resets and refuses connections; else nothing is said, as behind a pulled cable"),
          over, oneWay, image,
        ], example: "link cut c1 c2", rule: { words, _ in problemOfPair(words) }),
      CommandForm(
        "join", "ends cuts, and leaves the distances", positionals: [maybeA, maybeB], flags: [over, image],
        example: "link join c1 c2", rule: { words, _ in problemOfPair(words) }),
      CommandForm(
        "heal", "takes cuts and distances away: of two regions, of one and all others, or of all",
        positionals: [maybeA, maybeB], flags: [over, image], example: "link heal",
        rule: { words, _ in problemOfPair(words) }),
      CommandForm(
        "list", "says what is set, and what was seen: open connections, bytes, round trips",
        gives: .list(
          .map(
            "",
            [
              Field("from", .text), Field("to", .text), Field("over", .text, "the network, if there are two"),
              Field("rtt", .duration, "there and back, as set"), Field("delay", .duration, "of this way"),
              Field("jitter", .duration), Field("rate", .size, "bytes a second; null: as many as there are"),
              Field("loss", .float, "as a share of one"), Field("cut", .text, "silent or refused; null: it is not cut"),
              Field("open", .int, "connections"), Field("bytes", .size, "how much went through"),
              Field("measured", .duration, "the round trip that was seen"),
            ])), example: "link list"),
    ])
  }()

  /// Checks a planned call.
  ///
  /// - Parameter existing: tells the clusters that there are; asked only for one that is none of the run's.
  package static func check(_ call: Invocation, existing: () -> [String]) throws(CommandFailure) {
    try grammar.check(call, of: name)
    if call.words.first == "list" { return }
    for name in try LinkRequest(call).names where !call.clusters.contains(where: { $0.name == name }) {
      guard !existing().contains(name) else { continue }
      throw .misused(
        "there is no cluster \(name)",
        advice: "the clusters of this run: \(call.clusters.map(\.name).joined(separator: ", "))")
    }
  }

  private static let settings = ["--rtt", "--jitter", "--rate", "--loss"]

  private static func problemOfPair(_ words: ParsedWords) -> WordProblem? {
    guard let a = words.positional(0), let b = words.positional(1), a == b, !a.string.isEmpty else { return nil }
    return WordProblem(
      index: words.places[1], message: "a link joins two clusters, and this one begins and ends at \(a.masked)",
      advice: "name another one; or leave it out for all others: link \(words.path) \(a.masked)")
  }

  private static func problemOfMatrix(_ words: [Text?], _ matrix: Value) -> WordProblem? {
    do {
      _ = try LinkRequest(Invocation(words: words.map { $0 ?? .knownLater }, document: matrix, deadline: .now))
      return nil
    } catch {
      return WordProblem(index: nil, message: error.reason.masked, advice: error.advice)
    }
  }

  private static func problemOfTimes(_ words: ParsedWords) -> WordProblem? {
    for (flag, longest) in [("--rtt", 2 * LinkShape.longestDelay), ("--jitter", LinkShape.longestDelay)] {
      guard let given = words.duration(flag), given.nanoseconds > longest else { continue }
      return WordProblem(
        index: nil, message: "`\(flag)` is more than a link can be: \(given.text)",
        advice: "bytes are held for an hour each way at most: take up to \(DurationValue(nanoseconds: longest).text)")
    }
    return nil
  }

  private static func problemOfSet(_ words: ParsedWords, _ hasDocument: Bool) -> WordProblem? {
    if hasDocument {
      guard let place = words.places.first else { return nil }
      return WordProblem(
        index: place, message: "`link set` with a matrix takes no clusters as words",
        advice: "name them in the matrix: link set with { \"c1 c2\": { rtt: 80ms } }")
    }
    if words.places.isEmpty {
      return WordProblem(
        index: nil, message: "`link set` needs clusters, or a matrix behind `with`",
        advice: "link set c1 c2 --rtt 80ms; or link set with { \"c1 c2\": { rtt: 80ms } }")
    }
    guard !settings.contains(where: words.isGiven) else { return nil }
    return WordProblem(
      index: nil, message: "`link set` needs something to set", advice: "one of: \(settings.joined(separator: ", "))")
  }
}
