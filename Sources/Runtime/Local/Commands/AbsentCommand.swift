import Interpreter

/// A program of the Kubernetes sandbox that means nothing among plain processes.
struct AbsentCommand: Command {
  let name: String
  /// As in "k3d makes Kubernetes clusters in Docker".
  let whatItIs: String
  let advice: String

  var summary: String { "\(whatItIs); the local target has none of that" }
  var grammar: CommandGrammar { .anyWords }

  func run(_ call: Invocation) throws(CommandFailure) -> Value {
    throw CommandFailure(
      .misused, "\(whatItIs), and the local target runs NATS servers as plain processes", advice: advice)
  }

  static let all: [AbsentCommand] = [
    AbsentCommand(
      name: "k3d", whatItIs: "k3d makes Kubernetes clusters in Docker",
      advice: "`region create` works on every target; else ask first: if target.kubernetes { … }"),
    AbsentCommand(
      name: "docker", whatItIs: "docker runs containers",
      advice: "where a recipe needs it, ask first: if target.kubernetes { … }"),
    AbsentCommand(
      name: "linkerd", whatItIs: "linkerd joins Kubernetes clusters by a mesh",
      advice: "servers reach each other here without it; ask first: if target.kubernetes { … }"),
  ]
}
