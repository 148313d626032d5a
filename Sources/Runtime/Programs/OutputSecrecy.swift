import ValuesAndCommands

/// What of a program's output must not be seen. It goes by the program's own name, so that `exec kubectl` is no way
/// around it.
enum OutputSecrecy: Sendable {
  case open
  /// All of it, also when it is read as JSON.
  case all
  /// All of the text; read as JSON, what Kubernetes keeps in secrets.
  case kubernetesSecrets
  /// All of the text; read as JSON, the values and manifests of a helm release.
  case helmRelease

  var isSecret: Bool { self != .open }

  init(of program: ProgramCall) {
    let name = program.programName
    let words = ProgramWords(program.arguments, of: name)
    let path = words.positionals.prefix(2).map(\.string)
    self =
      switch name {
      case "kubectl": OutputSecrecy(ofKubectl: words, program.document)
      case "helm": OutputSecrecy(ofHelm: words)
      // They print what opens a cluster: a key for its API, or the issuer of its certificates.
      case "linkerd" where ["multicluster", "mc"].contains(words.verb) && ["link-gen", "link"].contains(path.last): .all
      case "linkerd" where ["install", "upgrade"].contains(words.verb) && !words.has("--crds"): .all
      case "k3d" where path == ["kubeconfig", "get"]: .all
      default: .open
      }
  }

  private init(ofKubectl words: ProgramWords, _ document: Value?) {
    let verbs = words.positionals.prefix(2).map(\.string)
    let showsObjects = words.values(of: "--output", "-o").contains { $0.string != "name" }
    let isFromFile = words.has("--filename", "-f", "--kustomize", "-k", "--raw")
    switch verbs.first {
    case "get": self = words.namesSecrets || isFromFile ? .kubernetesSecrets : .open
    case "config": self = words.has("--raw") ? .all : .open
    case "create" where verbs.last == "token": self = .all
    case "apply", "create", "replace", "patch", "edit", "annotate", "label":
      let isSecret = words.namesSecrets || (isFromFile && document.map(\.describesSecret) ?? true)
      self = showsObjects && isSecret ? .kubernetesSecrets : .open
    default: self = .open
    }
  }

  private init(ofHelm words: ProgramWords) {
    let showsDocuments = words.has("--debug", "--dry-run")
    switch words.verb {
    case "template": self = .all
    case "get": self = words.positionals.dropFirst().first?.string == "notes" ? .open : .all
    case "status": self = words.has("--output", "-o") ? .helmRelease : .open
    case "install", "upgrade":
      self = words.has("--output", "-o") ? .helmRelease : showsDocuments ? .all : .open
    default: self = .open
    }
  }

  /// The output as a value, secret only where it has to be; nil where its text says all.
  func json(_ output: [UInt8]) -> Value? {
    guard self == .kubernetesSecrets || self == .helmRelease, let first = output.first(where: { $0 > 0x20 }),
      first == UInt8(ascii: "{") || first == UInt8(ascii: "["), let value = try? Value.json(output)
    else { return nil }
    return self == .helmRelease ? value.hidingReleaseValues : value.hidingSecretData
  }
}

extension ProgramWords {
  /// Whether kubectl's words name secrets: `get secret x`, `get secrets,pods`, `get secret/x`.
  fileprivate var namesSecrets: Bool {
    let resources = positionals.dropFirst()
    let types = resources.contains { $0.string.contains("/") } ? Array(resources) : Array(resources.prefix(1))
    return types.contains { type in
      type.isKnownLater
        || type.string.split(separator: ",").contains { part in
          let name = part.split(separator: "/").first.map { $0.lowercased() } ?? ""
          return ["secret", "secrets"].contains(name.split(separator: ".").first ?? "")
        }
    }
  }
}

extension Value {
  /// Whether a manifest makes or changes a secret; of text nobody knows.
  fileprivate var describesSecret: Bool {
    switch self {
    case .list(let elements): elements.contains(where: \.describesSecret)
    case .map(let map): map.isSecretObject || map.values.contains(where: \.describesSecret)
    case .string, .secret, .record: asText?.string.contains("Secret") ?? false
    default: false
    }
  }

