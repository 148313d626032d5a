import Lexer

/// One of the clusters that a recipe runs with. It reads as its name in text.
public final class Cluster: Sendable, Hashable {
  /// What the command line calls it.
  public let name: String
  /// Its place among the run's clusters, from 0.
  public let index: Int
  /// The kube context by which kubectl, helm and linkerd reach it; empty where there is none.
  public let context: String

  /// A cluster of that name; `context` is its kube context, empty where it has none.
  public init(name: String, index: Int, context: String = "") {
    self.name = name
    self.index = index
    self.context = context
  }

  /// What to do where a run is asked for a cluster that it does not have.
  package static func advice(onUnknown name: String, among names: [String]) -> String {
    if names.isEmpty { return "name the clusters in the recipe, as in clusters c1 c2, or on the command line" }
    return nearestSpelling(to: name, among: names).map { "did you mean \($0)?" }
      ?? "the clusters of this run: \(names.joined(separator: ", "))"
  }

  /// What k3d and Kubernetes take as the name of a cluster: k3d allows 32 letters.
  public static func isValid(name: String) -> Bool {
    guard let first = name.utf8.first, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(first) else { return false }
    guard name.utf8.count <= 32, name.utf8.last != UInt8(ascii: "-") else { return false }
    return name.utf8.allSatisfy { ($0 >= 97 && $0 <= 122) || ($0 >= 48 && $0 <= 57) || $0 == UInt8(ascii: "-") }
  }

  /// By the name alone: a run has none twice.
  public static func == (a: Cluster, b: Cluster) -> Bool { a.name.isExactly(b.name) }
  /// By the name.
  public func hash(into hasher: inout Hasher) { hasher.combine(TextKey(name)) }
}
