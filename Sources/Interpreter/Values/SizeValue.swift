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

  /// The same of what `.json` and `write` make of a size: a bare number counts bytes, and it may lie below zero.
  init?(parsingData text: String) {
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

  public static func == (a: Self, b: Self) -> Bool { a.bytes == b.bytes }
  public static func < (a: Self, b: Self) -> Bool { a.bytes < b.bytes }
}
