import Lexer
import SandboxSystem
import ValuesAndCommands

/// One `helm upgrade` or `helm install`.
struct HelmUpgrade {
  let command: HelmCommand
  let words: ParsedWords
  let call: Invocation

  private var releases: ReleaseEngine { command.releases }

  func output() throws(CommandFailure) -> Text {
    let region = try command.region(of: call)
    let name = try command.checked(words.positional(0) ?? "", as: "release")
    try checkChart(words.positional(1) ?? "")
    let namespace = try command.namespace(words)
    let identity = ReleaseIdentity(cluster: region.name, namespace: namespace, name: name)
    let present = releases.store.release(identity)
    try checkPresence(present, of: name)
    let version = words.string("--version") ?? present?.chartVersion ?? NatsChart.version
    try NatsChart.check(version: version)
    let order = ReleaseOrder(identity: identity, values: try values(over: present), chartVersion: version)
    let idle = IdleValues.found(in: order.values)
    if !idle.isEmpty { call.say(Text("\(name): without effect on the local target: \(idle.joined(separator: ", "))")) }

    let limits = CallLimits(call, atMost: command.timeLimit(words))
    try makeNamespace(namespace, of: region, limits)
    let result: UpgradeResult
    do {
      result = try releases.upgrade(order, waits: words.has("--wait") || words.has("--atomic"), limits)
    } catch {
      if words.has("--atomic"), error.kind == .failed || error.kind == .timedOut { try undo(identity, to: present) }
      throw error
    }
    let done = result.isNew ? "has been installed" : result.changedNothing ? "is as ordered" : "has been upgraded"
    let servers = "\(counted(result.release.replicas, "server")), nats-server \(result.release.appVersion)"
    return Text(lines: ["Release \"\(name)\" \(done): \(servers)"] + Self.statusLines(of: result.release))
  }

  static func statusLines(of release: ReleaseRecord) -> [String] {
    [
      "NAME: \(release.identity.name)",
      "LAST DEPLOYED: \(TimeValue(nanoseconds: Int64(release.updated * 1e9)).text)",
      "NAMESPACE: \(release.identity.namespace)", "STATUS: \(release.status.rawValue)",
      "REVISION: \(release.revision)",
      "SERVERS: \(release.replicas) (\(release.statefulSet)), nats-server \(release.appVersion)",
    ]
  }

  private func checkChart(_ chart: Text) throws(CommandFailure) {
    guard chart.string != "nats/nats", chart.string != "oci://ghcr.io/nats-io/charts/nats" else { return }
    if chart.string == "nats", words.string("--repo") != nil { return }
    throw CommandFailure(
      .misused, "the chart \(chart.masked) needs Kubernetes; the local target runs NATS servers only (chart nats/nats)",
      advice: "where a recipe needs it, ask first: if target.kubernetes { … }")
  }

  private func checkPresence(_ present: ReleaseRecord?, of name: String) throws(CommandFailure) {
    let mayInstall = words.path == "install" || words.has("--install")
    if present == nil, !mayInstall {
      throw CommandFailure(.failed, "\"\(name)\" has no deployed releases", advice: "add --install")
    }
    if present != nil, words.path == "install" {
      throw CommandFailure(
        .failed, "cannot re-use a name that is still in use: \(name)", advice: "write helm upgrade --install \(name)")
    }
  }

  private func makeNamespace(
    _ namespace: String, of region: RegionRecord, _ limits: CallLimits
  ) throws(CommandFailure) {
    guard !releases.store.namespaces(of: region).contains(namespace) else { return }
    guard words.has("--create-namespace") else {
      throw CommandFailure(
        .failed, "namespaces \"\(namespace)\" not found in \(region.name)", advice: "add --create-namespace")
    }
    try releases.createNamespace(namespace, in: region.name, limits)
  }

  private func undo(_ identity: ReleaseIdentity, to present: ReleaseRecord?) throws(CommandFailure) {
    // It has its own time: that of the upgrade may be over.
    var call = call
    call.deadline = max(call.deadline, .now + .seconds(60))
    let limits = CallLimits(call)
    guard let present else { return try releases.uninstall(identity, limits) }
    let order = ReleaseOrder(identity: identity, values: present.valueMap, chartVersion: present.chartVersion)
    _ = try releases.upgrade(order, waits: false, limits)
  }

