/// What is wrong, and what to do about it, each for itself: whoever shows it need not cut a text apart.
public struct Problem: Error, Equatable, Sendable, ExpressibleByStringInterpolation {
  /// What is wrong, in one line.
  public var reason: String
  /// What to do next, each a way of its own; none where the reason says it.
  public var ways: [String]
  /// What was said or tried on the way there, in lines.
  public var said: String?

  /// Several ways, of which one helps.
  public init(_ reason: String, ways: [String], said: String? = nil) {
    self.reason = reason
    self.ways = ways
    self.said = said
  }

  /// One way, which may have several lines; none where the reason says it.
  public init(_ reason: String, advice: String? = nil, said: String? = nil) {
    self.init(reason, ways: advice.map { [$0] } ?? [], said: said)
  }

  public init(stringLiteral reason: String) { self.init(reason) }

  /// What to do next, one way a line; nil where the reason says it.
  public var advice: String? { ways.isEmpty ? nil : ways.joined(separator: "\n") }
}

extension Problem: CustomStringConvertible {
  /// All of it in one text: `it is not there; make it first`.
  public var description: String {
    let advice =
      ways.count > 1
      ? "; one of these helps:" + ways.map { "\n  - \($0)" }.joined() : ways.map { "; \($0)" }.joined()
    return reason + advice + (said.map { "\n\($0)" } ?? "")
  }
}

/// An error that explains itself.
public protocol ProblemError: Error, CustomStringConvertible {
  var problem: Problem { get }
}

extension ProblemError {
  /// What is wrong, in one line.
  public var reason: String { problem.reason }
  /// What to do next; nil where the reason says it.
  public var advice: String? { problem.advice }
  public var description: String { problem.description }
}
