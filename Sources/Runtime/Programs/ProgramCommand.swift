import ValuesAndCommands

/// A program of the system as a command. Its words go to it as they are, each one argument.
package struct ProgramCommand: Command {
  package let name: String
  package let summary: String
  /// The flag by which the program is told the kube context of the current cluster.
  let contextFlag: String?
  /// Whose clusters it works on.
  var ownership = ClusterOwnership.none
  let environment: @Sendable () -> [String: String]

  package let grammar = CommandGrammar.anyWords
  package let gives = Shape.record
  package var concernsCluster: Bool { contextFlag != nil }

  /// Any program: its name is the first word.
  package static func exec(environment: @escaping @Sendable () -> [String: String]) -> ProgramCommand {
    ProgramCommand(name: "exec", summary: "runs any program", contextFlag: nil, environment: environment)
  }

  /// The programs that drive Kubernetes. Each takes the context in its own way.
  package static func kubernetes(
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

  package func run(_ call: Invocation) throws(CommandFailure) -> Value {
    let program = try programCall(call, context: call.cluster?.contextText)
    guard ownership == .ours, let release = HelmRecovery.release(changedBy: program) else {
      return try run(program, call)
    }
    // What another helm of ours has in the midst of something is not left behind by an interrupt.
    return try call.inTurn("helm \(release)", for: "helm \(release)", in: environment()) { () throws(CommandFailure) in
      try run(program, call)
    }
  }

  private func run(_ program: ProgramCall, _ call: Invocation) throws(CommandFailure) -> Value {
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

  package func plan(_ call: Invocation) throws(CommandFailure) -> [PlannedCommand] {
    // A cluster that is only known during the run has a context that is.
    let context = call.cluster == nil && !call.clusters.isEmpty ? Text.knownLater : call.cluster?.contextText
    return [try programCall(call, context: context).planned]
  }
}

/// Whose clusters a target works on.
package enum ClusterOwnership: Sendable {
  /// None: the command knows no clusters.
  case none
  /// nbx made them: it may mend and remake what is in them.
  case ours
  /// They were there before, and others may be at work in them.
  case foreign

  /// The target whose clusters they are.
  package var target: TargetKind { self == .foreign ? .kube : .k3d }
}

extension Cluster {
  /// The kube context as a word; nil where there is none.
  package var contextText: Text? { context.isEmpty ? nil : Text(context) }
}

/// One start of a program, in full: what a run starts, and what a plan shows.
package struct ProgramCall: Sendable {
  package let program: Text
  package var arguments: [Text]
  /// What it gets on its standard input.
  package var document: Value?

  package init(program: Text, arguments: [Text], document: Value? = nil) {
    self.program = program
    self.arguments = arguments
    self.document = document
  }

  /// The program's name without its folder.
  package var programName: String { program.string.split(separator: "/").last.map(String.init) ?? program.string }

  /// How it reads sizes.
  var sizes: SizeForm { ProgramCall.programsOfKubernetes.contains(programName) ? .quantity : .bytes }

  /// Those whose documents are manifests, values of charts and the like.
  private static let programsOfKubernetes: Set = ["kubectl", "helm", "linkerd", "k3d"]

  package var planned: PlannedCommand { PlannedCommand([program] + arguments, document: document, sizes: sizes) }

  /// As one line, for people: what holds blanks or quotes is quoted.
  package var line: Text { Text(words: [program] + arguments) }
}

extension ProgramCommand {
  /// The words of a call with all that nbx adds to them.
  ///
  /// - Parameter context: the kube context of the call's cluster.
  package func programCall(_ call: Invocation, context: Text?) throws(CommandFailure) -> ProgramCall {
    guard name != "exec" else {
      guard let program = call.words.first else {
        throw .misused("`exec` needs a program", advice: "exec date -u")
      }
      return ProgramCall(program: program, arguments: Array(call.words.dropFirst()), document: call.document)
    }
    let words = ProgramWords(call.words, of: name)
    var added: [Text] = []
    if let contextFlag, let context, !words.has(contextFlag), !isAboutThisMachine(words) {
      added += [Text(contextFlag), context]
    }
    if name == "helm", call.document != nil, !words.values(of: "--values", "-f").contains(where: { $0.string == "-" }) {
      added += ["-f", "-"]
    }
    if call.wantsJSON, words.leavesFormatOpen(of: name) { added += ["-o", "json"] }
    // What follows `--` belongs to another program.
    let end = call.words.firstIndex { $0.string == "--" } ?? call.words.endIndex
    return ProgramCall(
      program: Text(name), arguments: call.words[..<end] + added + call.words[end...], document: call.document)
  }

  /// Some commands of helm and kubectl touch files of this machine and no cluster.
  private func isAboutThisMachine(_ words: ProgramWords) -> Bool {
    switch name {
    case "helm": ["repo", "search", "pull", "show", "env", "version"].contains(words.verb)
    case "kubectl": words.verb == "config"
    default: false
    }
  }
}

extension ProgramCommand {
  /// Starts the program and waits for its end.
  package func start(_ program: ProgramCall, _ call: Invocation) throws(CommandFailure) -> ProgramRecord {
    let cover = SecretCover(program, call)
    let secrecy = OutputSecrecy(of: program)
    var process = Subprocess(program.program.string, program.arguments.map(\.string), environment: environment())
    process.workingDirectory = call.folder == "." ? nil : call.folder
    process.standardInput = program.document?.documentBytes(program.sizes)
    process.limit = call.limit(givingUpFrom: .interrupt)
    process.onStart = call.begun
    if call.isStatement {
      var spoken = SpokenLines(of: program)
      process.onOutput = { stream, line in
        if stream == .output, secrecy.isSecret || !spoken.isSpoken(line) { return }
        call.say(cover.text(line))
      }
    }
    let result: ProgramResult
    do throws(ProcessError) {
      result = try process.run()
    } catch {
      throw failure(error, program)
    }
    let out = secrecy.isSecret ? Text.secret(String(decoding: result.output, as: UTF8.self)) : cover.text(result.output)
    let record = ProgramRecord(
      out: out, err: cover.text(result.errorOutput), code: result.exitCode, json: secrecy.json(result.output))
    if result.succeeded { return record }
    throw failure(result, record, program, call)
  }
}

extension ProgramResult {
  /// The exit code, as a shell would tell it.
  var exitCode: Int {
    switch status {
    case .exited(let code): Int(code)
    case .killed(let signal): 128 + Int(signal)
    case .notStarted: -1
    }
  }
}

extension ProgramCommand {
  private static let linesShown = 12

  /// The program ran and did not end well.
  func failure(
    _ result: ProgramResult, _ record: ProgramRecord, _ program: ProgramCall, _ call: Invocation
  ) -> CommandFailure {
    let spoken = record.err.string.utf8.contains { $0 > 0x20 } ? record.err : record.out
    let said = spoken.lastLines(ProgramCommand.linesShown).withoutColours
    let advice = ProgramAdvice(program: program, call: call, ownership: ownership).advice(after: spoken.string)
    func failed(_ kind: CommandFailure.Kind, _ reason: String, _ word: String) -> CommandFailure {
      CommandFailure(
        kind, Text(reason), said: said, advice: advice, ran: program.line,
        details: FailureDetails(word, code: record.code, out: record.out, err: record.err))
    }
    switch result.ending {
    case .timedOut: return failed(.timedOut, "its time was over", "timed-out")
    case .stopped: return failed(.interrupted, "stopped", "interrupted")
    case .tooMuchOutput: return failed(.failed, "it wrote more than 64 MiB", "too-much-output")
    case .byItself:
      if case .killed(let signal) = result.status { return failed(.failed, "killed by signal \(signal)", "killed") }
      return failed(.failed, "exit \(result.exitCode)", "exit")
    }
  }

  /// The program could not be started.
  func failure(_ error: ProcessError, _ program: ProgramCall) -> CommandFailure {
    guard case .notFound(let missing, let searched) = error else {
      return CommandFailure(.failed, of: error.problem, ran: program.line)
    }
    return CommandFailure(
      .failed, Text(searched.isEmpty ? "there is no program \(missing)" : "\(missing) is not on the PATH"),
      advice: ProgramAdvice.installation(of: program.programName, searched: searched), ran: program.line,
      details: FailureDetails("no-program"))
  }
}

extension ProgramGrammar {
  /// What is known of the words of a program of that name.
  package static func of(_ program: String) -> ProgramGrammar {
    switch program {
    case "helm": HelmGrammar.grammar
    case "kubectl": KubectlGrammar.grammar
    case "linkerd": linkerd
    default: unknown
    }
  }

  private static let unknown = ProgramGrammar([])

  private static let linkerd = ProgramGrammar(
    [],
    otherFlags: [
      "": """
      --api-addr= --api-server-address= --as= --as-group= --cluster-name= --cni-namespace= --context=
      --gateway-addresses= --gateway-name= --gateway-namespace= --kubeconfig= --linkerd-namespace= -L= --namespace= -n=
      --output= -o= --service-account-name= --set= --values= -f=
      """
    ])
}

extension ProgramWords {
  package init(_ words: [Text], of program: String) { self.init(words.map { $0 }, of: ProgramGrammar.of(program)) }

  /// Whether the program could give JSON and is not told in which format it shall answer: `kubectl get` without `-o`.
  package func leavesFormatOpen(of program: String) -> Bool {
    program == "kubectl" && verb == "get" && !has("--output", "-o")
  }
}

/// Which lines of its output a program's statement shows; in the record are all of them.
///
/// helm ends an upgrade with a table and the chart's notes, a hundred lines on what to do next for somebody who installs
/// one chart by hand. Of that people get to see how it ended. (`--hide-notes`, which says so to helm, came with 3.16.)
struct SpokenLines {
  private enum Part { case report, table, notes }

  private let isUpgrade: Bool
  private var part = Part.report

  init(of program: ProgramCall) {
    let words = ProgramWords(program.arguments, of: program.programName)
    isUpgrade = program.programName == "helm" && ["upgrade", "install"].contains(words.verb)
  }

  /// Takes the next line of the standard output.
  mutating func isSpoken(_ line: [UInt8]) -> Bool {
    guard isUpgrade else { return true }
    if part == .report, line.starts(with: "NAME: ".utf8) { part = .table }
    if part == .table, line.starts(with: "NOTES:".utf8) { part = .notes }
    return part == .report || (part == .table && line.starts(with: "STATUS: ".utf8))
  }
}
