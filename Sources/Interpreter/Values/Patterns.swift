/// Why a pattern can't be read.
struct PatternProblem: Error, Sendable {
  package let message: String
  package let advice: String?
}

/// A regular expression matched in time that grows with the text's length times the pattern's, whatever the two are:
/// all ways through the pattern are followed side by side, none is tried again. (Swift's own `Regex` goes back and
/// tries again, which takes exponential time on some patterns, and a recipe must always end.)
///
/// It knows literals, `.`, classes `[a-z]` `[^…]`, `\d \w \s` and their opposites, `\b`, groups, `|`, `* + ?`, `{2,5}`,
/// `^` and `$`. A match may begin anywhere in the text. What means something else to other engines is refused.
struct LinearPattern: Sendable {
  package enum Step: Sendable {
    case one(ScalarClass)
    case start, end, wordEdge
    /// Goes on at both places.
    case split(Int, Int)
    case jump(Int)
    case done
  }

  private let steps: [Step]

  package init(_ pattern: String) throws(PatternProblem) {
    var compiler = PatternCompiler(pattern)
    steps = try compiler.compile()
  }

  package func matches(_ text: String) throws(ValueProblem) -> Bool {
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
  package var ranges: [ClosedRange<UInt32>]
  var isInverted = false

  package func contains(_ scalar: Unicode.Scalar) -> Bool {
    ranges.contains { $0.contains(scalar.value) } != isInverted
  }

  package static let any = ScalarClass(ranges: [0x0a...0x0a], isInverted: true)
  package static let digit = ScalarClass(ranges: [0x30...0x39])
  package static let word = ScalarClass(ranges: [0x30...0x39, 0x41...0x5a, 0x5f...0x5f, 0x61...0x7a])
  static let space = ScalarClass(ranges: [0x09...0x0d, 0x20...0x20])
}

/// Reads a pattern into the steps that `LinearPattern` follows.
struct PatternCompiler {
  private let pattern: [Unicode.Scalar]
  private var position = 0
  private var depth = 0

  /// Every letter of the text may be looked at in each step: `(a{1000}){1000}` would take a million.
  private static let mostSteps = 2_000
  private static let deepestGroups = 100

  private typealias Steps = [LinearPattern.Step]

  package init(_ pattern: String) { self.pattern = Array(pattern.unicodeScalars) }

  mutating func compile() throws(PatternProblem) -> [LinearPattern.Step] {
    let steps = try alternatives()
    if position < pattern.count {
      throw PatternProblem(message: "`)` closes nothing", advice: "write `\\)` for the character")
    }
    return steps + [.done]
  }

  private var next: Unicode.Scalar? { position < pattern.count ? pattern[position] : nil }

  private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard next == scalar else { return false }
    position += 1
    return true
  }

  private mutating func alternatives() throws(PatternProblem) -> [LinearPattern.Step] {
    var steps = try sequence()
    while take("|") {
      let other = try sequence()
      // The places are relative to the beginning until `moved` puts a part where it stands.
      steps =
        [.split(1, steps.count + 2)] + moved(steps, by: 1) + [.jump(steps.count + other.count + 2)]
        + moved(other, by: steps.count + 2)
      try check(steps)
    }
    return steps
  }

  private mutating func sequence() throws(PatternProblem) -> [LinearPattern.Step] {
    var steps: Steps = []
    while let scalar = next, scalar != "|", scalar != ")" {
      let item = try repeated(try item())
      steps += moved(item, by: steps.count)
      try check(steps)
    }
    return steps
  }

  private func check(_ steps: Steps) throws(PatternProblem) {
    if steps.count > PatternCompiler.mostSteps {
      throw PatternCompiler.tooLarge
    }
  }

  private static let tooLarge = PatternProblem(
    message: "it takes more than \(mostSteps) steps",
    advice: "repeat less often: `x{200}` takes 200 times what `x` does")

  private mutating func item() throws(PatternProblem) -> Steps {
    guard let scalar = next else { return [] }
    position += 1
    switch scalar {
    case "(":
      depth += 1
      defer { depth -= 1 }
      if depth > PatternCompiler.deepestGroups {
        throw PatternProblem(message: "its groups are nested too deeply", advice: nil)
      }
      if take("?"), !take(":") { throw PatternProblem(message: "`(?` is only known as `(?:`", advice: nil) }
      let inner = try alternatives()
      guard take(")") else {
        throw PatternProblem(message: "a `(` is never closed", advice: "write `\\(` for the character")
      }
      return inner
    case "[": return [.one(try characterClass())]
    case ".": return [.one(.any)]
    case "^": return [.start]
    case "$": return [.end]
    case "*", "+", "?":
      throw PatternProblem(message: "`\(scalar)` repeats nothing", advice: "write `\\\(scalar)` for the character")
    case "{" where boundsAreHere:
      throw PatternProblem(message: "`{` repeats nothing", advice: "write `\\{` for the character")
    case "\\":
      if take("b") { return [.wordEdge] }
      return [.one(try escaped())]
    default: return [.one(ScalarClass(ranges: [scalar.value...scalar.value]))]
    }
  }

