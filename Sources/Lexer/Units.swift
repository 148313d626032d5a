/// The units that durations and sizes are written in.
public enum Units {
  static let durations: [(unit: String, nanoseconds: Double)] = [
    ("ns", 1), ("us", 1e3), ("µs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9), ("d", 86400e9),
  ]

  static let sizes: [(unit: String, bytes: Double)] = [
    ("B", 1),
    ("k", 1e3), ("K", 1e3), ("M", 1e6), ("G", 1e9), ("T", 1e12), ("P", 1e15),
    ("kB", 1e3), ("KB", 1e3), ("MB", 1e6), ("GB", 1e9), ("TB", 1e12), ("PB", 1e15),
    ("Ki", 1024), ("Mi", 1_048_576), ("Gi", 1_073_741_824), ("Ti", 1_099_511_627_776), ("Pi", 1_125_899_906_842_624),
    ("KiB", 1024), ("MiB", 1_048_576), ("GiB", 1_073_741_824), ("TiB", 1_099_511_627_776),
    ("PiB", 1_125_899_906_842_624),
  ]

  /// `1h30m`, `500ms`, `1.5s` in nanoseconds; nil if the text is no duration or longer than 292 years.
  public static func nanoseconds(in text: String) -> Int64? {
    var rest = text[...]
    var total = 0.0
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      guard let amount = takeAmount(&rest) else { return nil }
      let unit = rest.prefix { !$0.isNumber }
      guard let factor = durations.first(where: { $0.unit == unit })?.nanoseconds else { return nil }
      rest = rest.dropFirst(unit.count)
      total += amount * factor
    }
    return Int64(exactly: total.rounded())
  }

  /// `2Gi`, `10MB`, `512B` in bytes; nil if the text is no size or larger than 64 bits hold.
  public static func bytes(in text: String) -> Int64? {
    var rest = text[...]
    guard let amount = takeAmount(&rest), let factor = sizes.first(where: { $0.unit == rest })?.bytes else {
      return nil
    }
    return Int64(exactly: (amount * factor).rounded())
  }

  private static func takeAmount(_ rest: inout Substring) -> Double? {
    let digits = rest.prefix { ("0"..."9").contains($0) || $0 == "." || $0 == "_" }
    rest = rest.dropFirst(digits.count)
    return Double(digits.filter { $0 != "_" })
  }
}
