import SandboxRuntime

/// What a world of the stand-ins holds once nothing is under way any more, as `show_world.py` tells it: two worlds that
/// were led to the same state have the same one.
public struct WorldState: Sendable, Equatable {
  private let text: String

  init(_ text: String) { self.text = text }

  public func tree() throws -> JSONTree { try JSONTree(text) }

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
    var show = Subprocess("/usr/bin/env", ["python3", "\(NbxProgram.repository)/Tests/StandIns/show_world.py", world])
    show.environment = ["PATH": "/usr/bin:/bin:\(StandIns.path)"]
    show.deadline = .now + .seconds(120)
    let result = try show.run()
    guard result.succeeded else {
      throw TestServerError(description: "show_world.py: \(String(decoding: result.errorOutput, as: UTF8.self))")
    }
    return WorldState(String(decoding: result.output, as: UTF8.self))
  }
}
