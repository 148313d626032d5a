/// Where a block was left by a failure or an interrupt, and so where it can be taken up again: at a statement that has
/// not been done, or somewhere within it. A class, since every pass of every loop is handed one, or rather none.
final class ResumePoint: Sendable {
  /// The statement's place in the block.
  let statement: Int
  let inner: Inner
  /// The values of the frame; nil where the point within holds those of the same frame.
  let locals: StoredLocals?
  /// Of a block that may defer something: the values of the frame when it was entered. Once it has, it is done again as
  /// a whole, with these.
  let entry: StoredLocals?

  indirect enum Inner: Sendable {
    /// The statement is done again from its start.
    case again
    /// A step's body.
    case step(ResumePoint)
    /// A branch of an `if`; the one behind the last is `else`.
    case branch(Int, ResumePoint)
    /// A pass of a loop over these elements.
    case pass(Int, of: StoredValue, ResumePoint)
    /// Lanes, with the elements that they are over; those that are done are not run again.
    case lanes([LaneState], over: StoredValue?)
    /// A recipe that is run as a step.
    case recipe(ResumePoint)
    /// A task that is called.
    case task(ResumePoint)

    /// Whether what it leads to works on the same frame.
    var sharesFrame: Bool {
      switch self {
      case .step, .branch, .pass: true
      case .again, .lanes, .recipe, .task: false
      }
    }
  }

  enum LaneState: Sendable {
    case done
    /// Nil: from its start.
    case left(at: ResumePoint?)
  }

  init(statement: Int, inner: Inner, locals: StoredLocals?, entry: StoredLocals? = nil) {
    self.statement = statement
    self.inner = inner
    self.locals = inner.sharesFrame ? nil : locals
    self.entry = entry
  }

  /// The values of the frame in which the statement runs.
  var frameLocals: StoredLocals {
    if let locals { return locals }
    switch inner {
    case .step(let point), .branch(_, let point), .pass(_, _, let point): return point.frameLocals
    case .again, .lanes, .recipe, .task: return StoredLocals([])
    }
  }
}

/// A value that may have been held back because there is a secret in it.
struct StoredValue: Sendable {
  /// Nil: it was held back, and has to be found out again.
  let value: Value?
}

/// The values of a frame, of which those with secrets in them are held back when they are kept in a file.
struct StoredLocals: Sendable {
  let values: [Value]
  let heldBack: Set<Int>

  init(_ values: [Value], heldBack: Set<Int> = []) {
    self.values = values
    self.heldBack = heldBack
  }

  /// The values, with those of a frame in which what was held back has been found out again.
  func completed(from frame: borrowing Frame) -> [Value] {
    values.indices.map { heldBack.contains($0) && $0 < frame.locals.count ? frame.locals[$0] : values[$0] }
  }
}

/// What a failure knows, on its way out, of where the run can be taken up.
enum Trail: Sendable {
  /// Nothing: the statement around is done again from its start.
  case lost
  /// It has just left a block.
  case block(ResumePoint)
  /// It has just left a statement that can be entered again.
  case statement(ResumePoint.Inner)
  /// It has just left a statement or a block that is done again, with the values as they were before it.
  case restart([Value])
}

extension Failure {
  /// The failure on its way out of a block.
  func leavingBlock(at statement: Int, _ locals: [Value]) -> Failure {
    switch trail {
    case .statement(let inner):
      return with(trail: .block(ResumePoint(statement: statement, inner: inner, locals: StoredLocals(locals))))
    case .restart(let before):
      return with(trail: .block(ResumePoint(statement: statement, inner: .again, locals: StoredLocals(before))))
    case .lost, .block:
      return with(trail: .block(ResumePoint(statement: statement, inner: .again, locals: StoredLocals(locals))))
    }
  }

  /// The failure on its way out of a statement whose block it has just left.
  func leavingStatement(_ inner: (ResumePoint) -> ResumePoint.Inner) -> Failure {
    guard let point else { return with(trail: .lost) }
    return with(trail: .statement(inner(point)))
  }

  /// The failure on its way out of a block that had not deferred anything, but may.
  func leavingBlock(enteredWith values: [Value]) -> Failure {
    guard case .block(let point) = trail else { return self }
    let marked = ResumePoint(
      statement: point.statement, inner: point.inner, locals: point.locals, entry: StoredLocals(values))
    return with(trail: .block(marked))
  }

  /// Where the block that it has just left can be taken up; nil for nothing is known of it.
  var point: ResumePoint? {
    switch trail {
    case .block(let point): point
    case .restart(let before): ResumePoint(statement: 0, inner: .again, locals: StoredLocals(before))
    case .lost, .statement: nil
    }
  }
}
