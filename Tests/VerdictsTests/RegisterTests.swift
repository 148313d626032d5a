import Testing

@testable import Verdicts

/// A key as a register: by hand, by chance against a search through all orders, and at the size of a real recording.
@Suite struct RegisterTests {
  private func verdict(_ operations: [Operation], steps: Int = RegisterSearch.Bound.usualSteps) -> Verdict {
    History(.kv, "b", operations).linearizability(within: .init(steps: steps))
  }

  @Test func `a read of what was replaced before it began is named with the two writes alone`() {
    var operations: [Operation] = []
    for number in 1...40 {
      let begin = Int64(number) * 100
      operations.append(write("v\(number)", "a", begin, begin + 10, at: UInt64(number)))
      operations.append(read("v\(number)", "b", begin + 20, begin + 30, at: UInt64(number)))
    }
    #expect(verdict(operations).finding == .holds)
    operations.append(read("v17", "c", 2535, 2540, at: 17))
    let found = verdict(operations)
    #expect(found.finding == .broken)
    #expect(found.proof.count == 3)
    #expect(found.proof.first?.value == "v17" && found.proof.last?.value == "v17")
    #expect(found.says.contains("3 operations on k have no order"))
    #expect(found.says.hasSuffix("of 81 operations on 1 key"))
  }

  @Test func `two compare-and-sets from one revision cannot both have been done`() {
    let operations = [
      write("a", "a", 0, 10, at: 1), cas("b", from: 1, "b", 20, 40, at: 2), cas("c", from: 1, "c", 20, 40, at: 3),
    ]
    let found = verdict(operations)
    #expect(found.finding == .broken)
    #expect(found.proof.map(\.value) == ["a", "b", "c"])
  }

  @Test func `a compare-and-set that created a key which was there`() {
    #expect(verdict([write("a", "a", 0, 10, at: 1), cas("b", from: 0, "b", 20, 30, at: 2)]).finding == .broken)
    #expect(verdict([write("a", "a", 0, 25, at: 2), cas("b", from: 0, "b", 20, 30, at: 1)]).finding == .holds)
  }

  @Test func `what nobody was told of may take effect late, or never, but not early`() {
    let unknown = write("x", "a", 20, 25, told: .unknown)
    let before = write("w", "b", 0, 10, at: 1)
    #expect(verdict([before, unknown, read("w", "b", 30, 40, at: 1), read("x", "b", 50, 60, at: 2)]).finding == .holds)
    #expect(verdict([before, unknown, read("w", "b", 30, 40, at: 1)]).finding == .holds)
    #expect(verdict([before, unknown, read("x", "b", 12, 18, at: 2)]).finding == .broken)
  }

  @Test func `a value that nobody wrote is its own proof, unless the recording was cut`() {
    let operations = [write("a", "a", 0, 10, at: 1), read("z", "b", 20, 30, at: 2)]
    let found = verdict(operations)
    #expect(found.finding == .broken)
    #expect(found.proof.map(\.value) == ["z"])
    #expect(History(.kv, "b", operations, isWhole: false).linearizability().finding == .holds)
  }

  @Test func `a refused write that was read is said to be the reason`() {
    let found = verdict([write("a", "a", 0, 10, told: .refused), read("a", "b", 20, 30, at: 1)])
    #expect(found.finding == .broken)
    #expect(found.says.contains("there is one if writes that were refused may have taken effect"))
  }

  @Test func `a search that would take too long is undecided, and says of which key`() {
    // Many writes at once that are all read afterwards, one of them too late.
    var operations = (1...12).map { write("v\($0)", "c\($0)", 0, 1000, at: UInt64($0)) }
    for number in 1...12 {
      let begin = 1000 + 20 * Int64(number)
      operations.append(read("v\(number)", "r", begin, begin + 10, at: UInt64(number)))
    }
    let found = verdict(operations, steps: 10)
    #expect(found.finding == .undecided)
    #expect(found.says.contains("for k no order was found or ruled out within 10 steps"))
  }

  @Test func `a search that nobody waits for any more ends`() {
    let found = History(.kv, "b", Self.recording(200, keys: 1, seed: 18)).linearizability(within: .init { true })
    #expect(found.finding == .undecided)
  }

  /// Every order of every choice of the operations that may never have been done: slow, and plainly right.
  private func hasOrder(_ operations: [RegisterOperation], _ state: Int = 0) -> Bool {
    if operations.allSatisfy(\.isOptional) { return true }
    for (index, operation) in operations.enumerated() {
      guard operations.allSatisfy({ $0.end >= operation.begin }) else { continue }
      let fits =
        switch operation.effect {
        case .read(let value): value == state
        case .write: true
        case .cas(let old, _): old.map { $0 == state } ?? true
        }
      guard fits else { continue }
      var rest = operations
      rest.remove(at: index)
      if hasOrder(rest, operation.written ?? state) { return true }
    }
    return false
  }

  private func random(_ numbers: inout Seeded, isUnique: Bool) -> [RegisterOperation] {
    let count = Int.random(in: 2...8, using: &numbers)
    let values = Int.random(in: 1...4, using: &numbers)
    var lastValue = 0
    return (0..<count).map { _ in
      let begin = Int64.random(in: 0...20, using: &numbers)
      let end = begin + Int64.random(in: 0...8, using: &numbers)
      let isOptional = Int.random(in: 0..<6, using: &numbers) == 0
      let old = Int.random(in: 0...values, using: &numbers)
      lastValue += 1
      let new = isUnique ? lastValue : Int.random(in: 1...values, using: &numbers)
      let effect: RegisterOperation.Effect =
        switch Int.random(in: 0..<5, using: &numbers) {
        case 0, 1: .write(new)
        case 2: .cas(Int.random(in: 0..<5, using: &numbers) == 0 ? nil : old, new)
        default: .read(old)
        }
      return RegisterOperation(
        effect: effect, begin: begin, end: isOptional ? .max : end, isOptional: isOptional)
    }
  }

