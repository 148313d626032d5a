import TestSupport

/// Writes recipes that read well to a parser and badly to a person: every statement and expression, odd white space,
/// comments wherever one may stand. They follow the syntax; what their names mean is nobody's concern.
struct RecipeGenerator {
  /// What a line's end means at a place.
  enum Place { case block, parenthesis, list, ending }

  private(set) var text = ""
  /// The comments in their order.
  private(set) var comments: [String] = []
  private var numbers: SeededNumbers
  var isInTask = false
  var isInLambda = false
  private var keys = 0

  init(seed: Int) { numbers = SeededNumbers(seed: seed) }

  static func recipe(seed: Int) -> RecipeGenerator {
    var generator = RecipeGenerator(seed: seed)
    generator.writeRecipe()
    return generator
  }

  // MARK: Choosing

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &numbers) < percent }

  mutating func number(_ range: Range<Int>) -> Int { Int.random(in: range, using: &numbers) }

  mutating func one<Element>(of elements: [Element]) -> Element { elements[number(0..<elements.count)] }

  mutating func nextKey() -> String {
    keys += 1
    return "k\(keys)"
  }

  // MARK: White space

  mutating func put(_ piece: String) { text += piece }

  /// Nothing, or blanks.
  mutating func blanks() { put(one(of: ["", "", " ", " ", "   ", "\t"])) }

  /// At least a blank.
  mutating func space() { put(one(of: [" ", " ", " ", "  ", "\t", "       "])) }

  /// Where a line may end.
  mutating func gap(mayBreak: Bool = true) {
    blanks()
    if mayBreak, chance(15) { lineEnd() }
  }

  /// The same where a blank is due.
  mutating func wideGap(mayBreak: Bool = true) {
    space()
    if mayBreak, chance(15) { lineEnd() }
  }

  /// One line's end or several, with comments or without.
  mutating func lineEnd() {
    if chance(25) { comment() }
    put(one(of: ["\n", "\n", "\n", " \n", "\r\n", "\n\n", "\n\n\n", "\n \t\n"]))
    while chance(15) {
      blanks()
      comment()
      put(one(of: ["\n", "\n", "\r\n", "\n\n\n"]))
    }
    put(String(repeating: " ", count: number(0..<7)))
  }

  private mutating func comment() {
    let text = one(of: ["#", "# ", "#", "##"]) + one(of: ["one", "two, { and (", "'", "\"three", "ü 🎈", "$x", ""])
    // A blank before it: behind a word a `#` goes on with the word.
    put(" " + text + one(of: ["", "", "  ", "\t"]))
    comments.append(text.last == " " ? "#" : text)
  }

  // MARK: The file

  private mutating func writeRecipe() {
    if chance(5) { put("\u{FEFF}") }
    if chance(40) { lineEnd() }
    if chance(70) {
      put("recipe")
      blanks()
      put("\"what it does\"")
      lineEnd()
    }
    if chance(60) {
      put("clusters")
      for name in ["c1", "c2", "c3"] {
        space()
        put(name)
      }
      lineEnd()
    }
    for _ in 0..<number(0..<3) { parameter() }
    for _ in 0..<number(1..<7) {
      if chance(20) { task() } else { statement(depth: 3) }
      lineEnd()
    }
  }

  private mutating func parameter() {
    put("param")
    space()
    put("p\(number(0..<9))")
    gap()
    put("=")
    gap()
    put(one(of: ["3", "\"text\"", "10m", "secret(\"s\")", "[1, 2]"]))
    if chance(60) {
      blanks()
      put("\"its help\"")
    }
    lineEnd()
  }

  private mutating func task() {
    put("task")
    wideGap()
    put("t\(number(0..<9))")
    gap()
    put("(")
    gap()
    let count = number(0..<4)
    for index in 0..<count {
      put("a\(index)")
      if index > 0, index == count - 1 {
        gap()
        put("=")
        gap()
        put("1")
      }
      gap()
      if index < count - 1 || chance(20) {
        put(",")
        gap()
      }
    }
    put(")")
    gap()
    isInTask = true
    block(depth: 2)
    isInTask = false
  }
}
