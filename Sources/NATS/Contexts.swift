#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// The contexts of the nats CLI: a file each in `nats/context/`, and the selected one's name in `nats/context.txt`.
///
/// The files hold passwords: they are written for their owner alone, whole or not at all.
public struct Contexts: Sendable {
  /// The folder `nats` in the user's configuration.
  public let folder: String

  public init(folder: String) { self.folder = folder }

  /// Where the CLI keeps them: under `$XDG_CONFIG_HOME`, else under `~/.config`.
  public init(environment: [String: String] = ProcessInfo.processInfo.environment) {
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

  /// Stores a context under its name, in place of one that there may be.
  public func add(_ context: Context) throws(NATSError) {
    try Files.createFolder("\(folder)/context")
    try Files.replace(path(of: context.name), with: try context.encoded())
  }

  /// Makes `name` the one that the CLI uses by default.
  public func select(_ name: String) throws(NATSError) {
    _ = try load(name)
    try Files.replace(selectionPath, with: Array(name.utf8))
  }

  /// Removes a context, and the selection if it was the selected one.
  public func remove(_ name: String) throws(NATSError) {
    try Names.checkContext(name)
    guard try Files.remove(path(of: name)) else {
      throw .contextNotFound(name: name, path: path(of: name), known: try names())
    }
    if try selected() == name { _ = try Files.remove(selectionPath) }
  }
}
