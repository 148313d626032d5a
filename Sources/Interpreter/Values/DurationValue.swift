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

  public init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    self.init(nanoseconds: overflow ? .max : whole &+ attoseconds / 1_000_000_000)
  }

  public var duration: Duration { .nanoseconds(nanoseconds) }

  /// As the recipe wrote it, else in the largest units that leave little over: `1h30m`, `2.4s`, `850ms`.
  public var text: String { spelling?.text ?? DurationValue.written(nanoseconds) }

  public static func == (a: Self, b: Self) -> Bool { a.nanoseconds == b.nanoseconds }
  public static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }

  private static func written(_ nanoseconds: Int64) -> String {
    if nanoseconds < 0 { return nanoseconds == .min ? "-292y" : "-" + written(-nanoseconds) }
    switch nanoseconds {
    case 0: return "0s"
    case ..<1_000: return "\(nanoseconds)ns"
    case ..<1_000_000: return decimal(nanoseconds, unit: 1_000) + "us"
    case ..<1_000_000_000: return decimal(nanoseconds, unit: 1_000_000) + "ms"
    case ..<60_000_000_000: return decimal(nanoseconds, unit: 1_000_000_000) + "s"
    default:
      let seconds = nanoseconds / 1_000_000_000
      let parts = [(seconds / 86400, "d"), (seconds / 3600 % 24, "h"), (seconds / 60 % 60, "m"), (seconds % 60, "s")]
      return parts.filter { $0.0 > 0 }.map { "\($0.0)\($0.1)" }.joined()
    }
  }

  /// Up to three digits behind the point, none of them an idle zero.
  private static func decimal(_ amount: Int64, unit: Int64) -> String {
    let thousandths = amount / (unit / 1000 == 0 ? 1 : unit / 1000)
    guard unit >= 1000, thousandths % 1000 != 0 else { return "\(amount / unit)" }
    var digits = String(thousandths % 1000)
    digits = String(repeating: "0", count: 3 - digits.count) + digits
    while digits.last == "0" { digits.removeLast() }
    return "\(thousandths / 1000).\(digits)"
  }
}
