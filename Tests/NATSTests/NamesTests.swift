import NATS
import TestSupport
import Testing

@Suite(.mayWait) struct NamesTests {
  @Test(arguments: ["a", "a.b.c", "a-b_c", "$SYS.REQ", "a*b", "ünï"])
  func acceptsSubjects(_ subject: String) throws { try Names.checkPublishSubject(subject) }

  @Test(arguments: [
    ("", "\"\" is no valid subject name: it is empty"),
    ("a..b", "\"a..b\" is no valid subject name: has an empty token at character 3"),
    ("a.", "\"a.\" is no valid subject name: has an empty token at character 3"),
    (".a", "\".a\" is no valid subject name: has an empty token at character 1"),
    ("ö b", "\"ö b\" is no valid subject name: holds white space or a control character at character 2"),
    ("a.*", "\"a.*\" is no valid subject name: a wildcard can only be subscribed to at character 3"),
    ("a.>", "\"a.>\" is no valid subject name: a wildcard can only be subscribed to at character 3"),
  ])
  func refusesToPublish(_ subject: String, _ text: Named<String>) {
    #expect(throws: NATSError.self) { try Names.checkPublishSubject(subject) }
    #expect(message { try Names.checkPublishSubject(subject) } == text.value)
  }

  @Test(arguments: ["*", ">", "a.*.b", "a.>"])
  func acceptsWildcards(_ subject: String) throws { try Names.checkSubscribeSubject(subject) }

  @Test func refusesMoreAfterTheLastToken() {
    let text = message { try Names.checkSubscribeSubject("a.>.b") }
    #expect(text == "\"a.>.b\" is no valid subject name: '>' must be the last token at character 3")
  }

  @Test(arguments: ["", "a.b", "a b", "a*", "a>", "a/b", "a\\b", Named(String(repeating: "x", count: 256))])
  func refusesStreams(_ name: Named<String>) { #expect(throws: NATSError.self) { try Names.checkStream(name.value) } }

  @Test(arguments: ["", "a.b", "a b", "ä"])
  func refusesBuckets(_ name: String) { #expect(throws: NATSError.self) { try Names.checkBucket(name) } }

  @Test(arguments: ["", ".a", "a.", "a..b", "a b", "a*"])
  func refusesKeys(_ name: String) { #expect(throws: NATSError.self) { try Names.checkKey(name) } }

  @Test(arguments: ["", "..", "../x", "a/b", "a b", ".hidden", "a..b"])
  func refusesContexts(_ name: String) { #expect(throws: NATSError.self) { try Names.checkContext(name) } }

  @Test func acceptsPlainNames() throws {
    try Names.checkStream("ORDERS-1_ü")
    try Names.checkConsumer("worker")
    try Names.checkBucket("cfg-1_A")
    try Names.checkKey("a.b/c=d_e-f")
    try Names.checkContext("c1-js")
  }
}

/// The text of the error that `body` throws; empty if it throws none.
func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return ""
  } catch {
    return "\(error)"
  }
}
