import Interpreter
import NATS

extension NATSError {
  /// What recipes may ask of it, beside its text.
  var details: FailureDetails {
    switch self {
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
