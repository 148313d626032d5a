import Interpreter
import Lexer
import NATS

/// What a JWT says under `nats`: the usual, and over it what the recipe brings by `with`.
struct AuthClaims {
  private let kind: NKey.Kind
  var entries: ValueMap

  init(_ kind: NKey.Kind, jetStream: Bool = false) {
    self.kind = kind
    var entries = ValueMap()
    switch kind {
    case .account:
      var limits: [String] = ["subs", "data", "payload", "imports", "exports", "conn", "leaf"]
      if jetStream { limits += ["mem_storage", "disk_storage", "streams", "consumer"] }
      entries["limits"] = .map(ValueMap(limits.map { ($0, .int(-1)) } + [("wildcards", true)]))
      entries["default_permissions"] = ["pub": .map(ValueMap()), "sub": .map(ValueMap())]
    case .user:
      entries["pub"] = .map(ValueMap())
      entries["sub"] = .map(ValueMap())
      for name in ["subs", "data", "payload"] { entries[name] = .int(-1) }
    default: break
    }
    entries["type"] = .string("\(kind)")
    entries["version"] = 2
    self.entries = entries
  }

  /// What servers read. They pass over what they do not know: a permission with a letter too many would hold for nobody.
  private var known: [String] {
    switch kind {
    case .operator:
      [
        "signing_keys", "account_server_url", "operator_service_urls", "system_account", "assert_server_version",
        "strict_signing_key_usage", "tags",
      ]
    case .account:
      [
        "imports", "exports", "limits", "signing_keys", "revocations", "default_permissions", "mappings",
        "authorization", "trace", "cluster_traffic", "description", "info_url", "tags",
      ]
    default:
      [
        "pub", "sub", "resp", "subs", "data", "payload", "src", "times", "times_location", "bearer_token",
        "allowed_connection_types", "issuer_account", "tags",
      ]
    }
  }

  /// The JWT with the call's document in it, for the one whose key is `subject`.
  func signed(for subject: NKey, by seed: NKey, _ call: NatsCall) throws(CommandFailure) -> String {
    var nats = entries
    if let document = call.call.document {
      guard case .map(let given) = document else {
        throw CommandFailure(.misused, "claims are a map, not a \(document.typeName)", advice: example(call))
      }
      try check(given.keys, known, in: "the claims of the \(kind)", call)
      try checkPermissions(given, call)
      nats = nats.merged(with: given)
    }
    let issuer = try call.signed { () throws in try seed.publicKey(call.signer).text }
    let now = TimeValue.now.nanoseconds
    var claims = ValueMap([
      ("jti", .string("\(UInt64.random(in: 0 ... .max))\(UInt64.random(in: 0 ... .max))")),
      ("iat", .int(now / 1_000_000_000)),
      ("iss", .string(issuer)), ("name", .string(call.words.positional(0)?.string ?? "")),
      ("sub", .string(subject.text)), ("nats", .map(nats)),
    ])
    if let lifetime = call.words.duration("--expire") {
      // In whole seconds, and never shorter than asked for.
      claims["exp"] = .int((now + lifetime.nanoseconds + 999_999_999) / 1_000_000_000)
    }
    let bytes = AuthClaims.plain(.map(claims)).documentBytes()
    return try call.signed { () throws in try ClaimsToken.signed(bytes, by: seed, signer: call.signer) }
  }

  /// As servers read it: a time is in seconds, and everything else as in requests.
  private static func plain(_ value: Value) -> Value {
    switch value {
    case .time(let time): .int(time.nanoseconds / 1_000_000_000)
    case .map(let map): .map(ValueMap(map.map { ($0.0, plain($0.1)) }))
    case .list(let elements): .list(elements.map(plain))
    default: NatsReply.plain(value)
    }
  }

  private func checkPermissions(_ given: ValueMap, _ call: NatsCall) throws(CommandFailure) {
    let permissions = kind == .user ? given : given["default_permissions"]?.entries ?? ValueMap()
    for side in ["pub", "sub"] {
      guard let value = permissions[side] else { continue }
      guard case .map(let lists) = value else {
        throw CommandFailure(
          .misused, "`\(side)` is a map with allow and deny, not a \(value.typeName)", advice: example(call))
      }
      try check(lists.keys, ["allow", "deny"], in: "`\(side)`", call)
      for (name, list) in lists {
        guard let subjects = list.elements, subjects.allSatisfy({ $0.asText != nil }) else {
          throw CommandFailure(
            .misused, "`\(side).\(name)` is a list of subjects, not a \(list.typeName)", advice: example(call))
        }
      }
    }
  }

  private func check(_ keys: [String], _ known: [String], in place: String, _ call: NatsCall) throws(CommandFailure) {
    guard let key = keys.first(where: { !known.contains($0) }) else { return }
    throw CommandFailure(
      .misused, "\(place) have no `\(key)`",
      advice: nearestSpelling(to: key, among: known).map { "did you mean `\($0)`?" }
        ?? "one of: \(known.joined(separator: ", "))")
  }

  private func example(_ call: NatsCall) -> String { "for example: \(call.words.form.example)" }
}
