/// What `try` gives: whether it worked, and what came of it.
public final class Outcome: Sendable {
  /// What came of it; of what failed, what it had done by then, else null.
  public let value: Value
  /// Why it failed; nil if it did not.
  public let error: Text?
  /// What a failure tells beside its text.
  public let details: FailureDetails?

  public var isOK: Bool { error == nil }

  public init(value: Value) {
    self.value = value
    error = nil
    details = nil
  }

  public init(error: Text, details: FailureDetails = FailureDetails("failed")) {
    value = details.value
    self.error = error
    self.details = details
  }

  /// What stands behind the dot, beside what every value has.
  static let fields = ["ok", "value", "error", "kind", "code", "out", "err"]

  /// Of what worked there is an exit code and output if it was a program, and no kind.
  func field(_ name: String) -> Value? {
    switch name {
    case "ok": .bool(isOK)
    case "value": value
    case "error": error.map { Value($0) } ?? .null
    case "kind": details.map { .string($0.kind) } ?? .null
    case "code": (details?.code ?? record?.code).map { .int(Int64($0)) } ?? .null
    case "out": (details?.out ?? record?.out).map { Value($0) } ?? .null
    case "err": (details?.err ?? record?.err).map { Value($0) } ?? .null
    default: nil
    }
  }

  private var record: ProgramRecord? { if case .record(let record) = value { record } else { nil } }
}

/// What a failure tells beside its text, for recipes that look at it.
public struct FailureDetails: Sendable {
  /// Which kind of failure, in a word that stays as it is: `exit`, `refused`, `timed-out` …
  public var kind: String
  /// A program's exit code, or the number of a server's refusal.
  public var code: Int?
  /// What a program wrote.
  public var out: Text?
  public var err: Text?
  /// What was done before it failed.
  public var value: Value

  public init(_ kind: String, code: Int? = nil, out: Text? = nil, err: Text? = nil, value: Value = .null) {
    self.kind = kind
    self.code = code
    self.out = out
    self.err = err
    self.value = value
  }
}
