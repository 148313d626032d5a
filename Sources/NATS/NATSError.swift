/// Everything that can go wrong between this library and a server, as plain data.
///
/// The text for each case is in `NATSError+Description.swift`.
public enum NATSError: Error, Equatable, Sendable {
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
    case acknowledgement(subject: String, tries: Int, last: String?)
    case leader(stream: String)
    case http(url: String)
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

  /// What is wrong with a name, and where: `position` counts characters from 1.
  public struct InvalidName: Equatable, Sendable {
    public enum Kind: String, Sendable {
      case subject, stream, consumer, bucket, key, header, context, inbox
    }

    public var kind: Kind
    public var name: String
    public var problem: String
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
  /// `login` is who it was, as `of user js`.
  case authorizationFailed(server: Endpoint, login: String, text: String)
  case permissionDenied(server: Endpoint, text: String)
  case protocolViolation(server: Endpoint, Violation)
  case connectionLost(server: Endpoint, Loss)
  case connectionClosed(server: Endpoint)
  case noResponders(server: Endpoint, subject: String)
  case payloadTooLarge(server: Endpoint, bytes: Int, limit: Int)
  case outgoingBufferFull(server: Endpoint, limit: Int)
  case headersUnsupported(server: Endpoint)
  case signingFailed(server: Endpoint, detail: String)
  case credentialsMalformed(place: String, problem: String)
  /// Never with the key, which may be a seed.
  case keyMalformed(problem: String)
  case cannotStartThread(errno: Int32)
  case invalidName(InvalidName)
  case invalidURL(url: String, problem: String)
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
  case contextUnsupported(path: String, detail: String)
  case fileFailed(path: String, action: String, errno: Int32)
}

/// JetStream's own refusal of a request, as it came.
public struct APIError: Error, Equatable, Sendable {
  /// Like an HTTP status: 400, 404, 503 …
  public var code: Int
  /// The number that tells one refusal from another, such as 10059 for 'stream not found'; 0 if none came.
  public var errorCode: Int
  public var description: String
  /// The subject that was asked.
  public var subject: String
  public var server: Endpoint

  public init(code: Int, errorCode: Int, description: String, subject: String, server: Endpoint) {
    self.code = code
    self.errorCode = errorCode
    self.description = description
    self.subject = subject
    self.server = server
  }
}
