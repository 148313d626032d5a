import Lexer

/// An amount of bytes.
public struct SizeValue: Sendable, Comparable {
  public let bytes: Int64
  public let spelling: Spelling?

  public init(bytes: Int64, spelling: String? = nil) {
    self.bytes = bytes
    self.spelling = spelling.map(Spelling.init)
  }

  /// Reads `2Gi`, `10MB`; nil if the text is no size.
  public init?(parsing text: String) {
    guard let bytes = Units.bytes(in: text) else { return nil }
    self.init(bytes: bytes, spelling: text)
  }

  /// As the recipe wrote it, else in the largest binary unit, with one digit behind the point where needed.
  public var text: String {
    if let spelling { return spelling.text }
    let units = ["B", "Ki", "Mi", "Gi", "Ti", "Pi"]
    var amount = Double(bytes)
    var unit = 0
    while abs(amount) >= 1024, unit < units.count - 1 {
      amount /= 1024
      unit += 1
    }
    let tenths = (amount * 10).rounded()
    let number = tenths.truncatingRemainder(dividingBy: 10) == 0 ? "\(Int64(tenths / 10))" : "\(tenths / 10)"
    return number + units[unit]
  }

  public static func == (a: Self, b: Self) -> Bool { a.bytes == b.bytes }
  public static func < (a: Self, b: Self) -> Bool { a.bytes < b.bytes }
}
