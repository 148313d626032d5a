import Interpreter
import Lexer

/// One `helm upgrade` or `helm install`.
struct HelmUpgrade {
  let command: HelmCommand
  let words: ParsedWords
  let call: Invocation

  private var sandbox: Sandbox { command.sandbox }

  func output() throws(CommandFailure) -> Text {
    let region = try command.region(of: call)
    let name = try command.checked(words.positional(0) ?? "", as: "release")
    try checkChart(words.positional(1) ?? "")
    let namespace = try command.namespace(words)
    let identity = ReleaseIdentity(cluster: region.name, namespace: namespace, name: name)
    let present = sandbox.release(identity)
    try checkPresence(present, of: name)
    let version = words.string("--version") ?? present?.chartVersion ?? Sandbox.chartVersion
    let order = ReleaseOrder(identity: identity, values: try values(over: present), chartVersion: version)

    let limits = CallLimits(call, atMost: command.timeLimit(words))
    try makeNamespace(namespace, of: region, limits)
    let result: UpgradeResult
    do {
      result = try sandbox.upgrade(order, waits: words.has("--wait") || words.has("--atomic"), limits)
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
    guard !sandbox.namespaces(of: region).contains(namespace) else { return }
    guard words.has("--create-namespace") else {
      throw CommandFailure(
        .failed, "namespaces \"\(namespace)\" not found in \(region.name)", advice: "add --create-namespace")
    }
    try sandbox.createNamespace(namespace, in: region.name, limits)
  }

  private func undo(_ identity: ReleaseIdentity, to present: ReleaseRecord?) throws(CommandFailure) {
    // It has its own time: that of the upgrade may be over.
    var call = call
    call.deadline = max(call.deadline, .now + .seconds(60))
    let limits = CallLimits(call)
    guard let present else { return try sandbox.uninstall(identity, limits) }
    let order = ReleaseOrder(identity: identity, values: present.valueMap, chartVersion: present.chartVersion)
    _ = try sandbox.upgrade(order, waits: false, limits)
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
    guard let bytes = StateFile.bytes(of: call.path(file.string)) else {
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
