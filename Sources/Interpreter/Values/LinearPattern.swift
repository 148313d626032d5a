/// Why a pattern can't be read.
struct PatternProblem: Error, Sendable {
  let message: String
  let advice: String?
}

/// A regular expression matched in time that grows with the text's length times the pattern's, whatever the two are:
/// all ways through the pattern are followed side by side, none is tried again. (Swift's own `Regex` goes back and
/// tries again, which takes exponential time on some patterns, and a recipe must always end.)
///
/// It knows literals, `.`, classes `[a-z]` `[^…]`, `\d \w \s` and their opposites, `\b`, groups, `|`, `* + ?`, `{2,5}`,
/// `^` and `$`. A match may begin anywhere in the text.
struct LinearPattern: Sendable {
  enum Step: Sendable {
    case one(ScalarClass)
    case start, end, wordEdge
    /// Goes on at both places.
    case split(Int, Int)
    case jump(Int)
    case done
  }

  private let steps: [Step]

  init(_ pattern: String) throws(PatternProblem) {
    var compiler = PatternCompiler(pattern)
    steps = try compiler.compile()
  }

  func matches(_ text: String) -> Bool {
    let scalars = Array(text.unicodeScalars)
    var current = ThreadSet(count: steps.count)
    for position in 0...scalars.count {
      // A match may begin at every position.
      if follow(0, &current, scalars, position) { return true }
      guard position < scalars.count else { break }
      var next = ThreadSet(count: steps.count)
      for step in current.list {
        guard case .one(let accepted) = steps[step], accepted.contains(scalars[position]) else { continue }
        if follow(step + 1, &next, scalars, position + 1) { return true }
      }
      current = next
    }
    return false
  }

  /// Adds a step and all that are reached from it without a letter. Tells whether the end is among them.
  private func follow(_ step: Int, _ threads: inout ThreadSet, _ text: [Unicode.Scalar], _ position: Int) -> Bool {
    var pending = [step]
    while let step = pending.popLast() {
      guard threads.insert(step) else { continue }
      switch steps[step] {
      case .one: break
      case .start: if position == 0 { pending.append(step + 1) }
      case .end: if position == text.count { pending.append(step + 1) }
      case .wordEdge:
        let before = position > 0 && ScalarClass.word.contains(text[position - 1])
        let after = position < text.count && ScalarClass.word.contains(text[position])
        if before != after { pending.append(step + 1) }
      case .split(let a, let b): pending += [b, a]
      case .jump(let target): pending.append(target)
      case .done: return true
      }
    }
    return false
  }

  private struct ThreadSet {
    var list: [Int] = []
    private var present: [Bool]

    init(count: Int) { present = Array(repeating: false, count: count) }

    mutating func insert(_ step: Int) -> Bool {
      if present[step] { return false }
      present[step] = true
      list.append(step)
      return true
    }
  }
}

/// A set of Unicode scalars.
struct ScalarClass: Sendable {
  var ranges: [ClosedRange<UInt32>]
  var isInverted = false

  func contains(_ scalar: Unicode.Scalar) -> Bool {
    ranges.contains { $0.contains(scalar.value) } != isInverted
  }

  static let any = ScalarClass(ranges: [0x0a...0x0a], isInverted: true)
  static let digit = ScalarClass(ranges: [0x30...0x39])
  static let word = ScalarClass(ranges: [0x30...0x39, 0x41...0x5a, 0x5f...0x5f, 0x61...0x7a])
  static let space = ScalarClass(ranges: [0x09...0x0d, 0x20...0x20])
}