  // MARK: Values

  /// Files first, then `with`, then the settings in helm's order: each over those before.
  private func values(over present: ReleaseRecord?) throws(CommandFailure) -> ValueMap {
    var values = ValueMap()
    var isDocumentUsed = false
    for file in words.all("--values") {
      if file.string == "-" { isDocumentUsed = true }
      values = values.merged(with: try read(file))
    }
    if let document = call.document, !isDocumentUsed { values = values.merged(with: try map(document, from: "with")) }
    for word in words.all("--set-json") { try HelmSettings.applyJSON(word, to: &values) }
    for word in words.all("--set") { try HelmSettings.apply(word, asText: false, to: &values) }
    for word in words.all("--set-string") { try HelmSettings.apply(word, asText: true, to: &values) }

    let reuses = words.has("--reuse-values") || words.has("--reset-then-reuse-values")
    // helm keeps the values of an upgrade that brings none.
    guard let present, reuses || (values.isEmpty && !words.has("--reset-values")) else { return values }
    return present.valueMap.merged(with: values)
  }

  private func read(_ file: Text) throws(CommandFailure) -> ValueMap {
    if file.string == "-" {
      guard let document = call.document else {
        throw CommandFailure(
          .misused, "`--values -` reads what `with` gives, and there is none", advice: "add: with { … }")
      }
      return try map(document, from: "with")
    }
    if file.string.hasSuffix(".yaml") || file.string.hasSuffix(".yml") {
      throw CommandFailure(
        .misused, "\(file.masked) is YAML, which the local target cannot read (there is no reader in the toolchain)",
        advice: "write the values behind `with`, or give them as a JSON file")
    }
    guard let bytes = Paths.bytes(at: call.path(file.string)) else {
      throw CommandFailure(.failed, "there is no file \(file.masked) to read values from")
    }
    return try parse(bytes, from: file.masked)
  }

  private func map(_ document: Value, from source: String) throws(CommandFailure) -> ValueMap {
    switch document {
    case .map(let map): return map
    case .null: return ValueMap()
    case .string, .secret, .record: return try parse(document.documentBytes(), from: source)
    default:
      throw CommandFailure(.misused, "values are a map, and `\(source)` gives \(document.typeWithArticle)")
    }
  }

  private func parse(_ bytes: [UInt8], from source: String) throws(CommandFailure) -> ValueMap {
    let value: Value
    do { value = try Value.json(bytes) } catch {
      throw CommandFailure(
        .misused, "\(source) holds no JSON: \(error.message), at byte \(error.offset)",
        advice: "values are a map in JSON here, as there is no YAML reader in the toolchain")
    }
    guard case .map(let map) = value else {
      throw CommandFailure(.misused, "values are a map, and \(source) holds \(value.typeWithArticle)")
    }
    return map
  }
}

/// Reads helm's `--set`: `config.cluster.replicas=3,tags={a,b},routes[0]=x`, a backslash before a letter that would
/// otherwise mean something.
enum HelmSettings {
  /// Lays the settings of one word over the values.
  ///
  /// - Parameter asText: no value becomes a number or a bool (`--set-string`).
  static func apply(_ word: Text, asText: Bool, to values: inout ValueMap) throws(CommandFailure) {
    for setting in split(word, at: UInt8(ascii: ",")) where !setting.string.isEmpty {
      let (path, text) = try pathAndValue(setting, of: asText ? "--set-string" : "--set")
      values = values.merged(with: try nested(path, value(text, asText: asText), of: values, in: setting))
    }
  }

  /// `--set-json config.merge={"debug":true}`: one path, one JSON value.
  static func applyJSON(_ word: Text, to values: inout ValueMap) throws(CommandFailure) {
    let (path, text) = try pathAndValue(word, of: "--set-json")
    let read: Value
    do { read = try Value.json(Array(text.string.utf8)) } catch {
      throw CommandFailure(
        .misused, "`--set-json` got no JSON for `\(path.joined(separator: "."))`: \(error.message)",
        advice: "a text is written in quotes: --set-json 'a.b=\"x\"'")
    }
    let value = text.isSecret ? allSecret(read) : read
    values = values.merged(with: try nested(path, value, of: values, in: word))
  }

