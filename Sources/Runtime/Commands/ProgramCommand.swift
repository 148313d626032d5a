import Interpreter

/// A program of the system as a command. Its words go to it as they are, each one argument.
struct ProgramCommand: Command {
  let name: String
  let summary: String
  /// The flag by which the program is told the kube context of the current cluster.
  let contextFlag: String?
  /// Whether `with` brings helm's values, for which helm needs to be told to read them.
  var takesValues = false

  let grammar = CommandGrammar.anyWords
  var concernsCluster: Bool { contextFlag != nil }

  /// Any program: its name is the first word.
  static let exec = ProgramCommand(name: "exec", summary: "runs any program", contextFlag: nil)

  /// The programs that drive Kubernetes. Each takes the context in its own way.
  static let kubernetes: [ProgramCommand] = [
    ProgramCommand(name: "k3d", summary: "k3d: Kubernetes clusters in Docker", contextFlag: nil),
    ProgramCommand(name: "docker", summary: "docker, the program", contextFlag: nil),
    ProgramCommand(name: "kubectl", summary: "kubectl, in the current cluster's context", contextFlag: "--context"),
    ProgramCommand(
      name: "helm", summary: "helm, in the current cluster's context", contextFlag: "--kube-context", takesValues: true),
    ProgramCommand(name: "linkerd", summary: "linkerd, in the current cluster's context", contextFlag: "--context"),
  ]

  func run(_ call: Invocation) throws(CommandFailure) -> Value {
    var words = call.words
    let program: String
    if name == "exec" {
      guard let first = words.first else {
        throw CommandFailure(.misused, "`exec` needs a program", advice: "exec date -u")
      }
      program = first.string
      words.removeFirst()
    } else {
      program = name
    }
    if let contextFlag, let context = call.cluster?.context, !context.isEmpty {
      words += [Text(contextFlag), Text(context)]
    }
    if takesValues, call.document != nil, !words.contains("-") { words += ["-f", "-"] }
    return try run(program, words, call)
  }

  private func run(_ program: String, _ words: [Text], _ call: Invocation) throws(CommandFailure) -> Value {
    var process = Subprocess(program, words.map(\.string))
    process.workingDirectory = call.folder == "." ? nil : call.folder
    process.standardInput = call.document?.documentBytes
    process.deadline = call.deadline
    process.shouldStop = { call.stop.asksPrograms }
    let isSecret = givesSecrets(words)
    if call.isStatement, !isSecret {
      process.onOutput = { _, line in call.say(call.secrets.covering(String(decoding: line, as: UTF8.self))) }
    }
    let result: ProgramResult
    do throws(ProcessError) {
      result = try process.run()
    } catch {
      throw CommandFailure(.failed, Text("\(error)"), ran: ran(program, words))
    }
    let record = ProgramRecord(
      out: text(result.output, call, isSecret), err: text(result.errorOutput, call, isSecret), code: result.exitCode)
    if result.succeeded { return .record(record) }
    throw failure(result, record, ran(program, words))
  }

  /// Of what these give everything is secret: link-gen prints the credentials of a cluster.
  private func givesSecrets(_ words: [Text]) -> Bool {
    let plain = words.map(\.string)
    if name == "linkerd" { return plain.contains("link-gen") }
    guard name == "kubectl", plain.contains("get") else { return false }
    return plain.contains { $0 == "secret" || $0 == "secrets" || $0.hasPrefix("secret/") || $0.hasPrefix("secrets/") }
  }

  private func text(_ bytes: [UInt8], _ call: Invocation, _ isSecret: Bool) -> Text {
    let string = String(decoding: bytes, as: UTF8.self)
    return isSecret ? .secret(string) : call.secrets.covering(string)
  }

  private func ran(_ program: String, _ words: [Text]) -> Text {
    var line = Text(program)
    for word in words {
      line.append(" ")
      line.append(word)
    }
    return line
  }

  private static let linesShown = 12

  private func failure(_ result: ProgramResult, _ record: ProgramRecord, _ ran: Text) -> CommandFailure {
    let spoken = record.err.string.utf8.contains { $0 > 0x20 } ? record.err : record.out
    let said = spoken.lastLines(ProgramCommand.linesShown)
    func failed(_ kind: CommandFailure.Kind, _ reason: String) -> CommandFailure {
      CommandFailure(kind, Text(reason), said: said, ran: ran, code: result.exitCode)
    }
    switch result.ending {
    case .timedOut: return failed(.timedOut, "its time was over")
    case .stopped: return failed(.interrupted, "stopped")
    case .tooMuchOutput: return failed(.failed, "it wrote more than 64 MiB")
    case .byItself:
      if case .killed(let signal) = result.status { return failed(.failed, "killed by signal \(signal)") }
      return failed(.failed, "exit \(result.exitCode)")
    }
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

extension StopSignal {
  /// What running programs are told: when another lane failed they are let finish.
  var asksPrograms: StopRequest {
    switch request {
    case .none, .windDown: .none
    case .interrupt: .gently
    case .kill: .atOnce
    }
  }
}

extension Text {
  /// The last lines that hold more than blanks.
  func lastLines(_ count: Int) -> Text {
    let bytes = Array(string.utf8)
    var end = bytes.count
    while end > 0, bytes[end - 1] <= 0x20 { end -= 1 }
    var start = end
    var lines = 0
    while start > 0 {
      if bytes[start - 1] == 0x0a {
        lines += 1
        if lines == count { break }
      }
      start -= 1
    }
    return slice(start..<end)
  }
}