  @Test(arguments: [true, false]) func `random histories have an order if a search through all orders finds one`(
    _ isUnique: Bool
  ) {
    var numbers = Seeded(state: 14)
    var found = 0
    for round in 0..<6000 {
      let operations = random(&numbers, isUnique: isUnique)
      let expected = hasOrder(operations)
      if expected { found += 1 }
      let outcome = RegisterSearch.outcome(of: operations)
      guard outcome == (expected ? .found : .impossible) else {
        Issue.record(
          "round \(round) of seed 14: \(outcome), but an order \(expected ? "exists" : "does not exist"): \(operations)"
        )
        return
      }
    }
    // Both answers come often, so that both are tested.
    #expect(found > 1000 && found < 5000, "\(found)")
  }

  @Test func `a smallest piece has no order, and has one without any of its reads or values`() {
    var numbers = Seeded(state: 15)
    var broken = 0
    for round in 0..<1500 {
      var sequence: UInt64 = 0
      let operations = (0..<10).map { number in
        let begin = Int64.random(in: 0...60, using: &numbers)
        let end = begin + Int64.random(in: 0...12, using: &numbers)
        let told: Operation.Told = Int.random(in: 0..<8, using: &numbers) == 0 ? .unknown : .ok
        sequence += 1
        let old = UInt64.random(in: 0..<sequence, using: &numbers)
        return switch Int.random(in: 0..<5, using: &numbers) {
        case 0, 1: write("v\(sequence)", "c\(number)", begin, end, at: sequence, told: told)
        case 2: cas("v\(sequence)", from: old, "c\(number)", begin, end, at: sequence, told: told)
        default: read(old == 0 ? nil : "v\(old)", "c\(number)", begin, end, at: old)
        }
      }
      let register = Register(operations, isWhole: true)
      guard register.outcome(within: .init(steps: 100_000)) == .impossible else { continue }
      broken += 1
      let piece = register.smallestPiece(within: .init(steps: 100_000))
      func isImpossible(_ piece: [Operation]) -> Bool {
        Register(piece, isWhole: true).outcome(within: .init(steps: 100_000)) == .impossible
      }
      let isMinimal =
        isImpossible(piece)
        && piece.indices.filter { piece[$0].kind == .read }.allSatisfy { index in
          var rest = piece
          rest.remove(at: index)
          return !isImpossible(rest)
        } && Set(piece.compactMap(\.value)).allSatisfy { value in !isImpossible(piece.filter { $0.value != value }) }
      if !isMinimal {
        Issue.record("round \(round) of seed 15: \(piece) of \(operations)")
        return
      }
    }
    #expect(broken > 300)
  }

  /// Ten thousand operations by six clients on twenty keys, as if done one after the other at a moment of their own.
  static func recording(_ count: Int, keys: Int, clients: Int = 6, seed: UInt64) -> [Operation] {
    var numbers = Seeded(state: seed)
    var revisions: [String: (revision: UInt64, value: String)] = [:]
    var free = Array(repeating: Int64(0), count: clients)
    var revision: UInt64 = 0
    var moment: Int64 = 0
    return (0..<count).map { number in
      let client = number % clients
      let key = "k\(Int.random(in: 0..<keys, using: &numbers))"
      moment = max(moment, free[client]) + Int64.random(in: 1...100, using: &numbers)
      let begin = max(free[client], moment - Int64.random(in: 1...400, using: &numbers))
      let end = moment + Int64.random(in: 0...400, using: &numbers)
      free[client] = end + 1
      let before = revisions[key]
      let isUnknown = Int.random(in: 0..<50, using: &numbers) == 0
      switch Int.random(in: 0..<4, using: &numbers) {
      case 0, 1: return read(before?.value, "c\(client)", begin, end, at: before?.revision, key: key)
      case 2 where before != nil:
        revision += 1
        revisions[key] = (revision, "v\(revision)")
        return cas(
          "v\(revision)", from: before?.revision ?? 0, "c\(client)", begin, end, at: isUnknown ? nil : revision,
          key: key, told: isUnknown ? .unknown : .ok)
      default:
        revision += 1
        revisions[key] = (revision, "v\(revision)")
        return write(
          "v\(revision)", "c\(client)", begin, end, at: isUnknown ? nil : revision, key: key,
          told: isUnknown ? .unknown : .ok)
      }
    }
  }

  @Test func `ten thousand operations on twenty keys, and one stale read among them`() {
    var operations = Self.recording(10_000, keys: 20, seed: 16)
    #expect(verdict(operations).finding == .holds)
    guard let old = operations.first(where: { $0.kind == .write && $0.told == .ok && $0.key == "k7" }),
      let last = operations.last
    else { return #expect(Bool(false)) }
    let late = last.begin + 10_000
    operations.append(read(old.value, "late", late, late + 10, at: old.sequence, key: "k7"))
    let found = verdict(operations)
    #expect(found.finding == .broken)
    #expect(found.proof.count == 3, "\(found.says) \(found.proof)")
  }

  @Test func `one key with thirty thousand operations takes no more room than its moments need`() {
    #expect(verdict(Self.recording(30_000, keys: 1, clients: 12, seed: 17)).finding == .holds)
  }
}