  private mutating func repeated(_ item: Steps) throws(PatternProblem) -> Steps {
    var steps = item
    var isRepeated = false
    while let scalar = next {
      if isRepeated, "*+?{".unicodeScalars.contains(scalar) {
        // `a*+` gives nothing back in other engines, and is an error in some.
        throw PatternProblem(message: "`\(scalar)` repeats a repetition", advice: "put that in a group: `(?:a*)+`")
      }
      switch scalar {
      case "*":
        steps = [.split(1, steps.count + 2)] + moved(steps, by: 1) + [.jump(0)]
      case "+": steps += [.split(0, steps.count + 1)]
      case "?": steps = [.split(1, steps.count + 1)] + moved(steps, by: 1)
      case "{":
        guard let bounds = try bounds() else { return steps }
        steps = try times(steps, bounds.least, bounds.most)
        position -= 1
      default: return steps
      }
      position += 1
      isRepeated = true
      // A lazy repetition matches the same texts.
      _ = take("?")
    }
    return steps
  }

  private mutating func bounds() throws(PatternProblem) -> (least: Int, most: Int?)? {
    let start = position
    position += 1
    let least = number()
    var most = least
    if take(",") { most = number() }
    guard let least, take("}") else {
      // A brace that bounds nothing stands for itself; it has been passed over as an item is.
      position = start
      throw PatternProblem(message: "`{` without a count", advice: "write `\\{` for the character")
    }
    if let most, most < least { throw PatternProblem(message: "`{\(least),\(most)}` counts down", advice: nil) }
    return (least, pattern[position - 2] == "," ? nil : most)
  }

  /// Whether what follows a brace would make it a repetition, to other engines if not here: `{2}`, `{,}`.
  private var boundsAreHere: Bool {
    let inside = pattern[position...].prefix { ("0"..."9").contains($0) || $0 == "," }
    return !inside.isEmpty && inside.endIndex < pattern.count && pattern[inside.endIndex] == "}"
  }

  private mutating func number() -> Int? {
    var value: Int?
    while let scalar = next, ("0"..."9").contains(scalar) {
      // Far more than a pattern has steps.
      value = min((value ?? 0) * 10 + Int(scalar.value - 0x30), 100_000)
      position += 1
    }
    return value
  }

  private func times(_ item: Steps, _ least: Int, _ most: Int?) throws(PatternProblem) -> Steps {
    if item.count * max(least, most ?? 0) > PatternCompiler.mostSteps {
      throw PatternCompiler.tooLarge
    }
    var steps: Steps = []
    for _ in 0..<least { steps += moved(item, by: steps.count) }
    guard let most else {
      let loop: Steps = [.split(1, item.count + 2)] + moved(item, by: 1) + [.jump(0)]
      return steps + moved(loop, by: steps.count)
    }
    for _ in least..<max(least, most) {
      let optional: Steps = [.split(1, item.count + 1)] + moved(item, by: 1)
      steps += moved(optional, by: steps.count)
    }
    return steps
  }

  private func moved(_ steps: Steps, by offset: Int) -> Steps {
    steps.map { step in
      switch step {
      case .split(let a, let b): .split(a + offset, b + offset)
      case .jump(let target): .jump(target + offset)
      default: step
      }
    }
  }

