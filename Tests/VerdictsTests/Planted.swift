@testable import Verdicts

/// Histories as tests write them: milliseconds, and no more words than are needed.
typealias Operation = History.Operation

func write(
  _ value: String, _ client: String = "a", _ begin: Int64, _ end: Int64?, at sequence: UInt64? = nil,
  key: String = "k", told: Operation.Told = .ok
) -> Operation {
  Operation(
    .write, client: client, begin: begin, end: end, key: key, value: value, sequence: sequence, told: told,
    why: told == .ok ? nil : "no answer")
}

func cas(
  _ value: String, from expected: UInt64, _ client: String = "a", _ begin: Int64, _ end: Int64?,
  at sequence: UInt64? = nil, key: String = "k", told: Operation.Told = .ok
) -> Operation {
  Operation(
    .cas, client: client, begin: begin, end: end, key: key, value: value, expected: expected, sequence: sequence,
    told: told)
}

func read(
  _ value: String?, _ client: String = "b", _ begin: Int64, _ end: Int64?, at sequence: UInt64? = nil,
  key: String = "k", told: Operation.Told = .ok
) -> Operation {
  Operation(.read, client: client, begin: begin, end: end, key: key, value: value, sequence: sequence, told: told)
}

func consume(_ value: String, _ client: String = "b", _ begin: Int64, delivery: UInt64 = 1) -> Operation {
  Operation(.consume, client: client, begin: begin, end: begin + 1, key: "k", value: value, deliveries: delivery)
}

func ack(
  _ value: String, _ client: String = "b", _ begin: Int64, delivery: UInt64 = 1, told: Operation.Told = .ok
) -> Operation {
  Operation(
    .ack, client: client, begin: begin, end: begin + 1, key: "k", value: value, deliveries: delivery, told: told)
}

/// What a replica held at the end, and that it was read whole.
func replica(_ name: String, _ values: [UInt64: String]) -> [Operation] {
  values.sorted { $0.key < $1.key }.map { sequence, value in
    Operation(.hold, client: "end", begin: 1000, end: 1001, key: "k", value: value, sequence: sequence, by: name)
  } + [Operation(.scan, client: "end", begin: 1000, end: 1001, by: name)]
}

extension History {
  func verdict(_ name: String) -> Verdict? { verdicts().first { $0.name == name } }
}

/// Numbers that are the same on every run: Steele, Lea and Flood's SplitMix.
struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return mixed ^ (mixed >> 31)
  }
}
