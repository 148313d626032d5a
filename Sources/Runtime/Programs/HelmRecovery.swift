import ValuesAndCommands

/// An interrupt can leave a release in the midst of an upgrade for ever, and helm then refuses every other. In clusters
/// that nbx made it mends the release and goes on; elsewhere another helm may be at work, so that it only explains.
struct HelmRecovery {
  let helm: ProgramCommand
  let program: ProgramCall
  let call: Invocation

  /// A release that helm has left in the midst of something.
  struct PendingRelease: Equatable {
    let name: String
    let namespace: String
    /// `pending-install`, `pending-upgrade`, `pending-rollback` or `uninstalling`
    let status: String
    let revision: Int64
    /// In helm's own words.
    let since: String

    /// What takes it out of that state. What was never installed can't be rolled back, and what is half gone has to go.
    var mendingWords: [Text] {
      let isToGo = ["pending-install", "uninstalling"].contains(status) || revision <= 1
      return [isToGo ? "uninstall" : "rollback", Text(name), "-n", Text(namespace)]
    }
  }

  /// The release that a call of helm changes, as context, namespace and name; nil if it changes none.
  static func release(changedBy program: ProgramCall) -> String? {
    let words = ProgramWords(program.arguments, of: program.programName)
    guard program.programName == "helm", words.positionals.count > 1,
      ["install", "upgrade", "rollback", "uninstall"].contains(words.verb)
    else { return nil }
    let context = words.values(of: "--kube-context").last ?? ""
    return [context, namespace(of: words), words.positionals[1]].map(\.masked).joined(separator: " ")
  }

  private static func namespace(of words: ProgramWords) -> Text {
    words.values(of: "--namespace", "-n").last ?? "default"
  }

  /// Whether helm failed because of that. Of a release that it began to uninstall it only says that none is deployed.
  static func applies(to failure: CommandFailure, of program: ProgramCall) -> Bool {
    let said = failure.said?.string ?? ""
    return program.programName == "helm" && failure.kind == .failed
      && ["another operation (install/upgrade/rollback) is in progress", "has no deployed releases"]
        .contains(where: said.contains)
  }

  /// Mends the release and gives the same command once more.
  ///
  /// - Throws: the failure that it was called for, with an explanation, where the release is not nbx's to mend.
  func recover(from failure: CommandFailure) throws(CommandFailure) -> ProgramRecord {
    guard let release = pendingRelease() else { throw failure }
    let mending = helmCall(release.mendingWords)
    guard helm.ownership == .ours else { throw explained(failure, release, mending) }
    call.say("\(Text(release.name)) is \(Text(release.status)) since an interrupt: \(mending.line), then once more")
    _ = try helm.start(mending, call)
    return try helm.start(program, call)
  }

  private func explained(
    _ failure: CommandFailure, _ release: PendingRelease, _ mending: ProgramCall
  ) -> CommandFailure {
    var explained = failure
    explained.advice = """
      release \(release.name) in namespace \(release.namespace) is \(release.status) since \(release.since)
      if no other helm is at work there, run: \(mending.line)
      """
    return explained
  }

  private func pendingRelease() -> PendingRelease? {
    let words = ProgramWords(program.arguments, of: "helm")
    guard words.positionals.count > 1 else { return nil }
    let namespace = HelmRecovery.namespace(of: words)
    var question = call
    question.isStatement = false
    let status = helmCall(["status", words.positionals[1], "-n", namespace, "-o", "json"])
    guard let record = try? helm.start(status, question), let release = try? Value.json(Array(record.out.string.utf8)),
      let state = release[at: "info"]?[at: "status"]?.asText?.string,
      state.hasPrefix("pending-") || state == "uninstalling"
    else { return nil }
    var revision: Int64 = 1
    if case .int(let version)? = release[at: "version"] { revision = version }
    return PendingRelease(
      name: words.positionals[1].string, namespace: namespace.string, status: state, revision: revision,
      since: release[at: "info"]?[at: "last_deployed"]?.asText?.string ?? "an unknown time")
  }

  /// A call of helm in the same context.
  private func helmCall(_ words: [Text]) -> ProgramCall {
    let given = ProgramWords(program.arguments, of: "helm")
    var context: [Text] = []
    for flag in ["--kube-context", "--kubeconfig"] {
      if let value = given.values(of: flag).last { context += [Text(flag), value] }
    }
    return ProgramCall(program: program.program, arguments: words + context, document: nil)
  }
}
