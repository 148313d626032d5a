/// What can be wrong with the form of a recipe, as plain data; `SyntaxProblem+Text.swift` says it in words.
public enum SyntaxProblem: Sendable, Equatable {
  // Characters
  case notUTF8
  case strayCharacter(String)
  case zeroByte
  case dollarInExpression, dollarBeforeNothing
  case foreignOperator(String, use: String)
  case semicolon, spreadOutsideWords
  case unknownUnit(String)
  case numberTooLarge(String)
  case unclosedString(tripled: Bool)
  case unknownEscape, badUnicodeEscape
  // Words
  case shellPipe, shellAnd, shellOr, shellBackground, shellRedirection, shellSubstitution, backslashAtLineEnd
  case spreadWithinWord, spreadOfNothing, flagAfterEnding
  case wordAfterEnding(String)
  case repeatedEnding(String)
  case unknownCommand(String, suggestion: String?)
  case bareCommandInExpression(String)
  // Structure
  case expected(String, found: String)
  case unclosed(String)
  case unmatchedClosing(String)
  case tooDeep(limit: Int)
  case trailingText(String)
  case missingComma
  case reservedName(String, kind: String)
  case headerTooLate(String)
  case repeatedHeader(String)
  case taskInsideBlock, useInsideBlock, returnOutsideTask
  case elseWithoutIf
  case lambdaElsewhere, lambdaWithCommand
  case valueNotUsed
  case badKey(String)
  case repeatedKey(String)
  case literalPathNeeded(String)
  case argumentForm(String)
  case positionalAfterNamed, chainedComparison
}

/// A problem and its place.
public struct SyntaxError: Error, Sendable {
  /// What is wrong.
  public let problem: SyntaxProblem
  /// Where.
  public let span: Span

  /// A problem at a place.
  public init(_ problem: SyntaxProblem, _ span: Span) {
    self.problem = problem
    self.span = span
  }

  /// The same for people, with what to do about it.
  public func diagnostic(in file: SourceFile) -> Diagnostic {
    Diagnostic(
      problem.title.truncated(to: 200), at: Location(file, span), label: problem.label, code: problem.code
    )
    .adding("try", problem.advice?.truncated(to: 400))
  }
}

extension SyntaxProblem {
  /// The problem in one line.
  var title: String {
    switch self {
    case .notUTF8: "the text is not UTF-8"
    case .zeroByte: "a zero byte stands in the text"
    case .strayCharacter(let text): "`\(text)` means nothing here"
    case .dollarInExpression: "a `$` in an expression"
    case .dollarBeforeNothing: "a `$` before neither a name nor `{`"
    case .foreignOperator(let text, _): "there is no operator `\(text)`"
    case .semicolon: "a `;` means nothing here"
    case .spreadOutsideWords: "`...` outside a command's words"
    case .unknownUnit(let text): "`\(text)` has a unit that nbx does not know"
    case .numberTooLarge(let text): "`\(text)` is more than 64 bits hold"
    case .unclosedString: "this string is never closed"
    case .unknownEscape: "an escape that nbx does not know"
    case .badUnicodeEscape: "no such Unicode scalar"
    case .shellPipe: "a bare `|`: nothing passes through a shell"
    case .shellAnd: "a bare `&&`: nothing passes through a shell"
    case .shellOr: "a bare `||`: nothing passes through a shell"
    case .shellBackground: "a bare `&`: nothing passes through a shell"
    case .shellRedirection: "a bare `<` or `>`: nothing passes through a shell"
    case .shellSubstitution: "a backquote or `$(`: nothing passes through a shell"
    case .backslashAtLineEnd: "a `\\` at the end of a line"
    case .spreadWithinWord: "`...` must be a word of its own"
    case .spreadOfNothing: "`...` before no list"
    case .flagAfterEnding: "a flag after the endings of its command"
    case .wordAfterEnding(let text): "`\(text)` stands after the endings of its command"
    case .repeatedEnding(let word): "`\(word)` a second time"
    case .unknownCommand(let name, _): "there is no command `\(name)`"
    case .bareCommandInExpression(let name): "the command `\(name)` within an expression"
    case .expected(let what, let found): "expected \(what), found \(found)"
    case .unclosed(let bracket): "this `\(bracket)` is never closed"
    case .unmatchedClosing(let bracket): "`\(bracket)` closes nothing"
    case .tooDeep(let limit): "nested more than \(limit) levels deep"
    case .trailingText(let found): "the statement has ended, but \(found) follows"
    case .missingComma: "a comma or a new line is missing"
    case .reservedName(let name, let kind): "`\(name)` is \(kind) and can't be a name"
    case .headerTooLate(let word): "`\(word)` belongs to the head of the recipe"
    case .repeatedHeader(let word): "`\(word)` a second time"
    case .taskInsideBlock: "a task inside a block"
    case .useInsideBlock: "`use` inside a block"
    case .returnOutsideTask: "`return` outside a task"
    case .elseWithoutIf: "`else` without an `if` or a `try` before it"
    case .lambdaElsewhere: "a function that is no argument of a method"
    case .lambdaWithCommand: "a command inside a function"
    case .valueNotUsed: "the value of this expression is not used"
    case .badKey(let text): "\(text) can't be a key"
    case .repeatedKey(let path): "the key `\(path)` a second time"
    case .literalPathNeeded(let word): "`\(word)` needs a path in quotes, without `$`"
    case .argumentForm(let word): "`\(word)` is not of the form name=value"
    case .positionalAfterNamed: "an argument without a name after one with a name"
    case .chainedComparison: "a comparison of a comparison"
    }
  }

