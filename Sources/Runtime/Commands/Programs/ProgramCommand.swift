import Interpreter

/// A program of the system as a command. Its words go to it as they are, each one argument.
struct ProgramCommand: Command {
  let name: String
  let summary: String
  /// The flag by which the program is told the kube context of the current cluster.
  let contextFlag: String?
  /// Whose clusters it works on.
  var ownership = ClusterOwnership.none
  let environment: @Sendable () -> [String: String]

  let grammar = CommandGrammar.anyWords
  let gives = Shape.record
  var concernsCluster: Bool { contextFlag != nil }

  /// Any program: its name is the first word.
  static func exec(environment: @escaping @Sendable () -> [String: String]) -> ProgramCommand {
    ProgramCommand(name: "exec", summary: "runs any program", contextFlag: nil, environment: environment)
  }

  /// The programs that drive Kubernetes. Each takes the context in its own way.
  static func kubernetes(
    _ ownership: ClusterOwnership, environment: @escaping @Sendable () -> [String: String]
  ) -> [ProgramCommand] {
    func program(_ name: String, _ summary: String, _ contextFlag: String?) -> ProgramCommand {
      ProgramCommand(
        name: name, summary: summary, contextFlag: contextFlag, ownership: ownership, environment: environment)
    }
    return [
      program("k3d", "k3d: Kubernetes clusters in Docker", nil),
      program("docker", "docker, the program", nil),
      program("kubectl", "kubectl, in the current cluster's context", "--context"),
      program("helm", "helm, in the current cluster's context", "--kube-context"),
      program("linkerd", "linkerd, in the current cluster's context", "--context"),
    ]
  }

  func run(_ call: Invocation) throws(CommandFailure) -> Value {
    let program = try programCall(call, context: call.cluster?.contextText)
    do throws(CommandFailure) {
      return .record(try start(program, call))
    } catch {
      if let namespace = NamespaceDeletion.namespace(in: error, of: program) {
        throw NamespaceDeletion(command: self, call: call).explain(error, of: program, namespace)
      }
      guard HelmRecovery.applies(to: error, of: program) else { throw error }
      return .record(try HelmRecovery(helm: self, program: program, call: call).recover(from: error))
    }
  }

  func plan(_ call: Invocation) throws(CommandFailure) -> [PlannedCommand] {
    // A cluster that is only known during the run has a context that is.
    let context = call.cluster == nil && !call.clusters.isEmpty ? Text.knownLater : call.cluster?.contextText
    return [try programCall(call, context: context).planned]
  }
}

/// Whose clusters a target works on.
enum ClusterOwnership: Sendable {
  /// None: the command knows no clusters.
  case none
  /// nbx made them: it may mend and remake what is in them.
  case ours
  /// They were there before, and others may be at work in them.
  case foreign
}

extension Cluster {
  /// The kube context as a word; nil where there is none.
  var contextText: Text? { context.isEmpty ? nil : Text(context) }
}
