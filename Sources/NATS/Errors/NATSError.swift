import Machine

/// Everything that can go wrong between this library and a server, as plain data.
public enum NATSError: ProblemError, Equatable, Sendable {
  /// What was under way when a wait ended.
  public enum Activity: Equatable, Sendable {
    case resolving
    case connecting
    /// Waiting for the INFO line that a NATS server sends first.
    case greeting
    /// Waiting for the server to accept CONNECT.
    case authenticating
    case reconnecting
    case sending
    case flushing
    case answer(subject: String)
    case message(subject: String)
    /// Waiting for a stream to confirm a publish, after so many tries.
    case acknowledgement(subject: String, tries: Int, last: Miss?)
    case leader(stream: String)
    case http(url: String)
  }

  /// Why a try to publish into a stream is made again.
  public enum Miss: Equatable, Sendable {
    case noAnswer
    case nobodyListens
    case connectionLost
    /// JetStream's words for what passes.
    case refused(String)
  }

  /// How a peer broke the protocol.
  public enum Violation: Equatable, Sendable {
    case lineTooLong(limit: Int)
    case unknownOperation(line: String)
    case malformedLine(line: String)
    case messageTooLarge(bytes: Int, limit: Int)
    case messageWithoutEnd
    case malformedInfo(detail: String)
    case noInfo(line: String)
    case malformedHTTP(detail: String)
    /// The answer to the wish for a WebSocket.
    case noWebSocket(detail: String)
    case malformedFrame(detail: String)
  }

  /// Why a connection broke.
  public enum Loss: Equatable, Sendable {
    case closedByServer
    /// The server said why in an `-ERR` line before it closed.
    case refused(text: String)
    /// A WebSocket's close frame, with its number and text.
    case closedWebSocket(code: Int, text: String)
    case system(errno: Int32)
    /// Nothing came, not even an answer to PING.
    case silent
  }

  /// As whom somebody was to be let in.
  public enum Login: Equatable, Sendable {
    case nobody
    case user(String)
    case token
    case nkey
    /// With the user's name in it, if it could be read.
    case jwt(user: String?)
  }

  /// What is wrong with a name, and where: `position` counts characters from 1.
  public struct InvalidName: Equatable, Sendable {
    /// What the name was to be the name of.
    public enum Kind: String, Sendable {
      case subject, stream, consumer, bucket, key, header, context, inbox
    }

    /// What it was to name.
    public var kind: Kind
    /// The name as it was given.
    public var name: String
    /// What is wrong with it.
    public var problem: String
    /// The first character that is wrong, from 1; nil where it is no single one.
    public var position: Int?
  }

  case noEndpoints
  case unknownHost(server: Endpoint, reason: String)
  case cannotConnect(server: Endpoint, errno: Int32)
  case allEndpointsFailed([NATSError])
  case timedOut(Activity, server: Endpoint)
  case cancelled(Activity, server: Endpoint)
  /// The server or its URL asks for TLS: nothing was sent.
  case tlsRequired(server: Endpoint)
  case authorizationFailed(server: Endpoint, login: Login, text: String)
  case permissionDenied(server: Endpoint, text: String)
  case protocolViolation(server: Endpoint, Violation)
  case connectionLost(server: Endpoint, Loss)
  case connectionClosed(server: Endpoint)
  case noResponders(server: Endpoint, subject: String)
  case payloadTooLarge(server: Endpoint, bytes: Int, limit: Int)
  case outgoingBufferFull(server: Endpoint, limit: Int)
  case headersUnsupported(server: Endpoint)
  case signingFailed(server: Endpoint, detail: Problem)
  case credentialsMalformed(place: String, problem: Problem)
  /// Never with the key, which may be a seed.
  case keyMalformed(problem: String)
  case cannotStartThread(errno: Int32)
  case invalidName(InvalidName)
  case invalidURL(url: String, problem: Problem)
  case api(APIError)
  case noBucket(server: Endpoint, name: String, refusal: APIError)
  case wrongRevision(WrongRevision)
  case noTimeToLive(server: Endpoint, bucket: String)
  case noObject(server: Endpoint, bucket: String, name: String)
  /// Something is wrong with an object of a store, or with what was to become one.
  case objectFailed(server: Endpoint, bucket: String, name: String, problem: String)
  case malformedAnswer(server: Endpoint, subject: String, detail: String)
  case httpTooLarge(url: String, limit: Int)
  case httpFailed(url: String, Loss)
  case contextNotFound(name: String, path: String, known: [String])
  /// It is its user's, or another sandbox's, and was left as it is.
  case contextNotOurs(name: String, path: String, sandbox: String?)
  case contextMalformed(path: String, detail: String)
  case contextUnsupported(path: String, detail: Problem)
  case fileFailed(path: String, action: String, errno: Int32)
}

