import Testing

/// Texts and their form, one for each rule.
enum FormatExamples {
  struct Example: Sendable, CustomTestStringConvertible {
    let name: String
    let text: String
    let form: String
    var testDescription: String { name }

    init(_ name: String, _ text: String, _ form: String) {
      self.name = name
      self.text = text
      self.form = form
    }
  }

  static let all = [
    Example("nothing", " \n\t\n", ""),
    Example("a comment alone", "\n\n  # only this  ", "# only this\n"),
    Example(
      "a byte order mark and lines that end in CR LF", "\u{FEFF}print 1\r\n# c\r\nprint 2\r\n",
      "print 1\n# c\nprint 2\n"),
    Example(
      "blank lines", "\n\nprint 1\n\n\n\nprint 2\nif true {\n\n  print 3\n\n\n  print 4\n\n}\n\n\n",
      "print 1\n\nprint 2\nif true {\n  print 3\n\n  print 4\n}\n"),
    Example(
      "indentation", "foreach c in clusters {\n      step \"$c\" {\necho a\n        }\n}",
      "foreach c in clusters {\n  step \"$c\" {\n    echo a\n  }\n}\n"),
    Example(
      "blanks in expressions", "let  x=[1,2 , 3]\nlet y={a:1,b . c :- 1}\nprint x[ 0 ],f( 1,b:2 )\ntask f (a,b=1){ }",
      "let x = [1, 2, 3]\nlet y = { a: 1, b.c: -1 }\nprint x[0], f(1, b: 2)\ntask f(a, b = 1) { }\n"),
    Example(
      "operators", "let x=(1+2)*-3 ..  4\nlet y = x.map(a=>a>x and not(a ==2))??[ ]",
      "let x = (1 + 2) * -3..4\nlet y = x.map(a => a > x and not (a == 2)) ?? []\n"),
    Example(
      "empty brackets", "let x = { }\nlet y = [ ]\ntry {\n\n} else e {}\nf( )",
      "let x = {}\nlet y = []\ntry { } else e { }\nf()\n"),
    Example(
      "words keep their letters", "echo   a{b}c \t--set=x,y  \"two  words\"'x'  ${ 1+1 }z # c",
      "echo a{b}c --set=x,y \"two  words\"'x' ${ 1+1 }z  # c\n"),
    Example(
      "a word that leaves a bracket open", "let x=(echo a[ )\nlet y=(echo a[b] )\ntry{echo ${x}( }",
      "let x = (echo a[ )\nlet y = (echo a[b])\ntry { echo ${x}( }\n"),
    Example("a carriage return alone is a blank", "echo a\rb\r \necho c\r", "echo a b\necho c\n"),
    Example(
      "lines of a command", "echo upgrade\n      --wait\n\n  # why\n  with { a: 1\n b: 2 }\n        within 5m",
      "echo upgrade\n  --wait\n  # why\n  with {\n    a: 1\n    b: 2\n  }\n  within 5m\n"),
    Example(
      "a document behind its command", "echo - with {\na: { b: 1,\n  },\n}",
      "echo - with {\n  a: {\n    b: 1\n  }\n}\n"),
    Example(
      "brackets that open together", "f(1,{\na:[{\nb:1\n}]\n},2)", "f(1, {\n  a: [{\n    b: 1\n  }]\n}, 2)\n"),
    Example(
      "commas at lines' ends", "let x = [\n  1,\n  2, 3\n  , 4,\n]\nf(\n  1,\n  2,\n)",
      "let x = [\n  1\n  2, 3\n  4\n]\nf(\n  1,\n  2\n)\n"),
    Example(
      "a comma that keeps the next line from going on with a command",
      "let x = { a: try echo b on c,\n  with: 2,\n  d: 3 }",
      "let x = {\n  a: try echo b on c,\n  with: 2\n  d: 3\n}\n"),
    Example(
      "a list opened in the middle", "let x = [a,\n  b]\nlet y = [a for a in x\n  if a]",
      "let x = [\n  a\n  b\n]\nlet y = [\n  a for a in x\n  if a\n]\n"),
    Example(
      "lines that go on", "let x = 1 +\n2 +\n        3\nlet y = (x and\n x)\nassert x ==\n[1,\n2]",
      "let x = 1 +\n  2 +\n  3\nlet y = (x and\n  x)\nassert x ==\n  [\n    1\n    2\n  ]\n"),
    Example(
      "a value on the line below", "let x =\nif true then 1\nelse 2\nlet y =\n    step \"s\" {\n  echo a\n}",
      "let x =\n  if true then 1\n  else 2\nlet y =\n  step \"s\" {\n    echo a\n  }\n"),
    Example(
      "braces and else join what they belong to",
      "if true\n{\n  echo a }\nelse\n{ echo b }\nstep \"s\"\n  on c2\n  within 5m\n{ echo c\n}",
      "if true {\n  echo a\n} else { echo b }\nstep \"s\"\n  on c2\n  within 5m {\n  echo c\n}\n"),
    Example(
      "comments keep them apart", "if true # a\n{\n  echo a\n}\n# b\nelse { echo b }",
      "if true  # a\n{\n  echo a\n}\n# b\nelse { echo b }\n"),
    Example(
      "comments in their places",
      "# a\n\n# b\nprint 1 # c\nif true { # d\n# e\n\n# f\nprint 2\n# g\n\n}\n# h\n\n\n# i\n",
      "# a\n\n# b\nprint 1    # c\nif true {  # d\n  # e\n\n  # f\n  print 2\n  # g\n}\n# h\n\n# i\n"),
    Example(
      "comments below each other", "clusters a b # one\nparam x = 1   # two\n\nprint x # three",
      "clusters a b  # one\nparam x = 1   # two\n\nprint x  # three\n"),
    Example(
      "a comment of several lines behind a statement",
      "let x = 1      # what it is\n               # and why\n# of y\nlet yy = 2",
      "let x = 1  # what it is\n           # and why\n# of y\nlet yy = 2\n"),
    Example(
      "comments in lists", "let x = [ # a\n1, # b\n# c\n2 # d\n, 3\n# e\n]",
      "let x = [  # a\n  1  # b\n  # c\n  2  # d\n  3\n  # e\n]\n"),
    Example(
      "strings of several lines", "if true {\nlet x = \"\"\"\n      a\r\n    b\n    \"\"\"\n}",
      "if true {\n  let x = \"\"\"\n      a\n    b\n    \"\"\"\n}\n"),
    Example(
      "a chain of methods", "let x = (clusters\n.filter(c=>c.index>0)\n      .count)",
      "let x = (clusters\n  .filter(c => c.index > 0)\n  .count)\n"),
    Example(
      "a function on a line of its own", "let x = clusters.all(\nc=>c.index>0\n).x.y",
      "let x = clusters.all(\n  c => c.index > 0\n).x.y\n"),
    Example("a minus at a line's end", "let x = 1\nlet y = x -\n1", "let x = 1\nlet y = x -\n  1\n"),
  ]
}
