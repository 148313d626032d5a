import Synchronization

/// What a world of the stand-ins holds once nothing is under way any more, as `show-world` tells it: two worlds that
/// were led to the same state have the same one.
public final class WorldState: Sendable, Equatable {
  private let text: String
  private let parsed = Mutex<JSONTree?>(nil)

  init(_ text: String) { self.text = text }

  public static func == (one: WorldState, other: WorldState) -> Bool { one.text == other.text }

  public func tree() throws -> JSONTree {
    try parsed.withLock { parsed in
      let tree = try parsed ?? JSONTree(text)
      parsed = tree
      return tree
    }
  }

  /// What a cluster knows of a kind in a namespace, by name; the namespace of what has none is empty.
  public func objects(_ kind: String, _ namespace: String = "", in cluster: String) throws -> JSONTree {
    try tree()["clusters", cluster, "objects", kind, namespace]
  }

  public func release(_ place: String, in cluster: String) throws -> JSONTree {
    try tree()["clusters", cluster, "releases", place]
  }

  /// How this state differs from another, in a few lines for whoever reads a failed test; empty if it does not.
  public func differences(from other: WorldState) throws -> String {
    if self == other { return "" }
    let (here, there) = (try tree().leaves, try other.tree().leaves)
    let lines = here.subtracting(there).map { "+\($0)" } + there.subtracting(here).map { "-\($0)" }
    return lines.sorted { $0.dropFirst() < $1.dropFirst() }.prefix(30).map { String($0.prefix(300)) }
      .joined(separator: "\n")
  }
}

extension StandIns {
  public func state() throws -> WorldState {
    let shown = try run(words: ["show-world", world])
    guard shown.status == 0 else { throw TestServerError(description: "show_world.py: \(shown.errorOutput)") }
    return WorldState(shown.output)
  }
}
