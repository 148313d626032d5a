/// What a program that ended well gave back. It reads as its output without the last line's end.
public final class ProgramRecord: Sendable {
  public let out: Text
  public let err: Text
  public let code: Int
  /// The output as a value, where the command knows better than its text which parts of it are secret.
  public let json: Value?

  public init(out: Text, err: Text, code: Int, json: Value? = nil) {
    self.out = out
    self.err = err
    self.code = code
    self.json = json
  }

  /// The output without its last line's end: what a person would have copied.
  public var text: Text {
    var bytes = out.string.utf8.count
    if out.string.utf8.last == UInt8(ascii: "\n") { bytes -= 1 } else { return out }
    if bytes > 0, out.string.utf8.dropLast().last == UInt8(ascii: "\r") { bytes -= 1 }
    return out.slice(0..<bytes)
  }
}
