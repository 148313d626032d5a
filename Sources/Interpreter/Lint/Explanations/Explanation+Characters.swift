extension Explanation {
  static let ofCharacters: [Explanation] = [
    Explanation(
      "not-text", "the file is not text",
      """
      A recipe is text in UTF-8. Bytes that are none, and zero bytes, mean that the file was saved in another
      encoding, or that it is no recipe at all. Nothing of such a file is read.
      """,
      wrong: "print \"a\0b\"", right: "print \"ab\""),
    Explanation(
      "stray-character", "a character that means nothing",
      "The language has no use for this character where it stands. In text, between quotes, it may stand.",
      wrong: "print @home", right: "print \"@home\""),
    Explanation(
      "dollar-in-expression", "a dollar sign before a name in an expression",
      """
      `$name` is for words of commands and for strings, where a name would be taken for text. In an expression
      names stand by themselves.
      """,
      wrong: "let x = 1\nassert $x == 1", right: "let x = 1\nassert x == 1"),
    Explanation(
      "lone-dollar", "a dollar sign before neither a name nor `{`",
      """
      In words and in "…" a dollar sign begins `$name` or `${expression}`. One that is meant as it stands is
      written `\\$`, or in '…', which takes everything as it stands.
      """,
      wrong: "print \"5 $ each\"", right: "print '5 $ each'"),
    Explanation(
      "foreign-operator", "an operator of another language",
      "Conditions are joined by `and`, `or` and `not`; what other languages write with signs has words here.",
      wrong: "if clusters.count > 1 && target.local { print \"yes\" }",
      right: "if clusters.count > 1 and target.local { print \"yes\" }"),
    Explanation(
      "semicolon", "a semicolon between statements",
      "A statement ends with its line. Two statements stand on two lines.",
      wrong: "print 1; print 2", right: "print 1\nprint 2"),
    Explanation(
      "unknown-unit", "a number with a unit that there is not",
      """
      Behind a number without a blank stands the unit of a duration (ns us ms s m h d) or of a size
      (B k M G T Ki Mi Gi Ti kB MB GB TB). A name that begins with a digit is text, and stands in quotes.
      """,
      wrong: "let length = 5min\nprint length", right: "let length = 5m\nprint length"),
    Explanation(
      "number-too-large", "a number that 64 bits do not hold",
      "Whole numbers, durations in nanoseconds and sizes in bytes have 64 bits. A float reaches further.",
      wrong: "print 99999999999999999999", right: "print 1e20"),
    Explanation(
      "unclosed-string", "a string that is never closed",
      """
      A string in single or double quotes ends on its line. One that goes over several lines begins and ends
      with three of them.
      """,
      wrong: "print \"hello", right: "print \"hello\""),
    Explanation(
      "bad-escape", "an escape that there is not",
      """
      In "…" a backslash begins one of \\n \\t \\r \\" \\\\ \\$ and \\u{1F600}. '…' has no escapes: there a backslash
      stands for itself, as regular expressions like it.
      """,
      wrong: "assert \"c1-js-0\" matches \"\\d$\"", right: "assert \"c1-js-0\" matches '\\d$'"),
    Explanation(
      "unclosed-bracket", "a bracket that is never closed",
      """
      It is reported where it opens, since where it should have been closed only the author knows. Nothing
      behind it is read.
      """,
      wrong: "if target.local {\n  print \"here\"", right: "if target.local {\n  print \"here\"\n}"),
    Explanation(
      "unmatched-bracket", "a closing bracket that closes nothing",
      "A bracket before it was closed too early, or this one is left over.",
      wrong: "if target.local { print \"here\" }\n}", right: "if target.local { print \"here\" }"),
    Explanation(
      "too-deep", "nested too deep",
      """
      Brackets, tasks that call tasks and files that bring in files go only so deep: each level takes stack in
      every lane of a run. A part with a name of its own, by `let` or as a task, makes it flat.
      """,
      wrong: Example("print " + String(repeating: "(", count: 120) + "1" + String(repeating: ")", count: 120)),
      right: "print (1)"),
  ]
}
