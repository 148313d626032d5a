import Interpreter

/// `region` where clusters are made by k3d, or exist already and are left alone.
struct KubernetesRegionCommand: Command {
  let isOurs: Bool
  let name = "region"
  let summary = RegionGrammar.summary
  let grammar = RegionGrammar.grammar

  func run(_ call: Invocation) throws(CommandFailure) -> Value {
    let words = try grammar.parsed(call, of: name)
    let regions = words.positionals.isEmpty ? [call.cluster.map { Text($0.name) } ?? ""] : words.positionals
    if words.path == "list" { return .list(call.clusters.map { ["name": .string($0.name)] }) }
    guard isOurs else {
      call.say(Text("\(words.path): \(regions.map(\.string).joined(separator: ", ")) is not ours and is left alone"))
      return .null
    }
    for region in regions { try run(words.path, region, call) }
    return .null
  }

  private func run(_ verb: String, _ region: Text, _ call: Invocation) throws(CommandFailure) {
    let k3d = ProgramCommand(name: "k3d", summary: "", contextFlag: nil)
    let docker = ProgramCommand(name: "docker", summary: "", contextFlag: nil)
    var inner = call
    switch verb {
    case "create":
      inner.isStatement = false
      inner.words = ["cluster", "list", region]
      // Asking for a cluster that is not there fails: then it is made.
      if (try? k3d.run(inner)) != nil { return }
      inner.isStatement = call.isStatement
      inner.words = [
        "cluster", "create", region, "--agents", "2", "--network", "linkerd-idc", "--k3s-arg",
        "--disable=traefik@server:0",
      ]
      _ = try k3d.run(inner)
    case "pause", "resume":
      for node in ["server-0", "agent-0", "agent-1"] {
        inner.words = [Text(verb == "pause" ? "pause" : "unpause"), Text("k3d-\(region.string)-\(node)")]
        _ = try docker.run(inner)
      }
    default:
      inner.words = ["cluster", Text(verb), region]
      _ = try k3d.run(inner)
    }
  }
}
