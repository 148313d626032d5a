import Foundation
import Interpreter
import TestSupport
import Testing

@Suite(.serialized, .mayWait) struct ContextTests {
  @Test func contextsAreTheFilesOfTheCLI() throws {
    let account = try TestAccount()
    let server = account.server
    let nats = try NatsFixture(account)
    defer { nats.end() }
    #expect(try nats.run("context", "ls").elements?.isEmpty == true)
    try nats.run(
      "context", "add", "--user", "sys", "--password", "sys", "--description", "all of it", "--server",
      "nats://127.0.0.1:\(server.port)", "mine", "--select")
    try nats.run("context", "add", "usual", "--user", account.name, "--password", account.name)
    let path = "\(nats.folder)/nats/context/mine.json"
    let file = try Value.json(Array(Data(contentsOf: URL(fileURLWithPath: path))))
    #expect(file["url"].string == "nats://127.0.0.1:\(server.port)")
    #expect(file["user"].string == "sys")
    #expect(file["password"].string == "sys")
    #expect(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int == 0o600)
    #expect(
      try nats.run("context", "ls").shown() == """
        [{ name: "mine", description: "all of it", server: "nats://127.0.0.1:\(server.port)", user: "sys", \
        selected: true, ours: true, cluster: null }, { name: "usual", description: "", \
        server: "nats://127.0.0.1:\(server.port)", user: "\(account.name)", selected: false, ours: true, \
        cluster: "c1" }]
        """)
    #expect(try nats.run("context", "select", "usual")["selected"].shown() == "true")

    // A context brings servers and login; no cluster is needed.
    #expect(try nats.run("server", "list", "--context", "mine", on: nil).elements?.first?["name"].string == server.name)
    #expect(try nats.run("stream", "ls", "--context", "usual", on: nil).elements?.isEmpty == true)
    let none = try nats.failure("stream", "ls", "--context", "nobodys")
    #expect(none.reason.string.contains("there is no nats context nobodys"))

    try nats.run("context", "rm", "mine", "--force")
    #expect(try nats.run("context", "ls").elements?.count == 1)
    #expect(try nats.failure("context", "rm", "mine", "--force").kind == .failed)
    #expect(try nats.failure("context", "select", "mine").kind == .failed)
    #expect(try nats.failure("context", "add", "bad", "--server", "ftp://host").kind == .misused)
  }
}
