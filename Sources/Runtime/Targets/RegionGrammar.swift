import ValuesAndCommands

/// The words of `region`, the same on every target.
package enum RegionGrammar {
  package static let name = "region"
  package static let summary = "a cluster with all that runs in it, as a whole: make, start, stop, pause, delete"

  /// The regions that a call names, each once, else the one that it is for.
  package static func regions(_ words: ParsedWords, _ call: Invocation) throws(CommandFailure) -> [Text] {
    var regions: [Text] = []
    for word in words.positionals where !regions.contains(word) { regions.append(word) }
    if regions.isEmpty, let cluster = call.cluster { regions = [Text(cluster.name)] }
    guard !regions.isEmpty else {
      throw CommandFailure(
        .misused, "`region \(words.path)` needs a region's name", advice: "for example: region \(words.path) c1")
    }
    return regions
  }

  package static let grammar: CommandGrammar = {
    let names = [Positional("NAME", optional: true, repeated: true, offers: .clusters)]
    let now = Flag("--now", .toggle, "end the servers without asking them first")
    let store = Flag(
      "--store", .choice(["memory", "disk"]),
      "local target: where streams lie; by default in memory where there is room, else on disk")
    let port = Flag(
      "--port", .integer,
      "local target: where clients reach the first seed of the first region named; the next regions follow")
    return .forms([
      CommandForm(
        "create", "makes regions; one that exists stays as it is", positionals: names, flags: [store, port],
        example: "region create c1 c2 c3"),
      CommandForm("start", "starts every server that does not run", positionals: names, example: "region start c1"),
      CommandForm(
        "stop", "stops every server; streams stay", positionals: names, flags: [now], example: "region stop c1 --now"),
      CommandForm(
        "delete", "takes regions away with all that they keep", positionals: names, flags: [now],
        example: "region delete c1 c2 c3"),
      CommandForm("pause", "lets every server stand still", positionals: names, example: "region pause c1"),
      CommandForm("resume", "lets paused servers go on", positionals: names, example: "region resume c1"),
      CommandForm(
        "list", "says which regions there are, and how they are",
        gives: .list(
          .map(
            "", open: true,
            [
              Field("name", .text), Field("state", .text, "running, paused, stopped or degraded"),
              Field("servers", .int, optional: true), Field("running", .int, "how many servers run", optional: true),
              Field("store", .text, "memory or disk", optional: true),
              Field("url", .text, "where clients reach it", optional: true),
            ])), example: "region list"),
    ])
  }()
}
