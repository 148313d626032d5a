import Interpreter
import Lexer
import SandboxSystem

/// What was asked for on the command line, beside the recipe. A run is taken up only with the same.
package struct RunRequest: Sendable {
  /// All of it but the values of secrets.
  struct Open: Sendable, Equatable {
    let clusters: [String]
    /// Without those that are secrets.
    let arguments: [String: String]
    /// Kube contexts by cluster.
    let contexts: [String: String]
    /// Which secrets were given, in the order of their names.
    let secretNames: [String]
  }

  let open: Open
  /// By name. Only marks of them are kept.
  let secrets: [String: String]

  /// - Parameters:
  ///   - contexts: kube contexts by cluster.
  ///   - recipe: tells which of the arguments are secrets.
  package init(clusters: [String], arguments: [String: String], contexts: [String: String], of recipe: Unit) {
    // Nearly all runs are given nothing: they need not wait for the types that sorting it out takes, a tenth of a start.
    if arguments.isEmpty {
      secrets = [:]
      open = Open(clusters: clusters, arguments: [:], contexts: contexts, secretNames: [])
      return
    }
    let evident = arguments.filter { !EvidentSecrets.ranges(in: $0.value.utf8).isEmpty }.keys
    let names = recipe.secretParameters.union(evident)
    secrets = arguments.filter { names.contains($0.key) }
    open = Open(
      clusters: clusters, arguments: arguments.filter { !names.contains($0.key) }, contexts: contexts,
      secretNames: secrets.keys.sorted())
  }

  /// The command that takes the run up, or begins it anew, with `…` in place of secrets.
  package func command(of recipe: String, target: String?, resuming: Bool) -> String {
    open.command(of: recipe, target: target, resuming: resuming)
  }

  /// What to do about the `…` in the command; nil if there is none.
  package var advice: String? { open.advice }
}

extension RunRequest.Open {
  func command(of recipe: String, target: String? = nil, resuming: Bool = true) -> String {
    let values = arguments.mapValues(\.inShell).merging(secretNames.map { ($0, "…") }) { given, _ in given }
    var words = ["nbx", "run", recipe.inShell] + clusters
    words += values.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
    if let target { words += ["--target", target.inShell] }
    words += contexts.sorted { $0.key < $1.key }.flatMap { ["--context", "\($0.key)=\($0.value)".inShell] }
    return (words + (resuming ? ["--resume"] : [])).joined(separator: " ")
  }

  var advice: String? {
    secretNames.isEmpty ? nil : "give \(secretNames.joined(separator: " and ")) again: secrets are not kept"
  }
}

/// What is kept of a request.
struct KeptRequest: Sendable {
  let open: RunRequest.Open
  /// By the names of the secrets; nil where no mark could be made.
  private let marks: [String: SecretMark?]

  init(_ request: RunRequest) {
    open = request.open
    marks = request.secrets.mapValues { SecretMark(of: $0) }
  }

  /// How the secrets of another request compare.
  enum Comparison {
    case same
    case other(name: String)
    /// There is no `openssl` to tell.
    case unknown(name: String)
  }

  /// - Parameter request: one with secrets of the same names.
  func comparison(with request: RunRequest) -> Comparison {
    for name in open.secretNames {
      guard let mark = marks[name] ?? nil, let secret = request.secrets[name] else { continue }
      guard let fits = mark.fits(secret) else { return .unknown(name: name) }
      if !fits { return .other(name: name) }
    }
    return .same
  }

  // MARK: As a part of a file

  init(packed map: ValueMap) {
    var marks: [String: SecretMark?] = [:]
    if case .map(let secrets)? = map["secrets"] {
      for (name, packed) in secrets {
        marks[name] = .some(packed.asText.map { SecretMark(text: $0.string) })
      }
    }
    self.marks = marks
    open = RunRequest.Open(
      clusters: map["clusters"]?.elements?.compactMap { $0.asText?.string } ?? [],
      arguments: KeptRequest.texts(map["arguments"]), contexts: KeptRequest.texts(map["contexts"]),
      secretNames: marks.keys.sorted())
  }

  var packed: [(String, Value)] {
    let secrets = open.secretNames.map { name in
      (name, (marks[name] ?? nil).map { Value.string($0.text) } ?? .null)
    }
    return [
      ("clusters", .list(open.clusters.map(Value.string))), ("arguments", KeptRequest.packed(open.arguments)),
      ("contexts", KeptRequest.packed(open.contexts)), ("secrets", .map(ValueMap(secrets))),
    ]
  }

  private static func texts(_ packed: Value?) -> [String: String] {
    guard case .map(let map)? = packed else { return [:] }
    return Dictionary(map.compactMap { name, value in value.asText.map { (name, $0.string) } }) { $1 }
  }

  private static func packed(_ texts: [String: String]) -> Value {
    .map(ValueMap(texts.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) }))
  }
}

/// What is kept of a secret to tell later whether another is the same, as `openssl passwd` makes it of a password: `$6$`, a
/// salt, `$`, and a digest of thousands of rounds, so that guessing takes long.
struct SecretMark: Sendable {
  /// For a file.
  let text: String

  private static let patience = Duration.seconds(10)

  /// The mark as it was kept.
  init(text: String) { self.text = text }

  /// Nil: there is no `openssl`.
  init?(of secret: String) {
    guard let text = SecretMark.made(of: secret) else { return nil }
    self.init(text: text)
  }

  /// Whether it is the mark of that secret; nil if there is no `openssl` to tell.
  func fits(_ secret: String) -> Bool? {
    let parts = text.split(separator: "$")
    guard parts.count == 3 else { return false }
    return SecretMark.made(of: secret, salt: String(parts[1])).map { $0 == text }
  }

  /// - Parameter salt: one of its own if it is nil.
  private static func made(of secret: String, salt: String? = nil) -> String? {
    // `passwd` reads a line, and no more than 256 letters of it: any secret is one when it is a digest.
    guard let digest = openssl(["dgst", "-sha256", "-r"], reading: secret)?.prefix(64) else { return nil }
    return openssl(["passwd", "-6", "-stdin"] + (salt.map { ["-salt", $0] } ?? []), reading: digest + "\n")
  }

  private static func openssl(_ words: [String], reading input: String) -> String? {
    var program = Subprocess("openssl", words)
    program.standardInput = Array(input.utf8)
    guard let result = try? program.ask(within: patience), result.succeeded else { return nil }
    let line = String(decoding: result.output, as: UTF8.self).split(separator: "\n").first
    return line.map(String.init)
  }
}
