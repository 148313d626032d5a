/// What `try` gives: whether it worked, and what came of it.
public final class Outcome: Sendable {
  /// What came of it; of what failed, what it had done by then, else null.
  public let value: Value
  /// Why it failed; nil if it did not.
  public let error: Text?
  /// What a failure tells beside its text.
  public let details: FailureDetails?

  /// Whether it went well.
  public var isOK: Bool { error == nil }

  /// It went well, and gave this.
  public init(value: Value) {
    self.value = value
    error = nil
    details = nil
  }

  /// It failed.
  public init(error: Text, details: FailureDetails = FailureDetails("failed")) {
    value = details.value
    self.error = error
    self.details = details
  }
}

/// What a failure tells beside its text, for recipes that look at it.
public struct FailureDetails: Sendable {
  /// Which kind of failure, in a word that stays as it is: `exit`, `refused`, `timed-out` …
  public var kind: String
  /// A program's exit code, or the number of a server's refusal.
  public var code: Int?
  /// What a program wrote.
  public var out: Text?
  /// What it wrote to its standard error.
  public var err: Text?
  /// What was done before it failed.
  public var value: Value

  /// What is known beside the kind; a value of null where nothing was done.
  public init(_ kind: String, code: Int? = nil, out: Text? = nil, err: Text? = nil, value: Value = .null) {
    self.kind = kind
    self.code = code
    self.out = out
    self.err = err
    self.value = value
  }
}

/// What a program that ended well gave back. It reads as its output without the last line's end.
public final class ProgramRecord: Sendable {
  /// What it wrote to its standard output.
  public let out: Text
  /// What it wrote to its standard error.
  public let err: Text
  /// The status it ended with.
  public let code: Int
  /// The output as a value, where the command knows better than its text which parts of it are secret.
  public let json: Value?

  /// What a program gave back; `json` is read of `out` where it is nil.
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
