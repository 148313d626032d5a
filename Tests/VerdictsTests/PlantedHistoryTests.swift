import Testing

@testable import Verdicts

/// Each anomaly, planted in a history that is clean without it.
@Suite struct PlantedHistoryTests {
  static let stream = History(
    .stream, "ORDERS",
    [
      write("a1", "a", 0, 10, at: 1), write("b1", "b", 5, 15, at: 2), write("a2", "a", 20, 30, at: 3),
      write("b2", "b", 20, nil, told: .unknown), write("a3", "a", 40, 50, told: .refused),
      read("a1", "r", 12, 12, at: 1), read("b1", "r", 16, 16, at: 2), read("a2", "r", 31, 31, at: 3),
    ] + replica("s1", [1: "a1", 2: "b1", 3: "a2", 4: "b2"]) + replica("s2", [1: "a1", 2: "b1", 3: "a2", 4: "b2"]))

  static let bucket = History(
    .kv, "settings",
    [
      write("a1", "a", 0, 10, at: 1), read("a1", "b", 11, 14, at: 1), cas("b1", from: 1, "b", 15, 20, at: 2),
      read(nil, "c", 2, 9), cas("c1", from: 1, "c", 16, 25, told: .refused), read("b1", "c", 26, 30, at: 2),
      write("x1", "c", 31, 40, at: 3, key: "other"), write("a2", "a", 30, nil, told: .unknown),
      read("a2", "b", 50, 60, at: 4), read("a2", "c", 61, 70, at: 4),
    ] + replica("s1", [3: "x1", 4: "a2"]) + replica("s2", [3: "x1", 4: "a2"]))

  static let queue = History(
    .queue, "WORK",
    [
      write("a1", "a", 0, 10, at: 1), write("a2", "a", 11, 20, at: 2), write("a3", "a", 21, 30, at: 3),
      consume("a1", "b", 12), ack("a1", "b", 14), consume("a2", "b", 22, delivery: 1),
      consume("a2", "c", 40, delivery: 2), ack("a2", "c", 42, delivery: 2),
    ] + replica("s1", [3: "a3"]) + replica("s2", [3: "a3"]))

  @Test func `a clean history of each workload holds in all that is asked`() {
    for history in [Self.stream, Self.bucket, Self.queue] {
      for verdict in history.verdicts() {
        #expect(verdict.finding == .holds, "\(history.workload) \(verdict.name): \(verdict.says)")
        #expect(verdict.proof.isEmpty)
      }
    }
  }

