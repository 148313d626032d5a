import Interpreter
import TestSupport
import Testing

@testable import SandboxLocal

@Suite(.mayWait) struct NatsConfigurationWriterTests {
  private func line(_ value: Value, key: String = "k") throws -> String {
    try NatsConfigurationWriter.text(of: ValueMap([(key, value)]))
  }

  @Test(
    arguments: [
      (true, "k: true\n"), (42, "k: 42\n"), (.float(1.5), "k: 1.5\n"), (.float(1e20), nil),
      (.float(1e16), "k: 10000000000000000\n"),
      ("a", "k: \"a\"\n"), ("123", "k: \"123\"\n"), ("$SYS", "k: \"$SYS\"\n"), ("<< 2Gi >>", "k: 2Gi\n"),
      ("<<2Gi>>", "k: \"<<2Gi>>\"\n"), ("<< >>", "k: \"<< >>\"\n"), ([], "k: []\n"), ([:], "k: {}\n"),
      (.range(RangeValue(first: 1, last: 2)), "k: [\n  1\n  2\n]\n"),
      (.size(SizeValue(bytes: 512, spelling: "512B")), "k: 512\n"),
      (.size(SizeValue(bytes: 8 << 20, spelling: "8Mi")), "k: 8Mi\n"),
      (.duration(DurationValue(nanoseconds: 90_000_000_000, spelling: "1m30s")), "k: \"1m30s\"\n"),
      (.duration(DurationValue(nanoseconds: 3_600_500_000_000)), "k: \"1h0.5s\"\n"),
      (.duration(DurationValue(nanoseconds: 604_800_000_000_000, spelling: "1w")), "k: \"168h\"\n"),
      (.size(SizeValue(bytes: 1 << 30 | 1)), "k: 1073741825\n"),
      (.duration(DurationValue(nanoseconds: 86_400_000_000_000, spelling: "1d")), "k: \"24h\"\n"),
      (.secret(.secret("pw")), "k: \"pw\"\n"), (.cluster(Cluster(name: "c1", index: 0)), "k: \"c1\"\n"),
      (["a": [["b": 1]]], "k: {\n  a: [\n    {\n      b: 1\n    }\n  ]\n}\n"), (.null, nil),
      (.outcome(Outcome(value: 1)), nil),
    ] as [(Value, String?)])
  func values(_ value: Value, _ expected: String?) throws {
    if let expected {
      #expect(try line(value) == expected)
    } else {
      _ = try chartProblem { _ = try line(value) }
    }
  }

  @Test func keysAreQuotedWhereNeeded() throws {
    #expect(try line(1, key: "$SYS") == "\"$SYS\": 1\n")
    #expect(try line(1, key: "a.b c") == "\"a.b c\": 1\n")
    #expect(try line(1, key: "1a") == "\"1a\": 1\n")
    #expect(try line(1, key: "include") == "\"include\": 1\n")
    #expect(try line(1, key: "a\"b") == "'a\"b': 1\n")
    #expect(try line(1, key: "") == "\"\": 1\n")
    let both = try chartProblem { _ = try line(1, key: "'\"") }
    #expect(both.message == "the key '\" holds both kinds of quotes, for which nats.conf has no form")
  }

  /// Each is the name of an account and of a user, and the user's password: the server has to let in whoever gives them.
  private let hostile = [
    "plain", "with blank", "quote\"quote", "back\\slash", "trailing\\", "$SYS", "${x}", "{ } [ ] : = , ;", "# // no",
    "line\nbreak", "tab\tand\rreturn", "bell\u{7}\u{1}\u{7f}", "ünï ☃ 😀", "<<2Gi>>", "include x", "true", "12Gi",
    "'single'",
    "\\x41\\n", "%41%zz", "a,b", "//", "0", "-1", " ",
  ]

  @Test func everyStringReachesTheServerAsItIs() throws {
    var accounts: [(String, Value)] = []
    for string in hostile {
      let user: Value = ["user": .string("u\(string)"), "password": .string(string)]
      accounts.append((string, ["users": [user]]))
    }
    let configuration = ValueMap([("accounts", .map(ValueMap(accounts)))])
    let server = try TestServer(
      accounts: try NatsConfigurationWriter.text(of: configuration), jetStream: false)
    defer { server.stop() }
    for string in hostile {
      #expect(try login(server.port, user: "u\(string)", password: string) == "PONG", "\(string)")
      #expect(try login(server.port, user: "u\(string)", password: string + "x") != "PONG", "\(string)")
    }
  }

  /// The server's last word to somebody who logs in so.
  private func login(_ port: UInt16, user: String, password: String) throws -> String {
    let connection = try PlainConnection(port: port)
    _ = try connection.line()
    let options: Value = [
      "user": .string(user), "pass": .string(password), "verbose": false, "pedantic": false, "protocol": 1,
    ]
    try connection.send("CONNECT \(options.json().string)\r\nPING\r\n")
    return try connection.line()
  }
}
