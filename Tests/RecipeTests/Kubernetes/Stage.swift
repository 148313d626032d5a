import TestSupport
import Testing

/// A recipe that does one part of the sandbox, and what must have been done before it.
struct Stage: Sendable, Hashable, CustomTestStringConvertible {
  /// Its file below `recipes`, without the ending.
  let name: String
  /// The stages it builds upon, with those that they build upon.
  let needs: [String]
  /// The clusters that a failure is tried on: one, unless clusters have to do with each other in it.
  let clusters: [String]

  private init(_ name: String, _ needs: String = "", clusters: [String] = ["c1"]) {
    self.name = name
    self.needs = needs.split(separator: " ").map(String.init)
    self.clusters = clusters
  }

  var testDescription: String { name }
  var recipe: String { "recipes/\(name).nbx" }

  /// In an order in which they can be run, and in which many begin alike: what is run once serves them all.
  static let all: [Stage] = [
    Stage("repos"),
    Stage("create"),
    Stage("cert-manager", "repos create"),
    Stage("linkerd/pki", "repos create cert-manager"),
    Stage("linkerd/control-plane", "repos create cert-manager linkerd/pki"),
    Stage("linkerd/multicluster", "repos create cert-manager linkerd/pki linkerd/control-plane", clusters: both),
    Stage(
      "linkerd/link", "repos create cert-manager linkerd/pki linkerd/control-plane linkerd/multicluster",
      clusters: both),
    Stage("prometheus", "repos create"),
    Stage("ingress", "repos create cert-manager prometheus linkerd/pki linkerd/control-plane"),
    Stage("linkerd/viz", "repos create cert-manager prometheus linkerd/pki linkerd/control-plane"),
    Stage("nats", "repos create cert-manager prometheus linkerd/pki linkerd/control-plane ingress"),
    Stage("linkerd/key-exchange", "repos create cert-manager linkerd/pki", clusters: both),
    Stage("host-access", "create"),
    Stage("contexts", "create host-access"),
    Stage("stop", whole),
    Stage("start", whole + " stop"),
    Stage("linkerd/unlink", whole, clusters: both),
    Stage("uninstall/nats", whole),
    Stage("uninstall/ingress", whole),
    Stage("uninstall/linkerd-viz", whole),
    Stage("uninstall/linkerd-multicluster", whole, clusters: both),
    Stage("uninstall/linkerd", "repos create cert-manager linkerd/pki linkerd/control-plane"),
    Stage("uninstall/linkerd-pki", "repos create cert-manager linkerd/pki linkerd/key-exchange"),
    Stage("uninstall/cert-manager", "repos create cert-manager linkerd/pki linkerd/key-exchange"),
    Stage("uninstall/prometheus", "repos create prometheus"),
    Stage("cleanup", whole + " contexts"),
  ]

  private static let both = ["c1", "c2"]

  /// All that `install.nbx` makes.
  private static let whole = """
    repos create cert-manager linkerd/pki linkerd/control-plane linkerd/multicluster linkerd/link prometheus ingress \
    linkerd/viz nats linkerd/key-exchange host-access
    """

  static func named(_ name: String) throws -> Stage { try #require(all.first { $0.name == name }) }
}
