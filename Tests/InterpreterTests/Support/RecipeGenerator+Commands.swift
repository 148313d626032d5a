extension RecipeGenerator {
  /// A command with its words and endings.
  mutating func command(depth: Int, _ place: Place) {
    commandWords(depth: depth, place)
    let endings = one(of: [[], [], [], ["with"], ["on"], ["with", "within"], ["within", "on", "with"]])
    for ending in endings {
      wideGap()
      put(ending)
      wideGap()
      value(depth: depth, place == .parenthesis ? .parenthesis : .ending)
    }
  }

  /// A command's name and words. Lines go on with a word that begins with `-`, in parentheses with any word.
  mutating func commandWords(depth: Int, _ place: Place) {
    put(one(of: ["echo", "show"]))
    while chance(65) {
      space()
      if place == .parenthesis {
        if chance(20) { lineEnd() }
      } else if chance(20) {
        lineEnd()
        put(one(of: ["--flag", "-n", "--set=a.b=1", "-f -"]))
        continue
      }
      word(depth: depth)
    }
  }

  private mutating func word(depth: Int) {
    switch number(0..<12) {
    case 0: put("'raw { word'")
    case 1: put("\"with $x and ${ 1+1 }\"")
    case 2: put("k3d-$x-server-0")
    case 3: put("...$x")
    case 4: put("...${  x . names }")
    case 5: put("--set=a{b}(c)[d]")
    case 6: put("${x}y'z'\"$x\"")
    case 7: put("''")
    case 8: put("a#b,c;d\\e")
    case 9: put("'with'")
    case 10: put("\"\"\"\n  a\n  \"\"\"")
    default: put(one(of: ["upgrade", "--install", "-", "--", "a:b", "x,", "=", "1.5", "https://a.b/c?d=e&f", "on-it"]))
    }
  }
}
