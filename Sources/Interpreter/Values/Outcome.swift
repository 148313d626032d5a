/// What `try` gives: whether it worked, and what came of it.
public final class Outcome: Sendable {
  public let value: Value
  /// Why it failed; nil if it did not.
  public let error: Text?

  public var isOK: Bool { error == nil }

  public init(value: Value) {
    self.value = value
    error = nil
  }

  public init(error: Text) {
    value = .null
    self.error = error
  }
}
