import Lexer

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// How a literal was written: kept so that `100m` stays `100m` in text and JSON.
public final class Spelling: Sendable {
  /// As it was written.
  public let text: String
  /// A literal's text.
  public init(_ text: String) { self.text = text }
}

/// A length of time, in whole nanoseconds.
public struct DurationValue: Sendable, Comparable {
  /// Its length; below zero for a time backwards.
  public let nanoseconds: Int64
  /// How a literal was written; nil for what was computed.
  public let spelling: Spelling?

  /// A length of so many nanoseconds.
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
  package init?(parsingSigned text: String) {
    let isNegative = text.hasPrefix("-")
    guard let nanoseconds = Units.nanoseconds(in: isNegative ? text.dropFirst() : text[...], negated: isNegative) else {
      return nil
    }
    self.init(nanoseconds: nanoseconds, spelling: text)
  }

  /// Swift's duration in whole nanoseconds.
  public init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    self.init(nanoseconds: overflow ? .max : whole &+ attoseconds / 1_000_000_000)
  }

  /// The same for Swift.
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

  /// Alike in length, however written.
  public static func == (a: Self, b: Self) -> Bool { a.nanoseconds == b.nanoseconds }
  /// Shorter.
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

/// An amount of bytes.
public struct SizeValue: Sendable, Comparable {
  /// The amount.
  public let bytes: Int64
  /// How a literal was written; nil for what was computed.
  public let spelling: Spelling?

  /// So many bytes.
  public init(bytes: Int64, spelling: String? = nil) {
    self.bytes = bytes
    self.spelling = spelling.map(Spelling.init)
  }

  /// Reads `2Gi`, `10MB`; nil if the text is no size.
  public init?(parsing text: String) {
    guard let bytes = Units.bytes(in: text) else { return nil }
    self.init(bytes: bytes, spelling: text)
  }

  /// The same of what `.json` and `write` make of a size: a bare number counts bytes, and it may lie below zero.
  package init?(parsingData text: String) {
    if let bytes = Int64(text) {
      self.init(bytes: bytes)
    } else if text.hasPrefix("-"), let size = SizeValue(parsing: String(text.dropFirst())) {
      self.init(bytes: -size.bytes, spelling: text)
    } else {
      self.init(parsing: text)
    }
  }

  private static let units = ["B", "Ki", "Mi", "Gi", "Ti", "Pi"]

  /// As the recipe wrote it, else for people: in the largest binary unit, with one digit behind the point where needed.
  public var text: String {
    if let spelling { return spelling.text }
    var amount = Double(bytes)
    var unit = 0
    while abs(amount) >= 1024, unit < SizeValue.units.count - 1 {
      amount /= 1024
      unit += 1
    }
    let tenths = (amount * 10).rounded()
    let number = tenths.truncatingRemainder(dividingBy: 10) == 0 ? "\(Int64(tenths / 10))" : "\(tenths / 10)"
    return number + SizeValue.units[unit]
  }

  /// As the recipe wrote it, else as Kubernetes writes a quantity, to the byte: `1536Mi`, `4728447`.
  public var quantity: String {
    if let spelling { return spelling.text }
    let unit = SizeValue.units.indices.last { bytes != 0 && bytes % (1 << (10 * Int64($0))) == 0 } ?? 0
    return "\(bytes >> (10 * Int64(unit)))" + (unit == 0 ? "" : SizeValue.units[unit])
  }

  /// Alike in bytes, however written.
  public static func == (a: Self, b: Self) -> Bool { a.bytes == b.bytes }
  /// Fewer bytes.
  public static func < (a: Self, b: Self) -> Bool { a.bytes < b.bytes }
}

/// A moment, in nanoseconds since 1970-01-01T00:00:00Z.
public struct TimeValue: Sendable, Comparable {
  /// Since the beginning of 1970, in UTC.
  public let nanoseconds: Int64

  /// The moment so many nanoseconds after the beginning of 1970.
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  /// What the system's clock says.
  public static var now: TimeValue {
    TimeValue(nanoseconds: Int64(Date().timeIntervalSince1970 * 1e9))
  }

  /// As RFC 3339 writes it, in UTC, to the millisecond: `2026-11-22T11:01:50.123Z`.
  public var text: String {
    let date = Date(timeIntervalSince1970: Double(nanoseconds) / 1e9)
    return date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
  }

  /// The same to the nanosecond, with as many digits behind the point as that takes: 3, 6 or 9.
  public var exactText: String {
    let (seconds, rest) = nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    let isBefore = rest < 0
    let date = Date(timeIntervalSince1970: Double(isBefore ? seconds - 1 : seconds))
    let whole = date.formatted(Date.ISO8601FormatStyle()).dropLast()
    var digits = String(1_000_000_000 + (isBefore ? rest + 1_000_000_000 : rest)).dropFirst()
    while digits.count > 3, digits.hasSuffix("000") { digits = digits.dropLast(3) }
    return "\(whole).\(digits)Z"
  }

  /// Earlier.
  public static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }
}

/// The whole numbers from `first` up to `last`, held as their ends: a range of a million takes no more than one of two.
public struct RangeValue: Sendable, Sequence {
  /// The first number.
  public let first: Int64
  /// Less than `first` if there are none.
  public let last: Int64

  /// The numbers from `first` up to and with `last`.
  public init(first: Int64, last: Int64) {
    self.first = first
    self.last = last
  }

  /// How many there are; no more than 64 bits hold.
  public var count: Int64 { exactCount ?? .max }

  /// How many there are; nil if that is more than 64 bits hold.
  var exactCount: Int64? {
    guard last >= first else { return 0 }
    let (difference, overflow) = last.subtractingReportingOverflow(first)
    return overflow || difference == .max ? nil : difference + 1
  }

  /// The numbers, upwards.
  public func makeIterator() -> AnyIterator<Int64> {
    var next: Int64? = last >= first ? first : nil
    let last = last
    return AnyIterator {
      guard let current = next else { return nil }
      next = current < last ? current + 1 : nil
      return current
    }
  }
}
