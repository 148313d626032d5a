import Lexer

/// How a literal was written: kept so that `100m` stays `100m` in text and JSON.
public final class Spelling: Sendable {
  public let text: String
  public init(_ text: String) { self.text = text }
}

/// A length of time, in whole nanoseconds.
public struct DurationValue: Sendable, Comparable {
  public let nanoseconds: Int64
  public let spelling: Spelling?

  public init(nanoseconds: Int64, spelling: String? = nil) {
    self.nanoseconds = nanoseconds
    self.spelling = spelling.map(Spelling.init)
  }

  /// Reads `1h30m`, `500ms`; nil if the text is no duration.
  public init?(parsing text: String) {
    guard let nanoseconds = Units.nanoseconds(in: text) else { return nil }
    self.init(nanoseconds: nanoseconds, spelling: text)
  }

  /// The same of a duration that may lie below zero: `-1h30m`.
  init?(parsingSigned text: String) {
    let isNegative = text.hasPrefix("-")
    guard let nanoseconds = Units.nanoseconds(in: isNegative ? text.dropFirst() : text[...], negated: isNegative) else {
      return nil
    }
    self.init(nanoseconds: nanoseconds, spelling: text)
  }

  public init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    self.init(nanoseconds: overflow ? .max : whole &+ attoseconds / 1_000_000_000)
  }

  public var duration: Duration { .nanoseconds(nanoseconds) }

  /// As the recipe wrote it, else for people: in the largest units that leave little over: `1h30m`, `2.4s`, `850ms`.
  public var text: String { spelling?.text ?? DurationValue.written(nanoseconds) }

  /// As the recipe wrote it, else to the nanosecond, in units that Go reads as well: `26h3m0.25s`.
  public var exactText: String { spelling?.text ?? goText }

  /// To the nanosecond, as Go writes and reads it: days are hours to it.
  public var goText: String {
    let rest = nanoseconds.magnitude
    let sign = nanoseconds < 0 ? "-" : ""
    guard rest >= 60_000_000_000 else { return sign + DurationValue.belowMinute(rest) }
    let minutes = rest / 60_000_000_000
    var parts = [(minutes / 60, "h"), (minutes % 60, "m")].filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }
    let seconds = rest % 60_000_000_000
    if seconds > 0 { parts.append(DurationValue.decimal(seconds, unit: 1_000_000_000) + "s") }
    return sign + parts.joined()
  }

  public static func == (a: Self, b: Self) -> Bool { a.nanoseconds == b.nanoseconds }
  public static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }

  private static func written(_ nanoseconds: Int64) -> String {
    let rest = nanoseconds.magnitude
    let sign = nanoseconds < 0 ? "-" : ""
    guard rest >= 60_000_000_000 else {
      // Three digits behind the point are enough.
      let step: UInt64 = rest < 1_000_000 ? 1 : rest < 1_000_000_000 ? 1_000 : 1_000_000
      return sign + belowMinute(rest / step * step)
    }
    let seconds = rest / 1_000_000_000
    let parts = [(seconds / 86400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")]
    return sign + parts.filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined()
  }

  private static func belowMinute(_ nanoseconds: UInt64) -> String {
    switch nanoseconds {
    case 0: "0s"
    case ..<1_000: "\(nanoseconds)ns"
    case ..<1_000_000: decimal(nanoseconds, unit: 1_000) + "us"
    case ..<1_000_000_000: decimal(nanoseconds, unit: 1_000_000) + "ms"
    default: decimal(nanoseconds, unit: 1_000_000_000) + "s"
    }
  }

  /// Without idle zeros behind the point.
  ///
  /// - Parameter unit: a power of ten.
  private static func decimal(_ amount: UInt64, unit: UInt64) -> String {
    guard amount % unit > 0 else { return "\(amount / unit)" }
    var digits = String(unit + amount % unit).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    return "\(amount / unit).\(digits)"
  }
}
