/// Whether each key of a bucket is one register: as if every operation had taken effect at one moment between its begin
/// and its end.
extension History {
  func linearizability(within bound: RegisterSearch.Bound = .init()) -> Verdict {
    let name = "linearizable"
    let keys = Dictionary(grouping: operations.filter { [.write, .read, .cas].contains($0.kind) }, by: \.key)
    var count = 0
    var undecided: [String] = []
    var broken: [Register] = []
    for key in keys.keys.sorted() {
      let register = Register(keys[key] ?? [], isWhole: isWhole)
      count += register.operations.count
      switch register.outcome(within: bound) {
      case .found: break
      case .impossible: broken.append(register)
      case .tooLong: undecided.append(key)
      }
    }
    let all = "\(count.of("operation")) on \(keys.count.of("key"))"
    let late =
      undecided.isEmpty
      ? ""
      : "; for \(undecided.joined(separator: ", ")) no order was found or ruled out within \(bound.steps.of("step"))"
    // That proof which takes least is shown.
    if let (register, proof) = broken.map({ ($0, $0.smallestPiece(within: bound)) }).min(by: { $0.1.count < $1.1.count }
    ) {
      let keysBroken = broken.count == 1 ? "one key" : "\(broken.count.of("key"))"
      let refusals =
        register.mayRefusedTakeEffect(within: bound)
        ? "; there is one if writes that were refused may have taken effect" : ""
      return Verdict(
        name, .broken,
        "\(keysBroken) of \(keys.count.grouped) cannot be a register: \(proof.count.of("operation")) on"
          + " \(proof.first?.key ?? "") \(proof.count == 1 ? "has" : "have") no order in which each sees the last value"
          + " written\(refusals), of \(all)\(late)",
        proof: proof)
    }
    guard undecided.isEmpty else { return Verdict(name, .undecided, "of \(all) it is not known\(late)\(caveat)") }
    let refused = operations.filter { $0.isWrite && $0.told == .refused }.count
    let left = refused == 0 ? "" : "; \(refused.of("refused write")) taken as never done"
    return Verdict(
      name, keptAmong: count, "\(all) have an order in which each sees the last value written\(left)\(caveat)")
  }
}

/// The operations on one key, each with its part in a search.
struct Register {
  /// Those that somebody may have seen: what nobody was told of and nobody read may never have happened, and needs no
  /// place.
  private(set) var operations: [History.Operation]
  private var refused: [History.Operation]
  private let isWhole: Bool

  init(_ operations: [History.Operation], isWhole: Bool) {
    self.isWhole = isWhole
    refused = operations.filter { $0.told == .refused && $0.isWrite }
    self.operations = operations.filter { $0.told == .ok || ($0.told == .unknown && $0.isWrite) }
  }

  private init(of operations: [History.Operation], isWhole: Bool) {
    (self.operations, refused, self.isWhole) = (operations, [], isWhole)
  }

  func outcome(within bound: RegisterSearch.Bound) -> RegisterSearch.Outcome {
    RegisterSearch.outcome(of: parts, within: bound)
  }

  /// Whether there is an order if what was refused may have been done.
  func mayRefusedTakeEffect(within bound: RegisterSearch.Bound) -> Bool {
    guard !refused.isEmpty else { return false }
    let more = refused.map { write in
      var write = write
      write.told = .unknown
      return write
    }
    return Register(of: operations + more, isWhole: isWhole).outcome(within: bound) == .found
  }

  private var parts: [RegisterOperation] {
    var numbers: [String: Int] = [:]
    func number(_ value: String?) -> Int {
      guard let value else { return 0 }
      if let number = numbers[value] { return number }
      numbers[value] = numbers.count + 1
      return numbers.count
    }
    var values: [UInt64: Int] = [:]
    var read: Set<Int> = []
    var written: Set<Int> = []
    for operation in operations {
      let value = number(operation.value)
      if operation.isWrite { written.insert(value) }
      guard operation.told == .ok else { continue }
      if operation.kind == .read { read.insert(value) }
      if let sequence = operation.sequence, operation.value != nil { values[sequence] = value }
    }
    for operation in operations where operation.kind == .cas {
      if let expected = operation.expected.flatMap({ values[$0] }) { read.insert(expected) }
    }
    var parts: [RegisterOperation] = []
    for operation in operations {
      let value = number(operation.value)
      let isOptional = operation.told != .ok
      if isOptional, !read.contains(value) { continue }
      let effect: RegisterOperation.Effect =
        switch operation.kind {
        case .read: .read(value)
        case .cas: .cas(operation.expected.flatMap { $0 == 0 ? 0 : values[$0] }, value)
        default: .write(value)
        }
      parts.append(
        RegisterOperation(
          effect: effect, begin: operation.begin, end: operation.certainEnd, isOptional: isOptional))
    }
    if !isWhole {
      // What was under way at the end of the recording is in no line, and may have been read.
      for value in read.subtracting(written).sorted() where value != 0 {
        parts.append(RegisterOperation(effect: .write(value), begin: .min, end: .max, isOptional: true))
      }
    }
    return parts
  }

  /// Operations that have no order either, and as few as can be: without any one read of them, or any one value with
  /// all that saw it, there would be an order.
  ///
  /// A value is left out only with its reads, and a compare-and-set that wanted it asks for nothing then: what could be
  /// ordered before can be so afterwards, so that a piece without an order proves it of the whole.
  func smallestPiece(within bound: RegisterSearch.Bound) -> [History.Operation] {
    var piece = operations
    var size = max(1, piece.count / 2)
    while true {
      let before = piece.count
      piece = without(values: true, piece, size, bound)
      piece = without(values: false, piece, size, bound)
      if size > 1 { size /= 2 } else if piece.count == before { return piece }
    }
  }

  /// The piece without so many values, or reads, at a time wherever it has no order without them either.
  private func without(
    values: Bool, _ piece: [History.Operation], _ size: Int, _ bound: RegisterSearch.Bound
  ) -> [History.Operation] {
    var piece = piece
    var start = 0
    while true {
      // From the newest on, so that of several pieces the oldest is left.
      let units: [[Int]]
      if values {
        let groups = Dictionary(grouping: piece.indices.filter { piece[$0].value != nil }) { piece[$0].value }
        units = groups.values.sorted { ($0.first ?? 0) > ($1.first ?? 0) }
      } else {
        units = piece.indices.reversed().filter { piece[$0].kind == .read }.map { [$0] }
      }
      guard start < units.count else { return piece }
      let left = Set(units[start..<min(units.count, start + size)].joined())
      let rest = piece.indices.filter { !left.contains($0) }.map { piece[$0] }
      if isImpossible(rest, bound) { piece = rest } else { start += size }
    }
  }

  private func isImpossible(_ piece: [History.Operation], _ bound: RegisterSearch.Bound) -> Bool {
    Register(of: piece, isWhole: isWhole).outcome(within: bound) == .impossible
  }
}
