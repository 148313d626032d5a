import Interpreter

/// A cluster as `k3d cluster list -o json` tells of it.
struct K3dCluster: Sendable, Equatable {
  struct Node: Sendable, Equatable {
    let name: String
    /// `server`, `agent`, `loadbalancer`; a registry stands beside the clusters.
    let role: String
    /// In Docker's words: `created`, `running`, `paused`, `exited`, `restarting`.
    let status: String
  }

  enum State: String, Sendable {
    case running, paused, stopped
    /// Some nodes are not like the others.
    case degraded
    /// k3d was ended while it made the cluster: a node was made and never started.
    case unfinished
  }

  let name: String
  let network: String
  /// Registries left out.
  let nodes: [Node]

  func count(of role: String, running: Bool = false) -> Int {
    nodes.count { $0.role == role && (!running || $0.status == "running") }
  }

  var state: State {
    let statuses = Set(nodes.map(\.status))
    if statuses.contains("created") || count(of: "server") == 0 { return .unfinished }
    switch statuses {
    case ["running"]: return .running
    case ["paused"]: return .paused
    default: return statuses.isDisjoint(with: ["running", "paused", "restarting"]) ? .stopped : .degraded
    }
  }
}

extension K3dCluster {
  /// Reads the output of `k3d cluster list -o json`; nil if it is something else.
  static func list(from output: [UInt8]) -> [K3dCluster]? {
    guard let clusters = (try? Value.json(output))?.elements else { return nil }
    return clusters.compactMap(K3dCluster.init)
  }

  private init?(_ value: Value) {
    guard let name = value[at: "name"]?.asText?.string else { return nil }
    self.name = name
    network = value[at: "network"]?[at: "name"]?.asText?.string ?? ""
    nodes = (value[at: "nodes"]?.elements ?? []).compactMap { node in
      guard let name = node[at: "name"]?.asText?.string, let role = node[at: "role"]?.asText?.string, role != "registry"
      else {
        return nil
      }
      return Node(name: name, role: role, status: node[at: "State"]?[at: "Status"]?.asText?.string ?? "")
    }
  }
}

extension Value {
  /// What a map holds under the key; nil for everything else.
  subscript(at key: String) -> Value? {
    guard case .map(let map) = self else { return nil }
    return map[key]
  }
}
