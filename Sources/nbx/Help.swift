/// What `nbx --help` says.
enum Help {
  static let version = "0.1.0"

  static var overview: String {
    let rows = Nbx.subcommands.map { ($0.form.usageWithoutFlags, $0.summary) }
    let lines = HelpRows.lines(rows)
    return """
      nbx runs recipes that stand up NATS superclusters, wait for what must come true, and check it.

      Usage: nbx SUBCOMMAND …

      \(lines.joined(separator: "\n"))

      Examples:
        nbx run install c1 c2 c3              a supercluster of three regions, 36 servers
        nbx status                            its servers, where they listen, how they are
        nbx run cleanup c1 c2 c3              nothing of it is left

      `nbx SUBCOMMAND --help` tells more. What persists lies under $NBX_HOME (default: ~/.local/state/nbx).

      """
  }
}
