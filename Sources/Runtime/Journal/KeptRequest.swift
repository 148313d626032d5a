import Interpreter

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
