import TestSupport
import Testing

@testable import LineEditor

/// Keys go in; the text and the place in it come out, with `|` where the cursor stands.
struct EditorTests {
  struct Example: Sendable, CustomTestStringConvertible {
    let keys: [Key]
    let result: String
    var history: [String] = []
    var start = ""
    var testDescription: String { "\(start.debugDescription) becomes \(result.debugDescription)" }
  }

  @Test(arguments: [
    Example(keys: [.text("abc"), .left, .text("X")], result: "abX|c"),
    Example(keys: [.home, .text("a"), .end, .text("z")], result: "ahelloz|", start: "hello"),
    Example(keys: [.control("a"), .delete, .control("d")], result: "|llo", start: "hello"),
    Example(keys: [.backspace, .backspace], result: "hel|", start: "hello"),
    Example(keys: [.backspace], result: "東|", start: "東京"),
    Example(keys: [.backspace], result: "|", start: "👩‍👩‍👧"),
    Example(keys: [.text("e"), .text("\u{301}"), .left], result: "|e\u{301}"),
    Example(keys: [.alt("b"), .alt("b")], result: "let |x = foo_bar", start: "let x = foo_bar"),
    Example(keys: [.home, .alt("f"), .wordRight], result: "nats stream| add", start: "nats stream add"),
    Example(
      keys: [.control("w"), .control("y"), .control("y")], result: "nats --cluster=c1--cluster=c1|",
      start: "nats --cluster=c1"),
    Example(keys: [.altBackspace], result: "nats --cluster=|", start: "nats --cluster=c1"),
    Example(keys: [.control("w"), .control("w"), .control("y")], result: "a b c|", start: "a b c"),
    Example(keys: [.control("u"), .text("x"), .control("y")], result: "xhello|", start: "hello"),
    Example(keys: [.home, .right, .control("k"), .control("a"), .control("y")], result: "ello|h", start: "hello"),
    Example(keys: [.home, .alt("d"), .alt("d"), .end, .control("y")], result: " cone two|", start: "one two c"),
    Example(keys: [.control("t")], result: "helol|", start: "hello"),
    Example(keys: [.text(" x"), .control("_")], result: "hello|", start: "hello"),
    Example(keys: [.control("u"), .control("_")], result: "hello|", start: "hello"),
    Example(keys: [.altEnter, .text("b"), .up, .home, .text("x")], result: "x|a\nb", start: "a"),
    Example(keys: [.up, .up, .down, .end], result: "long line\nb|\nc", start: "long line\nb\nc"),
    Example(keys: [.altEnter, .text("  "), .text("}")], result: "if x {\n}|", start: "if x {"),
    Example(keys: [.paste("a\r\nb\rc")], result: "a\nb\nc|"),
    Example(keys: [.up], result: "three|", history: ["one", "two", "three"]),
    Example(keys: [.up, .up, .down], result: "three|", history: ["one", "two", "three"]),
    Example(keys: [.text("draft"), .home, .up, .up, .down, .down], result: "draft|", history: ["one", "two"]),
    Example(keys: [.text("t"), .up, .up], result: "two|", history: ["one", "two", "x", "three"]),
    Example(keys: [.text("t"), .up, .up, .up], result: "two|", history: ["one", "two", "x", "three"]),
    Example(keys: [.up, .up], result: "one|", history: ["one", "a\nb"]),
    Example(keys: [.up, .left, .up], result: "|a\nb", history: ["one", "a\nb"]),
    Example(
      keys: [.control("r"), .text("on")], result: "|one",
      history: ["one", "two", "one more", "x"].filter { $0 != "one more" }),
    Example(
      keys: [.control("r"), .text("o"), .control("r")], result: "tw|o",
      history: ["tw|o", "two", "o"].filter { $0 != "tw|o" }),
    Example(
      keys: [.control("r"), .text("o"), .control("r"), .control("s"), .end], result: "o|", history: ["two", "o"]),
    Example(
      keys: [.control("r"), .text("zz"), .escape, .text("!")], result: "mine!|", history: ["one"], start: "mine"),
    Example(keys: [.control("r"), .text("ne"), .end, .text("!")], result: "one!|", history: ["one"], start: "mine"),
  ]) func `keys change the text`(example: Example) {
    var editor = Editor(example.start, history: History(example.history))
    for key in example.keys { #expect([.none, .bell].contains(editor.handle(key))) }
    var text = Array(editor.text)
    text.insert("|", at: editor.cursor)
    #expect(String(text) == example.result)
  }

  @Test(arguments: [
    (Key.enter, Editor.Action.enter), (.control("c"), .interrupt), (.tab, .complete), (.control("z"), .suspend),
    (.control("l"), .clearScreen), (.down, .bell), (.up, .bell), (.control("d"), .none),
  ]) func `some keys ask for more`(key: Key, action: Editor.Action) {
    var editor = Editor("a")
    #expect(editor.handle(key) == action)
  }

  @Test func `ctrl-d leaves only where nothing is`() {
    var editor = Editor()
    #expect(editor.handle(.control("d")) == .leave)
  }

  @Test func `whatever keys come the cursor stays within the text`() {
    let keys: [Key] = [
      .text("a b"), .text("\n"), .text("東"), .left, .right, .up, .down, .home, .end, .wordLeft, .wordRight, .backspace,
      .delete, .control("k"), .control("u"), .control("w"), .control("y"), .control("t"), .control("r"), .control("s"),
      .control("_"), .alt("d"), .altBackspace, .altEnter, .escape, .paste("x\ny"), .controlDelete,
    ]
    for seed in 0..<300 {
      var generator = SeededNumbers(seed: seed)
      var editor = Editor("start", history: History(["one", "two\nthree", "start over"]))
      var pressed: [Key] = []
      for _ in 0..<60 {
        guard let key = keys.randomElement(using: &generator) else { return }
        pressed.append(key)
        _ = editor.handle(key)
        #expect(editor.cursor >= 0 && editor.cursor <= editor.text.count, "\(pressed)")
      }
    }
  }
}
