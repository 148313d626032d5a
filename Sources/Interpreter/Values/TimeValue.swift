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

  public static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }
}
