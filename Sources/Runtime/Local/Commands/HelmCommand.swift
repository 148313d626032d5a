import SandboxSystem
import ValuesAndCommands

/// `helm`, as far as NATS needs it: it runs the chart `nats/nats` itself.
struct HelmCommand: ProgramLikeCommand {
  let releases: ReleaseEngine

  let name = "helm"
  let summary = "Installs the chart nats/nats as processes of this machine: upgrade, uninstall, list, status"
  let programGrammar = HelmGrammar.grammar

  func refusal(of word: String) -> CommandFailure? {
    let known: Set = [
      "template", "lint", "package", "pull", "push", "rollback", "history", "test", "show", "search", "plugin",
      "create",
      "dependency", "registry",
    ]
    guard known.contains(word) else { return nil }
    return CommandFailure(
      .misused, "`helm \(word)` needs helm itself, which the local target does not run",
      advice: "where a recipe needs it, ask first: if target.kubernetes { … }")
  }

  func output(_ words: ParsedWords, _ call: Invocation) throws(CommandFailure) -> Text {
    switch words.path {
    case "repo add", "repo update", "repo list", "repo remove":
      return try HelmRepositories(store: store).output(words, call)
    case "upgrade", "install": return try HelmUpgrade(command: self, words: words, call: call).output()
    case "uninstall": return try uninstall(words, call)
    case "list": return try list(words, call)
    case "status": return try status(words, call)
    default:
      return Text(lines: [Value.map(try release(words, call).valueMap).json(indented: true)])
    }
  }

  /// Of an upgrade the first line says it all to a person; the others are for recipes that read them.
  func spoken(_ out: Text, of words: ParsedWords) -> [Text] {
    words.path == "upgrade" || words.path == "install" ? Array(out.lines.prefix(1)) : out.lines
  }

  func namespace(_ words: ParsedWords) throws(CommandFailure) -> String {
    try checked(words.text("--namespace") ?? "default", as: "namespace")
  }

  private func release(_ words: ParsedWords, _ call: Invocation) throws(CommandFailure) -> ReleaseRecord {
    let region = try region(of: call)
    let name = try checked(words.positional(0) ?? "", as: "release")
    let namespace = try namespace(words)
    let identity = ReleaseIdentity(cluster: region.name, namespace: namespace, name: name)
    guard let release = store.release(identity) else { throw notFound(name, namespace, region) }
    return release
  }

  private func notFound(_ name: String, _ namespace: String, _ region: RegionRecord) -> CommandFailure {
    let there = store.releases(of: region.name).map { "\($0.identity.name) (namespace \($0.identity.namespace))" }
    return CommandFailure(
      .failed, Text("release \(name) was not found in namespace \(namespace) of \(region.name)"),
      advice: there.isEmpty ? "nothing is installed there" : "there are: \(there.joined(separator: ", "))")
  }

  private func uninstall(_ words: ParsedWords, _ call: Invocation) throws(CommandFailure) -> Text {
    let region = try region(of: call)
    let namespace = try namespace(words)
    let limits = CallLimits(call, atMost: timeLimit(words))
    var lines: [String] = []
    for word in words.positionals {
      let name = try checked(word, as: "release")
      let identity = ReleaseIdentity(cluster: region.name, namespace: namespace, name: name)
      if store.release(identity) != nil {
        try releases.uninstall(identity, limits)
        lines.append("release \"\(name)\" uninstalled")
      } else if words.has("--ignore-not-found") {
        lines.append("release \"\(name)\" was not there")
      } else {
        throw notFound(name, namespace, region)
      }
    }
    return Text(lines: lines)
  }

  private func list(_ words: ParsedWords, _ call: Invocation) throws(CommandFailure) -> Text {
    let region = try region(of: call)
    let namespace = words.has("--all-namespaces") ? nil : try namespace(words)
    let rows = store.releases(of: region.name, namespace: namespace).map(row)
    if words.has("--short") { return Text(lines: rows.map { $0["name"]?.asText ?? "" }) }
    if words.string("--output") == "json" {
      return Text(lines: [Value.list(rows.map(Value.map)).json()])
    }
    let head = ["NAME", "NAMESPACE", "REVISION", "UPDATED", "STATUS", "CHART", "APP VERSION"]
    return Text(lines: PlainTable(head, rows.map { $0.values.map { $0.asText ?? "" } }).lines)
  }

