import Lexer

/// What the language's own words mean, in a line each: `docs/language.md` has the rest.
enum KeywordHelp {
  static func text(of word: String) -> String? {
    guard let keyword = Keyword.allCases.first(where: { $0.text == word }) else { return nil }
    let (form, meaning) = entry(of: keyword)
    return "\(form)\n    \(meaning)"
  }

  private static func entry(of keyword: Keyword) -> (form: String, meaning: String) {
    switch keyword {
    case .recipe: ("recipe \"…\"", "what a recipe does, in a line")
    case .clusters: ("clusters a b c", "the clusters of a recipe; as a value, the list of them")
    case .param: ("param name = default \"help\"", "a parameter of a recipe")
    case .let: ("let name = …", "binds a name for good")
    case .var: ("var name = …", "binds a name that may change: name = …")
    case .if, .else: ("if c { } else if d { } else { }", "conditions are bools or outcomes, nothing else")
    case .then: ("if c then a else b", "the expression")
    case .foreach, .parallel: ("foreach x in list parallel 4 { }", "one by one, or several at a time")
    case .for: ("[e for x in list if c]", "a list made of another")
    case .in: ("x in list", "whether the list holds it; also behind foreach and for")
    case .step: ("step \"…\" on c2 within 5m { }", "names a part, for progress and reports")
    case .on: ("on EXPRESSION", "the cluster that a command works on")
    case .within: ("within DURATION", "at most so long")
    case .with: ("with EXPRESSION", "the document that a command gets: a map or a list as JSON, text as it is")
    case .retry: ("retry 5 every 2s { }", "again if it failed, at most five times in all")
    case .every: ("every DURATION", "the pause of a retry or a wait")
    case .during: ("during COMMAND { }", "while the command goes on")
    case .task, .return: ("task f(a, b = 1) { … return v }", "defines a task; it is called as f(1, b: 2)")
    case .use: ("use \"lib.nbx\"", "brings in another file's tasks and lets")
    case .run: ("run \"other.nbx\" name=value", "runs a recipe as a step, with this run's clusters")
    case .waitFor: ("wait-for EXPRESSION within 30s every 500ms \"what\"", "until it is true, or the command succeeds")
    case .assert: ("assert EXPRESSION, \"what\"", "fails if it is not so, and shows the value of every part")
    case .try: ("try { } else err { }", "takes care of a failure; try X gives an outcome")
    case .defer: ("defer { }", "at the end of the block, whatever happened, last one first")
    case .print: ("print a, b", "says it")
    case .fail: ("fail \"…\"", "ends as failed")
    case .skip: ("skip \"…\"", "ends this recipe as skipped")
    case .and, .or, .not: ("a and b · a or b · not a", "of bools and outcomes")
    case .matches: ("text matches 'pattern'", "whether the regular expression is found anywhere in the text")
    case .true, .false: ("true · false", "the two bools")
    case .null: ("null", "nothing")
    }
  }
}
