import ValuesAndCommands

/// What `link list` gives, and shows.
package struct LinkListing {
  /// Both directions of each link, where there are both.
  package let states: [LinkState]
  /// Whether the two networks can differ.
  package let tellsNetworks: Bool

  package init(states: [LinkState], tellsNetworks: Bool = true) {
    self.states = states
    self.tellsNetworks = tellsNetworks
  }

  /// As a statement it shows a table, too.
  package func answer(_ call: Invocation) -> Value {
    if call.isStatement {
      call.say(Text(states.isEmpty ? "there is no link: it takes two regions" : table.text))
    }
    return value
  }

  /// A row for each direction.
  package var value: Value { .list(states.map { .map(row($0)) }) }

  private func reverse(of state: LinkState) -> LinkState? {
    states.first { $0.link == state.link.reversed }
  }

  /// A direction of a link, with the round trips of both.
  private func row(_ state: LinkState) -> ValueMap {
    let reverse = reverse(of: state)
    let shape = state.shape
    let row: [(String, Value)] = [
      ("from", .string(state.link.from)), ("to", .string(state.link.to)),
      ("over", tellsNetworks ? .string(state.link.network.rawValue) : .null),
      ("rtt", Self.duration(shape.delay + (reverse?.shape.delay ?? shape.delay))),
      ("delay", Self.duration(shape.delay)), ("jitter", Self.duration(shape.jitter)),
      (
        "rate",
        shape.rate.map { .size(SizeValue(bytes: $0, spelling: Self.decimal($0))) } ?? .null
      ),
      ("loss", .float(shape.loss)), ("cut", shape.cut.map { .string($0.rawValue) } ?? .null),
      ("open", state.connections.map { .int(Int64($0)) } ?? .null),
      ("bytes", state.bytes.map { .size(SizeValue(bytes: $0)) } ?? .null),
      ("measured", Self.sum(state.measured, reverse?.measured).map(Self.duration) ?? .null),
    ]
    return ValueMap(row)
  }

  /// Of a link whose directions are alike there is one row, else one for each.
  private var table: Table {
    var rows: [[String]] = []
    var seen: Set<DirectedLink> = []
    for state in states where !seen.contains(state.link) {
      let both = [state] + [reverse(of: state)].compactMap { $0 }
      seen.formUnion(both.map(\.link))
      if let reverse = both.dropFirst().first, reverse.shape == state.shape {
        rows.append(
          cells(
            state, "↔", 2 * state.shape.delay, Self.sum(state.measured, reverse.measured),
            Self.sum(state.bytes, reverse.bytes)))
      } else {
        rows += both.map { cells($0, "→", $0.shape.delay, $0.measured, $0.bytes) }
      }
    }
    let columns = ["Link", "Over", "Set to", "Measured", "Open", "Bytes"]
    let kept = tellsNetworks ? Array(columns.indices) : columns.indices.filter { columns[$0] != "Over" }
    let alignments: [Table.Alignment] = [.left, .left, .left, .right, .right, .right]
    return Table(
      header: kept.map { columns[$0] }, rows: rows.map { row in kept.map { row[$0] } },
      alignments: kept.map { alignments[$0] })
  }

  private func cells(
    _ state: LinkState, _ arrow: String, _ time: Int64, _ measured: Int64?, _ bytes: Int64?
  ) -> [String] {
    [
      "\(state.link.from) \(arrow) \(state.link.to)", state.link.network.rawValue, Self.words(state.shape, time),
      measured.map(Self.rounded) ?? "", state.connections.map(String.init) ?? "",
      bytes.map { SizeValue(bytes: $0).text } ?? "",
    ]
  }

  /// `cut, 80ms ± 5ms, 10MB/s, 1% lost`; nothing for one that is plain.
  ///
  /// - Parameters:
  ///   - time: as long as it takes there, or there and back.
  ///   - name: what that is called, with a blank behind it.
  package static func words(_ shape: LinkShape, _ time: Int64, _ name: String = "") -> String {
    var parts: [String] = []
    switch shape.cut {
    case .silent?: parts.append("cut")
    case .refused?: parts.append("cut, refused")
    case nil: break
    }
    let jitter = shape.jitter > 0 ? " ± \(DurationValue(nanoseconds: shape.jitter).text)" : ""
    if time > 0 || shape.jitter > 0 {
      parts.append(name + DurationValue(nanoseconds: time).text + jitter)
    }
    if let rate = shape.rate { parts.append(decimal(rate) + "/s") }
    if shape.loss > 0 { parts.append("\(percent(shape.loss)) lost") }
    return parts.joined(separator: ", ")
  }

  /// To a hundredth of a millisecond.
  private static func rounded(_ nanoseconds: Int64) -> String {
    DurationValue(nanoseconds: (nanoseconds + 5_000) / 10_000 * 10_000).text
  }

  private static func duration(_ nanoseconds: Int64) -> Value { .duration(DurationValue(nanoseconds: nanoseconds)) }

  private static func sum(_ one: Int64?, _ other: Int64?) -> Int64? {
    guard let one, let other else { return nil }
    return one + other
  }

  /// In the largest unit of a power of ten that leaves nothing over, so that it reads as it was set: `10MB`.
  static func decimal(_ bytes: Int64) -> String {
    let units: [(Int64, String)] = [(1_000_000_000, "GB"), (1_000_000, "MB"), (1_000, "kB")]
    let unit = units.first { bytes > 0 && bytes.isMultiple(of: $0.0) }
    return unit.map { "\(bytes / $0.0)\($0.1)" } ?? "\(bytes)B"
  }

  /// `1%`, `0.5%`: to a thousandth of a percent.
  package static func percent(_ share: Double) -> String {
    // What is lost now and then is not none, and what is lost mostly is not all.
    let thousandths = share > 0 ? min(max(Int64((share * 100_000).rounded()), 1), 99_999) : 0
    guard !thousandths.isMultiple(of: 1000) else { return "\(thousandths / 1000)%" }
    return "\(Double(thousandths) / 1000)%"
  }
}
