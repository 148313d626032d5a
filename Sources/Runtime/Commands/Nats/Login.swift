import Interpreter
import NATS

/// How a call says who it is: `--user`, `--token`, `--nkey` or `--creds`.
enum Login {
  private static let flags = ["--user", "--token", "--nkey", "--creds"]

  /// Whether a word is the text of a `.creds` file rather than its name.
  static func isCreds(_ word: String) -> Bool { word.contains("-BEGIN NATS USER JWT-") }

  /// Whether a word is a seed rather than the name of its file.
  static func isSeed(_ word: String) -> Bool { word.hasPrefix("S") && (try? NKey(word))?.isSeed == true }

  /// What the call's flags say; nil if they leave it to the server's URL, the context or the account.
  static func given(by call: NatsCall) throws(CommandFailure) -> Credentials? {
    let given = flags.filter(call.words.isGiven)
    if given.count > 1 {
      throw CommandFailure(
        .misused, "\(given.joined(separator: " and ")) are different logins", advice: "give one of them")
    }
    if let user = call.words.string("--user") {
      // As in the nats CLI a user without a password is a token.
      guard let password = call.words.string("--password") else { return .token(user) }
      return .user(user, password: password)
    }
    if let token = call.words.string("--token") { return .token(token) }
    do throws(NATSError) {
      if let word = call.words.string("--nkey") {
        if isSeed(word) { return try .nkey(seedText: word, from: "--nkey", signer: call.signer) }
        return try .nkey(file: path(word, of: call), signer: call.signer)
      }
      if let word = call.words.string("--creds") {
        if isCreds(word) { return try .creds(word, from: "--creds", signer: call.signer) }
        return try .creds(file: path(word, of: call), signer: call.signer)
      }
    } catch {
      throw call.failure(error)
    }
    return nil
  }

  /// The whole name of the file behind a flag: a context is read from any folder.
  static func file(_ flag: String, of call: NatsCall) -> String? {
    call.words.string(flag).map { word in
      let path = path(word, of: call)
      return path.hasPrefix("/") || path.hasPrefix("~/") ? path : "\(currentFolder())/\(path)"
    }
  }

  /// Files are named from the folder of the recipe.
  private static func path(_ word: String, of call: NatsCall) -> String {
    word.hasPrefix("/") || word.hasPrefix("~/") || call.call.folder == "." ? word : "\(call.call.folder)/\(word)"
  }
}

extension Credentials {
  /// The same for logins that may share a connection.
  var key: String {
    switch self {
    case .none: ""
    case .user(let user, let password): "user\u{0}\(user)\u{0}\(password)"
    case .token(let token): "token\u{0}\(token)"
    case .nkey(let seed, _): "nkey\u{0}\(seed.text)"
    case .jwt(let jwt, let seed, _): "jwt\u{0}\(jwt)\u{0}\(seed.text)"
    }
  }
}
