/// What a history shows about one promise.
package struct Verdict: Sendable, Equatable {
  package enum Finding: String, Sendable, CaseIterable {
    case holds, broken
    /// What was recorded does not tell, or to find out would take too long.
    case undecided
  }

  /// In a word that stays as it is, such as `lost-writes`.
  package var name: String
  package var finding: Finding
  /// What was looked at and what came of it, such as "no acknowledged write was lost among 12,480".
  package var says: String
  /// The smallest piece of the history that shows it, in the order of time; empty unless something was found.
  package var proof: [History.Operation]

  init(_ name: String, _ finding: Finding, _ says: String, proof: [History.Operation] = []) {
    self.name = name
    self.finding = finding
    self.says = says
    self.proof = proof.sorted { $0.begin < $1.begin }
  }

  /// Nothing was found that breaks a promise. Where there was nothing that could have, that says nothing of it.
  init(_ name: String, keptAmong count: Int, _ says: String) {
    self.init(name, count > 0 ? .holds : .undecided, says)
  }
}

extension History {
  /// All verdicts that a history of its workload allows.
  ///
  /// - Parameter bound: how long the search for an order of a key's operations may go on.
  package func verdicts(within bound: RegisterSearch.Bound = .init()) -> [Verdict] {
    switch workload {
    case .stream:
      [
        lostWrites(), refusedWrites(), duplicates(), sequences(), orderPerPublisher(), orderOverAll(), replicas(),
        monotoneReads(),
      ]
    case .kv:
      [
        linearizability(within: bound), staleReads(), monotoneReads(), refusedWrites(), sequences(), orderOverAll(),
        replicas(),
      ]
    case .queue:
      [
        lostWork(), exactlyOnce(), doneWork(), refusedWrites(), duplicates(), sequences(), orderPerPublisher(),
        replicas(),
      ]
    }
  }

  /// Said where a history ends before its time.
  var caveat: String {
    isWhole ? "" : "; the recording did not come to its end, so that what was under way is not known"
  }
}

extension Int {
  /// With commas between thousands, as 12,480.
  var grouped: String {
    var text = ""
    for (place, digit) in String(magnitude).reversed().enumerated() {
      if place > 0, place % 3 == 0 { text.append(",") }
      text.append(digit)
    }
    return (self < 0 ? "-" : "") + String(text.reversed())
  }

  /// `1 write`, `12,480 writes`.
  func of(_ one: String, _ many: String? = nil) -> String { "\(grouped) \(self == 1 ? one : many ?? one + "s")" }
}
