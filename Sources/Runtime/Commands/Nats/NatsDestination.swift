import Interpreter
import NATS

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
    throw CommandFailure(
      .misused, "`nats \(words.path)` needs a cluster, and this run has none",
      advice: "name clusters in the recipe or on the command line, or give --server nats://host:4222")
  }

  /// Where clients reach the servers of a cluster.
  func addresses(of cluster: Cluster) throws(CommandFailure) -> [Endpoint] {
    let endpoints = try target.clientAddresses(of: cluster).compactMap { address in
      UInt16(exactly: address.port).map { Endpoint(host: address.host, port: $0) }
    }
    if endpoints.isEmpty {
      throw CommandFailure(.failed, "no server of \(cluster.name) is known", advice: NatsCall.startAdvice)
    }
    return endpoints
  }
}
