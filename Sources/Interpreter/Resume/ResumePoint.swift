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

extension Resumption {
  /// Whether it leads to places that there are in the program. What comes from a file may be damaged.
  func fits(_ program: Program) -> Bool {
    point.fits(program.main.body, frameSize: program.main.frameSize)
      && libraries.allSatisfy { index, stored in
        program.units.indices.contains(index) && stored.values.count == program.units[index].frameSize
      }
  }
}

extension ResumePoint {
  fileprivate func fits(_ block: Block, frameSize: Int) -> Bool {
    guard block.statements.indices.contains(statement) else { return false }
    if let locals, locals.values.count != frameSize { return false }
    if let entry, entry.values.count != frameSize { return false }
    if locals == nil, !inner.sharesFrame { return false }
    switch (block.statements[statement], inner) {
    case (_, .again): return true
    case (.step(let node), .step(let point)): return point.fits(node.body, frameSize: frameSize)
    case (.conditional(let node), .branch(let index, let point)):
      let bodies = node.branches.map(\.body) + [node.otherwise].compactMap { $0 }
      return bodies.indices.contains(index) && point.fits(bodies[index], frameSize: frameSize)
    case (.foreach(let node), .pass(let pass, let source, let point)):
      return 0..<(source.count ?? .max) ~= pass && point.fits(node.body, frameSize: frameSize)
    case (.foreach(let node), .lanes(let states, let source)):
      guard let source, source.count ?? states.count == states.count else { return false }
      return states.allSatisfy { $0.fits(node.body, frameSize: frameSize) }
    case (.parallel(let block, _), .lanes(let states, _)):
      return states.count == block.statements.count
        && zip(states, block.statements).allSatisfy { state, statement in
          state.fits(Block(statements: [statement], span: statement.span), frameSize: frameSize)
        }
    case (.run(let node), .recipe(let point)):
      guard let unit = node.unit else { return false }
      return point.fits(unit.body, frameSize: unit.frameSize)
    case (.expression(let expression), .task(let point)):
      guard case .call(let call) = expression.form, case .task(let task) = call.callee else { return false }
      return point.fits(task.body, frameSize: task.frameSize)
    default: return false
    }
  }
}

extension ResumePoint.LaneState {
  fileprivate func fits(_ block: Block, frameSize: Int) -> Bool {
    guard case .left(at: let point?) = self else { return true }
    return point.fits(block, frameSize: frameSize)
  }
}

extension StoredValue {
  /// How many elements a loop over it has; nil where it was held back.
  fileprivate var count: Int? {
    switch value {
    case .range(let range): Int(clamping: range.count)
    case .list(let elements): elements.count
    case .map(let map): map.count
    case nil: nil
    default: 0
    }
  }
}

extension ResumePoint {
  /// The point as JSON, without secrets.
  func packed(_ archive: inout ValueArchive) throws(Resumption.Obstacle) -> Value {
    var map = ValueMap()
    map["statement"] = .int(Int64(statement))
    if let locals { map["locals"] = try locals.packed(&archive) }
    if let entry { map["entry"] = try entry.packed(&archive) }
    switch inner {
    case .again: break
    case .step(let point): map["step"] = try point.packed(&archive)
    case .branch(let index, let point):
      map["index"] = .int(Int64(index))
      map["branch"] = try point.packed(&archive)
    case .pass(let index, let source, let point):
      map["index"] = .int(Int64(index))
      map["over"] = try source.packed(&archive)
      map["pass"] = try point.packed(&archive)
    case .lanes(let states, let source):
      if let source { map["over"] = try source.packed(&archive) }
      var lanes: [Value] = []
      for state in states { lanes.append(try state.packed(&archive)) }
      map["lanes"] = .list(lanes)
    case .recipe(let point): map["recipe"] = try point.packed(&archive)
    case .task(let point): map["task"] = try point.packed(&archive)
    }
    return .map(map)
  }

  /// Nil: the file is damaged.
  convenience init?(packed: Value, clusters: [Cluster]) {
    guard case .map(let map) = packed, case .int(let statement)? = map["statement"],
      let inner = Inner(map, clusters)
    else { return nil }
    let locals = map["locals"]?.elements.map { StoredLocals(packed: $0, clusters: clusters) }
    let entry = map["entry"]?.elements.map { StoredLocals(packed: $0, clusters: clusters) }
    self.init(statement: Int(statement), inner: inner, locals: locals, entry: entry)
  }
}

extension ResumePoint.Inner {
  fileprivate init?(_ map: ValueMap, _ clusters: [Cluster]) {
    func point(_ key: String) -> ResumePoint? {
      map[key].flatMap { ResumePoint(packed: $0, clusters: clusters) }
    }
    func index() -> Int? { if case .int(let index)? = map["index"] { Int(index) } else { nil } }
    let over = map["over"].map { StoredValue(value: ValueArchive.unpacked($0, clusters: clusters)) }
    if map["step"] != nil {
      guard let point = point("step") else { return nil }
      self = .step(point)
    } else if map["branch"] != nil {
      guard let point = point("branch"), let index = index() else { return nil }
      self = .branch(index, point)
    } else if map["pass"] != nil {
      guard let point = point("pass"), let index = index(), let over else { return nil }
      self = .pass(index, of: over, point)
    } else if map["recipe"] != nil {
      guard let point = point("recipe") else { return nil }
      self = .recipe(point)
    } else if map["task"] != nil {
      guard let point = point("task") else { return nil }
      self = .task(point)
    } else if let lanes = map["lanes"]?.elements {
      let states = lanes.compactMap { ResumePoint.LaneState(packed: $0, clusters: clusters) }
      guard states.count == lanes.count else { return nil }
      self = .lanes(states, over: over)
    } else {
      self = .again
    }
  }
}

extension ResumePoint.LaneState {
  fileprivate func packed(_ archive: inout ValueArchive) throws(Resumption.Obstacle) -> Value {
    try archive.take(8)
    switch self {
    case .done: return "done"
    case .left(at: nil): return "start"
    case .left(at: let point?): return try point.packed(&archive)
    }
  }

  fileprivate init?(packed: Value, clusters: [Cluster]) {
    switch packed {
    case .string("done"): self = .done
    case .string("start"): self = .left(at: nil)
    default:
      guard let point = ResumePoint(packed: packed, clusters: clusters) else { return nil }
      self = .left(at: point)
    }
  }
}

extension StoredValue {
  fileprivate func packed(_ archive: inout ValueArchive) throws(Resumption.Obstacle) -> Value {
    guard let value else { return ValueArchive.heldBack }
    return try archive.packed(value) ?? ValueArchive.heldBack
  }
}

extension StoredLocals {
  func packed(_ archive: inout ValueArchive) throws(Resumption.Obstacle) -> Value {
    var packed: [Value] = []
    for value in values { packed.append(try archive.packed(value) ?? ValueArchive.heldBack) }
    return .list(packed)
  }

  init(packed: [Value], clusters: [Cluster]) {
    let values = packed.map { ValueArchive.unpacked($0, clusters: clusters) }
    self.init(values.map { $0 ?? .null }, heldBack: Set(values.indices.filter { values[$0] == nil }))
  }
}
