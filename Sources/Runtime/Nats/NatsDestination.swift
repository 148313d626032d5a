import NATS
import SandboxSystem
import ValuesAndCommands

/// Where a call goes, and as whom.
struct NatsDestination: Sendable {
  /// For messages: `c1`, `nats://host:4222` or `context c1-js`.
  let name: String
  let endpoints: [Endpoint]
  let credentials: Credentials
  let inboxPrefix: String?

  /// The same for calls that may share a connection. Addresses are no part of it: those of a cluster come and go.
  var key: String {
    [name, inboxPrefix ?? "", credentials.key].joined(separator: "\u{0}")
  }

  var options: Connection.Options {
    var options = Connection.Options(endpoints, credentials: credentials)
    if let inboxPrefix { options.inboxPrefix = inboxPrefix }
    return options
  }
}

extension NatsCall {
  /// The context that the call names.
  func context() throws(CommandFailure) -> Context? {
    guard let name = words.string("--context") else { return nil }
    do throws(NATSError) { return try contexts.load(name) } catch { throw failure(error) }
  }

  /// `--server`, else the context's servers, else those of the call's cluster; the login that flags say, else the server
  /// URL's or the context's, else the account's usual one.
  func destination() throws(CommandFailure) -> NatsDestination {
    var options = try givenOptions()
    let name: String
    if let server = words.string("--server") {
      name = server.contains("@") ? options?.endpoints.first?.url ?? "--server" : server
    } else if let context = words.string("--context") {
      name = "context \(context)"
    } else {
      let cluster = try cluster()
      name = cluster.name
      options = Connection.Options(try addresses(of: cluster))
    }
    var credentials = options?.credentials ?? .none
    if let login = try Login.given(by: self) {
      credentials = login
    } else if case .none = credentials, words.string("--context") == nil {
      let login = subcommand.account == .system ? accounts.system : accounts.jetStream
      credentials = .user(login.user, password: login.password)
    }
    return NatsDestination(
      name: name, endpoints: options?.endpoints ?? [], credentials: credentials,
      inboxPrefix: words.string("--inbox-prefix") ?? options?.inboxPrefix)
  }

  /// The endpoints, with what stands here for names of pods and services, where the target knows them.
  private func reachable(_ endpoints: [Endpoint]) throws(CommandFailure) -> [Endpoint] {
    guard let cluster = call.cluster else { return endpoints }
    var all: [Endpoint] = []
    for endpoint in endpoints {
      let known = try target.addresses(ofHost: endpoint.host, port: Int(endpoint.port), from: cluster)
      let here = known?.compactMap { address in
        UInt16(exactly: address.port).map { Endpoint(host: address.host, port: $0, transport: endpoint.transport) }
      }
      all += here ?? [endpoint]
    }
    return all
  }

  /// What `--server` and `--context` say.
  private func givenOptions() throws(CommandFailure) -> Connection.Options? {
    let context = try context()
    var options: Connection.Options?
    do throws(NATSError) {
      options = try context?.connectionOptions(signer: signer)
      if let server = words.string("--server") {
        var given = try Connection.Options(urls: server)
        if case .none = given.credentials, let options {
          given.credentials = options.credentials
          given.inboxPrefix = options.inboxPrefix
        }
        options = given
      }
    } catch {
      throw failure(error)
    }
    if let endpoints = options?.endpoints { options?.endpoints = try reachable(endpoints) }
    return options
  }

  /// The cluster that the call is about.
  func cluster() throws(CommandFailure) -> Cluster {
    if let cluster = call.cluster { return cluster }
    throw .misused(
      "`nats \(words.path)` needs a cluster, and this run has none",
      advice: "name clusters in the recipe or on the command line, or give --server nats://host:4222")
  }

  /// Where clients reach the servers of a cluster.
  func addresses(of cluster: Cluster) throws(CommandFailure) -> [Endpoint] {
    let endpoints = try target.clientAddresses(of: cluster).compactMap { address in
      UInt16(exactly: address.port).map { Endpoint(host: address.host, port: $0) }
    }
    if endpoints.isEmpty {
      throw .failed("no server of \(cluster.name) is known", advice: NatsCall.startAdvice)
    }
    return endpoints
  }
}

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
      throw .misused("\(given.joined(separator: " and ")) are different logins", advice: "give one of them")
    }
    if let user = call.words.string("--user") {
      // As in the nats CLI a user without a password is a token.
      guard let password = call.words.string("--password") else { return .token(user) }
      return .user(user, password: password)
    }
    if let token = call.words.string("--token") { return .token(token) }
    if let word = call.words.string("--nkey") {
      return try read("--nkey", "nkey", call) { () throws(NATSError) in
        if isSeed(word) { return try .nkey(seedText: word, from: "--nkey", signer: call.signer) }
        return try .nkey(file: path(word, of: call), signer: call.signer)
      }
    }
    if let word = call.words.string("--creds") {
      return try read("--creds", "creds", call) { () throws(NATSError) in
        if isCreds(word) { return try .creds(word, from: "--creds", signer: call.signer) }
        return try .creds(file: path(word, of: call), signer: call.signer)
      }
    }
    return nil
  }

  /// A login from a flag's word or from the file of that name. No failure quotes the word: a seed with one wrong letter
  /// looks like a file's name.
  private static func read(
    _ flag: String, _ what: String, _ call: NatsCall, _ body: () throws(NATSError) -> Credentials
  ) throws(CommandFailure) -> Credentials {
    do throws(NATSError) {
      return try body()
    } catch .fileFailed(_, _, let number) where [ENOENT, ENOTDIR, ENAMETOOLONG, EINVAL].contains(number) {
      throw .misused(
        "`\(flag)`: no \(what), and no file of that name",
        advice: what == "nkey"
          ? "a seed is written in one word of 58 letters, which begins with SU; a file's name counts from the recipe's folder"
          : "give the whole text of a .creds file, or its name, which counts from the recipe's folder")
    } catch .fileFailed(_, let action, let number) {
      throw call.failure(.fileFailed(path: "the file behind `\(flag)`", action: action, errno: number))
    } catch .credentialsMalformed(_, let problem) {
      throw call.failure(.credentialsMalformed(place: flag, problem: problem))
    } catch {
      throw call.failure(error)
    }
  }

  /// The whole name of the file behind a flag: a context is read from any folder.
  ///
  /// - Throws: where there is none, for the word may be a key, and is to be in no file that nobody knows of.
  static func file(_ flag: String, of call: NatsCall) throws(CommandFailure) -> String? {
    guard let word = call.words.string(flag) else { return nil }
    guard isFile(word, of: call) else {
      throw .misused(
        "`\(flag)`: there is no file of that name", advice: "write the key to a file of its own, and name that")
    }
    let path = path(word, of: call)
    return path.hasPrefix("/") || path.hasPrefix("~/") ? path : "\(currentFolder())/\(path)"
  }

  /// Whether a word is the name of a file that is there.
  static func isFile(_ word: String, of call: NatsCall) -> Bool {
    Paths.exist(Paths.withoutTilde(path(word, of: call)))
  }

  /// Files are named from the folder of the recipe.
  private static func path(_ word: String, of call: NatsCall) -> String {
    word.hasPrefix("~/") ? word : call.call.path(word)
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