/// JetStream's own refusal of a request, as it came.
public struct APIError: Error, Equatable, Sendable {
  /// Like an HTTP status: 400, 404, 503 …
  public var code: Int
  /// The number that tells one refusal from another, such as 10059 for 'stream not found'; 0 if none came.
  public var errorCode: Int
  /// What the server says of it.
  public var description: String
  /// The subject that was asked.
  public var subject: String
  /// The server that the request went to.
  public var server: Endpoint

  /// A refusal as a server would give it.
  public init(code: Int, errorCode: Int, description: String, subject: String, server: Endpoint) {
    self.code = code
    self.errorCode = errorCode
    self.description = description
    self.subject = subject
    self.server = server
  }
}

/// A write that expected its key at another revision than the one that it is at.
public struct WrongRevision: Sendable, Equatable {
  /// The bucket of the write.
  public var bucket: String
  /// The key that was written to.
  public var key: String
  /// 0 if it expected none.
  public var expected: UInt64
  /// Nil if the bucket knows nothing of the key.
  public var current: UInt64?
  /// The key was deleted at that revision.
  public var isDeleted: Bool
  /// JetStream's own words.
  public var refusal: APIError
  /// The write wanted the key to hold nothing.
  public var isCreate = false

  var creating: WrongRevision {
    var conflict = self
    conflict.isCreate = true
    return conflict
  }
}

