import Lexer

/// What keywords mean, for completion and hover.
extension Keyword {
  /// How it is written.
  public var usage: String { Keyword.helps[self]?.usage ?? text }
  /// What it does, in a sentence.
  public var help: String { Keyword.helps[self]?.help ?? "" }

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
    .during: ("during COMMAND { }", "While the command goes on; it is ended with the block."),
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
