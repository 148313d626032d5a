import Interpreter
import TestSupport
import Testing

/// Secrets stay secret, wherever they go; nothing else is hidden with them.
@Suite(.mayWait) struct SecretTests {
  @Test(arguments: cases) func holds(_ test: Case) {
    test.check()
    #expect(!test.expected.contains("hunter"))
  }

  /// Nobody has said of these that they are secret.
  @Test(arguments: [
    "SU" + String(repeating: "A7", count: 28),
    "eyJ" + String(repeating: "a8.", count: 2) + String(repeating: "b", count: 40),
    "-----BEGIN PRIVATE KEY-----hunter22-----END PRIVATE KEY-----", "nats://me:hunter22@h:4222,nats://me:hunter23@i",
  ])
  func whatIsASecretByItsLooksIsNotShown(_ secret: String) {
    for recipe in [
      "let key = \"\(secret)\"\nassert key == \"b\"", "fail \"no \(secret)\"", "assert [\"\(secret)\"].count == 3",
    ] {
      let found = transcript(recipe)
      #expect(found.contains("•••") && !found.contains("hunter") && !found.contains(secret), "\(found)")
    }
  }

  /// In the line of what was run, and in the recipe's own.
  @Test(arguments: [
    ("mysql --password=hunter22", "mysql --password=•••"),
    ("mysql --password hunter22 -h x", "mysql --password ••• -h x"),
    ("env PGPASSWORD=hunter22 psql", "env PGPASSWORD=••• psql"),
    ("x --set auth.token=hunter22", "x --set auth.token=•••"),
    ("curl -u me:hunter22 h", "curl -u me:••• h"), ("curl -u me:123456 h", "curl -u me:••• h"),
    ("curl --user=me:hunter22 h", "curl --user=me:••• h"),
    ("smbclient -U me%hunter22", "smbclient -U me%•••"), ("docker run -u 1000:1000", "docker run -u 1000:1000"),
    ("x --password --force", "x --password --force"), ("x --tokens=9 token=9", "x --tokens=9 token=9"),
  ]) func `a word is a secret by what names it`(_ line: String, _ shown: String) {
    let words = line.split(separator: " ").map { Text(String($0)) }
    #expect(Text(words: words).masked == shown)
    guard shown.contains("•••") else { return }
    let quoted = transcript("show \(line) \\")
    #expect(quoted.contains("show \(shown)") && !quoted.contains("hunter22"), "\(quoted)")
  }

  @Test(arguments: [
    ("let p = { password: \"hunter22\", \"api.token\": 'hunter22' }", "password: \"•••\", \"api.token\": '•••'"),
    ("print \"the password: \", hunter", "print \"the password: \", hunter"),
    ("show --user=\"me:hunter22\" -u 'me:hunter22' -u $me:$pw", "--user=\"me:•••\" -u 'me:•••' -u $me:$pw"),
  ]) func `what is written behind a key is not quoted`(_ line: String, _ shown: String) {
    let quoted = transcript(line + " nope nope")
    #expect(quoted.contains(shown) && !quoted.contains("hunter22"), "\(quoted)")
  }

