/// What was entered before, the oldest first.
public struct History: Sendable {
  public private(set) var entries: [String]
  /// More are forgotten, the oldest first.
  private let most: Int

  public init(_ entries: [String] = [], most: Int = 10_000) {
    self.most = most
    self.entries = Array(entries.suffix(most))
  }

  /// Adds an entry, unless it is empty or the last one again.
  public mutating func add(_ entry: String) {
    guard !entry.isEmpty, entry != entries.last else { return }
    entries.append(entry)
    if entries.count > most + most / 10 { entries.removeFirst(entries.count - most) }
  }

  /// The nearest entry before, or behind, a place that fits; one that is no other than what is there does not.
  func place(from start: Int, back: Bool, where fits: (String) -> Bool) -> Int? {
    var place = start
    while true {
      place += back ? -1 : 1
      guard entries.indices.contains(place) else { return nil }
      if fits(entries[place]) { return place }
    }
  }
}
