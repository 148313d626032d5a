import Lexer
import SandboxSystem
import ValuesAndCommands

/// A part of a release's values that knows where it stands, so that every problem names its place.
struct ChartValues {
  /// `config.cluster`; empty for the values as a whole.
  let path: String
  let map: ValueMap

  func place(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  /// Throws if a key is none of `known`. `elsewhere` says what to do about one that resembles none of them.
  func allowOnly(_ known: [String], elsewhere: String) throws(CommandFailure) {
    for key in map.keys where !known.contains(key) {
      let nearest = nearestSpelling(to: key, among: known)
      throw CommandFailure(
        .misused, "\(place(key)) is none of the values of chart nats/nats",
        advice: nearest.map { "did you mean \(place($0))?" } ?? elsewhere)
    }
  }

  /// What stands under the key; null is as good as nothing.
  subscript(key: String) -> Value? {
    if case .null? = map[key] { return nil }
    return map[key]
  }

  func bool(_ key: String, default standard: Bool) throws(CommandFailure) -> Bool {
    switch self[key] {
    case nil: return standard
    case .bool(let bool)?: return bool
    case let other?: throw wrongType(key, "true or false", other)
    }
  }

  func int(_ key: String, default standard: Int, in range: ClosedRange<Int>) throws(CommandFailure) -> Int {
    switch self[key] {
    case nil: return standard
    case .int(let int)?:
      guard let int = Int(exactly: int), range.contains(int) else {
        throw CommandFailure(
          .misused, "\(place(key)) must be from \(range.lowerBound) to \(range.upperBound), not \(int)")
      }
      return int
    case let other?: throw wrongType(key, "a whole number", other)
    }
  }

  func port(_ standard: Int) throws(CommandFailure) -> Int { try int("port", default: standard, in: 1...65535) }

  /// Nil if it is not there or empty, which in the chart's values mean the same.
  func text(_ key: String) throws(CommandFailure) -> Text? {
    switch self[key] {
    case nil: return nil
    case .string?, .secret?, .cluster?, .record?:
      guard let text = self[key]?.asText, !text.string.isEmpty else { return nil }
      return text
    case let other?: throw wrongType(key, "a string", other)
    }
  }

  func section(_ key: String) throws(CommandFailure) -> ChartValues {
    switch self[key] {
    case nil: return ChartValues(path: place(key), map: ValueMap())
    case .map(let map)?: return ChartValues(path: place(key), map: map)
    case let other?: throw wrongType(key, "a map", other)
    }
  }

  /// A size as `nats.conf` takes it, without quotes; nil if it is not there.
  func size(_ key: String) throws(CommandFailure) -> Value? {
    guard let value = self[key] else { return nil }
    guard let spelled = ServerSize.spelled(value) else { throw wrongType(key, "a size such as 2Gi", value) }
    return ConfigurationText.raw(spelled)
  }

  /// `block` with `merge` laid over it and then `patch` applied.
  func mergedAndPatched(_ block: ValueMap) throws(CommandFailure) -> ValueMap {
    let merged = block.merged(with: try section("merge").map)
    guard let patch = self["patch"] else { return merged }
    guard let operations = patch.elements else { throw wrongType("patch", "a list of JSON patch operations", patch) }
    guard case .map(let patched) = try JSONPatch.apply(operations, to: .map(merged), place: place("patch")) else {
      throw CommandFailure(
        .misused, "\(place("patch")) leaves no map", advice: "a patch may change the block, not replace it")
    }
    return patched
  }

  /// TLS needs certificates that cert-manager and Kubernetes secrets bring; here there are neither.
  func refuseTLS() throws(CommandFailure) {
    guard try section("tls").bool("enabled", default: false) else { return }
    throw CommandFailure(
      .misused,
      "\(place("tls.enabled")) is true, but the local target runs servers without TLS: their certificates live in "
        + "Kubernetes secrets",
      advice: "leave it out here, or run this recipe with --target k3d")
  }

  func wrongType(_ key: String, _ wanted: String, _ value: Value) -> CommandFailure {
    CommandFailure(.misused, "\(place(key)) must be \(wanted), not \(value.typeWithArticle)")
  }
}

/// What becomes of a server that runs when its `nats.conf` changes: that is for the chart's values to say.
enum ConfigurationChange: Sendable {
  /// The pods' template bears a checksum of it, so that the StatefulSet starts its pods anew, one after the other.
  case restarts
  /// The reloader beside the server has it read its configuration again.
  case reloads
  /// The file is there, and the server reads it when it is started the next time.
  case waits

