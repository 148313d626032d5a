/// By what a saved context is known as a sandbox's own. Contexts without it are their user's.
public struct ContextMark: Sendable, Equatable {
  /// The folder of the sandbox.
  public var sandbox: String
  /// The cluster that it leads to; nil where its servers were named.
  public var cluster: String?
  /// The context that was selected before this one was; nil if none was, or this one is not selected.
  public var selectedBefore: String?

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
