import Lexer

/// One of the clusters that a recipe runs with. It reads as its name in text.
public final class Cluster: Sendable, Hashable {
  public let name: String
  /// Its place among the run's clusters, from 0.
  public let index: Int
  /// The kube context by which kubectl, helm and linkerd reach it; empty where there is none.
  public let context: String

  public init(name: String, index: Int, context: String = "") {
    self.name = name
    self.index = index
    self.context = context
  }

  /// What to do where a run is asked for a cluster that it does not have.
  static func advice(onUnknown name: String, among names: [String]) -> String {
    if names.isEmpty { return "name the clusters in the recipe, as in clusters c1 c2, or on the command line" }
    return nearestSpelling(to: name, among: names).map { "did you mean \($0)?" }
      ?? "the clusters of this run: \(names.joined(separator: ", "))"
  }

  public static func == (a: Cluster, b: Cluster) -> Bool { a.name.isExactly(b.name) }
  public func hash(into hasher: inout Hasher) { hasher.combine(TextKey(name)) }
}
