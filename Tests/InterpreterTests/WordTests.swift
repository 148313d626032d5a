import TestSupport
import Testing

/// How commands are written: words, endings, continued lines. `show` puts each word in angle brackets.
@Suite(.mayWait) struct WordTests {
  @Test(arguments: lines) func reads(_ line: Named<String>, _ expected: Named<String>) {
    let setup = """
      let name = "n"
      let list = ["a", "b c"]
      let cluster = clusters[1]

      """
    #expect(transcript(setup + line.value) == expected.value)
  }

  static let lines: [(Named<String>, Named<String>)] = [
    // One word is one argument.
    ("show a b", "<a><b> on c1"), ("show 'a b' \"c d\"", "<a b><c d> on c1"), ("show ''", "<> on c1"),
    ("show *.txt ~ a=b,c", "<*.txt><~><a=b,c> on c1"), ("show $name", "<n> on c1"), ("show \"$name x\"", "<n x> on c1"),
    ("show k3d-$cluster-server-0", "<k3d-c2-server-0> on c1"),
    ("show grafana.$cluster.local", "<grafana.c2.local> on c1"),
    ("show --set=a.b=$name", "<--set=a.b=n> on c1"), ("show a\"b c\"'d'$name", "<ab cdn> on c1"),
    ("show ${1 + 1}x${name}", "<2xn> on c1"), ("show ...$list", "<a><b c> on c1"),
    ("show x ...${[1, 2]} y", "<x><1><2><y> on c1"),
    ("show ...$clusters", "<c1><c2><c3> on c1"), ("show ...${[]}", " on c1"),
    ("show x{a,b}", "<x{a,b}> on c1"), ("show f(x)[1]", "<f(x)[1]> on c1"),
    ("show a#b # comment", "<a#b> on c1"), ("show orders.> a|b", "<orders.>><a|b> on c1"),
    ("show if foreach let", "<if><foreach><let> on c1"), ("show 'with' \"on\" 'within'", "<with><on><within> on c1"),
    ("show without once", "<without><once> on c1"), ("show 1.5 2Gi 30s", "<1.5><2Gi><30s> on c1"),
    ("show \"\\u{1F600}\\t|\"", "<😀\t|> on c1"), ("show '\\n'", "<\\n> on c1"), ("show \\d", "<\\d> on c1"),
    ("show -- -x --y=1", "<--><-x><--y=1> on c1"), ("show https://x:1/a?b=c&d=e", "<https://x:1/a?b=c&d=e> on c1"),
    ("show é 日本", "<é><日本> on c1"),
    // A bracket that a word did not open ends the word and the command.
    ("if try show a { print \"yes\" }", "<a> on c1\nyes"), ("print [(echo a), (echo b)].count", "2"),
    ("print { a: (echo x) }", "{ a: \"x\" }"),
    // Endings, in any order
    ("show a with { x: 1, y.z: [true] }", "<a> with {\"x\":1,\"y\":{\"z\":[true]}} on c1"),
    ("show a with \"text\"", "<a> with text on c1"), ("show a on cluster", "<a> on c2"),
    ("show a on \"c3\"", "<a> on c3"),
    ("show a on clusters[2] with name", "<a> with n on c3"), ("show a within 5s on \"c2\" with 1", "<a> with 1 on c2"),
    ("print (half_minutes_left)", "20"), ("print (half_minutes_left within 90s)", "3"),
    ("show with name", " with n on c1"),
    ("show a with (echo doc)", "<a> with doc on c1"), ("show a on \"c${1 + 1}\"", "<a> on c2"),
    // A line that begins with `-` or an ending goes on with the line above.
    ("show a\n  --b c\n  -d\n  with { e: 1 }\n  on cluster", "<a><--b><c><-d> with {\"e\":1} on c2"),
    ("show a # why\n\n  # and then\n  --b", "<a><--b> on c1"),
    ("show a with {\n  b: 1\n  c: 2\n} on cluster", "<a> with {\"b\":1,\"c\":2} on c2"),
    ("print (show a\n  b\n  with 1).x ?? \"none\"", "<a><b> with 1 on c1\nnone"),
    ("show \"\"\"\n  two\n    lines\n  \"\"\"", "<two\n  lines> on c1"), ("show '''a$b'''", "<a$b> on c1"),
    ("show with \"\"\"\n  kind: X\n  name: $name\n  \"\"\"", " with kind: X\nname: n on c1"),
    // A grammar
    (
      "tool box add shoes --count 3 --for 1m --size 2Ki -l x", "box add shoes count=3 for=60000000000 size=2048 label=x"
    ),
    ("tool box add shoes --count=3 --dry", "box add shoes count=3 dry=true"),
    ("tool box add shoes --no-dry", "box add shoes dry=false"),
    ("tool box list", "box list"), ("tool box add $name --count ${1 + 1}", "box add n count=2"),
    ("let what = \"list\"\ntool box $what", "box list"), ("tool box add -- -x", "box add -x"),
  ]
}
