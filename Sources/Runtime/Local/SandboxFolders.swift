import SandboxSystem

/// Where the local target keeps what, all of it under `NBX_HOME/local`.
package struct SandboxFolders: Sendable {
  /// nbx's home, see `Home`.
  let home: String
  let root: String

  package init(home: String) {
    self.home = home
    root = "\(home)/\(Self.name)"
  }

  /// Those of a sandbox that is known by its own folder.
  init(root: String) {
    self.root = root
    home = root.hasSuffix("/\(Self.name)") ? String(root.dropLast(Self.name.count + 1)) : root
  }

  private static let name = "local"

  var lock: String { "\(root)/sandbox.lock" }
  var ports: String { "\(root)/ports.json" }
  var repositories: String { "\(root)/repositories.json" }
  package var regions: String { "\(root)/regions" }
  /// Of the relay between regions.
  var relay: String { "\(root)/relay" }
  var relayRecord: String { "\(relay)/relay.json" }
  var relayOrders: String { "\(relay)/orders.json" }
  var relayReport: String { "\(relay)/report.json" }
  var relayLog: String { "\(relay)/relay.log" }

  func region(_ name: String) -> String { "\(regions)/\(name)" }
  func regionRecord(_ name: String) -> String { "\(region(name))/region.json" }

  func releases(_ region: String) -> String { "\(self.region(region))/releases" }
  func releases(_ region: String, namespace: String) -> String { "\(releases(region))/\(namespace)" }
  func release(_ identity: ReleaseIdentity) -> String {
    "\(releases(identity.cluster, namespace: identity.namespace))/\(identity.name).json"
  }

  func pods(_ region: String) -> String { "\(self.region(region))/pods" }
  func pods(_ region: String, namespace: String) -> String { "\(pods(region))/\(namespace)" }
  func pod(_ key: PodKey) -> String { "\(pods(key.cluster, namespace: key.namespace))/\(key.name)" }
  func podRecord(_ key: PodKey) -> String { "\(pod(key))/pod.json" }
  func configuration(_ key: PodKey) -> String { "\(pod(key))/nats.conf" }
  func log(_ key: PodKey) -> String { "\(pod(key))/server.log" }
}

/// Names one pod of the sandbox.
struct PodKey: Hashable, Codable, Sendable {
  let cluster: String
  let namespace: String
  let name: String

  /// `c1-nats` of `c1-nats-0`.
  var statefulSet: String { name.split(separator: "-").dropLast().joined(separator: "-") }

  /// 0 of `c1-nats-0`.
  var ordinal: Int { name.split(separator: "-").last.flatMap { Int($0) } ?? 0 }

  func address(_ port: PodPort) -> PodAddress {
    PodAddress(cluster: cluster, namespace: namespace, pod: name, port: port)
  }
}

/// Names become parts of paths and of host names, so they are held to what Kubernetes holds them to (RFC 1123 labels).
enum SandboxNames {
  static func isLabel(_ name: String, longest: Int = 53) -> Bool {
    let bytes = Array(name.utf8)
    func isInner(_ byte: UInt8) -> Bool {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"): true
      default: false
      }
    }
    guard !bytes.isEmpty, bytes.count <= longest, bytes.allSatisfy(isInner) else { return false }
    return bytes.first != UInt8(ascii: "-") && bytes.last != UInt8(ascii: "-")
  }
}
