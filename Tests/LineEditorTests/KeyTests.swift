import TestSupport
import Testing

@testable import LineEditor

/// What a terminal sends, told apart.
struct KeyTests {
  /// What is sent, and the keys that it is.
  private typealias Example = (sent: String, keys: [Key])

  private static let examples = [
    ("abc", [.text("abc")]),
    ("\u{3}\r\t\u{7f}", [.control("c"), .enter, .tab, .backspace]),
    ("\u{1B}[A\u{1B}[B\u{1B}OC\u{1B}OD", [.up, .down, .right, .left]),
    ("\u{1B}[H\u{1B}[F\u{1B}[1~\u{1B}[4~\u{1B}[3~", [.home, .end, .home, .end, .delete]),
    ("\u{1B}[1;5C\u{1B}[1;5D\u{1B}[3;5~\u{1B}[Z", [.wordRight, .wordLeft, .controlDelete, .backTab]),
    ("\u{1B}b\u{1B}f\u{1B}d\u{1B}\r\u{1B}\u{7f}", [.alt("b"), .alt("f"), .alt("d"), .altEnter, .altBackspace]),
    ("x\u{1B}[200~a\r\nb\u{1B}[Ac\u{1B}[201~y", [.text("x"), .paste("a\r\nb\u{1B}[Ac"), .text("y")]),
    ("\u{1B}[99;99;99u\u{1B}[?1;2cz", [.text("z")]),
    ("東京 🙂 é", [.text("東京 🙂 é")]),
    ("\u{1F}\u{0}", [.control("_"), .control("@")]),
  ].map { (example: Example) in Named(example, example.sent.debugDescription) }

  @Test(arguments: examples)
  private func keysAreToldApart(example: Named<Example>) {
    var decoder = KeyDecoder()
    #expect(decoder.decode(Array(example.value.sent.utf8)) == example.value.keys)
  }

  /// Text may be cut anywhere; what stands together then comes in more than one key.
  @Test(arguments: examples)
  private func bytesMayComeOneByOne(example: Named<Example>) {
    var decoder = KeyDecoder()
    var keys: [Key] = []
    for byte in example.value.sent.utf8 { keys += decoder.decode([byte]) }
    #expect(joined(keys) == joined(example.value.keys))
  }

  private func joined(_ keys: [Key]) -> [Key] {
    var all: [Key] = []
    for key in keys {
      if case .text(let more) = key, case .text(let text)? = all.last {
        all[all.count - 1] = .text(text + more)
      } else {
        all.append(key)
      }
    }
    return all
  }

  @Test func anEscapeAloneIsOne() {
    var decoder = KeyDecoder()
    #expect(decoder.decode([0x1b]) == [])
    #expect(decoder.isInSequence)
    #expect(decoder.flush() == [.escape])
    #expect(decoder.decode([UInt8(ascii: "b")]) == [.text("b")])
  }

  /// Whatever comes, every byte is passed at some time, and nothing is kept without an end.
  @Test func randomBytesDoNoHarm() {
    for seed in 0..<200 {
      var generator = SeededNumbers(seed: seed)
      var decoder = KeyDecoder()
      let bytes = (0..<300).map { _ in UInt8.random(in: 0...255, using: &generator) }
      _ = decoder.decode(bytes.filter { $0 != UInt8(ascii: "~") })
      _ = decoder.decode(Array("\u{1B}[201~".utf8))
      _ = decoder.flush()
      #expect(decoder.decode(Array("ok".utf8)) == [.text("ok")], "after \(bytes)")
    }
  }

  @Test func aLargePasteComesInPieces() {
    var decoder = KeyDecoder()
    let line = "let a = 1\r"
    var keys = decoder.decode(Array("\u{1B}[200~".utf8))
    for _ in 0..<10_000 { keys += decoder.decode(Array(line.utf8)) }
    keys += decoder.decode(Array("\u{1B}[20".utf8))
    keys += decoder.decode(Array("1~".utf8))
    #expect(keys == [.paste(String(repeating: line, count: 10_000))])
  }
}
