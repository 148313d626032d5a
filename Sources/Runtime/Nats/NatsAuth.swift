import Lexer
import NATS
import SandboxSystem
import ValuesAndCommands

/// `auth …`: nkeys and the JWTs of operators, accounts and users, made and read here and kept nowhere.
///
/// The nats CLI keeps what its `auth` commands make; here they give it back, and the next command is told what it needs.
extension NatsSubcommand {
  static let auth: [NatsSubcommand] = [
    sub(
      "auth nkey gen", "Makes a key: `public`, and `seed`, which is secret and signs",
      Positional("KIND", as: .choice(["operator", "account", "user"])), gives: Gives.map(Gives.key),
      example: "let key = nats auth nkey gen account", isConnected: false, run: newKey),
    sub(
      "auth nkey show", "The public key of a seed", Positional("SEED"), gives: .text,
      example: "nats auth nkey show ${key.seed}", isConnected: false, run: publicKey),
    sub(
      "auth operator add", "Makes an operator and its JWT, which servers are told to trust; signed by itself", newName,
      flags: [
        Flag("--key", .text, "the operator's seed; a new one if not given"),
        Flag("--system-account", .text, "the public key of the account that may ask servers about themselves"), expiry,
      ], document: "more claims: signing_keys, tags …", gives: Gives.identity,
      example: "let operator = nats auth operator add HUB --system-account ${system.public}", isConnected: false,
      run: addOperator),
    sub(
      "auth account add", "Makes an account and its JWT, signed by the operator; with --key an account's next JWT",
      newName,
      flags: [
        Flag("--operator", .text, "the seed of the operator, or of one of its signing keys"),
        Flag("--key", .text, "the account's seed or public key; a new seed if not given"),
        Flag("--jetstream", .toggle, "with JetStream, without limits"), expiry,
      ],
      document:
        "more claims: limits, revocations { U…: now() }, signing_keys, default_permissions, exports, imports …",
      gives: Gives.identity, example: "let app = nats auth account add APP --operator ${operator.seed} --jetstream",
      isConnected: false, run: addAccount),
    sub(
      "auth user add", "Makes a user, its JWT and `creds`, the text that --creds takes; signed by the account", newName,
      flags: [
        Flag("--account", .text, "the seed of the account, or of one of its signing keys (then with issuer_account)"),
        Flag("--key", .text, "the user's seed or public key; a new seed if not given"), expiry,
      ], document: "more claims: pub and sub { allow: […], deny: […] }, resp, subs, data, payload, issuer_account …",
      gives: Gives.user,
      example: "let user = nats auth user add ann --account ${app.seed} with { pub.allow: [\"orders.>\"] }",
      isConnected: false, run: addUser),
    sub(
      "auth jwt show", "What a JWT says; its signature is not checked", Positional("JWT"), gives: Gives.claims,
      example: "nats auth jwt show ${user.jwt}", isConnected: false, run: showToken),
  ]

  private static let expiry = Flag("--expire", .duration, "holds for so long; for ever if not given")

  @Sendable private static func newKey(_ call: NatsCall) throws(CommandFailure) -> Value {
    let kinds: [String: NKey.Kind] = ["operator": .operator, "account": .account, "user": .user]
    let kind = kinds[call.words.positional(0)?.string ?? ""] ?? .user
    return call.present(.map(try AuthKey(new: kind, call).entries))
  }

  @Sendable private static func publicKey(_ call: NatsCall) throws(CommandFailure) -> Value {
    let text = call.words.positional(0)?.string ?? ""
    let key = try call.signed { () throws in try NKey(text).publicKey(call.signer) }
    call.show(key.text)
    return .string(key.text)
  }

  @Sendable private static func addOperator(_ call: NatsCall) throws(CommandFailure) -> Value {
    let key = try AuthKey(.operator, call)
    var claims = AuthClaims(.operator)
    if let account = call.words.string("--system-account") {
      claims.entries["system_account"] = .string(try AuthKey.read(account, .account, "--system-account", call).text)
    }
    let jwt = try claims.signed(for: key.public, by: try key.needsSeed("--key", call), call)
    return call.present(.map(ValueMap(Array(key.entries) + [("jwt", .string(jwt))])))
  }

  @Sendable private static func addAccount(_ call: NatsCall) throws(CommandFailure) -> Value {
    let signer = try AuthKey.signing("--operator", .operator, call)
    let key = try AuthKey(.account, call)
    let claims = AuthClaims(.account, jetStream: call.words.has("--jetstream"))
    let jwt = try claims.signed(for: key.public, by: signer, call)
    return call.present(.map(ValueMap(Array(key.entries) + [("jwt", .string(jwt))])))
  }

  @Sendable private static func addUser(_ call: NatsCall) throws(CommandFailure) -> Value {
    let signer = try AuthKey.signing("--account", .account, call)
    let key = try AuthKey(.user, call)
    let jwt = try AuthClaims(.user).signed(for: key.public, by: signer, call)
    var entries = ValueMap(Array(key.entries) + [("jwt", .string(jwt))])
    if let seed = key.seed {
      let text = """
        -----BEGIN NATS USER JWT-----
        \(jwt)
        ------END NATS USER JWT------

        -----BEGIN USER NKEY SEED-----
        \(seed.text)
        ------END USER NKEY SEED------

        """
      entries["creds"] = call.secret(text)
    }
    return call.present(.map(entries))
  }