  /// What stands behind the carets.
  var label: String? {
    switch self {
    case .unclosed, .unclosedString: "opened here"
    case .unknownCommand: "not a command, nor a name"
    case .expected(let what, _): "\(what) is due here"
    default: nil
    }
  }

  /// What to do next.
  var advice: String? {
    switch self {
    case .notUTF8: "save the file as UTF-8 text"
    case .zeroByte: "is this a recipe? it reads like a binary file"
    case .strayCharacter:
      "put text in quotes; the operators are + - * / % == != < <= > >= ?? .. ..< and or not in matches"
    case .dollarInExpression: "names stand without `$` in expressions; `$name` is for words and strings"
    case .dollarBeforeNothing: "`\\$` in \"…\", or quote the text with '…' if a dollar sign is meant"
    case .foreignOperator("//", _): "a comment begins with `#`; `/` of two ints gives an int"
    case .foreignOperator("/*", _): "a comment begins with `#`, on each of its lines"
    case .foreignOperator(_, let use): "write `\(use)`"
    case .semicolon: "write each statement on a line of its own"
    case .spreadOutsideWords: "`...$list` gives a command one word for each element; lists are joined by `+`"
    case .unknownUnit:
      "durations end in ns us ms s m h d w y, sizes in B k M G T P Ki Mi Gi Ti Pi kB MB GB TB PB; quote text"
    case .numberTooLarge: "the largest int is 9223372036854775807, and the largest float about 1.8e308"
    case .unclosedString(let tripled):
      tripled ? "close it with the same three quotes" : "close it on its line, or use three quotes for several lines"
    case .unknownEscape: "the escapes are \\n \\t \\r \\\" \\\\ \\$ \\u{1F600}; '…' takes everything as it stands"
    case .badUnicodeEscape: "write it as \\u{1F600}, with 1 to 6 hexadecimal digits"
    case .shellPipe: "keep the first command's result with `let x = …` and hand it on by `with x.out`"
    case .shellAnd: "write each command on a line of its own: a command that fails stops the recipe"
    case .shellOr: "write `try { … } else err { … }`"
    case .shellBackground: "write `parallel { … }`"
    case .shellRedirection:
      "`let x = …` keeps the output, `write PATH with x.out` writes it, `with read(PATH)` is standard input; quote it if it is text"
    case .shellSubstitution:
      "`exec PROGRAM …` runs a program and gives its output: `let files = exec ls`; quote it if it is text"
    case .backslashAtLineEnd:
      "leave it out: a line that begins with `-`, `with`, `on` or `within` goes on with the command"
    case .spreadWithinWord: "write `...$list` between spaces"
    case .spreadOfNothing: "write `...$list` or `...${expression}`; quote it if it is text"
    case .flagAfterEnding, .wordAfterEnding: "put all words before `with`, `on` and `within`"
    case .repeatedEnding: "a command takes each ending once"
    case .unknownCommand(let name, let suggestion):
      ForeignWords.advice(onWord: name) ?? suggestion.map { "did you mean `\($0)`?" }
        ?? "`exec PROGRAM …` runs any program"
    case .bareCommandInExpression(let name): "put it in parentheses: (\(name) …)"
    case .expected("`{`", "`=`"), .expected("`then`", "`=`"), .expected("`)`", "`=`"): "`==` compares"
    case .expected("`=`", "`:`"): "a name has no type, and `=` binds it: let name = …"
    case .expected("how often", _): "retry 5 every 2s { … } tries at most five times in all"
    case .expected("`{`", _): "put what belongs to it in braces: { … }"
    case .expected: nil
    case .unclosed(let bracket): "close it with `\(bracket == "(" ? ")" : bracket == "[" ? "]" : "}")`"
    case .unmatchedClosing: "take it away, or open it before"
    case .tooDeep: "give a part of it a name with `let`, or make it a task"
    case .trailingText("`=`"): "`==` compares; a new value is given to a whole `var`: name = …"
    case .trailingText("`:`"): "`=` binds and changes: let x = … for good, var x = … what may change, x = … anew"
    case .trailingText("`if`"): "if c then a else b is a value; if c { … } does something only then"
    case .trailingText(let found) where found.foreignWord != nil: found.foreignWord
    case .trailingText: "begin a new line; put a command inside an expression in parentheses"
    case .missingComma: "separate by commas or new lines"
    case .reservedName(let name, _): "choose another name, such as `my_\(name == "wait-for" ? "wait" : name)`"
    case .headerTooLate: "move it above the first statement"
    case .repeatedHeader: "keep one of the two"
    case .taskInsideBlock, .useInsideBlock: "move it out of all braces"
    case .returnOutsideTask: "a recipe ends at its end; `skip \"why\"` ends it before"
    case .elseWithoutIf: "does a `}` stand before it that closes too much?"
    case .lambdaElsewhere: "`x => …` stands only as the argument of a method, as in `list.map(x => x.name)`"
    case .lambdaWithCommand: "use a comprehension or `foreach`: `[(nats rtt on c).out for c in clusters]`"
    case .valueNotUsed: "bind it with `let`, show it with `print`, or check it with `assert`"
    case .badKey: "a key is a name, names joined by dots, or text in quotes"
    case .repeatedKey: "keep one of the two"
    case .literalPathNeeded(let word): "\(word) \"other.nbx\""
    case .argumentForm: "run \"other.nbx\" replicas=3"
    case .positionalAfterNamed: "put the arguments without names first"
    case .chainedComparison: "join two comparisons with `and`"
    }
  }
}

