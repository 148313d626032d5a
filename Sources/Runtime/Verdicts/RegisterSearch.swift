/// What clients did with one key, as a register with compare-and-set: values are numbers, 0 stands for nothing.
struct RegisterOperation: Sendable, Equatable {
  enum Effect: Sendable, Equatable {
    case read(Int)
    case write(Int)
    /// Writes the second where the first is; nil: nobody knows what it wanted to find.
    case cas(Int?, Int)
  }

  var effect: Effect
  var begin: Int64
  /// When it had certainly taken effect; `Int64.max` if nobody knows whether it ever did.
  var end: Int64
  /// It may never have taken effect.
  var isOptional: Bool

  /// The value that it would leave behind.
  var written: Int? {
    switch effect {
    case .read: nil
    case .write(let value), .cas(_, let value): value
    }
  }
}

/// Looks for an order in which the operations on a register could have taken effect, each between its begin and its
/// end.
///
/// The search is that of Wing and Gong ("Testing and verifying concurrent objects", 1993): take an operation that
/// nothing precedes and that fits, go on with the rest, and come back if that leads nowhere. As Lowe refined it
/// ("Testing for linearizability", 2017), what is left is a list of begins and ends from which operations are lifted
/// and put back, and no pair of taken operations and state is looked at twice. Two things follow from the register: a
/// read that fits is taken without looking at anything else, since it changes nothing; and where each value is written
/// once, no value is replaced that somebody has still to read.
///
/// The taken operations of a pair are kept from the first one on that is not taken, so that a pair of a long history is
/// no larger than one of a short one. Operations that may never have taken effect are kept apart for the same reason.
package struct RegisterSearch {
  package enum Outcome: Sendable, Equatable {
    case found, impossible
    /// There were more steps to take than allowed.
    case tooLong
  }

  /// How long it may go on.
  package struct Bound {
    /// So many steps, for each key: the usual ones are some seconds at most.
    package var steps: Int
    /// Asked now and then: whether nobody waits for the outcome any more.
    package var isOver: () -> Bool

    package static let usualSteps = 2_000_000

    package init(steps: Int = usualSteps, isOver: @escaping () -> Bool = { false }) {
      self.steps = steps
      self.isOver = isOver
    }
  }

  private struct Pair: Hashable {
    var firstWord: Int32
    var state: Int32
    var taken: [UInt64]
    var optionals: [UInt64]
  }

  private struct Taken {
    var operation: Int
    var stateBefore: Int
  }

  private let operations: [RegisterOperation]
  /// The place of each operation among those that certainly took effect, or among those that may have.
  private let places: [Int]
  /// Of each value that is written once, how many reads and compare-and-sets that certainly happened still wait to see
  /// it.
  private var waiting: [Int]
  private let isWrittenOnce: [Bool]

  // A ring through the begins (2 × operation + 1) and the ends (2 × operation + 2), by time; 0 is where it is closed.
  private var next: [Int32]
  private var previous: [Int32]

  private var taken: [UInt64]
  private var optionals: [UInt64]
  private var takenCount = 0
  /// All certain operations before this place are taken.
  private var frontier = 0
  private var left: Int
  private var state = 0
  private var steps = 0
  private let bound: Bound

  private init(_ operations: [RegisterOperation], _ bound: Bound) {
    self.operations = operations
    self.bound = bound
    var places = Array(repeating: 0, count: operations.count)
    var certain = 0
    var optional = 0
    let byBegin = operations.indices.sorted { (operations[$0].begin, $0) < (operations[$1].begin, $1) }
    for index in byBegin {
      if operations[index].isOptional {
        places[index] = optional
        optional += 1
      } else {
        places[index] = certain
        certain += 1
      }
    }
    self.places = places
    left = certain
    taken = Array(repeating: 0, count: certain / 64 + 1)
    optionals = Array(repeating: 0, count: (optional + 63) / 64)
    let values = operations.reduce(0) { highest, operation in
      switch operation.effect {
      case .read(let value), .write(let value): max(highest, value)
      case .cas(let old, let new): max(highest, old ?? 0, new)
      }
    }
    var waiting = Array(repeating: 0, count: values + 1)
    var writers = Array(repeating: 0, count: values + 1)
    for operation in operations {
      if let written = operation.written { writers[written] += 1 }
      if !operation.isOptional, let seen = Self.seen(operation.effect) { waiting[seen] += 1 }
    }
    self.waiting = waiting
    // Nothing is there from the start, and comes back only if somebody writes it.
    isWrittenOnce = writers.enumerated().map { value, count in count <= (value == 0 ? 0 : 1) }
    var events: [(time: Int64, isEnd: Bool, entry: Int32)] = []
    events.reserveCapacity(2 * operations.count)
    for (index, operation) in operations.enumerated() {
      events.append((operation.begin, false, Int32(2 * index + 1)))
      if !operation.isOptional { events.append((operation.end, true, Int32(2 * index + 2))) }
    }
    // What ends when another begins overlaps it.
    events.sort { ($0.time, $0.isEnd ? 1 : 0, $0.entry) < ($1.time, $1.isEnd ? 1 : 0, $1.entry) }
    next = Array(repeating: 0, count: 2 * operations.count + 1)
    previous = next
    var last: Int32 = 0
    for event in events {
      next[Int(last)] = event.entry
      previous[Int(event.entry)] = last
      last = event.entry
    }
    next[Int(last)] = 0
    previous[0] = last
  }

  /// Whether there is such an order, as far as that is found within the bound.
  static func outcome(of operations: [RegisterOperation], within bound: Bound = Bound()) -> Outcome {
    if bound.isOver() { return .tooLong }
    var search = RegisterSearch(operations, bound)
    return search.run()
  }

  private mutating func run() -> Outcome {
    var seen: Set<Pair> = []
    var path: [Taken] = []
    var entry = next[0]
    while left > 0 {
      if let read = fittingRead() {
        path.append(take(read))
        entry = next[0]
        continue
      }
      var advanced = false
      while entry != 0, !entry.isMultiple(of: 2) {
        steps += 1
        if steps > bound.steps || (steps.isMultiple(of: 4096) && bound.isOver()) { return .tooLong }
        let operation = Int(entry) / 2
        if fits(operation) {
          let step = take(operation)
          if seen.insert(pair).inserted {
            path.append(step)
            advanced = true
            break
          }
          putBack(step)
        }
        entry = next[Int(entry)]
      }
      if advanced {
        entry = next[0]
        continue
      }
      // Another place for a read would change nothing: back to the last write.
      while let last = path.last, operations[last.operation].written == nil {
        putBack(last)
        path.removeLast()
      }
      guard let last = path.popLast() else { return .impossible }
      putBack(last)
      entry = next[2 * last.operation + 1]
    }
    return .found
  }

  /// A read of what is there now that nothing precedes.
  private func fittingRead() -> Int? {
    var entry = next[0]
    while entry != 0, !entry.isMultiple(of: 2) {
      let operation = Int(entry) / 2
      if case .read(let value) = operations[operation].effect, value == state { return operation }
      entry = next[Int(entry)]
    }
    return nil
  }

  private func fits(_ operation: Int) -> Bool {
    switch operations[operation].effect {
    case .read: return false
    case .write: return !isWrittenOnce[state] || waiting[state] == 0
    case .cas(let old, _):
      guard let old else { return !isWrittenOnce[state] || waiting[state] == 0 }
      guard old == state else { return false }
      let isCounted = operations[operation].isOptional ? 0 : 1
      return !isWrittenOnce[state] || waiting[state] == isCounted
    }
  }

  private mutating func take(_ operation: Int) -> Taken {
    let step = Taken(operation: operation, stateBefore: state)
    let taking = operations[operation]
    let (word, bit) = (places[operation] / 64, UInt64(1) << (places[operation] % 64))
    lift(2 * operation + 1)
    if taking.isOptional {
      optionals[word] |= bit
    } else {
      lift(2 * operation + 2)
      taken[word] |= bit
      takenCount += 1
      left -= 1
      if places[operation] == frontier { advance() }
      if let seen = Self.seen(taking.effect) { waiting[seen] -= 1 }
    }
    state = taking.written ?? state
    return step
  }

  private mutating func putBack(_ step: Taken) {
    let taking = operations[step.operation]
    let place = places[step.operation]
    let (word, bit) = (place / 64, UInt64(1) << (place % 64))
    state = step.stateBefore
    if taking.isOptional {
      optionals[word] &= ~bit
    } else {
      if let seen = Self.seen(taking.effect) { waiting[seen] += 1 }
      taken[word] &= ~bit
      takenCount -= 1
      left += 1
      frontier = min(frontier, place)
      put(2 * step.operation + 2)
    }
    put(2 * step.operation + 1)
  }

  private mutating func advance() {
    while frontier / 64 < taken.count {
      let ones = (~(taken[frontier / 64] >> (frontier % 64))).trailingZeroBitCount
      guard frontier % 64 + ones >= 64 else {
        frontier += ones
        return
      }
      frontier = (frontier / 64 + 1) * 64
    }
  }

  private mutating func lift(_ entry: Int) {
    next[Int(previous[entry])] = next[entry]
    previous[Int(next[entry])] = previous[entry]
  }

  /// Operations are put back in the opposite order, so that its neighbours are those of then.
  private mutating func put(_ entry: Int) {
    next[Int(previous[entry])] = Int32(entry)
    previous[Int(next[entry])] = Int32(entry)
  }

  private var pair: Pair {
    let first = frontier / 64
    var rest = takenCount - first * 64
    var words: [UInt64] = []
    var word = first
    while rest > 0, word < taken.count {
      words.append(taken[word])
      rest -= taken[word].nonzeroBitCount
      word += 1
    }
    return Pair(firstWord: Int32(first), state: Int32(state), taken: words, optionals: optionals)
  }

  private static func seen(_ effect: RegisterOperation.Effect) -> Int? {
    switch effect {
    case .read(let value): value
    case .write: nil
    case .cas(let old, _): old
    }
  }
}
