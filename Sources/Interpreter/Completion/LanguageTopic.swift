import Lexer

/// What there is to say of types and signs, for help.
package struct LanguageTopic: Sendable {
  package let name: String
  /// How it is written.
  package let usage: String
  /// What it is or does, in a sentence.
  package let help: String

  private init(_ name: String, _ usage: String, _ help: String) {
    self.name = name
    self.usage = usage
    self.help = help
  }

  /// The kind of values that it is about.
  package var kind: ValueKind? { ValueKind.allCases.first { $0.name == name } }

  /// The topic of that name.
  package static func named(_ name: String) -> LanguageTopic? { all.first { $0.name == name } }

  package static let all: [LanguageTopic] = types + signs

  private static let types: [LanguageTopic] = [
    LanguageTopic("bool", "true, false", "What a condition is."),
    LanguageTopic("int", "42, 1_000_000", "A whole number of 64 bits."),
    LanguageTopic("float", "2.5, 1e3", "A number with a fraction."),
    LanguageTopic(
      "string", "\"…\", '…', \"\"\"…\"\"\"",
      "Text. `$name` and `${expression}` are filled in between double quotes; three quotes hold several lines."),
    LanguageTopic("duration", "500ms, 30s, 1h30m, 7d", "A length of time."),
    LanguageTopic("size", "512Mi, 2Gi, 10MB", "An amount of memory or of a disk."),
    LanguageTopic("time", "now()", "A point in time."),
    LanguageTopic("list", "[1, \"a\", true], 1..3", "Values in their order; a range is a list too."),
    LanguageTopic("map", "{ name: \"a\", limits.cpu: 100m, \"x-y\": 1 }", "Values by keys, in their order."),
    LanguageTopic(
      "cluster", "clusters.first", "One of the run's clusters; it reads as its name."),
    LanguageTopic("outcome", "try …", "What came of something; it is a condition."),
    LanguageTopic("record", "(exec …)", "What a program gave; it reads as what the program wrote."),
    LanguageTopic("err", "try { } else err { }", "A name for the failure, as text; any other will do."),
  ]

  private static let signs: [LanguageTopic] = [
    LanguageTopic(
      "+", "a + b", "The sum; texts and lists one behind the other; a map laid over another, deeply."),
    LanguageTopic("-", "a - b", "The difference; `list - x` is the list without x."),
    LanguageTopic("*", "a * b", "The product."),
    LanguageTopic("/", "a / b", "The quotient: of two ints an int."),
    LanguageTopic("%", "a % b", "What is left by a division."),
    LanguageTopic("==", "a == b", "Whether they are equal: like with like, anything with null."),
    LanguageTopic("!=", "a != b", "Whether they are not equal."),
    LanguageTopic("<", "a < b", "Whether it is less."),
    LanguageTopic("<=", "a <= b", "Whether it is less or equal."),
    LanguageTopic(">", "a > b", "Whether it is greater."),
    LanguageTopic(">=", "a >= b", "Whether it is greater or equal."),
    LanguageTopic(
      "not in", "not x in list",
      "Whether it is none of the elements, no key, and no part of the text: `not` comes first."),
    LanguageTopic("??", "a ?? b", "b where a is null or something in it is missing."),
    LanguageTopic("..", "1..3", "A range with its end: 1, 2 and 3."),
    LanguageTopic("..<", "0..<3", "A range without its end: 0, 1 and 2."),
    LanguageTopic("=>", "list.map(x => …)", "A function, as the argument of a method; of a map `(k, v) => …`."),
    LanguageTopic("...", "echo ...$words", "Each element of a list as a word of a command."),
    LanguageTopic("=", "name = …", "Gives a `var` another value."),
    LanguageTopic(".", "map.key, list.count", "A field of a map, or a method."),
    LanguageTopic("$", "\"$name ${expression}\"", "A value in a text or in a command's word."),
    LanguageTopic("#", "# …", "A comment, to the end of the line."),
  ]
}

/// What keywords mean, for completion and hover.
extension Keyword {
  /// How it is written.
  package var usage: String { Keyword.helps[self]?.usage ?? text }
  /// What it does, in a sentence.
  package var help: String { Keyword.helps[self]?.help ?? "" }

  private static let helps: [Keyword: (usage: String, help: String)] = [
    .recipe: ("recipe \"…\"", "Says in a line what the recipe does."),
    .clusters: (
      "clusters a b c",
      "The clusters that the recipe runs on, unless the command line names others. As a value: their list."
    ),
    .param: ("param name = default \"help\"", "A parameter: `name=value` on the command line, of the default's type."),
    .let: ("let name = …", "Binds a name for good."),
    .var: ("var name = …", "Binds a name that may change."),
    .if: ("if c { } else { }", "A condition is a bool or an outcome. As an expression: `if c then a else b`."),
    .then: ("if c then a else b", "One of two values."),
    .else: ("else { }", "What is done otherwise; behind `try`: what takes care of the failure, `else err { }`."),
    .foreach: (
      "foreach x in list { }",
      "One by one; with `parallel` all at once, with `parallel 4` four at a time. Over a map: `foreach k, v in map`."
    ),
    .for: ("[e for x in list if c]", "A list made of each element of another."),
    .in: ("x in list", "Whether it is one of the elements, a key, or a part of the text."),
    .parallel: ("parallel { }", "Its statements at once."),
    .step: ("step \"…\" on c within 5m { }", "Names a part, for progress and reports, `--from` and `--only`."),
    .on: ("on CLUSTER", "On this cluster, or the one of this name."),
    .within: ("within DURATION", "At most so long; ten minutes if nothing is said, a minute for a wait."),
    .with: ("with VALUE", "A document: a map or a list as JSON, text as it is."),
    .retry: ("retry 5 every 2s { }", "Again if it failed, at most five times in all."),
    .every: ("every 2s", "How long to pause between two tries."),
    .during: (
      "during COMMAND { }",
      "While the command goes on; it is ended with the block. `during NAME = COMMAND { }` keeps what it gives."
    ),
    .task: (
      "task name(a, b = 1) { }", "Defines a task, which is called as `name(1, b: 2)`. Tasks do not call themselves."
    ),
    .return: ("return VALUE", "Ends the task with a value."),
    .use: ("use \"lib.nbx\"", "Brings in another file's tasks and lets."),
    .run: ("run \"other.nbx\" name=value", "Runs a recipe as a step, with this run's clusters."),
    .waitFor: (
      "wait-for CONDITION within 30s every 500ms \"what\"",
      "Looks until it is true, or until the command succeeds: for a minute if nothing else is said."
    ),
    .assert: ("assert CONDITION, \"what\"", "Fails if it is false, and shows the value of every part."),
    .try: (
      "try { } else err { }",
      "Takes care of a failure. As an expression: an outcome with `.ok`, `.value`, `.error`, `.kind` and `.code`."
    ),
    .defer: ("defer { }", "Done at the end of the block, whatever happened, the last one first."),
    .print: ("print a, b", "Says something."),
    .fail: ("fail \"why\"", "Ends the run as failed."),
    .skip: ("skip \"why\"", "Ends this recipe as skipped."),
    .and: ("a and b", "True if both are."),
    .or: ("a or b", "True if one of them is."),
    .not: ("not a", "True if it is false."),
    .matches: ("text matches 'pattern'", "Whether the regular expression is found anywhere in the text."),
    .true: ("true", "The bool that is true."),
    .false: ("false", "The bool that is false."),
    .null: ("null", "No value; `??` gives another in its place."),
  ]
}