  private mutating func escaped() throws(PatternProblem) -> ScalarClass {
    guard let scalar = next else { throw PatternProblem(message: "a `\\` stands at its end", advice: nil) }
    position += 1
    switch scalar {
    case "d": return .digit
    case "D": return inverted(.digit)
    case "w": return .word
    case "W": return inverted(.word)
    case "s": return .space
    case "S": return inverted(.space)
    case "n": return ScalarClass(ranges: [0x0a...0x0a])
    case "t": return ScalarClass(ranges: [0x09...0x09])
    case "r": return ScalarClass(ranges: [0x0d...0x0d])
    default:
      if scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) {
        throw PatternProblem(
          message: "`\\\(scalar)` is not known", advice: "the escapes are \\d \\w \\s \\b \\n \\t \\r and signs")
      }
      return ScalarClass(ranges: [scalar.value...scalar.value])
    }
  }

  private func inverted(_ set: ScalarClass) -> ScalarClass { ScalarClass(ranges: set.ranges, isInverted: true) }

  private mutating func characterClass() throws(PatternProblem) -> ScalarClass {
    var set = ScalarClass(ranges: [])
    set.isInverted = take("^")
    var isFirst = true
    while let scalar = next, scalar != "]" || isFirst {
      isFirst = false
      try refuseForeignClass()
      let first = try classMember()
      guard next == "-", position + 1 < pattern.count, pattern[position + 1] != "]" else {
        set.ranges += first.ranges
        continue
      }
      position += 1
      let last = try classMember()
      guard let low = first.onlyScalar, let high = last.onlyScalar else {
        throw PatternProblem(message: "a range goes from one character to another", advice: "write `\\-` for the sign")
      }
      if high < low { throw PatternProblem(message: "`\(low)-\(high)` counts down", advice: nil) }
      set.ranges.append(low.value...high.value)
    }
    guard take("]") else {
      throw PatternProblem(message: "a `[` is never closed", advice: "write `\\[` for the character")
    }
    return set
  }

  /// A character of a class, escaped or not, or a class such as `\d` within it.
  private mutating func classMember() throws(PatternProblem) -> ScalarClass {
    guard let scalar = next else {
      throw PatternProblem(message: "a `[` is never closed", advice: "write `\\[` for the character")
    }
    position += 1
    guard scalar == "\\" else { return ScalarClass(ranges: [scalar.value...scalar.value]) }
    let escape = try escaped()
    if escape.isInverted {
      throw PatternProblem(message: "`\\D`, `\\W` and `\\S` can't stand in a class", advice: nil)
    }
    return escape
  }

  /// What other engines know in a class would be read as single characters here.
  private func refuseForeignClass() throws(PatternProblem) {
    guard let first = next, position + 1 < pattern.count else { return }
    let second = pattern[position + 1]
    if first == "[", ":.=".unicodeScalars.contains(second) {
      throw PatternProblem(
        message: "`[\(second)` is not known in a class",
        advice: "write `a-zA-Z`, `\\d`, `\\w` or `\\s`; `\\[` for the character")
    }
    if first == "&", second == "&" {
      throw PatternProblem(message: "`&&` is not known in a class", advice: "write `&` once for the character")
    }
  }
}

extension ScalarClass {
  /// The scalar, if it is one alone.
  fileprivate var onlyScalar: Unicode.Scalar? {
    guard ranges.count == 1, ranges[0].count == 1 else { return nil }
    return Unicode.Scalar(ranges[0].lowerBound)
  }
}

/// Looks for a stretch of bytes in time that grows with the text's length, whatever the two are: after a mismatch the
/// search goes on behind what it knows already (Knuth, Morris and Pratt).
public struct ByteSearch: Sendable {
  private let pattern: [UInt8]
  /// By how many bytes matched: how many of them match again when the next one does not.
  private let fallbacks: [Int]

  public init(_ pattern: [UInt8]) {
    self.pattern = pattern
    var fallbacks = [0, 0]
    var matched = 0
    for byte in pattern.dropFirst() {
      while matched > 0, pattern[matched] != byte { matched = fallbacks[matched] }
      if pattern[matched] == byte { matched += 1 }
      fallbacks.append(matched)
    }
    self.fallbacks = fallbacks
  }

  /// The first place at which it stands, from `start` on.
  public func firstRange(in bytes: ArraySlice<UInt8>) -> Range<Int>? {
    try? boundedRange(in: bytes, within: nil)
  }

  /// The same, as an operation on values.
  package func range(in bytes: ArraySlice<UInt8>) throws(ValueProblem) -> Range<Int>? {
    try boundedRange(in: bytes, within: .ofThread)
  }

  private static let stretch = 8_192

  private func boundedRange(in bytes: ArraySlice<UInt8>, within budget: Budget?) throws(ValueProblem) -> Range<Int>? {
    guard !pattern.isEmpty else { return bytes.startIndex..<bytes.startIndex }
    var matched = 0
    var place = bytes.startIndex
    while place < bytes.endIndex {
      let end = Swift.min(place + ByteSearch.stretch, bytes.endIndex)
      try budget?.spend((end - place) / 4 + 1)
      while place < end {
        let byte = bytes[place]
        while matched > 0, pattern[matched] != byte { matched = fallbacks[matched] }
        if pattern[matched] == byte { matched += 1 }
        place += 1
        if matched == pattern.count { return (place - matched)..<place }
      }
    }
    return nil
  }
}
