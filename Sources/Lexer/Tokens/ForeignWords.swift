/// What other languages and shells call things that have another name here, or are not there: what to write instead.
public enum ForeignWords {
  /// What to write in place of a word that begins a statement, or stands for a value or a function.
  public static func advice(onWord word: String) -> String? { words[word] }

  /// What to write in place of a field or a method.
  public static func advice(onMember name: String) -> String? { members[name] }

  /// What to write in place of a flag.
  public static func advice(onFlag name: String) -> String? {
    ["--dry-run", "--dryrun", "--noop", "--what-if"].contains(name)
      ? "`nbx plan RECIPE` shows what would be done, and does nothing" : nil
  }

  /// Whether a word is a statement of its own, and hardly the name of a value.
  public static func standsAlone(_ word: String) -> Bool {
    ["break", "continue", "exit", "quit", "pass", "done", "fi", "esac"].contains(word)
  }

  /// Whether a word goes on with a block or a value elsewhere, as `catch` behind `try { … }`.
  public static func goesOn(_ word: String) -> Bool {
    [
      "catch", "except", "rescue", "finally", "elif", "elsif", "elseif", "unless", "while", "until", "for", "when",
      "end",
      "done", "fi",
    ].contains(word)
  }

  /// The subcommand that a word stands for elsewhere, or is short for.
  ///
  /// - Parameter known: those that there are.
  public static func subcommand(_ word: String, among known: [String]) -> String? {
    let alike = subcommands.filter { $0.contains(word) }.flatMap { $0 }
    if let other = alike.first(where: known.contains) { return other }
    // `con` is the consumer to the nats CLI, and `context` has `ctx`.
    return word.utf8.count < 2 ? nil : known.first { $0.hasPrefix(word) }
  }

  private static let subcommands = [
    ["add", "create", "new", "make", "save", "init"], ["rm", "delete", "del", "remove", "destroy", "drop", "unset"],
    ["ls", "list"], ["info", "show", "describe", "status", "inspect"], ["edit", "update", "modify", "change", "set"],
    ["pub", "publish", "send", "produce"], ["sub", "subscribe", "listen", "consume"], ["request", "req", "ask"],
    ["reply", "respond", "serve"], ["get", "read", "view", "cat"], ["put", "write", "set", "upload"],
    ["next", "pull", "fetch", "read"], ["purge", "clear", "empty"], ["select", "use", "switch"],
    ["context", "ctx"], ["server", "srv", "sys"], ["watch", "tail", "follow"], ["rtt", "ping"], ["start", "up", "run"],
    ["stop", "down", "kill", "shutdown"], ["copy", "cp", "clone"],
  ]

  private static let words = table([
    (["for"], "foreach x in list { … }; a list is made by [x for x in list]"),
    (
      ["while", "until", "loop", "do"],
      "everything ends here: foreach i in 1..10 { … } goes through, wait-for CONDITION within 30s waits, "
        + "retry 5 every 2s { … } tries again"
    ),
    (
      ["break", "continue"],
      "a loop goes to its end: choose before it, [x for x in list if …], or put what follows into if … { }"
    ),
    (["echo", "printf", "println", "puts", "log"], "print \"…\" says something; exec echo … runs the program"),
    (["fn", "func", "function", "def", "fun", "sub", "proc"], "task name(a, b = 1) { … return a + b }"),
    (
      ["exit", "quit"],
      "skip \"why\" ends a recipe as skipped, fail \"why\" as failed; :quit or Ctrl-D leaves the prompt"
    ),
    (["die", "throw", "raise", "panic", "error"], "fail \"why\" ends a recipe as failed"),
    (["catch", "except", "rescue", "finally"], "try { … } else err { … }; defer { … } is done whatever happens"),
    (["elif", "elsif", "elseif"], "if … { } else if … { } else { }"),
    (["switch", "case", "match", "when", "unless"], "if … { } else if … { } else { }"),
    (["done", "fi", "esac", "end", "pass"], "blocks are written in braces: if … { … }"),
    (
      ["import", "include", "require", "source", "from"],
      "use \"lib.nbx\" brings in tasks, run \"other.nbx\" runs a recipe as a step"
    ),
    (
      ["const", "val", "local", "set", "export", "declare"], "let name = … binds for good, var name = … what may change"
    ),
    (
      ["async", "await", "go", "spawn"],
      "parallel { … } does its statements at once, foreach x in list parallel { … } its passes"
    ),
    (["nil", "None", "none", "undefined", "NULL"], "null"),
    (["True", "TRUE"], "true"),
    (["False", "FALSE"], "false"),
    (["len", "length", "size"], "list.count"),
    (["str", "string"], "\"$x\" is the text of x"),
    (["range"], "1..10, or 0..<10 without its end"),
    (
      ["cd", "chdir", "pushd"],
      "programs start in the recipe's folder, and paths from there: name the path, or exec sh -c \"cd … && …\""
    ),
    (["ls", "cat", "rm", "mkdir", "cp", "mv", "touch", "grep"], "`exec PROGRAM …` runs any program"),
    (
      ["wait", "delay", "pause"],
      "sleep 5s waits so long, wait-for CONDITION within 30s until something is true"
    ),
    (["repeat"], "foreach i in 1..3 { … } goes through, retry 3 every 2s { … } tries again until it works"),
    (["int", "float", "double"], "let x = 1 needs no type; `.int` and `.float` of text read a number"),
    (["help"], ":help at the prompt, nbx help elsewhere"),
  ])

  private static let members = table([
    (["length", "len"], "`.count`"),
    (["push", "append", "add", "push_back", "concat"], "values do not change: list + [x] is a longer one"),
    (["forEach", "for_each", "each"], "foreach x in list { … }"),
    (["includes", "include", "has", "has_key"], "`.contains(x)`, or x in list"),
    (["toString", "to_string", "to_s", "str", "string"], "\"$x\" is the text of x, `.json` its JSON"),
    (["toUpperCase", "upcase", "uppercase", "uppercased"], "`.upper`"),
    (["toLowerCase", "downcase", "lowercase", "lowercased"], "`.lower`"),
    (["strip"], "`.trim`"),
    (["reduce", "fold", "inject"], "`.sum` adds up; foreach x in list { … } with a `var` does the rest"),
    (["sorted", "sort_by"], "`.sort`, `.sort(x => …)`"),
    (["reversed"], "`.reverse`"),
    (["distinct", "uniq", "dedup"], "`.unique`"),
    (["isEmpty", "is_empty", "empty"], "`.count == 0`"),
    (
      ["substring", "substr", "slice"],
      "`.take(n)` and `.drop(n)` of a list; `.split`, `.replace` and `matches` of text"
    ),
    (["parse", "to_json", "stringify"], "`.json` reads the JSON that a text is, and writes that of anything else"),
  ])

  private static func table(_ rows: [([String], String)]) -> [String: String] {
    Dictionary(rows.flatMap { words, advice in words.map { ($0, advice) } }, uniquingKeysWith: { first, _ in first })
  }
}
