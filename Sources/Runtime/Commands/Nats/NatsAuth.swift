import Interpreter
import NATS

/// `auth …`: nkeys and the JWTs of operators, accounts and users, made and read here and kept nowhere.
///
/// The nats CLI keeps what its `auth` commands make; here they give it back, and the next command is told what it needs.
extension NatsSubcommand {
  static let auth: [NatsSubcommand] = [
    NatsSubcommand(
      CommandForm(
        "auth nkey gen", "Makes a key: `public`, and `seed`, which is secret and signs",
        positionals: [Positional("KIND", as: .choice(["operator", "account", "user"]))],
        example: "let key = nats auth nkey gen account"), as: .jetStream, run: newKey),
    NatsSubcommand(
      CommandForm(
        "auth nkey show", "The public key of a seed", positionals: [Positional("SEED")],
        example: "nats auth nkey show ${key.seed}"), as: .jetStream, run: publicKey),
    NatsSubcommand(
      CommandForm(
        "auth operator add", "Makes an operator and its JWT, which servers are told to trust; signed by itself",
        positionals: [Positional("NAME")],
        flags: [
          Flag("--key", .text, "the operator's seed; a new one if not given"),
          Flag("--system-account", .text, "the public key of the account that may ask servers about themselves"),
          expiry,
        ], document: "more claims: signing_keys, tags …",
        example: "let operator = nats auth operator add HUB --system-account ${system.public}"),
      as: .jetStream, run: addOperator),
    NatsSubcommand(
      CommandForm(
        "auth account add", "Makes an account and its JWT, signed by the operator; with --key an account's next JWT",
        positionals: [Positional("NAME")],
        flags: [
          Flag("--operator", .text, "the seed of the operator, or of one of its signing keys"),
          Flag("--key", .text, "the account's seed or public key; a new seed if not given"),
          Flag("--jetstream", .toggle, "with JetStream, without limits"), expiry,
        ],
        document:
          "more claims: limits, revocations { U…: now() }, signing_keys, default_permissions, exports, imports …",
        example: "let app = nats auth account add APP --operator ${operator.seed} --jetstream"),
      as: .jetStream, run: addAccount),
    NatsSubcommand(
      CommandForm(
        "auth user add", "Makes a user, its JWT and `creds`, the text that --creds takes; signed by the account",
        positionals: [Positional("NAME")],
        flags: [
          Flag("--account", .text, "the seed of the account, or of one of its signing keys (then with issuer_account)"),
          Flag("--key", .text, "the user's seed or public key; a new seed if not given"), expiry,
        ], document: "more claims: pub and sub { allow: […], deny: […] }, resp, subs, data, payload, issuer_account …",
        example: "let user = nats auth user add ann --account ${app.seed} with { pub.allow: [\"orders.>\"] }"),
      as: .jetStream, run: addUser),
    NatsSubcommand(
      CommandForm(
        "auth jwt show", "What a JWT says; its signature is not checked", positionals: [Positional("JWT")],
        example: "nats auth jwt show ${user.jwt}"), as: .jetStream, run: showToken),
  ]

  private static let expiry = Flag("--expire", .duration, "holds for so long; for ever if not given")

  @Sendable private static func newKey(_ call: NatsCall) throws(CommandFailure) -> Value {
    let kinds: [String: NKey.Kind] = ["operator": .operator, "account": .account, "user": .user]
    let kind = kinds[call.words.positional(0)?.string ?? ""] ?? .user
    return shown(try AuthKey(new: kind, call).entries, call)
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
    return shown(ValueMap(Array(key.entries) + [("jwt", .string(jwt))]), call)
  }

  @Sendable private static func addAccount(_ call: NatsCall) throws(CommandFailure) -> Value {
    let signer = try AuthKey.signing("--operator", .operator, call)
    let key = try AuthKey(.account, call)
    let claims = AuthClaims(.account, jetStream: call.words.has("--jetstream"))
    let jwt = try claims.signed(for: key.public, by: signer, call)
    return shown(ValueMap(Array(key.entries) + [("jwt", .string(jwt))]), call)
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
    return shown(entries, call)
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
    return shown(claims, call)
  }

  private static func shown(_ entries: ValueMap, _ call: NatsCall) -> Value {
    call.show(NatsDetails.text(.map(entries)))
    return .map(entries)
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
