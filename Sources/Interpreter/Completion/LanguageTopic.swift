/// What there is to say of types and signs, for help.
public struct LanguageTopic: Sendable {
  public let name: String
  /// How it is written.
  public let usage: String
  /// What it is or does, in a sentence.
  public let help: String

  private init(_ name: String, _ usage: String, _ help: String) {
    self.name = name
    self.usage = usage
    self.help = help
  }

  /// The topic of that name.
  public static func named(_ name: String) -> LanguageTopic? { all.first { $0.name == name } }

  public static let all: [LanguageTopic] = types + signs

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
      "cluster", "clusters.first",
      "One of the run's clusters; it has `.name`, `.index` and `.context`, and reads as its name."),
    LanguageTopic(
      "outcome", "try …",
      "What came of something; it has `.ok`, `.value`, `.error`, `.kind`, `.code`, `.out` and `.err`, and is a condition."
    ),
    LanguageTopic(
      "record", "(exec …)", "What a program gave; it has `.out`, `.err`, `.code`, `.lines`, `.json` and `.text`."),
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