  private static func pathAndValue(_ setting: Text, of flag: String) throws(CommandFailure) -> ([String], Text) {
    let bytes = Array(setting.string.utf8)
    guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")), equals > 0 else {
      throw CommandFailure(.misused, "`\(flag)` takes PATH=VALUE, not `\(setting.masked)`")
    }
    let path = split(setting.slice(0..<equals), at: UInt8(ascii: ".")).map { unescaped($0).string }
    return (path, setting.slice(equals + 1..<bytes.count))
  }

  private static func value(_ text: Text, asText: Bool) -> Value {
    let string = text.string
    if string.hasPrefix("{"), string.hasSuffix("}"), string.utf8.count > 1 {
      let inner = text.slice(1..<string.utf8.count - 1)
      guard !inner.string.isEmpty else { return .list([]) }
      return .list(split(inner, at: UInt8(ascii: ",")).map { value($0, asText: asText) })
    }
    if asText || text.isSecret { return Value(unescaped(text)) }
    switch string {
    case "true": return .bool(true)
    case "false": return .bool(false)
    case "null": return .null
    default:
      // helm leaves numbers with a leading zero as text.
      if let int = Int64(string), String(int) == string { return .int(int) }
      return Value(unescaped(text))
    }
  }

  /// The value under its path as a map of its own; an index needs the list that is there already.
  private static func nested(
    _ path: [String], _ value: Value, of values: ValueMap, in setting: Text
  ) throws(CommandFailure) -> ValueMap {
    guard let first = path.first else { return values }
    let rest = Array(path.dropFirst())
    let (name, index) = try nameAndIndex(first, in: setting)
    let present = values[name]
    var inner: ValueMap { if case .map(let map)? = present { map } else { ValueMap() } }
    guard let index else {
      let below = rest.isEmpty ? value : .map(try nested(rest, value, of: inner, in: setting))
      return ValueMap([(name, below)])
    }
    var list = present?.elements ?? []
    guard index <= list.count else {
      throw CommandFailure(.misused, "`\(setting.masked)` leaves a gap: \(name) has \(counted(list.count, "element"))")
    }
    var element = value
    if !rest.isEmpty {
      var below = ValueMap()
      if index < list.count, case .map(let map) = list[index] { below = map }
      element = .map(below.merged(with: try nested(rest, value, of: below, in: setting)))
    }
    if index < list.count { list[index] = element } else { list.append(element) }
    return ValueMap([(name, .list(list))])
  }

  private static func nameAndIndex(_ part: String, in setting: Text) throws(CommandFailure) -> (String, Int?) {
    guard part.hasSuffix("]"), let open = part.lastIndex(of: "[") else { return (part, nil) }
    guard let index = Int(part[part.index(after: open)...].dropLast()), 0...65536 ~= index else {
      throw CommandFailure(.misused, "`\(setting.masked)` has an index that is no number")
    }
    return (String(part[..<open]), index)
  }

  /// Where no backslash stands before the separator, and outside of braces.
  private static func split(_ text: Text, at separator: UInt8) -> [Text] {
    let bytes = Array(text.string.utf8)
    var parts: [Text] = []
    var start = 0
    var depth = 0
    var index = 0
    while index < bytes.count {
      switch bytes[index] {
      case UInt8(ascii: "\\"): index += 1
      case UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "}"): depth -= 1
      case separator where depth == 0:
        parts.append(text.slice(start..<index))
        start = index + 1
      default: break
      }
      index += 1
    }
    return parts + [text.slice(start..<bytes.count)]
  }

  private static func unescaped(_ text: Text) -> Text {
    guard text.string.contains("\\") else { return text }
    let bytes = Array(text.string.utf8)
    var plain: [UInt8] = []
    var index = 0
    while index < bytes.count {
      if bytes[index] == UInt8(ascii: "\\"), index + 1 < bytes.count { index += 1 }
      plain.append(bytes[index])
      index += 1
    }
    return text.derived(String(decoding: plain, as: UTF8.self))
  }

  private static func allSecret(_ value: Value) -> Value {
    switch value {
    case .map(let map): .map(ValueMap(map.map { ($0.0, allSecret($0.1)) }))
    case .list(let list): .list(list.map(allSecret))
    case .string(let string): .secret(.secret(string))
    default: value
    }
  }
}
