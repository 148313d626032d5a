import NATS
import SandboxSystem
import ValuesAndCommands

/// `nats …`: servers, streams and messages, in the words of the nats CLI and spoken by nbx itself.
///
/// Connections stay open from one command of a run to the next; `close` ends them.
package struct NatsCommand: Command {
  package let name = "nats"
  package let summary = "Asks NATS servers, makes streams, publishes and reads messages, in the words of the nats CLI"
  package var grammar: CommandGrammar { NatsCommand.forms }

  /// Made when the first recipe asks for it.
  private static let forms = CommandGrammar.forms(NatsSubcommand.all.map(\.form))

  private let target: any ClusterDirectory
  private let contexts: @Sendable () -> Contexts
  private let accounts: NatsAccounts
  private let connections = NatsConnections()
  private let signer: OpenSSL

  /// - Parameter environment: where the nats CLI keeps its contexts, by `XDG_CONFIG_HOME` and `HOME`.
  package init(target: any ClusterDirectory, environment: @autoclosure @escaping @Sendable () -> [String: String]) {
    self.init(target: target, environment: environment, accounts: NatsAccounts())
  }

  init(target: any ClusterDirectory, environment: @escaping @Sendable () -> [String: String], accounts: NatsAccounts) {
    self.target = target
    self.accounts = accounts
    contexts = { Contexts.ofSandbox(environment()) }
    signer = OpenSSL(environment: environment)
  }

  /// Ends every connection that commands of this run have opened.
  package func close() { connections.close() }

  package func run(_ call: Invocation) throws(CommandFailure) -> Value {
    let words = try grammar.parsed(call, of: name)
    guard let subcommand = NatsSubcommand.all.first(where: { $0.form.path == words.form.path }) else {
      throw .misused("`nats \(words.path)` is unknown", advice: "nats server list, stream info, pub …")
    }
    let natsCall = NatsCall(
      words: words, call: call, subcommand: subcommand, target: target, accounts: accounts, contexts: contexts(),
      connections: connections, signer: signer, silence: Silence(of: call))
    defer { natsCall.silence.end() }
    do throws(CommandFailure) {
      return try subcommand.run(natsCall)
    } catch {
      throw natsCall.completed(error)
    }
  }
}

/// One form of `nats`, and what it does.
struct NatsSubcommand: Sendable {
  /// As whom it speaks unless the call says otherwise.
  enum Account: Sendable {
    case system, jetStream
  }

  let form: CommandForm
  let account: Account
  /// What changes something is let finish when another lane fails; what only looks is not.
  let changesSomething: Bool
  let run: @Sendable (NatsCall) throws(CommandFailure) -> Value

  /// A row of `all`.
  ///
  /// - Parameters:
  ///   - isConnected: whether it talks to a server, so that it takes the flags that say to which and as whom.
  ///   - goesOn: whether it goes on until it is ended.
  ///   - isRated: whether it takes `RatedLoad.flags`.
  ///   - endsEarlyWith: the flag with which it ends early behind `during`, and gives what it has.
  static func sub(
    _ path: String, _ summary: String, _ positionals: Positional..., flags: [Flag] = [], document: String? = nil,
    gives: Shape, example: String, needsOneOf: [String] = [], atMostOneOf: [String] = [],
    as account: Account = .jetStream, changes: Bool = false,
    isConnected: Bool = true, goesOn: Bool = false, isRated: Bool = false, endsEarlyWith: String? = nil,
    run: @escaping @Sendable (NatsCall) throws(CommandFailure) -> Value
  ) -> NatsSubcommand {
    let form = CommandForm(
      path, summary, positionals: positionals, flags: flags + (isConnected ? Flag.ofConnection : []),
      document: document, gives: gives, example: example, goesOn: goesOn,
      endsEarlyWith: isRated ? "--rate" : endsEarlyWith, needsOneOf: needsOneOf,
      atMostOneOf: atMostOneOf + (isRated ? RatedLoad.exclusive : []), rule: isRated ? RatedLoad.rule : nil)
    return NatsSubcommand(form: form, account: account, changesSomething: changes, run: run)
  }

  /// Every form, in the order in which help shows them; one list for each group of commands.
  static let all: [NatsSubcommand] =
    servers + reports + checks + streams + streamCare + consumers + keyValues + objects + messages + benches
    + herds + histories + savedContexts + auth
}

extension Flag {
  /// Which server and which login: taken by every form that talks to a server.
  static let ofConnection = [
    Flag(
      "--server", .text, "the server's URL, as nats://host:4222 or ws://host:8080, in place of the cluster's servers"),
    Flag("--user", .text, "the user to log in as; without --password it is a token"),
    Flag("--password", .text, "the user's password"),
    Flag("--token", .text, "the token to log in with"),
    Flag("--nkey", .text, "the user's nkey to log in with: a file with its seed, or the seed itself"),
    Flag("--creds", .text, "the user's JWT and seed to log in with: a .creds file, or its text itself"),
    Flag("--context", .text, "a context of the nats CLI: its servers and its login", offers: .contexts),
    Flag("--js-domain", .text, "whose JetStream: that of this domain, across leafnodes"),
    Flag("--inbox-prefix", .text, "what the subjects of answers begin with; _INBOX if not given"),
  ]

  static let json = Flag("--json", .toggle, "as JSON, not as a table", aliases: ["-j"])
  static let force = Flag("--force", .toggle, "without asking back, as always here", aliases: ["-f"])
  static let header = Flag("--header", .text, "a header, as 'Key: value'; repeated: several", aliases: ["-H"])

  static func names(_ help: String) -> Flag {
    Flag("--names", .toggle, help, aliases: ["-n"], gives: .list(.text))
  }
}

extension Offers {
  static let servers = listed("a server") { _ in "nats server list" }
  static let streams = listed("a stream") { _ in "nats stream ls --names" }
  static let consumers = listed("a consumer") { $0.first.map { "nats consumer ls \($0.string) --names" } }
  static let buckets = listed("a bucket") { _ in "nats kv ls --names" }
  static let stores = listed("an object store") { _ in "nats object ls --names" }
  static let objects = listed("an object") { $0.first.map { "nats object ls \($0.string) --names" } }
  static let contexts = listed("a saved context") { _ in "nats context ls" }
}
