import Interpreter

/// How far the regions of a scripted supercluster are apart, and what is cut between them.
struct ScriptedLinks {
  struct Direction: Hashable {
    let from: String
    let to: String

    var reversed: Direction { Direction(from: to, to: from) }
  }

  private var delays: [Direction: Duration] = [:]
  /// Bytes a second.
  private var rates: [Direction: Int64] = [:]
  private var losses: Set<Direction> = []
  private struct Cut {
    let isRefused: Bool
    let since = ContinuousClock.now
  }

  private var cuts: [Direction: Cut] = [:]

  mutating func change(_ way: Direction, _ words: ParsedWords) throws(CommandFailure) {
    switch words.path {
    case "set":
      if let time = words.duration("--rtt") { delays[way] = time.duration / 2 }
      if let rate = words.rate("--rate") { rates[way] = rate }
      if words.isGiven("--loss") { losses.insert(way) }
    case "cut": cuts[way] = Cut(isRefused: words.has("--refuse"))
    case "join": cuts[way] = nil
    case "heal":
      (delays[way], rates[way], cuts[way]) = (nil, nil, nil)
      losses.remove(way)
    default: throw CommandFailure(.misused, "the scripted supercluster knows no `link \(words.path)`")
    }
  }

  /// Whether two regions reach each other: it takes both directions.
  func join(_ a: String, _ b: String) -> Bool {
    let way = Direction(from: a, to: b)
    return cuts[way] == nil && cuts[way.reversed] == nil
  }

  /// What is refused is noticed at once. Of silence the sandbox's servers do not learn here.
  func isRefused(_ a: String, _ b: String) -> Bool { cutsBetween(a, b).contains(where: \.isRefused) }

  /// Whether those have noticed it who ask each other so often, and miss the third answer.
  func isNoticed(_ a: String, _ b: String, pinging interval: Duration) -> Bool {
    cutsBetween(a, b).contains { $0.isRefused || $0.since.advanced(by: interval * 3) <= .now }
  }

  private func cutsBetween(_ a: String, _ b: String) -> [Cut] {
    let way = Direction(from: a, to: b)
    return [cuts[way], cuts[way.reversed]].compactMap { $0 }
  }

  func delay(_ from: String, _ to: String) -> Duration { delays[Direction(from: from, to: to)] ?? .zero }
  func roundTrip(_ a: String, _ b: String) -> Duration { delay(a, b) + delay(b, a) }

  func sendingTime(_ bytes: Int, _ from: String, _ to: String) -> Duration {
    rates[Direction(from: from, to: to)].map { .nanoseconds(Int64(bytes) * 1_000_000_000 / $0) } ?? .zero
  }

  /// Everything that is not as it was made.
  var all: [String] {
    let ways = Set(delays.keys).union(rates.keys).union(losses).union(cuts.keys)
    return ways.map { "link \($0.from) \($0.to)" }.sorted()
  }
}

extension Duration {
  /// As a whole.
  var nanoseconds: Int64 { DurationValue(self).nanoseconds }
}