extension String {
  /// What to write in place of a word in backquotes that goes on with a statement elsewhere.
  fileprivate var foreignWord: String? {
    let word = String(dropFirst().dropLast())
    return hasPrefix("`") && ForeignWords.goesOn(word) ? ForeignWords.advice(onWord: word) : nil
  }
}

extension SyntaxProblem {
  /// Whether its whole span is a comment of another language.
  public var isComment: Bool {
    switch self {
    case .foreignOperator("//", _), .foreignOperator("/*", _): true
    default: false
    }
  }

  /// What kind of problem it is, for `nbx explain` and for other programs. One code stands for several problems where
  /// one explanation serves them all.
  public var code: String {
    switch self {
    case .notUTF8, .zeroByte: "not-text"
    case .strayCharacter: "stray-character"
    case .dollarInExpression: "dollar-in-expression"
    case .dollarBeforeNothing: "lone-dollar"
    case .foreignOperator: "foreign-operator"
    case .semicolon: "semicolon"
    case .spreadOutsideWords, .spreadWithinWord, .spreadOfNothing: "stray-spread"
    case .unknownUnit: "unknown-unit"
    case .numberTooLarge: "number-too-large"
    case .unclosedString: "unclosed-string"
    case .unknownEscape, .badUnicodeEscape: "bad-escape"
    case .shellPipe, .shellAnd, .shellOr, .shellBackground, .shellRedirection: "shell-syntax"
    case .shellSubstitution, .backslashAtLineEnd: "shell-syntax"
    case .flagAfterEnding, .wordAfterEnding: "word-after-ending"
    case .repeatedEnding: "repeated-ending"
    case .unknownCommand: "unknown-command"
    case .bareCommandInExpression: "bare-command"
    case .expected: "unexpected-text"
    case .unclosed: "unclosed-bracket"
    case .unmatchedClosing: "unmatched-bracket"
    case .tooDeep: "too-deep"
    case .trailingText: "trailing-text"
    case .missingComma: "missing-comma"
    case .reservedName: "reserved-name"
    case .headerTooLate: "late-header"
    case .repeatedHeader: "repeated-header"
    case .taskInsideBlock, .useInsideBlock: "inside-block"
    case .returnOutsideTask: "return-outside-task"
    case .elseWithoutIf: "lone-else"
    case .lambdaElsewhere: "stray-function"
    case .lambdaWithCommand: "command-in-function"
    case .valueNotUsed: "unused-value"
    case .badKey: "bad-key"
    case .repeatedKey: "repeated-key"
    case .literalPathNeeded: "literal-path"
    case .argumentForm: "argument-form"
    case .positionalAfterNamed: "argument-order"
    case .chainedComparison: "chained-comparison"
    }
  }
}
