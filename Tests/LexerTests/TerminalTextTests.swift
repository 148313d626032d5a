import Lexer
import TestSupport
import Testing

/// What a terminal is sent of text that anybody may have written.
struct TerminalTextTests {
  @Test(arguments: [
    ("plain\ttext\n", "plain\ttext\n"), ("東京 é e\u{301} 👩‍👩‍👧 \u{600}", "東京 é e\u{301} 👩‍👩‍👧 \u{600}"),
    ("\u{1B}[31mred\u{1B}[0m \u{1B}[1;38:5:9mx\u{1B}[m", "red x"), ("\u{1B}[2J\u{1B}[H", "␛[2J␛[H"),
    ("\u{1B}]0;owned\u{7}", "␛]0;owned␇"), ("\u{1B}[31", "␛[31"), ("\u{1B}", "␛"), ("a\u{8}\u{0}\u{7F}", "a␈␀␡"),
    ("\u{9B}31mx\u{85}\u{90}", "\u{FFFD}31mx\u{FFFD}\u{FFFD}"),
    ("a\u{202E}b\u{2066}c\u{200F}d\u{61C}", "a\u{FFFD}b\u{FFFD}c\u{FFFD}d\u{FFFD}"),
    ("a\u{2028}b\u{FEFF}c\u{200B}d", "a\u{FFFD}b\u{FFFD}c\u{200B}d"), ("10%\r20%\r\nend\r", "10%␍20%\nend␍"),
  ]) func `nothing of it is obeyed`(text: Named<String>, shown: Named<String>) {
    #expect(text.value.fitForTerminal == shown.value)
    #expect(shown.value.fitForTerminal == shown.value)
  }

  @Test func `on one line it has no line feeds and tabs`() {
    #expect("a\nb\tc\u{7}".fitForTerminalLine == "a b c␇")
    #expect(displayWidth("\u{1B}\u{202E}東") == displayWidth("␛\u{FFFD}東"))
  }

  @Test func `styles come through, whatever is styled`() {
    let style = TextStyle.marked
    let text = style.strong("a \(style.bad("b\u{1B}[2J")) \u{1B}[32mc") + style.quiet("d")
    #expect(
      text.fitForTerminal
        == "\u{1B}[1ma \u{1B}[31mb␛[2J\u{1B}[39m c\u{1B}[22m\u{1B}[2md\u{1B}[22m")
    #expect(displayWidth(style.good("done")) == 4)
    #expect(style.attention("long").truncated(to: 3).fitForTerminal == "\u{1B}[33mlo…\u{1B}[0m")
  }
}
