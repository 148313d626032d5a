import Lexer
import Testing

@Suite struct EvidentSecretsTests {
  private static let seed = "SUAM" + String(repeating: "A2", count: 27)
  private static let token = "eyJ0eXAiOiJKV1QiLCJhbGciOiJlZDI1NTE5In0.eyJqdGkiOiJBQUFBQSJ9.c2lnbmF0dXJl"

  @Test(arguments: [
    ("seed \(seed)!", "seed •••!"), ("(\(token))", "(•••)"), ("--creds=\(token) x", "--creds=••• x"),
    ("nats://js:js@127.0.0.1:4222", "nats://•••@127.0.0.1:4222"),
    ("-----BEGIN USER NKEY SEED-----\nSU…\n------END", "-----BEGIN USER NKEY SEED•••-----END"),
    ("-----BEGIN PRIVATE KEY-----\nabc", "-----BEGIN PRIVATE KEY•••"),
  ]) func `it is covered`(text: String, shown: String) {
    #expect(text.coveringEvidentSecrets == shown)
  }

  @Test(arguments: [
    "nats://127.0.0.1:4222", "nats://$user:$password@host", "a.b@c", "SUAM", "eyJ0eXAi.b.c", "X" + seed, seed + "A",
    "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----",
  ]) func `what is none is shown`(text: String) {
    #expect(text.coveringEvidentSecrets == text)
  }

  /// What begins as one again and again, without an end: one look at each byte is enough.
  @Test(arguments: [("eyJ-", 0), ("eyJ.", 0), ("://a@", 200_000), ("-----BEGIN ", 0), ("SU", 0)])
  func `a text of many beginnings is read once`(beginning: String, found: Int) {
    let text = String(repeating: beginning, count: 200_000)
    #expect(EvidentSecrets.ranges(in: text.utf8).count == found)
  }

  /// Names of secrets without one behind them, within one word and between quotes.
  @Test(arguments: ["-password", "token='"]) func `a file of many names is read once`(name: String) {
    let file = SourceFile(path: "", text: String(repeating: name, count: 200_000))
    #expect(file.shownText(Span(0, name.utf8.count)) == name)
  }
}
