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
      folder = "\(environment["HOME"] ?? "")/.config/nats"
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
      guard Files.isLink(path(of: name)) else { return nil }
      throw .contextNotOurs(name: name, path: path(of: name), sandbox: nil)
    }
    guard let context = try? Context(name: name, path: path(of: name), parsing: bytes), owns(context) else {
      let mark = (try? Context(name: name, path: path(of: name), parsing: bytes))?.mark
      throw .contextNotOurs(name: name, path: path(of: name), sandbox: mark?.sandbox)
    }
    return context
  }
}
