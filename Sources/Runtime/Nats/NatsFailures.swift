import NATS
import SandboxSystem
import ValuesAndCommands

extension NatsCall {
  static let startAdvice = "see what runs: nbx status; start it: nbx run recipes/start.nbx"

  /// What the client library reports, as a command's failure.
  func failure(_ error: NATSError, at destination: NatsDestination? = nil) -> CommandFailure {
    var failure = explained(error, at: destination)
    failure.details = error.details
    return failure
  }

  private func explained(_ error: NATSError, at destination: NatsDestination?) -> CommandFailure {
    switch error {
    case .cancelled: return CommandFailure(.interrupted, of: error.problem)
    case .invalidName, .invalidURL, .noEndpoints, .contextUnsupported, .credentialsMalformed, .keyMalformed:
      return CommandFailure(.misused, of: error.problem)
    case .api(let refusal): return CommandFailure(refusal)
    case .allEndpointsFailed(let errors):
      // All of them were reached and refused the login: what one of them said is what there is to know.
      if let first = errors.first, errors.allSatisfy(\.isRefusal) { return failure(first, at: destination) }
      return unreachable(destination, errors)
    case .cannotConnect, .unknownHost, .timedOut(.connecting, _):
      return unreachable(destination, [error])
    case .noResponders(_, let subject) where subject.hasPrefix("$SYS."):
      return late(
        CommandFailure(
          .failed, error.reason, advice: "log in as a user of the system account, as sys"))
    case .noResponders(let server, let subject) where subject.hasPrefix("$JS."):
      return late(
        CommandFailure(
          .failed, "no server with JetStream answers",
          advice: "see which servers have it: nats server list; log in as a user of an account with JetStream, as js",
          server: server.description))
    default:
      return late(CommandFailure(.failed, of: error.problem))
    }
  }

  private func unreachable(_ destination: NatsDestination?, _ errors: [NATSError]) -> CommandFailure {
    let name = destination?.name ?? "the cluster"
    let isCluster = call.cluster?.name == name
    let addresses = destination?.endpoints.map(\.description).joined(separator: ", ") ?? ""
    let lines = errors.map(\.reason)
    return late(
      CommandFailure(
        .failed, "no server of \(name) can be reached at \(addresses)",
        said: Text(lines.joined(separator: "\n")),
        advice: isCluster ? NatsCall.startAdvice : "check the address, and that a server listens there"))
  }

  /// Where the call's own time is over, that is the reason, whatever else was the matter.
  private func late(_ failure: CommandFailure) -> CommandFailure {
    guard call.deadline <= .now else { return failure }
    var said = failure.reason
    if let more = failure.said {
      said.append("\n")
      said.append(more)
    }
    return CommandFailure(.timedOut, failure.reason, said: said, advice: failure.advice, server: failure.server)
  }

  /// The failure with the passwords and keys covered that the call gave; the run's secrets are covered behind every command.
  func completed(_ failure: CommandFailure) -> CommandFailure {
    var failure = failure
    if failure.ran == nil {
      let line = wordsWithoutSecrets
      if line.isSecret { failure.ran = line }
    }
    return failure
  }

  /// Flags whose values nobody may see. A file's name is no secret, and may stand behind some of them.
  private static let secretFlags = [
    "--password", "--token", "--nkey", "--creds", "--key", "--operator", "--account", "--server",
  ]

  private var wordsWithoutSecrets: Text {
    // As a login a user without a password is a token.
    let secretFlags = NatsCall.secretFlags + (words.isGiven("--password") ? [] : ["--user"])
    var line = Text("nats")
    var flag: String?
    let isKey = ["SEED", "JWT"].contains(words.form.positionals.first?.name)
    for word in call.words {
      line.append(" ")
      if let last = flag {
        line.append(covered(word, behind: last))
        flag = nil
      } else if let name = secretFlags.first(where: { word.string.hasPrefix("\($0)=") }) {
        line.append("\(name)=")
        line.append(covered(word.slice(name.utf8.count + 1..<word.string.utf8.count), behind: name))
      } else if isKey, word.string == words.positional(0)?.string {
        line.append(.secret(word.string))
      } else {
        line.append(word.coveringLogins())
        flag = secretFlags.first { $0 == word.string }
      }
    }
    return line
  }

