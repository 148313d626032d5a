import ValuesAndCommands

/// A namespace that is being deleted takes nothing new, and may stay so for ever. Why it does is written in its own
/// status, and nowhere in what the programs say.
struct NamespaceDeletion {
  let command: ProgramCommand
  let call: Invocation

  /// The namespace that a program has failed for, because it is still there, or already going.
  static func namespace(in failure: CommandFailure, of program: ProgramCall) -> String? {
    guard ["kubectl", "helm"].contains(program.programName) else { return nil }
    let said = failure.said?.string ?? ""
    if let found = said.firstMatch(of: /in namespace (\S+) because it is being terminated/) { return String(found.1) }
    if let found = said.firstMatch(of: /timed out waiting for the condition on namespaces\/(\S+)/) {
      return String(found.1)
    }
    return failure.kind == .timedOut ? deleted(by: program) : nil
  }

  /// The namespace of `kubectl delete namespace nats` and `kubectl wait --for=delete namespace/nats`.
  private static func deleted(by program: ProgramCall) -> String? {
    let words = ProgramWords(program.arguments, of: program.programName).positionals.map(\.string)
    guard let verb = words.first, ["delete", "wait"].contains(verb) else { return nil }
    let named = words.dropFirst().joined(separator: "/").split(separator: "/")
    guard named.count == 2, ["namespace", "namespaces", "ns"].contains(named[0]) else { return nil }
    return String(named[1])
  }

  /// The failure with what the namespace says itself. It is asked for a short time only; without an answer the failure
  /// is what it was.
  func explain(_ failure: CommandFailure, of program: ProgramCall, _ namespace: String) -> CommandFailure {
    var explained = failure
    explained.advice = advice(namespace, program) ?? failure.advice
    return explained
  }

  private func advice(_ namespace: String, _ program: ProgramCall) -> String? {
    let context = contextWords(of: program)
    var question = call
    question.isStatement = false
    question.deadline = .now + .seconds(10)
    let words: [Text] = ["get", "namespace", Text(namespace), "--ignore-not-found", "-o", "json"]
    let looking = ProgramCall(program: "kubectl", arguments: words + context, document: nil)
    guard let record = try? command.start(looking, question) else { return nil }
    guard let status = try? Value.json(Array(record.out.string.utf8))[at: "status"] else {
      return "the namespace \(namespace) is gone by now: run it again"
    }
    guard status[at: "phase"]?.asText?.string == "Terminating" else { return nil }
    let flags = context.isEmpty ? "" : " \(Text(words: context).masked)"
    let reasons = NamespaceDeletion.reasons(status)
    guard !reasons.isEmpty else {
      return "the namespace \(namespace) is being deleted: kubectl wait --for=delete namespace/\(namespace)\(flags)"
    }
    return
      (["the namespace \(namespace) is being deleted, and waits:"] + reasons.map { "  \($0)" }
      + NamespaceDeletion.remedies(reasons, namespace, flags)).joined(separator: "\n")
  }

  /// In the words of the namespace controller.
  private static func reasons(_ status: Value) -> [String] {
    guard case .list(let conditions)? = status[at: "conditions"] else { return [] }
    return conditions.compactMap { condition in
      condition[at: "status"]?.asText?.string == "True" ? condition[at: "message"]?.asText?.string : nil
    }
  }

  private static func remedies(_ reasons: [String], _ namespace: String, _ flags: String) -> [String] {
    let text = reasons.joined(separator: "\n")
    var remedies: [String] = []
    if text.contains("finalizers remaining") {
      remedies.append(
        "what put those finalizers there has to take them away, so it must run; if it is gone for good, take them out of"
          + " those objects: kubectl edit KIND NAME -n \(namespace)\(flags)")
    }
    if text.contains("Discovery failed") || text.contains("server APIs") {
      let services = apis(in: text).map { "kubectl delete apiservice \($0)\(flags)" }
      remedies.append(
        "an API does not answer, and no namespace goes meanwhile: kubectl get apiservices\(flags); where what serves it is"
          + " gone: " + (services.isEmpty ? "kubectl delete apiservice NAME\(flags)" : services.joined(separator: "; "))
      )
    }
    return remedies
  }

  /// The names of the API services in `… server APIs: tap.linkerd.io/v1alpha1: stale GroupVersion discovery`.
  private static func apis(in text: String) -> [String] {
    let names = text.matches(of: /([a-z0-9-]+(?:\.[a-z0-9-]+)+)\/(v[0-9][a-z0-9]*)/).map { "\($0.2).\($0.1)" }
    return names.enumerated().filter { !names[..<$0.offset].contains($0.element) }.map(\.element)
  }

  /// Which cluster the program was told to work on; helm and kubectl name the flag differently.
  private func contextWords(of program: ProgramCall) -> [Text] {
    let given = ProgramWords(program.arguments, of: program.programName)
    let context: [Text] = given.values(of: "--context", "--kube-context").last.map { ["--context", $0] } ?? []
    let configuration: [Text] = given.values(of: "--kubeconfig").last.map { ["--kubeconfig", $0] } ?? []
    return context + configuration
  }
}