  /// With what lies below `data` and `stringData` of secrets made secret.
  fileprivate var hidingSecretData: Value {
    switch self {
    case .list(let elements): return .list(elements.map(\.hidingSecretData))
    case .map(let map):
      let isSecret = map.isSecretObject
      return .map(
        ValueMap(
          map.map { key, value in
            switch key {
            case "data" where isSecret, "stringData" where isSecret: (key, value.withSecretLeaves)
            // `kubectl apply` keeps the whole manifest here.
            case "kubectl.kubernetes.io/last-applied-configuration": (key, value.withSecretLeaves)
            default: (key, value.hidingSecretData)
            }
          }))
    default: return self
    }
  }

  /// With what a helm release was given, and what it made of that, made secret.
  fileprivate var hidingReleaseValues: Value {
    guard case .map(let map) = self else { return self }
    return .map(
      ValueMap(
        map.map { key, value in
          (key, ["config", "manifest", "hooks", "chart"].contains(key) ? value.withSecretLeaves : value)
        }))
  }
}

extension ValueMap {
  fileprivate var isSecretObject: Bool { self["kind"]?.asText?.string == "Secret" }
}

/// Covers the secrets that a program was given in what it says.
///
/// Long ones are covered wherever they stand. Short ones, such as `js`, stand in much innocent text, so those that this
/// program was given itself are covered only where they stand as words of their own: in quotes, behind a colon.
struct SecretCover: Sendable {
  private let registry: SecretRegistry
  private let own: [[UInt8]]

  init(_ program: ProgramCall, _ call: Invocation) {
    registry = call.secrets
    var secrets: Set<String> = []
    for text in program.arguments + (program.document?.secretTexts ?? []) where text.isSecret {
      registry.add(text)
      secrets.formUnion(text.knownSecrets)
    }
    own = secrets.filter { !$0.isEmpty }.map { Array($0.utf8) }
  }

  func text(_ bytes: [UInt8]) -> Text {
    var text = registry.covering(String(decoding: bytes, as: UTF8.self))
    for secret in own { text = covering(secret, in: text) }
    return text
  }

  private func covering(_ secret: [UInt8], in text: Text) -> Text {
    let bytes = Array(text.string.utf8)
    var covered = Text("")
    var shown = 0
    let search = ByteSearch(secret)
    var rest = bytes[...]
    while let found = search.firstRange(in: rest) {
      rest = bytes[found.upperBound...]
      let isWord =
        !(found.lowerBound > 0 && SecretCover.continuesWord(bytes[found.lowerBound - 1]))
        && !(rest.first.map(SecretCover.continuesWord) ?? false)
      guard isWord else { continue }
      covered.append(text.slice(shown..<found.lowerBound))
      covered.append(.secret(String(decoding: secret, as: UTF8.self)))
      shown = found.upperBound
    }
    guard shown > 0 else { return text }
    covered.append(text.slice(shown..<bytes.count))
    return covered
  }

  private static func continuesWord(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."), 0x80...:
      true
    default: false
    }
  }
}

extension Text {
  /// The text without the sequences by which a program colours it: `k3d` does so even where nobody sees it.
  var withoutColours: Text {
    let bytes = Array(string.utf8)
    guard bytes.contains(0x1b) else { return self }
    var plain = Text("")
    var start = 0
    var place = 0
    while place < bytes.count {
      guard bytes[place] == 0x1b, place + 1 < bytes.count, bytes[place + 1] == UInt8(ascii: "[") else {
        place += 1
        continue
      }
      plain.append(slice(start..<place))
      // Digits, `;` and the like, up to a letter.
      place += 2
      while place < bytes.count, (0x20...0x3f).contains(bytes[place]) { place += 1 }
      if place < bytes.count, (0x40...0x7e).contains(bytes[place]) { place += 1 }
      start = place
    }
    plain.append(slice(start..<bytes.count))
    return plain
  }
}