  /// As helm lists it; the revision is text there too.
  private func row(_ release: ReleaseRecord) -> ValueMap {
    let entries: [(String, Value)] = [
      ("name", .string(release.identity.name)), ("namespace", .string(release.identity.namespace)),
      ("revision", .string(String(release.revision))),
      ("updated", .string(TimeValue(nanoseconds: Int64(release.updated * 1e9)).text)),
      ("status", .string(release.status.rawValue)), ("chart", .string("nats-\(release.chartVersion)")),
      ("app_version", .string(release.appVersion)),
    ]
    return ValueMap(entries)
  }

  private func status(_ words: ParsedWords, _ call: Invocation) throws(CommandFailure) -> Text {
    let release = try release(words, call)
    if words.string("--output") == "json" { return Text(lines: [Value.map(row(release)).json()]) }
    return Text(lines: HelmUpgrade.statusLines(of: release))
  }
}

/// `helm repo …`: what a recipe added is remembered, and nothing is fetched.
struct HelmRepositories {
  private struct Repository: Codable {
    let name: String
    var url: String
  }

  let store: RegionStore

  func output(_ words: ParsedWords, _ call: Invocation) throws(CommandFailure) -> Text {
    switch words.path {
    case "repo add": return try add(words, call)
    case "repo remove": return try remove(words, call)
    case "repo update": return Text(lines: ["Charts are not fetched here; nothing to update."])
    default: return list(words)
    }
  }

  private var kept: [Repository] {
    guard case .state(let kept) = StateFile.read(store.folders.repositories, as: [Repository].self) else { return [] }
    return kept
  }

  private func change(
    _ call: Invocation, _ body: (inout [Repository]) throws(CommandFailure) -> String
  ) throws(CommandFailure) -> Text {
    try store.changing([["helm repositories"]], CallLimits(call)) { () throws(CommandFailure) in
      var repositories = kept
      let said = try body(&repositories)
      let sorted = repositories.sorted { $0.name < $1.name }
      try onThisMachine { () throws(MachineError) in try StateFile.write(sorted, to: store.folders.repositories) }
      return Text(lines: [said])
    }
  }

  private func add(_ words: ParsedWords, _ call: Invocation) throws(CommandFailure) -> Text {
    let name = words.positional(0) ?? ""
    let url = words.positional(1) ?? ""
    return try change(call) { repositories throws(CommandFailure) in
      if let index = repositories.firstIndex(where: { $0.name == name.string }) {
        if repositories[index].url == url.string {
          return "\"\(name.masked)\" already exists with the same configuration, skipping"
        }
        guard words.has("--force-update") else {
          throw CommandFailure(
            .failed, "repository name (\(name.masked)) already exists with another URL", advice: "add --force-update")
        }
        repositories[index].url = url.string
      } else {
        repositories.append(Repository(name: name.string, url: url.string))
      }
      return "\"\(name.masked)\" has been added to your repositories"
    }
  }

  private func remove(_ words: ParsedWords, _ call: Invocation) throws(CommandFailure) -> Text {
    try change(call) { repositories throws(CommandFailure) in
      for name in words.positionals {
        guard repositories.contains(where: { $0.name == name.string }) else {
          throw CommandFailure(.failed, "no repo named \"\(name.masked)\" found")
        }
        repositories.removeAll { $0.name == name.string }
      }
      return "removed from your repositories"
    }
  }

  private func list(_ words: ParsedWords) -> Text {
    let repositories = kept
    if words.string("--output") == "json" {
      let rows = repositories.map { repository -> Value in
        ["name": .string(repository.name), "url": .string(repository.url)]
      }
      return Text(lines: [Value.list(rows).json()])
    }
    return Text(lines: PlainTable(["NAME", "URL"], repositories.map { [$0.name, $0.url] }).lines)
  }
}