  @Sendable private static func showToken(_ call: NatsCall) throws(CommandFailure) -> Value {
    let token = call.words.positional(0)?.string ?? ""
    let bytes: [UInt8]
    do throws(NATSError) { bytes = try ClaimsToken.claims(of: token) } catch { throw call.failure(error) }
    var claims = try call.reply(bytes).entries
    for name in ["iat", "exp", "nbf"] {
      if case .int(let seconds)? = claims[name], seconds > 0, seconds < Int64.max / 1_000_000_000 {
        claims[name] = .time(TimeValue(nanoseconds: seconds * 1_000_000_000))
      }
    }
    return call.present(.map(claims))
  }

}

extension NatsCall {
  /// A secret that the run covers from now on in what programs print.
  func secret(_ text: String) -> Value {
    let secret = Text.secret(text)
    call.secrets.add(secret)
    return .secret(secret)
  }

  /// Something that keys and signatures are made for.
  func signed<Result>(_ body: () throws -> Result) throws(CommandFailure) -> Result {
    do {
      return try body()
    } catch let error as NATSError {
      throw failure(error)
    } catch {
      throw CommandFailure(.failed, of: error as? Problem ?? "\(error)")
    }
  }
}

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
        throw .misused("claims are a map, not a \(document.typeName)", advice: example(call))
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
        throw .misused("`\(side)` is a map with allow and deny, not a \(value.typeName)", advice: example(call))
      }
      try check(lists.keys, ["allow", "deny"], in: "`\(side)`", call)
      for (name, list) in lists {
        guard let subjects = list.elements, subjects.allSatisfy({ $0.asText != nil }) else {
          throw .misused("`\(side).\(name)` is a list of subjects, not a \(list.typeName)", advice: example(call))
        }
      }
    }
  }

  private func check(_ keys: [String], _ known: [String], in place: String, _ call: NatsCall) throws(CommandFailure) {
    guard let key = keys.first(where: { !known.contains($0) }) else { return }
    throw .misused(
      "\(place) have no `\(key)`",
      advice: nearestSpelling(to: key, among: known).map { "did you mean `\($0)`?" }
        ?? "one of: \(known.joined(separator: ", "))")
  }

  private func example(_ call: NatsCall) -> String { "for example: \(call.words.form.example)" }
}

/// Whom a JWT is about: its public key, and its seed as far as the call knows it.
struct AuthKey {
  let `public`: NKey
  let seed: NKey?
  let entries: ValueMap

  /// What `--key` gives, else a new one.
  init(_ kind: NKey.Kind, _ call: NatsCall) throws(CommandFailure) {
    guard let text = call.words.string("--key") else {
      self = try AuthKey(new: kind, call)
      return
    }
    self = try AuthKey(try AuthKey.read(text, kind, "--key", call), call)
  }

  init(new kind: NKey.Kind, _ call: NatsCall) throws(CommandFailure) { self = try AuthKey(.newSeed(kind), call) }

  private init(_ key: NKey, _ call: NatsCall) throws(CommandFailure) {
    `public` = try call.signed { () throws in try key.publicKey(call.signer) }
    seed = key.isSeed ? key : nil
    var entries = ValueMap()
    if call.words.form.positionals.first?.name == "NAME" {
      entries["name"] = call.words.positional(0).map { Value($0) }
    }
    entries["public"] = .string(`public`.text)
    if let seed { entries["seed"] = call.secret(seed.text) }
    self.entries = entries
  }

  /// A key of the kind that a flag takes.
  static func read(_ text: String, _ kind: NKey.Kind, _ flag: String, _ call: NatsCall) throws(CommandFailure) -> NKey {
    let key: NKey
    do throws(NATSError) { key = try NKey(text) } catch { throw call.failure(error) }
    guard key.kind == kind else {
      throw .misused(
        "`\(flag)` takes a key of kind \(kind), and this is one of kind \(key.kind)",
        advice: "for example: \(call.words.form.example)")
    }
    return key
  }

  /// The seed that a flag gives, to sign with.
  static func signing(_ flag: String, _ kind: NKey.Kind, _ call: NatsCall) throws(CommandFailure) -> NKey {
    guard let text = call.words.string(flag) else {
      throw .misused(
        "`nats \(call.words.path)` needs `\(flag)`, the seed that signs",
        advice: "for example: \(call.words.form.example)")
    }
    return try withSeed(try read(text, kind, flag, call), flag)
  }

  func needsSeed(_ flag: String, _ call: NatsCall) throws(CommandFailure) -> NKey {
    try AuthKey.withSeed(seed ?? `public`, flag)
  }

  private static func withSeed(_ key: NKey, _ flag: String) throws(CommandFailure) -> NKey {
    if key.isSeed { return key }
    throw .misused(
      "`\(flag)` takes the seed of the \(key.kind), as a public key signs nothing",
      advice: "give what `nats auth nkey gen \(key.kind)` has as its seed")
  }
}
