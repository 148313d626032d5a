/// The units that durations and sizes are written in.
public enum Units {
  enum Kind: Sendable { case duration, size }

  private static let durations: [(unit: String, nanoseconds: Int64)] = [
    ("ns", 1), ("us", 1_000), ("µs", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000),
    ("h", 3_600_000_000_000), ("d", 86_400_000_000_000), ("w", 7 * 86_400_000_000_000),
    ("y", 365 * 86_400_000_000_000),
  ]

  private static let sizes: [(unit: String, bytes: Int64)] = [
    ("B", 1),
    ("k", 1_000), ("K", 1_000), ("M", 1_000_000), ("G", 1_000_000_000), ("T", 1_000_000_000_000),
    ("P", 1_000_000_000_000_000),
    ("kB", 1_000), ("KB", 1_000), ("MB", 1_000_000), ("GB", 1_000_000_000), ("TB", 1_000_000_000_000),
    ("PB", 1_000_000_000_000_000),
    ("Ki", 1 << 10), ("Mi", 1 << 20), ("Gi", 1 << 30), ("Ti", 1 << 40), ("Pi", 1 << 50),
    ("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30), ("TiB", 1 << 40), ("PiB", 1 << 50),
  ]

  /// What the unit behind a number's first digits makes of it; nil if there is no such unit.
  static func kind(of text: String) -> Kind? {
    var rest = text[...]
    guard takeAmount(&rest) != nil else { return nil }
    if sizes.contains(where: { $0.unit == rest }) { return .size }
    let unit = takeUnit(&rest)
    return durations.contains { $0.unit == unit } ? .duration : nil
  }

  /// `1h30m`, `500ms`, `1.5s` in nanoseconds; nil if the text is no duration or longer than 292 years.
  ///
  /// - Parameter negated: the duration is taken below zero, where there is room for one nanosecond more.
  public static func nanoseconds(in text: some StringProtocol, negated: Bool = false) -> Int64? {
    var rest = Substring(text)
    var total: Int64 = 0
    guard !rest.isEmpty else { return nil }
    while !rest.isEmpty {
      guard let amount = takeAmount(&rest) else { return nil }
      let unit = takeUnit(&rest)
      guard let factor = durations.first(where: { $0.unit == unit })?.nanoseconds,
        let part = product(amount, negated ? -factor : factor)
      else { return nil }
      let (sum, overflow) = total.addingReportingOverflow(part)
      if overflow { return nil }
      total = sum
    }
    return total
  }

  /// `2Gi`, `10MB`, `512B` in bytes; nil if the text is no size or larger than 64 bits hold.
  public static func bytes(in text: String) -> Int64? {
    var rest = text[...]
    guard let amount = takeAmount(&rest), let factor = sizes.first(where: { $0.unit == rest })?.bytes else {
      return nil
    }
    return product(amount, factor)
  }

  /// The same as the nats CLI reads it: units in either case, and `K`, `KB`, `M`, `MB` … count by 1024.
  public static func binaryBytes(in text: String) -> Int64? {
    var rest = text[...]
    guard let amount = takeAmount(&rest) else { return nil }
    let unit = rest.lowercased()
    let letters = ["k", "m", "g", "t", "p"]
    guard let power = letters.firstIndex(where: { [$0, $0 + "b", $0 + "i", $0 + "ib"].contains(unit) }) else {
      return unit == "b" ? product(amount, 1) : nil
    }
    return product(amount, 1 << (10 * (power + 1)))
  }

  /// `10MB`, `10MB/s` or a bare number in bytes a second, by the units of the language; nil if the text is no rate above
  /// zero.
  public static func rate(in text: String) -> Int64? {
    let amount = text.hasSuffix("/s") ? String(text.dropLast(2)) : text
    guard let bytes = bytes(in: amount) ?? Int64(amount), bytes > 0 else { return nil }
    return bytes
  }

  /// `1000/s` or a bare number: how often a second; nil if the text is none of a million or less above zero.
  public static func frequency(in text: String) -> Int64? {
    let amount = text.hasSuffix("/s") ? text.dropLast(2) : text[...]
    guard amount.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let times = Int64(amount), (1...1_000_000).contains(times)
    else { return nil }
    return times
  }

  /// `1%`, `0.5%` as a share of one, here 0.01 and 0.005; nil if the text is no percentage.
  public static func share(in text: String) -> Double? {
    var rest = text[...]
    guard let amount = takeAmount(&rest), rest == "%" else { return nil }
    return Double(amount.filter { $0 != "_" }).map { $0 / 100 }
  }

  /// Whole amounts are multiplied as such, so that no digit is lost.
  private static func product(_ amount: Substring, _ factor: Int64) -> Int64? {
    let digits = amount.filter { $0 != "_" }
    if let whole = Int64(digits) {
      let (result, overflow) = whole.multipliedReportingOverflow(by: factor)
      return overflow ? nil : result
    }
    return Double(digits).flatMap { Int64(exactly: ($0 * Double(factor)).rounded()) }
  }

  private static func takeAmount(_ rest: inout Substring) -> Substring? {
    let digits = rest.prefix { ("0"..."9").contains($0) || $0 == "." || $0 == "_" }
    rest = rest.dropFirst(digits.count)
    return digits.first?.isNumber == true ? digits : nil
  }

  private static func takeUnit(_ rest: inout Substring) -> Substring {
    let unit = rest.prefix { !("0"..."9").contains($0) }
    rest = rest.dropFirst(unit.count)
    return unit
  }
}