extension NATSError {
  /// What happened, with which server, and what to do next.
  public var problem: Problem {
    switch self {
    case .noEndpoints:
      Problem("no server to connect to was given", advice: "name at least one, as host:port")
    case .unknownHost(let server, let reason):
      Problem(
        "\(server): the host name \(server.host) could not be looked up (\(reason))", advice: "check its spelling")
    case .cannotConnect(let server, let number):
      Problem(
        "\(server): cannot connect: \(errorText(number))", advice: "check that the server runs and listens there")
    case .allEndpointsFailed(let errors):
      Problem(
        errors.count == 1
          ? "the server could not be reached:" : "none of the \(errors.count) servers could be reached:",
        said: errors.map { "  - \($0.description)" }.joined(separator: "\n"))
    case .timedOut(let activity, let server):
      Problem("\(server): time ran out while \(activity)", advice: activity.advice)
    case .cancelled(let activity, let server):
      "\(server): interrupted while \(activity)"
    case .tlsRequired(let server):
      Problem(
        "\(server): TLS is asked for, which nbx does not speak, so that nothing was sent",
        advice: "use a listener without TLS, or put a program in front of it that speaks TLS, such as stunnel")
    case .authorizationFailed(let server, let login, let text):
      Problem(
        "\(server): the server refused the login \(login) (\(text))", advice: Self.loginAdvice(login, text))
    case .permissionDenied(let server, let text):
      Problem(
        "\(server): not permitted: \(text)", advice: "connect as a user whose permissions include this subject")
    case .protocolViolation(let server, let violation):
      violation.problem.about(server.description)
    case .connectionLost(let server, let loss):
      Problem(
        "\(server): the connection was lost: \(loss)",
        advice: "it is set up again by itself unless it was closed, so try again")
    case .connectionClosed(let server):
      Problem("\(server): this connection was closed", advice: "open a new one")
    case .noResponders(let server, let subject):
      Problem(
        "\(server): nobody listens on \(subject)",
        advice: "check the subject, the account, and that the service runs")
    case .payloadTooLarge(let server, let bytes, let limit):
      Problem(
        "\(server): a message of \(bytes) bytes is larger than the server takes (\(limit) bytes)",
        advice: "send less, or raise max_payload in its configuration")
    case .outgoingBufferFull(let server, let limit):
      Problem(
        "\(server): the connection is away and \(limit) bytes wait to be sent already",
        advice: "publish again once it is back")
    case .headersUnsupported(let server):
      Problem(
        "\(server): the server takes no message headers",
        advice: "publish without, or allow them in its configuration")
    case .signingFailed(let server, let detail):
      detail.about("\(server): the server's nonce could not be signed")
    case .credentialsMalformed(let place, let problem):
      problem.about("\(place) is no login")
    case .keyMalformed(let problem):
      Problem(
        "this is no nkey: \(problem)", advice: "a public key begins with O, A or U, a seed with S")
    case .cannotStartThread(let number):
      Problem(
        "cannot start a thread: \(errorText(number))",
        advice: "close some connections or raise the limit of threads")
    case .invalidName(let invalid):
      "\(invalid.description)"
    case .invalidURL(let url, let problem):
      problem.about("\(url) is no URL that nbx can use")
    case .api(let error):
      "\(error.text)"
    case .noBucket(let server, let name, let refusal):
      Problem(
        "\(server): there is no bucket \(name): \(refusal.description) (\(refusal.errorCode))",
        advice: "check its name, or make it first")
    case .wrongRevision(let conflict):
      Problem(conflict.text, advice: "read it, then update that revision")
    case .noTimeToLive(let server, let bucket):
      Problem(
        "\(server): bucket \(bucket) gives no entry a time to live of its own",
        advice: "make it with a limit for markers (--marker-ttl), on servers from 2.11 on")
    case .noObject(let server, let bucket, let name):
      Problem(
        "\(server): object not found: bucket \(bucket) has no \(name)",
        advice: "see which there are: nats object ls \(bucket)")
    case .objectFailed(let server, let bucket, let name, let problem):
      "\(server): object \(name) of bucket \(bucket): \(problem)"
    case .malformedAnswer(let server, let subject, let detail):
      Problem(
        "\(server): the answer on \(subject) could not be read: \(detail)",
        advice: "check that nothing but a NATS server answers there")
    case .httpTooLarge(let url, let limit):
      Problem("\(url): the answer is larger than \(limit) bytes", advice: "ask for less, or raise the limit")
    case .httpFailed(let url, let loss):
      Problem(
        "\(url): the answer did not come whole: \(loss)", advice: "check that this is an HTTP port, and try again")
    case .contextNotFound(let name, let path, let known):
      Problem(
        "there is no nats context \(name) (looked for \(path))",
        advice: known.isEmpty
          ? "none is defined yet: add one with `nats context add`" : "known: \(known.joined(separator: ", "))")
    case .contextNotOurs(let name, let path, let sandbox):
      if let sandbox {
        "the nats context \(name) (\(path)) is that of another sandbox, in \(sandbox), and is left as it is"
      } else {
        "the nats context \(name) (\(path)) was not saved by nbx, and is left as it is"
      }
    case .contextMalformed(let path, let detail):
      Problem("\(path) is no nats context: \(detail)", advice: "mend the file or remove it")
    case .contextUnsupported(let path, let detail):
      detail.about(path)
    case .fileFailed(let path, let action, let number):
      "\(path): cannot \(action): \(errorText(number))"
    }
  }

  private static func loginAdvice(_ login: Login, _ text: String) -> String {
    let lower = text.lowercased()
    if lower.contains("revoked") { return "its account has revoked it: it needs a newer JWT" }
    if lower.contains("expired") { return "it needs a JWT with a later expiry" }
    switch login {
    case .nobody, .user: return "check user and password, and that the server knows this account"
    case .token, .nkey, .jwt:
      return "check that it has not expired, is not revoked, and that the server knows the account and the key"
    }
  }
}

extension Problem {
  /// The same, said of something.
  fileprivate func about(_ subject: String) -> Problem {
    Problem("\(subject): \(reason)", ways: ways, said: said)
  }
}

extension NATSError.Activity: CustomStringConvertible {
  public var description: String {
    switch self {
    case .resolving: "looking up the host name"
    case .connecting: "connecting"
    case .greeting: "waiting for the server's INFO"
    case .authenticating: "waiting for the server to accept the login"
    case .reconnecting: "waiting for the connection to come back"
    case .sending: "sending"
    case .flushing: "waiting for the server's PONG"
    case .answer(let subject): "waiting for an answer on \(subject)"
    case .message(let subject): "waiting for a message on \(subject)"
    case .acknowledgement(let subject, let tries, let last):
      "waiting for a stream to acknowledge \(subject) (\(Self.tried(tries, last)))"
    case .leader(let stream): "waiting for stream \(stream) to have a leader"
    case .http(let url): "waiting for \(url)"
    }
  }

  private static func tried(_ tries: Int, _ last: NATSError.Miss?) -> String {
    "\(tries) tries\(last.map { ", last: \($0)" } ?? "")"
  }

