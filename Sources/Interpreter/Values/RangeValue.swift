/// The whole numbers from `first` up to `last`, held as their ends: a range of a million takes no more than one of two.
public struct RangeValue: Sendable, Sequence {
  public let first: Int64
  /// Less than `first` if there are none.
  public let last: Int64

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
