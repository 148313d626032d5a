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
