import Interpreter
import NATS

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
      throw CommandFailure(
        .misused, "`\(flag)` takes a key of kind \(kind), and this is one of kind \(key.kind)",
        advice: "for example: \(call.words.form.example)")
    }
    return key
  }

  /// The seed that a flag gives, to sign with.
  static func signing(_ flag: String, _ kind: NKey.Kind, _ call: NatsCall) throws(CommandFailure) -> NKey {
    guard let text = call.words.string(flag) else {
      throw CommandFailure(
        .misused, "`nats \(call.words.path)` needs `\(flag)`, the seed that signs",
        advice: "for example: \(call.words.form.example)")
    }
    return try withSeed(try read(text, kind, flag, call), flag)
  }

  func needsSeed(_ flag: String, _ call: NatsCall) throws(CommandFailure) -> NKey {
    try AuthKey.withSeed(seed ?? `public`, flag)
  }

  private static func withSeed(_ key: NKey, _ flag: String) throws(CommandFailure) -> NKey {
    if key.isSeed { return key }
    throw CommandFailure(
      .misused, "`\(flag)` takes the seed of the \(key.kind), as a public key signs nothing",
      advice: "give what `nats auth nkey gen \(key.kind)` has as its seed")
  }
}
