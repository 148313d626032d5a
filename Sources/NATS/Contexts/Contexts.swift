#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The contexts of the nats CLI: a file each in `nats/context/`, and the selected one's name in `nats/context.txt`.
///
/// The files hold passwords: they are written for their owner alone, whole or not at all. Those that the sandbox has saved
/// itself are marked; all others are their user's, and are never overwritten or removed.
public struct Contexts: Sendable {
  /// The folder `nats` in the user's configuration.
  public let folder: String
  /// The folder of the sandbox whose contexts may be changed.
  public let sandbox: String

  /// Contexts in a folder that is known.
  public init(folder: String, sandbox: String) {
    self.folder = folder
    self.sandbox = sandbox
  }

  /// Where the CLI keeps them: under `$XDG_CONFIG_HOME`, else under `~/.config`.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment, sandbox: String) {
    self.sandbox = sandbox
    if let base = environment["XDG_CONFIG_HOME"], !base.isEmpty {
      folder = "\(base)/nats"
    } else {
      folder = "\(Paths.ofUser(environment) ?? "")/.config/nats"
    }
  }

  /// The file of the context `name`.
  public func path(of name: String) -> String { "\(folder)/context/\(name).json" }

  private var selectionPath: String { "\(folder)/context.txt" }

  /// The names of all contexts, in alphabetical order. Empty if there is no folder yet.
  public func names() throws(NATSError) -> [String] {
    try Files.names(in: "\(folder)/context").filter { $0.hasSuffix(".json") && !$0.hasPrefix(".") }
      .map { String($0.dropLast(5)) }.sorted()
  }

  /// The name of the selected context; nil if none is selected.
  public func selected() throws(NATSError) -> String? {
    guard let bytes = try Files.read(selectionPath) else { return nil }
    let name = String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
    return name.isEmpty ? nil : name
  }

  /// Loads a context. Throws `contextNotFound`, which names those that there are.
  public func load(_ name: String) throws(NATSError) -> Context {
    try Names.checkContext(name)
    guard let bytes = try Files.read(path(of: name)) else {
      throw .contextNotFound(name: name, path: path(of: name), known: try names())
    }
    return try Context(name: name, path: path(of: name), parsing: bytes)
  }

  /// Whether a context is this sandbox's own, or that of one that is no more.
  public func owns(_ context: Context) -> Bool {
    guard let mark = context.mark else { return false }
    return mark.sandbox == sandbox || !Files.exists(mark.sandbox)
  }

  /// Stores a context under its name as the sandbox's own, in place of one of its own that there may be.
  ///
  /// - Parameter cluster: the cluster that it leads to.
  /// - Throws: `.contextNotOurs` if the name is another's.
  public func add(_ context: Context, cluster: String? = nil) throws(NATSError) {
    try Names.checkContext(context.name)
    let former = try own(context.name)
    var context = context
    context.mark = ContextMark(sandbox: sandbox, cluster: cluster)
    context.mark?.selectedBefore = former?.mark?.selectedBefore
    try Files.createFolder("\(folder)/context")
    try Files.replace(path(of: context.name), with: try context.encoded())
  }

  /// Makes `name` the one that the CLI uses by default. If it is the sandbox's own, what was selected before comes back
  /// when it is removed.
  public func select(_ name: String) throws(NATSError) {
    var context = try load(name)
    if let before = try selected(), before != name, owns(context) {
      // Behind several of the sandbox's own lies the one that its user had selected.
      let former = try? load(before)
      context.mark?.selectedBefore = former.map(owns) == true ? former?.mark?.selectedBefore : before
      try Files.replace(path(of: name), with: try context.encoded())
    }
    try Files.replace(selectionPath, with: Array(name.utf8))
  }

  /// Removes a context. If it was the selected one, that which was selected before it is so again.
  ///
  /// - Throws: `.contextNotOurs` if it is another's.
  public func remove(_ name: String) throws(NATSError) {
    try Names.checkContext(name)
    guard let context = try own(name), try Files.remove(path(of: name)) else {
      throw .contextNotFound(name: name, path: path(of: name), known: try names())
    }
    removeLeftovers()
    guard try selected() == name else { return }
    if let before = context.mark?.selectedBefore, try names().contains(before) {
      try Files.replace(selectionPath, with: Array(before.utf8))
    } else {
      _ = try Files.remove(selectionPath)
    }
  }

  /// Takes away what an nbx has left that was killed while it saved or selected a context.
  public func removeLeftovers() {
    for place in [folder, "\(folder)/context"] { Files.removeLeftovers(in: place) }
  }

  /// The context of this name, if there is one; it has to be the sandbox's own.
  private func own(_ name: String) throws(NATSError) -> Context? {
    guard let bytes = try Files.read(path(of: name)) else {
      // nbx makes none: its user has made a link whose end is away for now.
      guard Paths.isLink(path(of: name)) else { return nil }
      throw .contextNotOurs(name: name, path: path(of: name), sandbox: nil)
    }
    guard let context = try? Context(name: name, path: path(of: name), parsing: bytes), owns(context) else {
      let mark = (try? Context(name: name, path: path(of: name), parsing: bytes))?.mark
      throw .contextNotOurs(name: name, path: path(of: name), sandbox: mark?.sandbox)
    }
    return context
  }
}

/// A login under a name, as the nats CLI keeps it in a file. What this library does not know is kept as it is.
public struct Context: Sendable, Equatable {
  /// What it is called; its file is named so.
  public let name: String
  /// The file, for errors; empty until it is stored.
  public internal(set) var path = ""
  private var values: [String: JSONValue]