  /// The chart has put the checksum there from its first release up to this one, unless told otherwise; from here on it
  /// does so only if asked.
  private static let firstWithoutChecksum = ProgramVersion(2, 12, 4)

  init(values: ValueMap, chartVersion: String) throws(CommandFailure) {
    let values = ChartValues(path: "", map: values)
    let template = try values.section("podTemplate")
    try template.allowOnly(
      ["configChecksumAnnotation", "topologySpreadConstraints", "merge", "patch"],
      elsewhere: "what Kubernetes takes for a pod goes under \(template.place("merge"))")
    let isOld = ProgramVersion(in: chartVersion).map { $0 < Self.firstWithoutChecksum } ?? true
    if try template.bool("configChecksumAnnotation", default: isOld) {
      self = .restarts
    } else {
      self = try values.section("reloader").bool("enabled", default: true) ? .reloads : .waits
    }
  }
}

/// Variables of a pod's container, put in where the configuration speaks of one as `<< $NAME >>`: the processes here get no
/// environment of their own.
struct ContainerVariables {
  private let values: [String: Value]

  /// Set by the chart itself, for each pod. They are texts, which are read here, too.
  fileprivate static let own: Set = ["POD_NAME", "SERVER_NAME"]

  init(own: [String: String]) { values = own.mapValues { .string($0) } }

  /// `container.env`. A server reads a variable as if its text stood in the configuration: `123` is a number, `"123"` in
  /// quotes is a string. So that is how it is put in, and the server reads it itself.
  init(values: ChartValues) throws(CommandFailure) {
    var given: [String: Value] = [:]
    let variables = try values.section("container").section("env")
    for (name, value) in variables.map where !Self.own.contains(name) {
      let text: Text?
      switch value {
      case .null: continue
      case .string, .secret: text = value.asText
      case .map:
        // What a secret or a field of Kubernetes holds is not known here: the server says that it misses it.
        let variable = try variables.section(name)
        try variable.allowOnly(["value", "valueFrom"], elsewhere: "it is a string, or has a value or valueFrom")
        text = try variable.text("value")
      default: throw variables.wrongType(name, "a string or a map with value", value)
      }
      given[name] = text.map { Value(ConfigurationText.rawText($0)) }
    }
    self.values = given
  }

  /// Variables that the configuration itself defines come first, as the server has it; unknown ones are left to it.
  func resolving(_ configuration: ValueMap) -> ValueMap {
    guard !values.isEmpty else { return configuration }
    return ValueMap(configuration.map { ($0, resolved($1, besides: configuration)) })
  }

  func resolved(_ value: Value, besides configuration: ValueMap) -> Value {
    switch value {
    case .string(let string):
      guard let raw = ConfigurationText.unwrappedRaw(string), raw.hasPrefix("$") else { return value }
      let name = String(raw.dropFirst())
      return configuration[name] == nil ? values[name] ?? value : value
    case .list(let elements): return .list(elements.map { resolved($0, besides: configuration) })
    case .map(let map): return .map(ValueMap(map.map { ($0, resolved($1, besides: configuration)) }))
    default: return value
    }
  }
}

/// `container.image`: here it says which version of the server runs.
enum ContainerImage {
  /// The image's tag; nil where the values leave it to the chart.
  static func tag(_ values: ChartValues) throws(CommandFailure) -> String? {
    let container = try values.section("container")
    try container.allowOnly(
      ["image", "ports", "env", "merge", "patch"], elsewhere: "what Kubernetes takes for a container goes under merge")
    let image = try container.section("image")
    try image.allowOnly(
      ["repository", "tag", "pullPolicy", "registry", "fullImageName", "digest"],
      elsewhere: "the version goes under \(image.place("tag"))")
    let tag = try image.text("tag")?.string
    if let full = try image.text("fullImageName")?.string {
      guard let tag = self.tag(ofImage: full) else { throw unknownVersion(image, "fullImageName") }
      return tag
    }
    if try image.text("digest") != nil, tag == nil { throw unknownVersion(image, "digest") }
    return tag
  }