  /// A key with a letter too few or too many is none, and as secret as one: shown is what is certainly something else.
  private func covered(_ value: Text, behind flag: String) -> Text {
    let isOpen: Bool
    switch flag {
    case "--server": return value.coveringLogins(isURL: true)
    case "--password", "--token", "--user": isOpen = false
    case "--nkey", "--creds": isOpen = Login.isFile(value.string, of: self)
    default: isOpen = words.form.path.first != "auth" || (try? NKey(value.string))?.isSeed == false
    }
    return isOpen ? value : .secret(value.string)
  }
}

extension NATSError {
  /// The server was there, and it was not the network's fault.
  fileprivate var isRefusal: Bool {
    switch self {
    case .authorizationFailed, .signingFailed, .tlsRequired, .protocolViolation: true
    default: false
    }
  }
}

extension CommandFailure {
  /// What JetStream refused: its words and the number that tells one refusal from another.
  fileprivate init(_ refusal: APIError) {
    self.init(
      .failed, "\(refusal.description) (\(refusal.number))",
      advice: refusal.errorCode == 10005
        ? CommandFailure.placementAdvice(refusal.description) : CommandFailure.advice[refusal.errorCode],
      server: refusal.server.description)
  }

  /// Servers with a `unique_tag` put the replicas of a stream where its values differ, unless a tag of that kind is named.
  private static func placementAdvice(_ description: String) -> String {
    if description.contains("not unique") {
      return "each replica has to be in another zone; for several in one name its tag, as --cluster c1 --tag az:c1"
    }
    return "as many servers with JetStream as replicas are needed that match --cluster and --tag: nats server list"
      + " tells them and their tags; replicas in one region need its tag, as --tag az:c1"
  }

  /// By JetStream's error codes; those that speak for themselves have none.
  private static let advice: [Int: String] = [
    10008: "JetStream has no leader yet: wait for it, or see what runs: nbx status",
    10039: "log in as a user of an account with JetStream, as js",
    10058: "change the stream: nats stream edit; or take it away first: nats stream rm",
    10059: "see which streams there are: nats stream ls",
  ]
}

extension NATSError {
  /// What recipes may ask of it, beside its text.
  package var details: FailureDetails {
    switch self {
    // They were reached: what one of them said is what there is to know.
    case .allEndpointsFailed(let errors) where errors.allSatisfy(\.isRefusal):
      errors.first?.details ?? FailureDetails(word)
    case .api(let refusal): FailureDetails("refused", code: refusal.number)
    case .noBucket(_, _, let refusal): FailureDetails("not-found", code: refusal.number)
    case .wrongRevision(let conflict): FailureDetails("conflict", code: conflict.refusal.number)
    default: FailureDetails(word)
    }
  }

  /// The kind of error in a word that stays as it is.
  private var word: String {
    switch self {
    case .noResponders, .timedOut(.acknowledgement(_, _, .nobodyListens), _): "no-responders"
    case .cannotConnect, .unknownHost, .allEndpointsFailed, .timedOut(.connecting, _), .timedOut(.greeting, _):
      "unreachable"
    case .timedOut: "timed-out"
    case .cancelled: "interrupted"
    case .permissionDenied: "not-permitted"
    case .authorizationFailed, .signingFailed, .tlsRequired: "login-refused"
    case .connectionLost, .connectionClosed: "connection-lost"
    case .noObject, .contextNotFound: "not-found"
    case .payloadTooLarge, .httpTooLarge: "too-large"
    case .invalidName, .invalidURL, .noEndpoints, .contextUnsupported, .credentialsMalformed, .keyMalformed: "misused"
    default: "failed"
    }
  }
}

extension APIError {
  /// JetStream's number for the refusal; where it has none, the one that is like an HTTP status.
  var number: Int { errorCode == 0 ? code : errorCode }
}
