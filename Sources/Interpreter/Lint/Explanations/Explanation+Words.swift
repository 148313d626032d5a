/// Of the words of commands.
extension Explanation {
  static let ofWords: [Explanation] = [
    Explanation(
      "shell-syntax", "something that only means something to a shell",
      """
      Nothing passes through a shell: one word is one argument, whatever is in it. `|`, `&&`, `||`, `&`, `<`, `>`,
      backquotes and a `\\` at the end of a line would be handed to the program as they are, which nobody means;
      quoted, they are text. The language has its own ways: `let` keeps what a command gives and `with` hands it on, a failed
      command stops the recipe, `try { } else { }` goes on after it, `parallel { }` does two things at once.
      """,
      wrong: "kubectl get pods | exec wc -l", right: "let pods = kubectl get pods\nexec wc -l with pods.out"),
    Explanation(
      "stray-spread", "`...` where it means nothing",
      """
      `...$list` stands among the words of a command, as a word of its own: each element of the list becomes a
      word. In expressions lists are joined by `+`.
      """,
      wrong: "let flags = [\"--wait\"]\nhelm list ...flags",
      right: "let flags = [\"--wait\"]\nhelm list --short ...$flags"),
    Explanation(
      "word-after-ending", "a word behind `with`, `on` or `within`",
      "What follows an ending is an expression, so all words of a command stand before its endings.",
      wrong: "kubectl get on clusters.first pods", right: "kubectl get pods on clusters.first"),
    Explanation(
      "repeated-ending", "the same ending twice", "A command takes `with`, `on` and `within` once each.",
      wrong: "kubectl get pods within 1m within 2m", right: "kubectl get pods within 2m"),
    Explanation(
      "unknown-command", "a command that there is not",
      """
      A statement that begins with a name and goes on with a word is a command, and there is none of this name.
      `nbx help` lists them; `exec PROGRAM …` runs any program.
      """,
      wrong: "kubctl get pods", right: "kubectl get pods"),
    Explanation(
      "bare-command", "a command without parentheses within an expression",
      """
      A command stands bare as a statement and after `=`, `return`, `try`, `wait-for` and `(`. Elsewhere nobody
      could say where it ends, so it stands in parentheses.
      """,
      wrong: "assert nats server list", right: "assert (nats server list).count > 0"),
    Explanation(
      "list-in-word", "a list, a map, null or an outcome as text",
      """
      A word or a string takes what reads as text in one way only. A list may mean many words (`...$list`), one
      text (`.join(" ")`) or JSON (`.json`): say which.
      """,
      wrong: "print \"servers: ${[\"n1\", \"n2\"]}\"", right: "print \"servers: ${[\"n1\", \"n2\"].join(\", \")}\""),
    Explanation(
      "command-words", "words that the command does not take",
      """
      The words of nbx's own commands are checked before a run: their forms, their flags, and what a flag takes.
      `nbx help COMMAND` lists them. The words of programs go to them as they are.
      """,
      wrong: "nats stream ad ORDERS --subjects orders.new",
      right: "nats stream add ORDERS --subjects orders.new"),
    Explanation(
      "no-document", "`with` for a command that takes no document",
      "`with` brings a document, and this form of the command has no use for one.",
      wrong: "nats stream ls with { a: 1 }", right: "nats stream ls"),
    Explanation(
      "ends-by-itself", "`during` with a command that ends by itself",
      """
      Behind `during` stands what goes on for as long as its block: a responder, a page, a program such as
      `kubectl port-forward`. A command that ends by itself stands before the block.
      """,
      wrong: "during nats pub orders.new one { print \"sent\" }", right: "nats pub orders.new one\nprint \"sent\""),
    Explanation(
      "goes-on", "a command that never ends, without `during`",
      "This command goes on until it is ended, and only the end of a block behind `during` ends it.",
      wrong: "nats reply time.now noon", right: "during nats reply time.now noon { nats request time.now \"\" }"),
  ]
}
