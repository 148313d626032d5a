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
/// `^` and `$`. A match may begin anywhere in the text. What means something else to other engines is refused.
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

  func matches(_ text: String) throws(ValueProblem) -> Bool {
    let budget = Budget.ofThread
    var current = StepSet(steps)
    var next = StepSet(steps)
    var scalars = text.unicodeScalars.makeIterator()
    var place = Place(before: nil, after: scalars.next())
    while true {
      // A match may begin at every position.
      if current.follow(0, at: place) { return true }
      guard let scalar = place.after else { return false }
      place = Place(before: scalar, after: scalars.next())
      try budget.spend(current.list.count + 1)
      for step in current.list {
        guard case .one(let accepted) = steps[step], accepted.contains(scalar) else { continue }
        if next.follow(step + 1, at: place) { return true }
      }
      swap(&current, &next)
      next.removeAll()
    }
  }

  /// Between which letters a step stands.
  private struct Place {
    let before: Unicode.Scalar?
    let after: Unicode.Scalar?

    var isWordEdge: Bool {
      (before.map(ScalarClass.word.contains) ?? false) != (after.map(ScalarClass.word.contains) ?? false)
    }
  }

  /// The steps at which all ways through the pattern stand, each once. Emptying it takes no longer than what is in it.
  private struct StepSet {
    private let steps: [Step]
    private(set) var list: [Int] = []
    private var isPresent: [Bool]
    private var pending: [Int] = []

    init(_ steps: [Step]) {
      self.steps = steps
      isPresent = Array(repeating: false, count: steps.count)
    }

    /// Adds a step and all that are reached from it without a letter. Tells whether the end is among them.
    mutating func follow(_ step: Int, at place: Place) -> Bool {
      pending.append(step)
      while let step = pending.popLast() {
        guard !isPresent[step] else { continue }
        isPresent[step] = true
        list.append(step)
        switch steps[step] {
        case .one: break
        case .start: if place.before == nil { pending.append(step + 1) }
        case .end: if place.after == nil { pending.append(step + 1) }
        case .wordEdge: if place.isWordEdge { pending.append(step + 1) }
        case .split(let a, let b):
          pending.append(b)
          pending.append(a)
        case .jump(let target): pending.append(target)
        case .done: return true
        }
      }
      return false
    }

    mutating func removeAll() {
      for step in list { isPresent[step] = false }
      list.removeAll(keepingCapacity: true)
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
