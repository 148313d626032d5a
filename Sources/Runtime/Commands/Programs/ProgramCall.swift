import Interpreter

/// One start of a program, in full: what a run starts, and what a plan shows.
struct ProgramCall: Sendable {
  let program: Text
  var arguments: [Text]
  /// What it gets on its standard input.
  var document: Value?

  /// The program's name without its folder.
  var programName: String { program.string.split(separator: "/").last.map(String.init) ?? program.string }

  /// How it reads sizes.
  var sizes: SizeForm { ProgramCall.programsOfKubernetes.contains(programName) ? .quantity : .bytes }

  /// Those whose documents are manifests, values of charts and the like.
  private static let programsOfKubernetes: Set = ["kubectl", "helm", "linkerd", "k3d"]

  var planned: PlannedCommand { PlannedCommand([program] + arguments, document: document, sizes: sizes) }

  /// As one line, for people: what holds blanks or quotes is quoted.
  var line: Text { Text(words: [program] + arguments) }
}

extension ProgramCommand {
  /// The words of a call with all that nbx adds to them.
  ///
  /// - Parameter context: the kube context of the call's cluster.
  func programCall(_ call: Invocation, context: Text?) throws(CommandFailure) -> ProgramCall {
    guard name != "exec" else {
      guard let program = call.words.first else {
        throw CommandFailure(.misused, "`exec` needs a program", advice: "exec date -u")
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
