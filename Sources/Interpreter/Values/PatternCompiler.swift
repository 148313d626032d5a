/// Reads a pattern into the steps that `LinearPattern` follows.
struct PatternCompiler {
  private let pattern: [Unicode.Scalar]
  private var position = 0
  private var depth = 0

  /// Every letter of the text may be looked at in each step: `(a{1000}){1000}` would take a million.
  private static let mostSteps = 2_000
  private static let deepestGroups = 100

  private typealias Steps = [LinearPattern.Step]

  init(_ pattern: String) { self.pattern = Array(pattern.unicodeScalars) }

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
    while let scalar = next, ("0"..."9").contains(scalar), (value ?? 0) < 100_000 {
      value = (value ?? 0) * 10 + Int(scalar.value - 0x30)
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
