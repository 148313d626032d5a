import Testing

/// Regular expressions: what is known means what it means elsewhere, the rest is refused.
@Suite struct PatternTests {
  @Test(arguments: [
    ("1", #"[\+-a]"#, true), ("b", #"[\+-a]"#, false), ("+", #"^[\+-a]$"#, true), ("]", #"[\[-\]]"#, true),
    ("-", #"^[\--\-]$"#, true), ("b", #"^[a-\x]$"#, nil), ("a\tb", #"a[\t-\r]b"#, true),
    ("a b", #"a[\t-\r]b"#, false),
    ("-", "[a-]", true), ("-", #"[\d-]"#, true), ("5", #"^[\d_]$"#, true), ("&", "[&]", true), ("&", "[a&b]", true),
    (":", "[:a]", true), ("[", "^[[]$", true), ("a]", "^[a]]$", true), ("]", "^[]a]$", true), ("x", "^[^]a]$", true),
    ("aaa", "^a{3}$", true), ("aaa", "^(?:a{1,2}){2}$", true), ("a", "^a{2,}$", false), ("", "^a*?$", true),
    ("über a", #"\ba$"#, true), ("aé", #"a\b"#, true), ("ab", "a$|^b", false), ("a\nb", "a.b", false), ("", "^$", true),
    ("{\"a\"}", #"{"a"}$"#, true), ("{,", "{,$", true),
  ])
  func matches(_ text: String, _ pattern: String, _ expected: Bool?) {
    let found = transcript("let text = '''\n\(text)'''\nprint text matches '\(pattern)'")
    if let expected { #expect(found == "\(expected)") } else { #expect(found.contains("is not known")) }
  }

  @Test(arguments: [
    ("[[:alpha:]]", "`[:` is not known in a class"), ("[^[:digit:]_]", "`[:` is not known in a class"),
    ("[[.a.]]", "`[.` is not known in a class"), ("[[=a=]]", "`[=` is not known in a class"),
    ("[a-z&&[^b]]", "`&&` is not known in a class"), (#"[\d-a]"#, "a range goes from one character to another"),
    (#"[a-\d]"#, "a range goes from one character to another"), ("[z-a]", "`z-a` counts down"),
    (#"[\]-\[]"#, "`]-[` counts down"), ("[a-", "a `[` is never closed"), ("a*+", "`+` repeats a repetition"),
    ("a+*", "`*` repeats a repetition"), ("a{2}{3}", "`{` repeats a repetition"), ("a+??", "`?` repeats a repetition"),
    ("(a{100}){150}b", "it takes more than 2000 steps"), ("a{2001}", "it takes more than 2000 steps"),
    ("a{99999999999999999999}", "it takes more than 2000 steps"),
    ("a{2,99999999999999999999}", "it takes more than 2000 steps"), ("{2}", "`{` repeats nothing"),
    ("a|{,}", "`{` repeats nothing"), ("({1,2})", "`{` repeats nothing"),
    (#"[\S]"#, #"`\D`, `\W` and `\S` can't stand in a class"#),
  ])
  func refuses(_ pattern: String, _ message: String) {
    let found = transcript("let pattern = '\(pattern)'\nprint \"a\" matches pattern")
    #expect(found.contains("can't be read: \(message)\n"), "\(found)")
  }
}
