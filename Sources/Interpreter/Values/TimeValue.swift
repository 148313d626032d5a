#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A moment, in nanoseconds since 1970-01-01T00:00:00Z.
public struct TimeValue: Sendable, Comparable {
  public let nanoseconds: Int64

  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

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

  public static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }
}
