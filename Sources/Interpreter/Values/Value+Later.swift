extension Value {
  /// In a plan, what stands for a value that is only known during a run.
  package static let knownLater = Value.later(.knownLater)

  /// Whether all of it is known later.
  package var isLater: Bool { if case .later = self { true } else { false } }

  /// Whether nothing at all is known of it.
  private var isBareMark: Bool {
    if case .later(let text) = self { text.string == Text.knownLater.string } else { false }
  }

  /// Whether some part of it is known later; of what is too large to be gone through, that is supposed.
  package var holdsLater: Bool {
    var left = 1_000_000
    return holdsLater(&left)
  }

  private func holdsLater(_ left: inout Int) -> Bool {
    left -= 1
    if left < 0 { return true }
    switch self {
    case .later: return true
    case .list(let elements):
      for element in elements where element.holdsLater(&left) { return true }
    case .map(let map):
      for value in map.values where value.holdsLater(&left) { return true }
    case .outcome(let outcome): return outcome.value.holdsLater(&left)
    default: break
    }
    return false
  }

  /// What an operator makes of two values of which one is not known yet; nil if both are known well enough.
  package static func later(_ op: BinaryOperator, _ a: Value, _ b: Value) -> Value? {
    switch (op, a.isLater || b.isLater) {
    case (.add, true):
      // Of two that are wholly unknown not even that they are text is known.
      if a.isBareMark, b.isBareMark { return .knownLater }
      // Text keeps the parts that are known.
      guard a.isLater || a.isTextual, b.isLater || b.isTextual, var text = a.asText, let more = b.asText else {
        return .knownLater
      }
      text.append(more)
      return .later(text)
    // Lists and maps with parts that are known later are joined as they are.
    case (.add, false): return nil
    default: return a.holdsLater || b.holdsLater ? .knownLater : nil
    }
  }

  /// What a method or a field gives of a value that is not wholly known; nil if enough is known.
  package func later(_ needs: Member.Need, _ arguments: [Value] = []) -> Value? {
    if isLater || arguments.contains(where: \.holdsLater) { return .knownLater }
    switch needs {
    case .structure: return nil
    case .parts:
      guard case .list(let elements) = self, elements.contains(where: \.isBareMark) else { return nil }
      return .knownLater
    case .whole: return holdsLater ? .knownLater : nil
    }
  }

  /// What a field of a value that is not wholly known gives; nil if the field itself tells.
  package func laterField(_ name: String, _ members: [Member]) -> Value? {
    if case .map(let map) = self, map[name] != nil { return nil }
    return later(members.bare(of: kind)?.needs ?? .whole)
  }

  /// Whether two values are known to be the same.
  package func isSame(as other: Value) -> Bool {
    guard !holdsLater, !other.holdsLater, kind == other.kind else { return false }
    return (try? Value.areEqual(self, other)) ?? false
  }
}
