/// What has to change in a text to make another of it, as `diff -u` shows it.
public struct UnifiedDiff {
  /// A line of it.
  public enum Line {
    /// A heading: of the file, or of a place in it.
    case heading(String)
    case kept(String)
    case removed(String)
    case added(String)

    /// The line without its mark.
    public var text: String {
      switch self {
      case .heading(let text): text
      case .kept(let text): " " + text
      case .removed(let text): "-" + text
      case .added(let text): "+" + text
      }
    }
  }

  /// Empty if the texts are the same.
  public private(set) var lines: [Line] = []

  private let old: [ArraySlice<UInt8>]
  private let new: [ArraySlice<UInt8>]

  /// How many lines are shown around what changes.
  private static let context = 3
  /// How far is looked for a line that both texts have.
  private static let window = 64

  /// The changes from one text to another; `path` stands in the heading.
  public init(of old: [UInt8], to new: [UInt8], path: String) {
    self.old = UnifiedDiff.lines(of: old)
    self.new = UnifiedDiff.lines(of: new)
    let changes = changes()
    guard !changes.isEmpty else { return }
    lines = [.heading("--- \(path)"), .heading("+++ \(path)")]
    var first = 0
    while first < changes.count {
      var end = first + 1
      while end < changes.count,
        changes[end].old.lowerBound - changes[end - 1].old.upperBound <= 2 * UnifiedDiff.context
      {
        end += 1
      }
      show(changes[first..<end])
      first = end
    }
  }

  /// Lines with their ends; a last one without is another line than the same with one.
  private static func lines(of text: [UInt8]) -> [ArraySlice<UInt8>] {
    var lines: [ArraySlice<UInt8>] = []
    var start = 0
    for (place, byte) in text.enumerated() where byte == UInt8(ascii: "\n") {
      lines.append(text[start...place])
      start = place + 1
    }
    if start < text.count { lines.append(text[start...]) }
    return lines
  }

  // MARK: Finding

  private struct Change {
    let old: Range<Int>
    let new: Range<Int>
  }

  /// Goes through both texts at once. The form of a text keeps its lines in their order and mostly line by line, so the
  /// next line that both have is never far.
  private func changes() -> [Change] {
    var changes: [Change] = []
    var (left, right) = (0, 0)
    while left < old.count || right < new.count {
      if left < old.count, right < new.count, old[left] == new[right] {
        left += 1
        right += 1
        continue
      }
      let (nextLeft, nextRight) = meeting(left, right)
      if let last = changes.last, last.old.upperBound == left, last.new.upperBound == right {
        changes[changes.count - 1] = Change(
          old: last.old.lowerBound..<nextLeft, new: last.new.lowerBound..<nextRight)
      } else {
        changes.append(Change(old: left..<nextLeft, new: right..<nextRight))
      }
      (left, right) = (nextLeft, nextRight)
    }
    return changes
  }

  /// Where the texts go on alike.
  private func meeting(_ left: Int, _ right: Int) -> (Int, Int) {
    for distance in 1...(2 * UnifiedDiff.window) {
      for ahead in max(0, distance - UnifiedDiff.window)...min(distance, UnifiedDiff.window) {
        let (x, y) = (left + ahead, right + distance - ahead)
        if x < old.count, y < new.count, old[x] == new[y], goesOnAlike(x, y) { return (x, y) }
      }
    }
    return (min(old.count, left + UnifiedDiff.window), min(new.count, right + UnifiedDiff.window))
  }

  /// A short line, as a brace or an empty one, may stand at both places by chance.
  private func goesOnAlike(_ x: Int, _ y: Int) -> Bool {
    if old[x].count > 8 || x + 1 >= old.count || y + 1 >= new.count { return true }
    return old[x + 1] == new[y + 1]
  }

  // MARK: Showing

  private mutating func show(_ changes: ArraySlice<Change>) {
    guard let first = changes.first, let last = changes.last else { return }
    let before = min(UnifiedDiff.context, first.old.lowerBound)
    let after = min(UnifiedDiff.context, old.count - last.old.upperBound)
    let (oldStart, oldEnd) = (first.old.lowerBound - before, last.old.upperBound + after)
    let (newStart, newEnd) = (first.new.lowerBound - before, last.new.upperBound + after)
    lines.append(.heading("@@ -\(place(oldStart, oldEnd)) +\(place(newStart, newEnd)) @@"))
    var kept = oldStart
    for change in changes {
      for line in old[kept..<change.old.lowerBound] { add(line) { .kept($0) } }
      for line in old[change.old] { add(line) { .removed($0) } }
      for line in new[change.new] { add(line) { .added($0) } }
      kept = change.old.upperBound
    }
    for line in old[kept..<oldEnd] { add(line) { .kept($0) } }
  }

  /// Lines are counted from 1; of no lines the one before is named.
  private func place(_ start: Int, _ end: Int) -> String {
    end - start == 1 ? "\(start + 1)" : "\(end > start ? start + 1 : start),\(end - start)"
  }

  private mutating func add(_ line: ArraySlice<UInt8>, as make: (String) -> Line) {
    let isWhole = line.last == UInt8(ascii: "\n")
    lines.append(make(String(decoding: isWhole ? line.dropLast() : line, as: UTF8.self)))
    if !isWhole { lines.append(.heading("\\ No newline at end of file")) }
  }
}
