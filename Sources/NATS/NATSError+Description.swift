#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

extension NATSError: CustomStringConvertible {
  /// What happened, with which server, and what to do next.
  public var description: String {
    switch self {
    case .noEndpoints:
      "no server to connect to was given; name at least one, as host:port"
    case .unknownHost(let server, let reason):
      "\(server): the host name \(server.host) could not be looked up (\(reason)); check its spelling"
    case .cannotConnect(let server, let number):
      "\(server): cannot connect: \(systemText(number)); check that the server runs and listens there"
    case .allEndpointsFailed(let errors):
      (errors.count == 1
        ? "the server could not be reached:\n" : "none of the \(errors.count) servers could be reached:\n")
        + errors.map { "  - \($0.description)" }.joined(separator: "\n")
    case .timedOut(let activity, let server):
      "\(server): time ran out while \(activity); \(activity.advice)"
    case .cancelled(let activity, let server):
      "\(server): interrupted while \(activity)"
    case .tlsRequired(let server):
      "\(server): TLS is asked for, which nbx does not speak, so that nothing was sent; use a listener without TLS, or put "
        + "a program in front of it that speaks TLS, such as stunnel"
    case .authorizationFailed(let server, let login, let text):
      "\(server): the server refused the login \(login) (\(text)); \(Self.loginAdvice(login, text))"
    case .permissionDenied(let server, let text):
      "\(server): not permitted: \(text); connect as a user whose permissions include this subject"
    case .protocolViolation(let server, let violation):
      "\(server): \(violation)"
    case .connectionLost(let server, let loss):
      "\(server): the connection was lost: \(loss); it is set up again by itself unless it was closed, so try again"
    case .connectionClosed(let server):
      "\(server): this connection was closed; open a new one"
    case .noResponders(let server, let subject):
      "\(server): nobody listens on \(subject); check the subject, the account, and that the service runs"
    case .payloadTooLarge(let server, let bytes, let limit):
      "\(server): a message of \(bytes) bytes is larger than the server takes (\(limit) bytes); "
        + "send less, or raise max_payload in its configuration"
    case .outgoingBufferFull(let server, let limit):
      "\(server): the connection is away and \(limit) bytes wait to be sent already; publish again once it is back"
    case .headersUnsupported(let server):
      "\(server): the server takes no message headers; publish without, or allow them in its configuration"
    case .signingFailed(let server, let detail):
      "\(server): the server's nonce could not be signed: \(detail)"
    case .credentialsMalformed(let place, let problem):
      "\(place) is no login: \(problem)"
    case .keyMalformed(let problem):
      "this is no nkey: \(problem); a public key begins with O, A or U, a seed with S"
    case .cannotStartThread(let number):
      "cannot start a thread: \(systemText(number)); close some connections or raise the limit of threads"
    case .invalidName(let invalid):
      invalid.description
    case .invalidURL(let url, let problem):
      "\(url) is no URL that nbx can use: \(problem)"
    case .api(let error):
      error.text
    case .noBucket(let server, let name, let refusal):
      "\(server): there is no bucket \(name): \(refusal.description) (\(refusal.errorCode)); "
        + "check its name, or make it first"
    case .wrongRevision(let conflict):
      conflict.text
    case .noTimeToLive(let server, let bucket):
      "\(server): bucket \(bucket) gives no entry a time to live of its own; "
        + "make it with a limit for markers (--marker-ttl), on servers from 2.11 on"
    case .noObject(let server, let bucket, let name):
      "\(server): object not found: bucket \(bucket) has no \(name); see which there are: nats object ls \(bucket)"
    case .objectFailed(let server, let bucket, let name, let problem):
      "\(server): object \(name) of bucket \(bucket): \(problem)"
    case .malformedAnswer(let server, let subject, let detail):
      "\(server): the answer on \(subject) could not be read: \(detail); "
        + "check that nothing but a NATS server answers there"
    case .httpTooLarge(let url, let limit):
      "\(url): the answer is larger than \(limit) bytes; ask for less, or raise the limit"
    case .httpFailed(let url, let loss):
      "\(url): the answer did not come whole: \(loss); check that this is an HTTP port, and try again"
    case .contextNotFound(let name, let path, let known):
      "there is no nats context \(name) (looked for \(path)); "
        + (known.isEmpty
          ? "none is defined yet: add one with `nats context add`" : "known: \(known.joined(separator: ", "))")
    case .contextNotOurs(let name, let path, let sandbox):
      sandbox.map { "the nats context \(name) (\(path)) is that of another sandbox, in \($0), and is left as it is" }
        ?? "the nats context \(name) (\(path)) was not saved by nbx, and is left as it is"
    case .contextMalformed(let path, let detail):
      "\(path) is no nats context: \(detail); mend the file or remove it"
    case .contextUnsupported(let path, let detail):
      "\(path): \(detail)"
    case .fileFailed(let path, let action, let number):
      "\(path): cannot \(action): \(systemText(number))"
    }
  }
}

extension NATSError {
  private static func loginAdvice(_ login: String, _ text: String) -> String {
    let lower = text.lowercased()
    if lower.contains("revoked") { return "its account has revoked it: it needs a newer JWT" }
    if lower.contains("expired") { return "it needs a JWT with a later expiry" }
    if login.hasPrefix("by") {
      return "check that it has not expired, is not revoked, and that the server knows the account and the key"
    }
    return "check user and password, and that the server knows this account"
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
      "waiting for a stream to acknowledge \(subject) (\(tries) tries\(last.map { ", last: \($0)" } ?? ""))"
    case .leader(let stream): "waiting for stream \(stream) to have a leader"
    case .http(let url): "waiting for \(url)"
    }
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

extension NATSError.Violation: CustomStringConvertible {
  public var description: String {
    let advice = "; check that this is the client port of a NATS server"
    return switch self {
    case .lineTooLong(let limit): "sent a line of more than \(limit) bytes" + advice
    case .unknownOperation(let line): "sent what is no NATS protocol: \"\(line)\"" + advice
    case .malformedLine(let line): "sent a line that makes no sense: \"\(line)\"" + advice
    case .messageTooLarge(let bytes, let limit):
      "announced a message of \(bytes) bytes, more than the \(limit) that are accepted" + advice
    case .messageWithoutEnd: "sent a message that does not end where it said" + advice
    case .malformedInfo(let detail): "sent an INFO that could not be read (\(detail))" + advice
    case .noInfo(let line): "began with \"\(line)\" instead of INFO" + advice
    case .malformedHTTP(let detail): "answered something that is no HTTP: \(detail); check the port"
    case .noWebSocket(let detail):
      "is no WebSocket listener of a NATS server: \(detail); check the port, and that it listens without TLS"
    case .malformedFrame(let detail): "sent a WebSocket frame that breaks the protocol: \(detail)" + advice
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
    case .system(let number): systemText(number)
    case .silent: "the server answers no PING"
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
    let marker = currentOperation == .put ? "" : ", where it was deleted"
    let state =
      switch (current, isCreate) {
      case (let revision?, true): "\(name) exists already, at revision \(revision)"
      case (let revision?, false): "\(name) is at revision \(revision)\(marker), not \(expected)"
      case (nil, _): "\(name) does not exist, so it is not at revision \(expected)"
      }
    return "\(state): \(refusal.description) (\(refusal.errorCode)); read it, then update that revision"
  }
}

extension APIError {
  fileprivate var text: String {
    let number = errorCode == 0 ? "\(code)" : "\(code), error \(errorCode)"
    return "\(server): JetStream refused \(subject): \(description) (\(number))"
  }
}

private func systemText(_ number: Int32) -> String { String(cString: strerror(number)) }
