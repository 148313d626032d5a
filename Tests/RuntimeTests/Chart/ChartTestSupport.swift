import Foundation
import Interpreter
import TestSupport

@testable import SandboxLocal
@testable import SandboxSystem

/// The releases of the supercluster, with the values that `recipes/nats.nbx` gives them.
enum Supercluster {
  static let clusters = ["c1", "c2", "c3"]

  static func kinds(_ cluster: String) -> [String] { [cluster, "\(cluster)-js", "\(cluster)-gw", "xr-js"] }

  static func release(_ name: String, in cluster: String) throws -> RenderedRelease {
    let identity = ReleaseIdentity(cluster: cluster, namespace: "nats", name: name)
    return try NatsChart.render(identity, values: values(name, in: cluster))
  }

  static func values(_ name: String, in cluster: String) -> ValueMap {
    let common: ValueMap = valueMap([
      "config": [
        "cluster": ["enabled": true, "replicas": 3, "merge": ["name": .string(name == "xr-js" ? name : cluster)]],
        "gateway": ["enabled": true, "merge": gateway(name, in: cluster)],
        "merge": [
          "accounts": [
            "$SYS": ["users": [["user": "sys", "password": .secret(.secret("sys"))]]],
            "JS": ["jetstream": "enabled", "users": [["user": "js", "password": .secret(.secret("js"))]]],
          ], "system_account": "$SYS",
        ],
        "monitor": ["enabled": true],
      ],
      "reloader": ["enabled": true],
      "promExporter": ["enabled": true, "podMonitor": ["merge": ["metadata": ["labels": ["release": "prometheus"]]]]],
      "natsBox": ["enabled": .bool(name == cluster)],
    ])
    return common.merged(with: particular(name, in: cluster))
  }

  private static func gateway(_ name: String, in cluster: String) -> Value {
    var user = Text("nats://gwu:")
    user.append(.secret("gwp"))
    let gateways = clusters.map { other -> Value in
      var url = user
      url.append("@k3d-\(other)-agent-0:7222")
      return ["name": .string(other), "url": Value(url)]
    }
    let all: Value = .list(gateways + [["name": "xr-js", "url": "nats://xr-js-nats:7222"]])
    if name == "xr-js" { return ["name": "xr-js", "gateways": all] }
    return [
      "name": .string(cluster), "gateways": all, "advertise": .string("k3d-\(cluster)-server-0:7222"),
      "authorization": ["user": "gwu", "password": .secret(.secret("gwp"))],
    ]
  }

  private static func routes(_ release: String, _ suffix: String = "") -> [Value] {
    (0..<3).map { .string("nats://\(release)-nats-\($0).\(release)-nats-headless\(suffix):6222") }
  }

  private static func particular(_ name: String, in cluster: String) -> ValueMap {
    let store: Value = [
      "enabled": true, "fileStore": ["pvc": ["size": .size(SizeValue(bytes: 2 << 30, spelling: "2Gi"))]],
      "merge": ["unique_tag": "az"],
    ]
    func tags(_ region: String) -> Value {
      ["server_tags": [.string("dc:\(region)"), .string("az:\(cluster)")]]
    }
    switch name {
    case cluster: return valueMap(["config": ["cluster": ["merge": ["routes": .list(routes(name))]]]])
    case "xr-js":
      let all = routes(name) + clusters.filter { $0 != cluster }.flatMap { routes(name, "-\($0)") }
      return valueMap([
        "config": [
          "cluster": ["merge": ["routes": .list(all)]], "jetstream": store, "merge": tags("xr"),
          "serverNamePrefix": .string("\(cluster)-"),
        ]
      ])
    case "\(cluster)-js":
      return valueMap([
        "config": [
          "cluster": ["merge": ["routes": .list(routes(name) + routes(cluster))]], "jetstream": store,
          "merge": tags(cluster),
        ]
      ])
    default:
      return valueMap([
        "config": [
          "cluster": ["merge": ["routes": .list(routes(name) + routes("\(cluster)-js") + routes(cluster))]],
          "merge": tags(cluster),
        ]
      ])
    }
  }
}

/// A map literal as a `ValueMap`.
func valueMap(_ value: Value) -> ValueMap {
  if case .map(let map) = value { map } else { ValueMap() }
}

/// Ports that can be read: cluster c2, second release, ordinal 1, third kind of port is 22113, and the relay's for it 32113.
func readablePort(_ address: PodAddress) throws(CommandFailure) -> Int {
  let cluster = Int(address.cluster.filter(\.isNumber)) ?? 0
  let kind = address.pod.contains("xr-js") ? 4 : address.pod.contains("-js-") ? 2 : address.pod.contains("-gw-") ? 3 : 1
  let ordinal = Int(String(address.pod.last ?? "0")) ?? 0
  let port = (PodPort.allCases.firstIndex(of: address.port.behind ?? address.port) ?? 0) + 1
  return (address.port.behind == nil ? 20000 : 30000) + cluster * 1000 + kind * 100 + ordinal * 10 + port
}

extension RenderedRelease {
  /// The text for one of its pods, with readable ports.
  func localText(
    pod ordinal: Int = 0, clusters: [String] = Supercluster.clusters, isRelayed: Bool = false
  ) throws -> String {
    try LocalConfiguration.texts(
      of: self, clusters: clusters, isRelayed: isRelayed,
      places: { .init(store: "/store/\($0.name)", folder: "/pods/\($0.name)") }, port: readablePort)[ordinal]
  }

  /// As it would be in Kubernetes.
  func configuration(of ordinal: Int) -> ValueMap { pods[ordinal].variables.resolving(configuration) }
}

/// A release of the chart in cluster c1, with `config` values.
func renderedRelease(_ name: String = "c1", config: Value = [:], others: ValueMap = ValueMap()) throws
  -> RenderedRelease
{
  try NatsChart.render(
    ReleaseIdentity(cluster: "c1", namespace: "nats", name: name),
    values: valueMap(["config": config]).merged(with: others))
}

/// What went wrong; an error if nothing did.
func chartProblem(_ body: () throws -> Void) throws -> ChartProblem {
  do {
    try body()
  } catch let failure as CommandFailure {
    guard failure.kind == .misused else { throw failure }
    return ChartProblem(failure.reason.masked, advice: failure.advice)
  }
  throw ChartTestFailure(description: "no problem was found")
}

/// Why values cannot become servers here.
struct ChartProblem: Equatable {
  let message: String
  let advice: String?

  init(_ message: String, advice: String? = nil) {
    self.message = message
    self.advice = advice
  }
}

struct ChartTestFailure: Error, CustomStringConvertible {
  let description: String
}

/// A folder of its own, gone with the value's last use.
final class ConfigurationFolder {
  let path: String

  init() throws {
    path = try RunFolder.newPath()
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func write(_ text: String, _ name: String) throws -> String {
    try text.write(toFile: "\(path)/\(name)", atomically: true, encoding: .utf8)
    return "\(path)/\(name)"
  }
}

/// What `nats-server -t` says about a configuration: nil if it is content.
func complaint(about text: String) throws -> String? {
  let folder = try ConfigurationFolder()
  var server = Subprocess(try natsServerBinary(), ["-t", "-c", try folder.write(text, "nats.conf")])
  server.limit.until = .now + .seconds(120)
  let result = try server.run()
  return result.succeeded ? nil : String(decoding: result.output + result.errorOutput, as: UTF8.self)
}