  /// `2.11.4` of `registry:5000/nats:2.11.4@sha256:…`.
  private static func tag(ofImage name: String) -> String? {
    let named = name.split(separator: "@", maxSplits: 1)[0]
    let last = named.split(separator: "/").last ?? named
    let parts = last.split(separator: ":", maxSplits: 1)
    return parts.count == 2 ? String(parts[1]) : nil
  }

  private static func unknownVersion(_ image: ChartValues, _ key: String) -> CommandFailure {
    CommandFailure(
      .misused,
      "\(image.place(key)) does not say which version it is, and the local target has programs in place of images",
      advice: "say the version beside it: \(image.place("tag")), or NAME:\(ServerBinary.pinnedVersion)")
  }
}

/// Values of the chart that change how servers run in Kubernetes, and nothing here.
enum IdleValues {
  private static let places = [
    ["container", "image", "registry"], ["container", "image", "repository"], ["container", "merge"],
    ["container", "patch"], ["podTemplate", "merge", "spec"], ["podTemplate", "patch"],
    ["statefulSet", "merge", "spec"], ["statefulSet", "patch"],
  ]

  /// Where such values stand, as `container.merge.args`.
  static func found(in values: ValueMap) -> [String] {
    places.flatMap { path -> [String] in
      var value: Value? = .map(values)
      for key in path { value = value?.entries[key] }
      let place = path.joined(separator: ".")
      switch value {
      case nil, .null: return []
      case .map(let map): return map.keys.map { "\(place).\($0)" }
      case .list(let list) where list.isEmpty: return []
      default: return [place]
      }
    }
  }
}

/// Strings that the chart writes without quotes: those between `<<` and `>>`, each with a blank inside.
enum ConfigurationText {
  static func raw(_ text: String) -> Value { .string("<< \(text) >>") }

  static func rawText(_ text: Text) -> Text {
    var raw = Text("<< ")
    raw.append(text)
    raw.append(" >>")
    return raw
  }

  /// What stands between `<<` and `>>`; nil if the string is an ordinary one.
  static func unwrappedRaw(_ string: String) -> String? {
    let blanks: Set<Character> = [" ", "\t", "\n"]
    guard string.utf8.count >= 6, string.hasPrefix("<<"), string.hasSuffix(">>") else { return nil }
    let inner = string.dropFirst(2).dropLast(2)
    guard let first = inner.first, let last = inner.last, blanks.contains(first), blanks.contains(last) else {
      return nil
    }
    let trimmed = inner.drop { blanks.contains($0) }
    return String(trimmed.prefix(trimmed.count - trimmed.reversed().prefix { blanks.contains($0) }.count))
  }

  /// A whole number, be it written as one or between `<<` and `>>`.
  static func wholeNumber(_ value: Value) -> Int? {
    if case .int(let int) = value { return Int(exactly: int) }
    guard let text = value.asText?.string else { return nil }
    return Int(unwrappedRaw(text) ?? text)
  }
}

/// Sizes as nats-server reads them: digits and a suffix. Without an `i`, `G` is 10^9 to it, but `GB` is 2^30; the same
/// text means the same here and in Kubernetes, so it is passed on as it is.
enum ServerSize {
  /// The suffixes, in lower case; read off what `nats-server -t` (2.11.4) takes.
  private static let suffixes: Set<String> = {
    var suffixes: Set = [""]
    for prefix in ["k", "m", "g", "t", "p"] {
      for ending in ["", "b", "i", "ib"] { suffixes.insert(prefix + ending) }
    }
    return suffixes
  }()

  /// The size as it may stand in `nats.conf`: as it was written, else in bytes. Nil if it is no size.
  static func spelled(_ value: Value) -> String? {
    switch value {
    case .int(let int): return String(int)
    case .size(let size): return isUnderstood(size.quantity) ? size.quantity : String(size.bytes)
    case .string(let string):
      let bare = ConfigurationText.unwrappedRaw(string) ?? string
      return isUnderstood(bare) ? bare : SizeValue(parsing: bare).map { String($0.bytes) }
    default: return nil
    }
  }

  private static func isUnderstood(_ text: String) -> Bool {
    let digits = text.prefix { ("0"..."9").contains($0) }
    return !digits.isEmpty && suffixes.contains(text.dropFirst(digits.count).lowercased())
  }
}
