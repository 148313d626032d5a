import Interpreter

/// `helm repo …`: what a recipe added is remembered, and nothing is fetched.
struct HelmRepositories {
  private struct Repository: Codable {
    let name: String
    var url: String
  }

  let sandbox: Sandbox

  func output(_ words: ParsedWords, _ call: Invocation) throws(CommandFailure) -> Text {
    switch words.path {
    case "repo add": return try add(words, call)
    case "repo remove": return try remove(words, call)
    case "repo update": return Text(lines: ["Charts are not fetched here; nothing to update."])
    default: return list(words)
    }
  }

  private var kept: [Repository] {
    guard case .state(let kept) = StateFile.read(sandbox.folders.repositories, as: [Repository].self) else { return [] }
    return kept
  }

  private func change(
    _ call: Invocation, _ body: (inout [Repository]) throws(CommandFailure) -> String
  ) throws(CommandFailure) -> Text {
    let limits = CallLimits(call)
    try sandbox.lock.take(limits)
    return try sandbox.turns.during(["helm repositories"], limits) { () throws(CommandFailure) in
      var repositories = kept
      let said = try body(&repositories)
      let sorted = repositories.sorted { $0.name < $1.name }
      try onThisMachine { () throws(MachineError) in try StateFile.write(sorted, to: sandbox.folders.repositories) }
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