  @Test func `a verdict says among how many it looked`() {
    let says = Self.stream.verdict("lost-writes")?.says
    #expect(
      says == "no acknowledged write was lost among 3, by what s1, s2 held in the end;"
        + " of 1 without an answer 1 are there")
    #expect(12_480.grouped == "12,480")
  }

  private func broken(
    _ history: History, _ name: String, by change: (inout [Operation]) -> Void, proof: [String?],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    var planted = history
    change(&planted.operations)
    let verdict = planted.verdict(name)
    #expect(verdict?.finding == .broken, "\(verdict?.says ?? "no such verdict")", sourceLocation: sourceLocation)
    #expect(verdict?.proof.filter { $0.kind != .scan }.map(\.value) == proof, sourceLocation: sourceLocation)
  }

  @Test func `an acknowledged write that no replica holds is lost`() {
    broken(
      Self.stream, "lost-writes", by: { $0.removeAll { $0.kind == .hold && $0.value == "b1" } }, proof: ["b1"])
  }

  @Test func `without a look at the end nobody knows what is lost`() {
    var history = Self.stream
    history.operations.removeAll { $0.kind == .hold || $0.kind == .scan }
    #expect(history.verdict("lost-writes")?.finding == .undecided)
    #expect(history.verdict("replicas")?.finding == .undecided)
  }

  @Test func `a replica that could not be read is named`() {
    var history = Self.stream
    history.operations.append(Operation(.scan, client: "end", begin: 1000, by: "s3", told: .unknown, why: "away"))
    #expect(history.verdict("lost-writes")?.says.contains("; s3 could not be read") == true)
    #expect(history.verdict("replicas")?.says.hasSuffix("; s3 could not be read") == true)
  }

  @Test func `a refused write that is there is a finding, and not wrong`() {
    var history = Self.stream
    history.operations += [Operation(.hold, client: "end", begin: 1000, key: "k", value: "a3", sequence: 5, by: "s1")]
    let verdict = history.verdict("refused-writes")
    #expect(verdict?.finding == .holds)
    #expect(verdict?.proof.map(\.kind) == [.write, .hold])
    #expect(verdict?.says.contains("1 of 1 refused write took effect all the same") == true)
  }

  @Test func `a value in two places is a duplicate`() {
    broken(
      Self.stream, "duplicates",
      by: { $0.append(Operation(.hold, client: "end", begin: 1000, key: "k", value: "a1", sequence: 5, by: "s1")) },
      proof: ["a1", "a1"])
  }

  @Test func `a sequence that was told of two values`() {
    broken(Self.stream, "sequences", by: { $0[2].sequence = 2 }, proof: ["b1", "a2"])
  }

  @Test func `a client's later write in front of its earlier one`() {
    broken(
      Self.stream, "order-per-publisher",
      by: {
        $0[0].sequence = 3
        $0[2].sequence = 1
      }, proof: ["a1", "a2"])
  }

  @Test func `a write in front of one that was acknowledged before it began`() {
    broken(
      Self.stream, "order-over-all",
      by: {
        $0[1].sequence = 3
        $0[2].sequence = 2
      }, proof: ["b1", "a2"])
  }

  @Test func `overlapping writes may stand in any order`() {
    var history = Self.stream
    history.operations[0].sequence = 2
    history.operations[1].sequence = 1
    #expect(history.verdict("order-over-all")?.finding == .holds)
  }

  @Test func `a write of which nobody was told may not stand in front of what was acknowledged before it`() {
    broken(
      Self.stream, "order-over-all",
      by: { operations in
        for index in operations.indices where operations[index].kind == .hold {
          if operations[index].value == "b2" { operations[index].sequence = 1 }
        }
      }, proof: ["b1", "b2"])
  }

  @Test func `replicas with another message, or without one`() {
    broken(
      Self.stream, "replicas", by: { $0.removeAll { $0.by == "s2" && $0.value == "a2" } }, proof: ["a2"])
    broken(
      Self.stream, "replicas",
      by: { operations in
        for index in operations.indices where operations[index].by == "s2" && operations[index].value == "a2" {
          operations[index].value = "a9"
        }
      }, proof: ["a2", "a9"])
  }

  @Test func `a reader of a stream that goes back`() {
    broken(Self.stream, "monotone-reads", by: { $0.append(read("a1", "r", 40, 40, at: 1)) }, proof: ["a2", "a1"])
  }

  @Test func `a key that is read as it was before an acknowledged write`() {
    broken(Self.bucket, "stale-reads", by: { $0.append(read("a1", "d", 41, 42, at: 1)) }, proof: ["b1", "a1"])
  }

  @Test func `a client that sees an older revision of a key than before`() {
    broken(Self.bucket, "monotone-reads", by: { $0.append(read("b1", "c", 71, 72, at: 2)) }, proof: ["a2", "b1"])
  }

  @Test func `a message that was handed to nobody and is gone`() {
    broken(Self.queue, "lost-work", by: { $0.removeAll { $0.kind == .hold && $0.value == "a3" } }, proof: ["a3"])
  }

  @Test func `work that comes again after it was confirmed`() {
    broken(
      Self.queue, "exactly-once", by: { $0.append(consume("a1", "c", 50, delivery: 2)) }, proof: ["a1", "a1"])
  }

  @Test func `work that is in the queue after it was confirmed`() {
    broken(
      Self.queue, "done-work",
      by: { $0.append(Operation(.hold, client: "end", begin: 1000, key: "k", value: "a2", sequence: 2, by: "s1")) },
      proof: ["a2", "a2"])
  }

  @Test func `what was handed out again before it was confirmed is told`() {
    #expect(
      Self.queue.verdict("exactly-once")?.says.contains("before that 1 of 2 were handed out more than once") == true)
  }

  /// That nothing was refused is what it is; of all else a history that holds nothing says nothing.
  @Test(arguments: History.Workload.allCases) func `where there is nothing to look at nothing holds`(
    _ workload: History.Workload
  ) {
    let history = History(workload, "", replica("r1", [:]) + replica("r2", [:]))
    for verdict in history.verdicts() where verdict.name != "refused-writes" {
      #expect(verdict.finding == .undecided, "\(verdict)")
    }
  }
}
