import ValuesAndCommands

/// The words of `fault`, the same on every target.
package enum FaultGrammar {
  package static let name = "fault"
  package static let summary = "what breaks servers: killed, frozen, a full disk, a damaged store; and how it is undone"

  /// Which of a region's four releases a server belongs to.
  package enum Role: String, CaseIterable {
    case core, js, gw
    case stretched = "xr-js"

    /// The release of a region that has the role.
    package func release(of region: String) -> String {
      switch self {
      case .core: region
      case .js, .gw: "\(region)-\(rawValue)"
      case .stretched: rawValue
      }
    }
  }

  package static let grammar: CommandGrammar = {
    let servers = Offers.listed("a server") { _ in "nats server list" }
    let named = Positional("SERVER", optional: true, repeated: true, offers: servers)
    let one = Positional("SERVER", offers: servers)
    let role = Flag("--role", .choice(Role.allCases.map(\.rawValue)), "the servers of these releases")
    let region = Flag("--region", .cluster, "of this region alone")
    let stream = Flag("--stream", .text, "whose files")
    func many(_ path: String, _ summary: String, _ example: String) -> CommandForm {
      CommandForm(
        path, summary, positionals: [named], flags: [role, region], gives: .list(.text), example: example,
        needsOneOf: ["SERVER", "--role", "--region"])
    }
    let damage = Shape.map(
      "",
      [
        Field("server", .text), Field("stream", .text), Field("file", .text), Field("size", .size, "before"),
        Field("at", .int, "of all its blocks, which byte; null where it was cut off"), Field("bit", .int),
        Field("seed", .int, "that draws the same again; null where it was said"),
      ])
    return .forms([
      many("kill", "ends servers without asking them; they are gone until they are started", "fault kill c1-js-nats-0"),
      many("start", "starts servers that were killed", "fault start c1-js-nats-0"),
      many("freeze", "lets servers stand still: connections stay, and nothing answers", "fault freeze --role js"),
      many("thaw", "lets frozen servers go on", "fault thaw --role js"),
      many(
        "disk full", "lets the disk refuse what servers write, their logs included; Linux",
        "fault disk full c1-xr-js-nats-0"),
      many("disk free", "lets servers write again", "fault disk free c1-xr-js-nats-0"),
      CommandForm(
        "bit-flip", "turns one bit over in what a server that does not run has stored of a stream", positionals: [one],
        flags: [
          stream, Flag("--at", .number(0...Int64.max), "which byte of its blocks; else it is drawn"),
          Flag("--seed", .integer, "draws the byte and the bit, the same each time; another one each time without"),
        ], gives: damage, example: "fault bit-flip c1-xr-js-nats-0 --stream ORDERS --seed 7", needsOneOf: ["--stream"]),
      CommandForm(
        "cut-off", "takes the second half of a file of a server that does not run",
        positionals: [
          one,
          Positional(
            "PART", as: .choice(StorePart.allCases.map(\.rawValue)),
            help: "the last block of the stream, its index, or what its copies' log was last shortened to"),
        ], flags: [stream], gives: damage, example: "fault cut-off c1-xr-js-nats-0 index --stream ORDERS",
        needsOneOf: ["--stream"]),
      CommandForm(
        "copy", "keeps a copy of a server's store as it is now, as a kill would leave it",
        positionals: [one, Positional("COPY", help: "its name, for `set-back`")],
        example: "fault copy c1-xr-js-nats-0 early"),
      CommandForm(
        "set-back", "puts an earlier copy in the place of the store of a server that does not run", positionals: [one],
        flags: [
          Flag("--to", .text, "the copy", value: "COPY"),
          Flag(
            "--keep-synced", .text,
            "what the server has synced since stays: a trace that `strace -f -y -o FILE` wrote of it",
            value: "FILE"),
        ], example: "fault set-back c1-xr-js-nats-0 --to early",
        needsOneOf: ["--to"]),
      CommandForm(
        "heal", "undoes all that `fault` did and that still stands, and takes its copies away",
        positionals: [named], example: "fault heal"),
      CommandForm(
        "list", "says what stands",
        gives: .list(
          .map(
            "",
            [
              Field("server", .text), Field("region", .text),
              Field("fault", .text, "killed, frozen, disk full, bit-flip, cut-off, set-back, or copy"),
              Field("what", .text, "more of it, for people"),
            ])), example: "fault list"),
    ])
  }()
}

/// What of a stream's files can be cut off.
package enum StorePart: String, CaseIterable {
  case block, index, snapshot
}