  @Test func aPasswordBehindItsFlagIsNotQuoted() {
    let found = transcript("show --user me --password hunter22 --token=\"hunter23\" $nope --password $nope")
    #expect(
      found.contains("--password ••• --token=\"•••\" $nope --password $nope"), "\(found)")
    #expect(!found.contains("hunter"))
  }

  /// What commands cut from their words is no longer marked as secret.
  @Test(arguments: [
    ("let s = secret(\"Pa55@tail9\")\n", "http://$s", "the host tail9 is none", "the host ••• is none"),
    ("let s = secret(\"abc\")\n", "http://${s}x.local", "no host abcx.local.", "no host •••x.local."),
    (
      "let s = secret(\"h2/with@at:t9876#y\")\n", "/proc/$s", "h2x, /proc/h2/with: no t9876#Y", "h2x, /proc/•••: no •••"
    ),
    ("let s = secret(\"h2/with@at:t9876#y\")\n", "$s", "host T9876, port at:t9876#y.", "host •••, port •••."),
    ("let s = secret(\"a:p%40wxy\")\n", "x://$s@h", "user P@WXY at h, path (p@)", "user ••• at h, path (p@)"),
    ("let s = secret(\"hunter2/with\")\n", "tls://$s:4222", "port `hun…`, …ith, tls", "port `•••…`, …•••, tls"),
    ("let s = secret(\"nats://u:p@seed7:4222\")\n", "$s", "nats: nats://seed7:4222", "nats: nats://•••"),
  ]) func `a part of a secret is covered, too`(_ head: String, _ word: String, _ said: String, _ shown: String) {
    let found = transcript(
      head + "let o = try says \"\(word)\" '\(said)'\nprint o.error, o.err\nsays \"\(word)\" '\(said)'")
    #expect(found.contains("says failed (\(shown))\n\(shown) \(shown)\n"), "\(found)")
    #expect(found.contains("= it said: \(shown)\n") && found.contains("= try: \(shown)"), "\(found)")
  }

  /// Not where nothing but a word or two is alike.
  @Test func `nothing else is covered with it`() {
    let found = transcript(
      "let s = secret(\"some-where/at@the.host\")\nlet o = try says $s 'it is some host, at where'\nprint o.err")
    #expect(found.hasSuffix("it is some •••, at where"), "\(found)")
  }

  @Test func `a command of its own that knows a secret from before shows no part of it`() {
    let found = transcript("let s = secret(\"Pa55@tail9876\")\nsays x 'the host tail9876'")
    #expect(found.contains("says failed (the host •••)"), "\(found)")
  }

  /// `pw` is the secret in all of them.
  private static func secret(_ name: String, _ recipe: String, _ expected: String) -> Case {
    Case(name, "let pw = secret(\"hunter22\")\n" + recipe, expected)
  }

  static let cases: [Case] = [
    secret("print", "print pw, \"a $pw b\", [pw], { a: pw }", "••• a ••• b [\"•••\"] { a: \"•••\" }"),
    secret("by span", "print \"nats://gwu:$pw@k3d\" + \"/x\", (pw + \"-\" + pw)", "nats://gwu:•••@k3d/x •••-•••"),
    secret("next to each other", "print \"$pw$pw\"", "•••"),
    secret(
      "JSON, leaf by leaf", "print { a: pw, b: 1, c: [\"x$pw\"] }.json", "{\"a\":\"•••\",\"b\":1,\"c\":[\"x•••\"]}"),
    secret("JSON read back", "print { a: pw, b: 1 }.json.json.a.lower", "•••"),
    secret(
      "methods",
      "print pw.base64, pw.upper, pw.split(\"t\"), pw.replace(\"hunter\", \"x\"), pw.lines.first, \"$pw!\".trim",
      "••• ••• [\"•••\", \"•••\"] x••• ••• •••!"),
    secret(
      "a table", "print [{ name: \"a\", key: pw }]",
      "╭──────┬─────╮\n│ name │ key │\n├──────┼─────┤\n│ a    │ ••• │\n╰──────┴─────╯"),
    secret("words and documents", "show --pass=$pw with { p: pw } ", "<--pass=•••> with {\"p\":\"•••\"} on c1"),
    secret("what a command says", "echo the password is $pw", "the password is •••"),
    secret(
      "what a program prints is covered by text", "let word = \"hunt\" + \"er22\"\nprogram got $word here",
      "got ••• here"),
    Case(
      "and so is each line of a secret of several",
      """
      let key = secret("-----BEGIN KEY-----\\nMIGHAgEAMBMG\\n  ByqGSM49AgEG\\nc2\\n-----END KEY-----\\n")
      program -----BEGIN KEY-----
      program got MIGHAgEAMBMG
      program "    ByqGSM49AgEG"
      program c2
      """, "-----BEGIN KEY-----\ngot •••\n    •••\nc2"),
    Case(
      "a secret may end with a line's end", "let pw = secret(\"hunter22\\n\")\nprogram got hunter22 here",
      "got ••• here"),
    Case(
      "of a document only keys are looked for",
      """
      let link = secret("kind: Secret\\napiVersion: v1\\ndata:\\n  token: TWFueSBoYW5kcyBtYWtlIGxpZ2h0\\n")
      program "kind: Secret, and TWFueSBoYW5kcyBtYWtlIGxpZ2h0"
      """, "kind: Secret, and •••"),
    Case("but not for short secrets", "let pw = secret(\"abc\")\nprogram abcdef", "abcdef"),
    secret(
      "a program's output that is a secret", "let t = token\nprint t, t.out, t.lines, \"<$t>\"",
      "••• ••• [\"•••\"] <•••>"),
    secret("error messages", "try { fail \"pw is $pw\" } else err { print err }", "handled: pw is •••\npw is •••"),
    secret(
      "a failing command", "bad --pass $pw",
      """
      failed
      error: bad failed on c1 (exit 1)
        --> main.nbx:2:1
         |
       2 | bad --pass $pw
         | ^^^ ran: bad --pass •••
         |
         = it said: it is bad
                    very bad
         = try: be good
      """),
    secret(
      "a failing command that names its words", "quotes $pw",
      """
      failed
      error: quotes failed (no ••• here)
        --> main.nbx:2:1
         |
       2 | quotes $pw
         | ^^^^^^ ran: real •••
         |
         = it said: what is •••?
         = server: s-•••
         = try: make •••
      """),
    secret(
      "what came of one", "let o = try quotes $pw\nprint o.error, o.out, o.err, o.value",
      "handled: quotes failed (no ••• here)\nquotes failed (no ••• here)\nwhat is •••? ••• ••• [\"•••\"]"),
    secret(
      "values of an assertion", "assert pw == \"other\"",
      """
      failed
      assertion failed: pw == "other"
        --> main.nbx:2:8
         |
       2 | assert pw == "other"
         |        pw     "•••"
      """),
    secret(
      "an excerpt masks the literal", "print secret(\"hunter2\").nope",
      """
      failed
      error: a secret has no field `nope`
        --> main.nbx:2:25
         |
       2 | print secret("•••").nope
         |                     ^^^^
      """),
    secret(
      "so does an assertion", "assert secret(\"hunter2\") == 'x'",
      """
      failed
      assertion failed: secret("•••") == 'x'
        --> main.nbx:2:8
         |
       2 | assert secret("•••") == 'x'
         |        secret("•••")     "•••"
      """),
    secret(
      "and a wait", "wait-for secret('hunter' + \"22\") == \"x\" within 1ms",
      """
      failed
      error: waited 0s in vain: secret('•••' + "•••") == "x"
        --> main.nbx:2:10
         |
       2 | wait-for secret('•••' + "•••") == "x" within 1ms
         |          secret('•••' + "•••")     "•••"
         |
         = the limit: `within 1ms` of the wait
      """),
    secret(
      "no key", "let m = { \"$pw\": 1 }",
      """
      failed
      error: a secret can't be a key
        --> main.nbx:2:11
         |
       2 | let m = { "$pw": 1 }
         |           ^^^^^
         |
         = try: keys are shown; keep secrets in values
      """),
    secret(
      "an index that is missing", "let x = { a: 1 }[pw]",
      """
      failed
      error: the map has no key `•••`
        --> main.nbx:2:9
         |
       2 | let x = { a: 1 }[pw]
         |         ^^^^^^^^^^^^
         |
         = try: its keys: a
      """),
    secret(
      "a pattern", "try { let x = \"a\" matches \"$pw(\" } else e { print e }",
      "handled: the pattern \"•••(\" can't be read: a `(` is never closed\nthe pattern \"•••(\" can't be read: a `(` is never closed"
    ),
    secret(
      "steps, skips and paths",
      "step \"with $pw\" { try { let x = read(\"/no/$pw\") } else e { print e }\n skip \"because $pw\" }",
      "step: with •••\nhandled: can't read /no/•••: there is no such file\ncan't read /no/•••: there is no such file\nskipped: because •••"
    ),
    secret("lanes are named by what may be seen", "foreach p in [pw] parallel { print 1 }", "[•••] 1"),
    Case(
      "a parameter that is a secret", "param pw = secret(\"hunter\")\nprint pw, \"<$pw>\"", "••• <•••>",
      arguments: ["pw": "hunter23"]),
    Case("an outcome's error", "print try (1 / 0)", "handled: division by zero\nfailed: \"division by zero\""),
  ]
}