  /// For whoever shows what is waited for, behind the words "waiting for": what it is, and how far.
  var progress: (what: String, soFar: String) {
    if case .acknowledgement(let subject, let tries, let last) = self {
      return ("a stream to acknowledge \(subject)", Self.tried(tries, last))
    }
    return (Limit.object(of: description), "")
  }

  fileprivate var advice: String {
    switch self {
    case .resolving: "check the name service"
    case .connecting: "check that the server runs and that nothing drops packets on the way"
    case .greeting: "check that this is the client port of a NATS server (one that starts with TLS stays silent, too)"
    case .authenticating, .flushing, .sending: "the server accepts connections but is stuck; look at its log"
    case .reconnecting: "check that a server runs"
    case .answer: "check that the service runs, or wait longer"
    case .message: "check that somebody publishes, or wait longer"
    case .acknowledgement: "check that a stream takes this subject and has a leader"
    case .leader: "check that a majority of its servers runs"
    case .http: "check that the server answers HTTP on this port, or wait longer"
    }
  }
}

extension NATSError.Violation {
  fileprivate var problem: Problem {
    let advice = "check that this is the client port of a NATS server"
    return switch self {
    case .lineTooLong(let limit): Problem("sent a line of more than \(limit) bytes", advice: advice)
    case .unknownOperation(let line): Problem("sent what is no NATS protocol: \"\(line)\"", advice: advice)
    case .malformedLine(let line): Problem("sent a line that makes no sense: \"\(line)\"", advice: advice)
    case .messageTooLarge(let bytes, let limit):
      Problem("announced a message of \(bytes) bytes, more than the \(limit) that are accepted", advice: advice)
    case .messageWithoutEnd: Problem("sent a message that does not end where it said", advice: advice)
    case .malformedInfo(let detail): Problem("sent an INFO that could not be read (\(detail))", advice: advice)
    case .noInfo(let line): Problem("began with \"\(line)\" instead of INFO", advice: advice)
    case .malformedHTTP(let detail):
      Problem("answered something that is no HTTP: \(detail)", advice: "check the port")
    case .noWebSocket(let detail):
      Problem(
        "is no WebSocket listener of a NATS server: \(detail)",
        advice: "check the port, and that it listens without TLS")
    case .malformedFrame(let detail):
      Problem("sent a WebSocket frame that breaks the protocol: \(detail)", advice: advice)
    }
  }
}

extension NATSError.Loss: CustomStringConvertible {
  public var description: String {
    switch self {
    case .closedByServer: "the server closed it"
    case .refused(let text): "the server said '\(text)'"
    case .closedWebSocket(let code, let text):
      "the server closed the WebSocket (\(code)\(text.isEmpty ? "" : ": \(text)"))"
    case .system(let number): errorText(number)
    case .silent: "the server answers no PING"
    }
  }
}

extension NATSError.Miss: CustomStringConvertible {
  public var description: String {
    switch self {
    case .noAnswer: "no answer in time"
    case .nobodyListens: "nobody listens there"
    case .connectionLost: "the connection was lost"
    case .refused(let words): words
    }
  }
}

extension NATSError.Login: CustomStringConvertible {
  public var description: String {
    switch self {
    case .nobody: "without a user"
    case .user(let name): "of user \(name)"
    case .token: "by token"
    case .nkey: "by nkey"
    case .jwt(let name): name.map { "by the JWT of user \($0)" } ?? "by JWT"
    }
  }
}

extension NATSError.InvalidName {
  fileprivate var description: String {
    let place = position.map { " at character \($0)" } ?? ""
    return "\"\(name)\" is no valid \(kind.rawValue) name: \(problem)\(place)"
  }
}

extension WrongRevision {
  fileprivate var text: String {
    let name = "key \"\(key)\" of bucket \(bucket)"
    let marker = isDeleted ? ", where it was deleted" : ""
    let state =
      switch (current, isCreate) {
      case (let revision?, true): "\(name) exists already, at revision \(revision)"
      case (let revision?, false): "\(name) is at revision \(revision)\(marker), not \(expected)"
      case (nil, _): "\(name) does not exist, so it is not at revision \(expected)"
      }
    return "\(state): \(refusal.description) (\(refusal.errorCode))"
  }
}

extension APIError {
  fileprivate var text: String {
    let number = errorCode == 0 ? "\(code)" : "\(code), error \(errorCode)"
    return "\(server): JetStream refused \(subject): \(description) (\(number))"
  }
}
