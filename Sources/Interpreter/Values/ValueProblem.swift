/// Why an operation on values did not work.
struct ValueProblem: Error, Sendable {
  enum Kind: Sendable {
    /// A field, an index or an element that is not there: `??` covers it, and a wait goes on.
    case missing
    /// The values are of the wrong types or out of range: no waiting helps.
    case wrong
    /// A limit or a stop came before its end.
    case outOfTime
  }

  let kind: Kind
  let message: String
  let advice: String?

  static let outOfTime = ValueProblem(
    kind: .outOfTime, message: "it takes more than ten minutes", advice: "work on a part of it at a time")

  static func missing(_ message: String, advice: String? = nil) -> ValueProblem {
    ValueProblem(kind: .missing, message: message, advice: advice)
  }

  static func wrong(_ message: String, advice: String? = nil) -> ValueProblem {
    ValueProblem(kind: .wrong, message: message, advice: advice)
  }
}
