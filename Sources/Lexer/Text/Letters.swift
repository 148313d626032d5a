/// Which bytes of UTF-8 make up names and numbers.
public enum Letters {
  /// Whether a name may begin with it: a letter of ASCII, or `_`.
  @inlinable @inline(__always)
  public static func startsName(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_")
  }

  /// Whether a name may have it behind its first: a digit, too.
  @inlinable @inline(__always)
  public static func continuesName(_ byte: UInt8) -> Bool { startsName(byte) || isDigit(byte) }

  /// Whether it could be a name, or stand behind a dot.
  public static func isName(_ text: String) -> Bool {
    text.utf8.first.map(startsName) ?? false && text.utf8.allSatisfy(continuesName)
  }

  /// Whether it is one of the ten digits of ASCII.
  @inlinable @inline(__always)
  public static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }
}
