extension RecipeGenerator {
  /// What may stand behind `=`, `return` and `(`.
  mutating func boundValue(depth: Int) {
    switch number(0..<6) {
    case 0: command(depth: depth - 1, .block)
    case 1:
      put("try")
      wideGap()
      command(depth: depth - 1, .block)
    case 2 where depth > 1: statementOperand(depth: depth - 1)
    default: value(depth: depth, .block)
    }
  }

  /// An expression that does not begin with a minus: behind a line's end that would go on with the line above.
  mutating func value(depth: Int, _ place: Place) {
    switch depth > 0 ? number(0..<9) : 0 {
    case 0, 1, 2: operand(depth: depth, place)
    case 3:
      put("not")
      wideGap()
      operand(depth: depth - 1, place)
    case 4:
      put("if")
      wideGap()
      operand(depth: depth - 1, place)
      wideGap()
      put("then")
      wideGap()
      operand(depth: depth - 1, place)
      wideGap()
      put("else")
      wideGap()
      operand(depth: depth - 1, place)
    case 5: chain(["and", "or"], depth: depth, place)
    case 6: chain(["==", "!=", "<", "<=", ">", ">=", "in", "matches"], depth: depth, place, longest: 1)
    case 7: chain(["+", "-", "*", "/", "%"], depth: depth, place)
    default: chain(["??"], depth: depth, place)
    }
  }

  private mutating func chain(_ operators: [String], depth: Int, _ place: Place, longest: Int = 3) {
    operand(depth: depth - 1, place)
    for _ in 0..<number(1..<(longest + 1)) {
      let sign = one(of: operators)
      // In parentheses a line's end is a space; elsewhere the line must end in the operator.
      wideGap(mayBreak: place == .parenthesis)
      put(sign)
      wideGap()
      if place == .parenthesis, sign != "-", chance(10) {
        put("-")
        gap()
      }
      operand(depth: depth - 1, place)
    }
  }

  mutating func operand(depth: Int, _ place: Place) {
    guard depth > 0 else { return literal() }
    switch number(0..<13) {
    case 0: list(depth: depth)
    case 1: map(depth: depth)
    case 2: comprehension(depth: depth)
    case 3:
      put("(")
      gap()
      value(depth: depth - 1, .parenthesis)
      gap()
      put(")")
    case 4 where !isInLambda:
      put("(")
      gap()
      command(depth: depth - 1, .parenthesis)
      gap()
      put(")")
    case 5:
      put(one(of: ["t1", "read", "secret"]))
      if isInLambda { put(".json") } else { arguments(depth: depth) }
    case 6, 7: postfix(depth: depth, place)
    case 8:
      put("try")
      wideGap()
      operand(depth: 0, place)
    case 9 where !isInLambda:
      put("try")
      gap()
      block(depth: min(depth, 2))
      put(".ok")
    case 10:
      put(one(of: ["1..3", "0 ..< 4", "1 ..x", "x.. 5"]))
    default: string(depth: depth)
    }
  }

  private mutating func literal() {
    put(
      one(of: [
        "1", "1_000", "2.5", "1e3", "100m", "1h30m", "2Gi", "512Mi", "true", "false", "null", "x", "name_2", "clusters",
        "target.name", "clusters[0]", "''", "'raw $'", "\"text\"", "[]", "{}", "[ ]", "{ }",
      ]))
  }

  mutating func statementOperand(depth: Int) {
    switch number(0..<5) {
    case 0: foreach(depth: depth)
    case 1: step(depth: depth)
    case 2: retry(depth: depth)
    case 3: during(depth: depth)
    default:
      put("parallel")
      gap()
      block(depth: depth)
    }
  }

  private mutating func postfix(depth: Int, _ place: Place) {
    put(one(of: ["x", "clusters", "\"text\"", "[1, 2]", "(1)", "{ a: 1 }"]))
    for _ in 0..<number(1..<4) {
      switch number(0..<3) {
      case 0:
        put("[")
        gap()
        put(one(of: ["0", "-1", "- 1", "\"key\""]))
        gap()
        put("]")
      default:
        if place == .parenthesis || place == .list { gap() } else { blanks() }
        put(".")
        gap()
        put(one(of: ["name", "sort", "in", "with", "if"]))
        if chance(40) { arguments(depth: depth - 1, ofMethod: true) }
      }
    }
  }

  mutating func arguments(depth: Int, ofMethod: Bool = false) {
    put("(")
    gap()
    let count = number(0..<4)
    for index in 0..<count {
      if ofMethod, chance(30) {
        lambda(depth: depth)
      } else {
        if !ofMethod, index == count - 1, chance(30) {
          put("b")
          gap()
          put(":")
          gap()
        }
        value(depth: depth - 1, .parenthesis)
      }
      gap()
      if index < count - 1 || chance(20) {
        put(",")
        gap()
      }
    }
    put(")")
  }

  private mutating func lambda(depth: Int) {
    put(one(of: ["k", "(k)", "( k,v )", "(k,\n v)"]))
    gap()
    put("=>")
    gap()
    let outer = isInLambda
    isInLambda = true
    value(depth: depth - 1, .parenthesis)
    isInLambda = outer
  }

  // MARK: Collections

  private mutating func separator() {
    switch number(0..<4) {
    case 0: lineEnd()
    case 1:
      gap()
      put(",")
      lineEnd()
    default:
      gap()
      put(",")
      gap()
    }
  }

  private mutating func list(depth: Int) {
    put("[")
    gap()
    let count = number(0..<5)
    for index in 0..<count {
      if index > 0 { separator() }
      if chance(10) {
        put(one(of: ["-1", "- 1", "-x.y"]))
      } else {
        value(depth: chance(50) ? 0 : depth - 1, .list)
      }
    }
    gap()
    if count > 0, chance(20) {
      put(",")
      gap()
    }
    put("]")
  }

  private mutating func map(depth: Int) {
    put("{")
    gap()
    let count = number(0..<5)
    for index in 0..<count {
      if index > 0 { separator() }
      let key = nextKey()
      put(
        one(of: [
          key, key, "\(key).a", "\(key) . b.c", "with.\(key)", "if.\(key)", "\"\(key)\"", "'\(key).x'", "\"$x\(key)\"",
        ]))
      gap()
      put(":")
      gap()
      value(depth: chance(50) ? 0 : depth - 1, .list)
    }
    gap()
    if count > 0, chance(20) {
      put(",")
      gap()
    }
    put("}")
  }

  private mutating func comprehension(depth: Int) {
    put("[")
    gap()
    value(depth: depth - 1, .list)
    wideGap()
    put("for")
    wideGap()
    put("k")
    if chance(30) {
      gap()
      put(",")
      gap()
      put("v")
    }
    wideGap()
    put("in")
    wideGap()
    operand(depth: depth - 1, .list)
    if chance(40) {
      wideGap()
      put("if")
      wideGap()
      value(depth: 1, .list)
    }
    gap()
    put("]")
  }

  // MARK: Text

  mutating func string(depth: Int) {
    switch number(0..<6) {
    case 0: put("'raw # text'")
    case 1: put("\"plain, { # text\\n\"")
    case 2: put("\"${  x +1 } of $x-js\"")
    case 3: put("\"\"\"\n   two\n     lines $x\n   \"\"\"")
    case 4: put("'''\r\n raw\r\n'''")
    default: put("\"$x\"")
    }
  }
}
