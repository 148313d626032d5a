import Interpreter

/// How long something took, many times over, in memory that does not grow with the times: they are counted in buckets, each
/// less than a hundredth wider than the times in it. The least and the greatest are exact.
struct LatencySketch: Sendable {
  /// Buckets for every power of two; below it a bucket is a nanosecond wide.
  private static let fineness = 128

  private var counts: [UInt64] = []
  private(set) var count: UInt64 = 0
  private var least = Int64.max
  private var greatest = Int64.min

  mutating func add(_ duration: Duration) {
    let nanoseconds = max(0, DurationValue(duration).nanoseconds)
    let bucket = Self.bucket(of: nanoseconds)
    if bucket >= counts.count { counts += Array(repeating: 0, count: bucket + 1 - counts.count) }
    counts[bucket] += 1
    count += 1
    least = min(least, nanoseconds)
    greatest = max(greatest, nanoseconds)
  }

  mutating func add(_ other: LatencySketch) {
    if other.counts.count > counts.count {
      counts += Array(repeating: 0, count: other.counts.count - counts.count)
    }
    for (bucket, amount) in other.counts.enumerated() { counts[bucket] += amount }
    count += other.count
    least = min(least, other.least)
    greatest = max(greatest, other.greatest)
  }

  /// The time that this share of all did not exceed, by the nearest rank; nil if there are none.
  func quantile(_ share: Double) -> DurationValue? {
    guard count > 0 else { return nil }
    let rank = max(1, UInt64((share * Double(count)).rounded(.up)))
    var seen: UInt64 = 0
    for (bucket, amount) in counts.enumerated() {
      seen += amount
      if seen >= rank {
        return DurationValue(nanoseconds: min(greatest, max(least, Self.middle(of: bucket))))
      }
    }
    return DurationValue(nanoseconds: greatest)
  }

  /// `min`, `p50`, `p90`, `p99`, `p999` and `max`; null if there are none.
  var value: Value {
    guard count > 0 else { return .null }
    var entries = ValueMap()
    entries["min"] = .duration(DurationValue(nanoseconds: least))
    for (name, share) in [("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p999", 0.999)] {
      entries[name] = quantile(share).map(Value.duration)
    }
    entries["max"] = .duration(DurationValue(nanoseconds: greatest))
    return .map(entries)
  }

  /// Times of 128 to 255 have a bucket each, those of twice as much a bucket for two, and so on.
  private static func bucket(of nanoseconds: Int64) -> Int {
    let number = Int(nanoseconds)
    guard number >= 2 * fineness else { return number }
    let shift = Int.bitWidth - 1 - number.leadingZeroBitCount - fineness.trailingZeroBitCount
    return shift * fineness + number >> shift
  }

  private static func middle(of bucket: Int) -> Int64 {
    guard bucket >= 2 * fineness else { return Int64(bucket) }
    let shift = bucket / fineness - 1
    let first = (bucket - shift * fineness) << shift
    return Int64(first + (1 << shift) / 2)
  }
}
