import NATS
import SandboxSystem
import ValuesAndCommands

/// `context …`: the logins that the nats CLI keeps in files; nbx reads and writes the same ones.
extension NatsSubcommand {
  static let savedContexts: [NatsSubcommand] = [
    sub(
      "context add", "Saves servers and a login under a name that no context has but one of nbx's own", newName,
      flags: settings.map { Flag($0.flag, .text, $0.help) } + [
        Flag("--select", .toggle, "makes it the one that the nats CLI uses")
      ], gives: Gives.context, example: "nats context add c1-js --server nats://localhost:4222 --user js --password js",
      changes: true, isConnected: false, run: add),
    sub(
      "context ls", "Every saved context", gives: .list(Gives.context), example: "nats context ls", isConnected: false,
      run: list),
    sub(
      "context select", "Makes a context the one that the nats CLI uses", contextName, gives: Gives.context,
      example: "nats context select c1", changes: true, isConnected: false, run: select),
    sub(
      "context rm", "Takes a context away that nbx has saved; what was selected before it is so again", contextName,
      flags: [.force], gives: Gives.map("name text"), example: "nats context rm c1 --force", changes: true,
      isConnected: false, run: remove),
  ]

  /// The flags that set a setting each.
  private static let settings: [(flag: String, setting: Context.Key, help: String)] = [
    ("--server", .url, "the servers' URLs; those of the current cluster if not given"),
    ("--user", .user, "the user to log in as"), ("--password", .password, "the user's password"),
    ("--token", .token, "the token to log in with"), ("--nkey", .nkey, "the file with the seed of the user's nkey"),
    ("--creds", .creds, "the .creds file with the user's JWT and seed"),
    ("--js-domain", .jetStreamDomain, "whose JetStream: that of this domain, across leafnodes"),
    ("--inbox-prefix", .inboxPrefix, "what the subjects of answers begin with"),
    ("--description", .description, "what it is for"),
  ]

  private static let contextName = Positional("NAME", offers: .contexts)

  @Sendable private static func add(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkContext)
    var url = call.words.string("--server") ?? ""
    let cluster = url.isEmpty ? try call.cluster() : nil
    if let cluster {
      let addresses = try call.addresses(of: cluster)
      url = addresses.map { "nats://\($0)" }.joined(separator: ",")
    } else {
      try call.checked { () throws(NATSError) in _ = try Connection.Options(urls: url) }
    }
    let (nkey, creds) = (try Login.file("--nkey", of: call), try Login.file("--creds", of: call))
    let context = try saved(call) { () throws(NATSError) -> Context in
      var context = try Context(name: name)
      for (flag, setting, _) in settings { context[setting] = call.words.string(flag) ?? "" }
      context[.url] = url
      context[.nkey] = nkey ?? ""
      context[.creds] = creds ?? ""
      try call.contexts.add(context, cluster: cluster?.name)
      if call.words.has("--select") { try call.contexts.select(name) }
      return try call.contexts.load(name)
    }
    call.show("context \(name) is saved in \(call.contexts.path(of: name))")
    return .map(try row(context, call))
  }

  @Sendable private static func list(_ call: NatsCall) throws(CommandFailure) -> Value {
    var rows: [Value] = []
    // One that can't be read hides none of the others, and has its row: its name is taken.
    for name in try saved(call, { () throws(NATSError) in try call.contexts.names() }) {
      do throws(CommandFailure) {
        let context = try saved(call) { () throws(NATSError) in try call.contexts.load(name) }
        rows.append(.map(try row(context, call)))
      } catch {
        rows.append(
          [
            "name": .string(name), "description": .string(error.reason.masked), "server": .null, "user": .null,
            "selected": false, "ours": false, "cluster": .null,
          ])
      }
    }
    call.show(rows.isEmpty ? "no contexts" : Value.list(rows).displayed)
    return .list(rows)
  }

  @Sendable private static func select(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkContext)
    let context = try saved(call) { () throws(NATSError) -> Context in
      try call.contexts.select(name)
      return try call.contexts.load(name)
    }
    call.show("context \(name) is selected")
    return .map(try row(context, call))
  }

  @Sendable private static func remove(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkContext)
    try saved(call) { () throws(NATSError) in try call.contexts.remove(name) }
    call.show("context \(name) is taken away")
    return ["name": .string(name)]
  }

  /// Never with the password.
  private static func row(_ context: Context, _ call: NatsCall) throws(CommandFailure) -> ValueMap {
    let selected = try saved(call) { () throws(NATSError) in try call.contexts.selected() }
    let entries: [(String, Value)] = [
      ("name", .string(context.name)), ("description", .string(context[.description])),
      ("server", .string(Text(context[.url]).coveringLogins(isURL: true).masked)), ("user", .string(context[.user])),
      ("selected", .bool(selected == context.name)), ("ours", .bool(call.contexts.owns(context))),
      ("cluster", context.mark?.cluster.map { .string($0) } ?? .null),
    ]
    return ValueMap(entries)
  }

  private static func saved<Result>(
    _ call: NatsCall, _ body: () throws(NATSError) -> Result
  ) throws(CommandFailure) -> Result {
    do throws(NATSError) { return try body() } catch { throw call.failure(error) }
  }
}

extension Contexts {
  /// The nats CLI's contexts, of which those may be changed that this environment's sandbox has saved. Who has no home
  /// keeps no sandbox, and so has saved none.
  static func ofSandbox(_ environment: [String: String]) -> Contexts {
    Contexts(environment: environment, sandbox: (try? Home.folder(environment: environment)) ?? "")
  }
}
