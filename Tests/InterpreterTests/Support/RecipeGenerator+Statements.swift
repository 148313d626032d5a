extension RecipeGenerator {
  mutating func block(depth: Int) {
    put("{")
    let count = number(0..<4)
    if count == 1, chance(50) {
      gap()
      statement(depth: depth - 1)
      gap()
    } else if count == 0 {
      gap()
    } else {
      gap()
      for index in 0..<count {
        if index > 0 { lineEnd() }
        statement(depth: depth - 1)
      }
      if chance(30) {
        lineEnd()
        put("(")
        value(depth: 2, .parenthesis)
        put(")")
      }
      lineEnd()
    }
    put("}")
  }

  mutating func statement(depth: Int) {
    guard depth > 0 else { return simpleStatement() }
    switch number(0..<22) {
    case 0: conditional(depth: depth)
    case 1: foreach(depth: depth)
    case 2:
      put("parallel")
      gap()
      block(depth: depth)
    case 3: step(depth: depth)
    case 4: retry(depth: depth)
    case 5: during(depth: depth)
    case 6: attempt(depth: depth)
    case 7:
      put("defer")
      gap()
      block(depth: depth)
    case 8, 9, 10:
      put(one(of: ["let ", "var\t", "let  ", ""]) + "x\(number(0..<9))")
      blanks()
      put("=")
      gap()
      boundValue(depth: depth)
    case 11: wait(depth: depth)
    case 12:
      put("assert")
      wideGap()
      value(depth: depth, .block)
      if chance(60) {
        gap()
        put(",")
        gap()
        string(depth: 1)
      }
    case 13, 14, 15: command(depth: depth, .block)
    case 16:
      put("print")
      if chance(90) {
        space()
        value(depth: depth, .block)
        while chance(30) {
          gap()
          put(",")
          gap()
          value(depth: 1, .block)
        }
      }
    case 17:
      put(one(of: ["fail", "skip"]))
      wideGap()
      value(depth: 1, .block)
    case 18:
      put("run")
      blanks()
      put("\"other.nbx\"")
      while chance(40) {
        space()
        put(one(of: ["a=1", "b=$x", "c=\"two words\"", "d=", "e=${1 + 1}x"]))
      }
    case 19 where isInTask:
      put("return")
      if chance(80) {
        space()
        boundValue(depth: depth)
      }
    default: simpleStatement()
    }
  }

  private mutating func simpleStatement() {
    switch number(0..<3) {
    case 0:
      put("t1")
      arguments(depth: 1)
    case 1:
      put("x1.sort")
      arguments(depth: 1, ofMethod: true)
    default: command(depth: 1, .block)
    }
  }

  private mutating func conditional(depth: Int) {
    put("if")
    wideGap()
    value(depth: 2, .block)
    gap()
    block(depth: depth)
    while chance(25) {
      gap()
      put("else")
      wideGap()
      put("if")
      wideGap()
      value(depth: 1, .block)
      gap()
      block(depth: depth - 1)
    }
    if chance(40) {
      gap()
      put("else")
      gap()
      block(depth: depth - 1)
    }
  }

  mutating func foreach(depth: Int) {
    put("foreach")
    wideGap()
    put("x")
    if chance(25) {
      gap()
      put(",")
      gap()
      put("y")
    }
    wideGap()
    put("in")
    wideGap()
    value(depth: 1, .block)
    if chance(40) {
      wideGap()
      put("parallel")
      if chance(50) {
        wideGap()
        put("4")
      }
    }
    gap()
    block(depth: depth)
  }

  mutating func step(depth: Int) {
    put("step")
    gap()
    string(depth: 1)
    for ending in one(of: [[], ["on"], ["within"], ["within", "on"]]) {
      wideGap()
      put(ending)
      wideGap()
      put(ending == "on" ? "x" : "5m")
    }
    gap()
    block(depth: depth)
  }

  mutating func retry(depth: Int) {
    put("retry")
    wideGap()
    put("3")
    if chance(50) {
      wideGap()
      put("every")
      wideGap()
      put("2s")
    }
    gap()
    block(depth: depth)
  }

  mutating func during(depth: Int) {
    put("during")
    wideGap()
    if chance(30) {
      put("x\(number(0..<9))")
      gap()
      put("=")
      gap()
    }
    command(depth: 1, .block)
    // A brace directly behind a word would be a part of it.
    wideGap()
    block(depth: depth)
  }

  private mutating func attempt(depth: Int) {
    put("try")
    gap()
    block(depth: depth)
    guard chance(70) else { return }
    gap()
    put("else")
    if chance(60) {
      wideGap()
      put("err")
    }
    gap()
    block(depth: depth - 1)
  }

  private mutating func wait(depth: Int) {
    put("wait-for")
    wideGap()
    if chance(50) {
      value(depth: depth, .block)
      if chance(60) {
        wideGap()
        put("within")
        wideGap()
        value(depth: 1, .ending)
      }
    } else {
      commandWords(depth: 1, .block)
      for ending in one(of: [[], ["on"], ["within"], ["with", "within"], ["within", "on"]]) {
        wideGap()
        put(ending)
        wideGap()
        value(depth: 1, .ending)
      }
    }
    if chance(40) {
      wideGap()
      put("every")
      wideGap()
      put("100ms")
    }
    if chance(40) {
      space()
      string(depth: 1)
    }
  }
}
