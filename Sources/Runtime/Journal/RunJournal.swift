import Interpreter
import Lexer

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// What a failed or interrupted run leaves behind, so that `--resume` can take it up: one file a recipe, below nbx's
/// home, for its owner's eyes only. No secret is in it.
public struct RunJournal: Sendable {
  /// What was asked for on the command line, beside the recipe. A run is taken up only with the same.
  public struct Request: Sendable, Equatable {
    public let clusters: [String]
    /// Without those that are secrets.
    public let arguments: [String: String]
    /// Kube contexts by cluster.
    public let contexts: [String: String]

    public init(clusters: [String], arguments: [String: String], contexts: [String: String], of recipe: Unit) {
      self.clusters = clusters
      self.contexts = contexts
      let secret = Set(recipe.parameters.filter(\.isSecret).map(\.name))
      self.arguments = arguments.filter { !secret.contains($0.key) }
    }

    fileprivate init(packed map: ValueMap) {
      clusters = map["clusters"]?.elements?.compactMap { $0.asText?.string } ?? []
      arguments = Request.texts(map["arguments"])
      contexts = Request.texts(map["contexts"])
    }

    private static func texts(_ packed: Value?) -> [String: String] {
      guard case .map(let map)? = packed else { return [:] }
      return Dictionary(map.compactMap { name, value in value.asText.map { (name, $0.string) } }) { $1 }
    }

    fileprivate static func packed(_ texts: [String: String]) -> Value {
      .map(ValueMap(texts.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
    }
  }

  /// Why there is nothing to take up.
  public struct Refusal: Error, Sendable {
    public let reason: String
    public let advice: String

    public static let noHome = Refusal(
      reason: "nbx has no home to look in", advice: "set NBX_HOME to a folder of yours")
  }

  private let path: String
  private let recipe: String

  /// - Parameters:
  ///   - home: nbx's home, see `Home`.
  ///   - recipe: the recipe's path as the user names it.
  public init(home: String, recipe: String) {
    // However the file is named.
    let whole = resolvedPath(recipe)
    path = "\(home)/unfinished/\(String(stableHash(whole), radix: 16)).json"
    self.recipe = recipe
  }

  /// Keeps what an unfinished run has left, in place of what an earlier one had.
  public func keep(
    _ resumption: Resumption, of program: Program, _ request: Request, target: String?
  ) throws(MachineError) {
    let point = resumption.packed
    let packed: Value = [
      "recipe": .string(recipe), "text": .string(RunJournal.fingerprint(of: program)),
      "clusters": .list(request.clusters.map(Value.string)),
      "arguments": Request.packed(request.arguments), "contexts": Request.packed(request.contexts),
      "target": target.map(Value.string) ?? .null, "sum": .string(RunJournal.sum(of: point)), "point": point,
    ]
    try Folders.make(String(path[..<(path.lastIndex(of: "/") ?? path.endIndex)]))
    try AtomicFile.write(Array(packed.json().string.utf8), to: path)
  }

  /// Takes the file away: the recipe has run to its end. What a run with other clusters or arguments left stays.
  public func forget(_ request: Request) {
    guard let bytes = FileManager.default.contents(atPath: path) else { return }
    if case .map(let map)? = try? Value.json(Array(bytes)), Request(packed: map) != request { return }
    unlink(path)
  }

  /// What the last unfinished run of the recipe has left.
  ///
  /// - Throws: a `Refusal` if there is none, or if it was of another text or with other arguments.
  public func resumption(
    of program: Program, _ request: Request, clusters: [Cluster]
  ) throws(Refusal) -> (resumption: Resumption, target: String?) {
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw Refusal(
        reason: "no run of \(recipe) has stopped in the middle", advice: "run it from its start, without --resume")
    }
    guard case .map(let map)? = try? Value.json(Array(bytes)), let packed = map["point"],
      map["sum"]?.asText?.string == RunJournal.sum(of: packed)
    else { throw damaged }
    guard map["text"]?.asText?.string == RunJournal.fingerprint(of: program) else {
      throw Refusal(
        reason: "\(recipe), or a file that it uses, has changed since the run that stopped",
        advice: "run it from its start, or name a step: --from STEP")
    }
    try check(request, map)
    guard let resumption = Resumption(packed: packed, clusters: clusters) else { throw damaged }
    return (resumption, map["target"]?.asText?.string)
  }

  private var damaged: Refusal {
    Refusal(reason: "what the last run left can't be read: \(path)", advice: "run the recipe from its start")
  }

  private func check(_ request: Request, _ map: ValueMap) throws(Refusal) {
    let kept = Request(packed: map)
    guard kept == request else {
      let words =
        kept.clusters + kept.arguments.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        + kept.contexts.sorted { $0.key < $1.key }.flatMap { ["--context", "\($0.key)=\($0.value)"] }
      throw Refusal(
        reason: "the run that stopped had other clusters, arguments or contexts",
        advice: "nbx run \(([recipe] + words.map(\.inShell)).joined(separator: " ")) --resume; or run it from its start"
      )
    }
  }

  /// Tells whether the file is as it was written.
  private static func sum(of point: Value) -> String { String(stableHash(point.json().string), radix: 16) }

  /// Changes with any letter of the recipe and of the files that it uses and runs.
  private static func fingerprint(of program: Program) -> String {
    let texts = program.units.map { String(decoding: $0.file.bytes, as: UTF8.self) }
    return String(stableHash(texts.joined(separator: "\u{0}")), radix: 16)
  }
}

/// The path without links, `.` and `..`; a relative one starts from the working folder.
private func resolvedPath(_ path: String) -> String {
  guard let resolved = realpath(path, nil) else { return path }
  defer { free(resolved) }
  return String(cString: resolved)
}