  /// The keys that the CLI writes. Those with a text value are read and set with a subscript.
  public enum Key: String, Sendable, CaseIterable {
    case description, url, user, password, token, creds, nkey, cert, key, ca, nsc
    case userJWT = "user_jwt"
    case userSeed = "user_seed"
    case socksProxy = "socks_proxy"
    case jetStreamDomain = "jetstream_domain"
    case jetStreamAPIPrefix = "jetstream_api_prefix"
    case jetStreamEventPrefix = "jetstream_event_prefix"
    case inboxPrefix = "inbox_prefix"
    case colorScheme = "color_scheme"
  }

  /// An empty context. Throws `invalidName` for a name that can be none.
  public init(name: String) throws(NATSError) {
    try Names.checkContext(name)
    self.name = name
    // The CLI writes every key, so that one sees what can be set.
    values = Dictionary(uniqueKeysWithValues: Key.allCases.map { ($0.rawValue, JSONValue.string("")) })
    values["tls_first"] = .bool(false)
  }

  init(name: String, path: String, parsing bytes: [UInt8]) throws(NATSError) {
    self.name = name
    self.path = path
    do {
      values = try JSONDecoder().decode([String: JSONValue].self, from: Data(bytes))
    } catch {
      throw .contextMalformed(path: path, detail: decodingDetail(error))
    }
    for key in Key.allCases {
      switch values[key.rawValue] {
      case nil, .null, .string: break
      default: throw .contextMalformed(path: path, detail: "`\(key.rawValue)` is no text")
      }
    }
  }

  /// A text; empty if the file has none.
  public subscript(key: Key) -> String {
    get { if case .string(let text) = values[key.rawValue] { text } else { "" } }
    set { values[key.rawValue] = .string(newValue) }
  }

  /// Whose it is; nil: its user's.
  public var mark: ContextMark? {
    get { ContextMark(values["nbx"]) }
    set { values["nbx"] = newValue?.value }
  }

  /// Whether TLS comes before the server's first word.
  public var beginsWithTLS: Bool {
    get { values["tls_first"] == .bool(true) }
    set { values["tls_first"] = .bool(newValue) }
  }

  /// The file's bytes, its keys in alphabetical order.
  func encoded() throws(NATSError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    do {
      return try Array(encoder.encode(values)) + [10]
    } catch {
      throw .contextMalformed(path: path, detail: decodingDetail(error))
    }
  }

  /// How to connect.
  ///
  /// - Parameter signer: signs for logins by key, whose files are read here.
  /// - Throws: `contextUnsupported` for what asks for TLS: nothing may travel in clear that was not meant to.
  public func connectionOptions(signer: any Signer) throws(NATSError) -> Connection.Options {
    let asksForTLS = beginsWithTLS || [Key.cert, .key, .ca].contains { !self[$0].isEmpty }
    if asksForTLS { throw .contextUnsupported(path: path, detail: "it asks for TLS, which nbx does not speak") }
    if !self[.socksProxy].isEmpty {
      throw .contextUnsupported(
        path: path,
        detail: .init(
          "its way goes through a SOCKS proxy, which nbx does not speak", advice: "use a context without socks_proxy"))
    }
    if !self[.nsc].isEmpty {
      throw .contextUnsupported(
        path: path,
        detail: .init(
          "it takes its login from nsc", advice: "write that out with `nsc generate creds`, and use creds"))
    }
    let url = self[.url].isEmpty ? "nats://127.0.0.1:4222" : self[.url]
    var options = try Connection.Options(urls: url)
    if let login = try credentials(signer) { options.credentials = login }
    if !self[.inboxPrefix].isEmpty { options.inboxPrefix = self[.inboxPrefix] }
    return options
  }

  /// The context's login; nil if it leaves that to the URL.
  private func credentials(_ signer: any Signer) throws(NATSError) -> Credentials? {
    if !self[.user].isEmpty { return .user(self[.user], password: self[.password]) }
    if !self[.creds].isEmpty { return try .creds(file: self[.creds], signer: signer) }
    if !self[.nkey].isEmpty { return try .nkey(file: self[.nkey], signer: signer) }
    if !self[.userJWT].isEmpty {
      return try .userJWT(self[.userJWT], seed: self[.userSeed], from: "user_seed of \(path)", signer: signer)
    }
    return self[.token].isEmpty ? nil : .token(self[.token])
  }

  /// The JetStream that this context means, over a connection made with it.
  public func jetStream(over connection: Connection) -> JetStream {
    if !self[.jetStreamAPIPrefix].isEmpty { return JetStream(connection, prefix: self[.jetStreamAPIPrefix]) }
    return JetStream(connection, domain: self[.jetStreamDomain].isEmpty ? nil : self[.jetStreamDomain])
  }
}

/// By what a saved context is known as a sandbox's own. Contexts without it are their user's.
public struct ContextMark: Sendable, Equatable {
  /// The folder of the sandbox.
  public var sandbox: String
  /// The cluster that it leads to; nil where its servers were named.
  public var cluster: String?
  /// The context that was selected before this one was; nil if none was, or this one is not selected.
  public var selectedBefore: String?

  /// The mark of a context that is not selected yet.
  public init(sandbox: String, cluster: String? = nil) {
    self.sandbox = sandbox
    self.cluster = cluster
  }

  init?(_ value: JSONValue?) {
    guard case .object(let entries) = value, case .string(let sandbox) = entries["sandbox"] else { return nil }
    self.sandbox = sandbox
    if case .string(let name) = entries["cluster"] { cluster = name }
    if case .string(let name) = entries["selected_before"] { selectedBefore = name }
  }

  var value: JSONValue {
    var entries: [String: JSONValue] = ["sandbox": .string(sandbox)]
    if let cluster { entries["cluster"] = .string(cluster) }
    if let selectedBefore { entries["selected_before"] = .string(selectedBefore) }
    return .object(entries)
  }
}
