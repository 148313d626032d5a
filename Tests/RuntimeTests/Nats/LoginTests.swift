import Foundation
import Interpreter
import NATS
import TestSupport
import Testing

@testable import SandboxNats

@Suite(.serialized, .mayWait) struct LoginTests {
  // The pair that the NATS documentation shows.
  private static let seed = "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VY"
  private static let publicKey = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4"

  private var limit: Limit { .within(patience) }

  // MARK: openssl

  @Test func opensslKnowsThePublicKeyOfASeed() throws {
    let signer = OpenSSL { ProcessInfo.processInfo.environment }
    #expect(try NKey(Self.seed).publicKey(signer).text == Self.publicKey)
    #expect(try signer.signature(of: Array("nonce".utf8), by: NKey(Self.seed).bytes).count == 64)
  }

  @Test func theSeedIsInNoArgumentAndNoFile() throws {
    let folder = try ScratchFolder()
    // Says how it was called and what lies in the file that it is to sign, then gives what could be a signature.
    let script = """
      #!/bin/sh
      echo "$@" >> "\(folder.path)/calls"
      while [ $# -gt 1 ]; do shift; done
      cp "$1" "\(folder.path)/message"
      stat -c '%a' "$1" "$(dirname "$1")" > "\(folder.path)/modes" 2>/dev/null || stat -f '%Lp' "$1" "$(dirname "$1")" > "\(folder.path)/modes"
      echo "$1" > "\(folder.path)/path"
      head -c 64 /dev/zero
      """
    _ = try folder.script("openssl", script)
    let seed = [UInt8](repeating: 0x41, count: 32)
    let signer = OpenSSL { ["PATH": "\(folder.path):/usr/bin:/bin"] }
    _ = try signer.signature(of: Array("the nonce".utf8), by: seed)
    func said(_ name: String) throws -> String {
      try #require(folder.text(name)).trimmingCharacters(in: .whitespacesAndNewlines)
    }
    #expect(try !said("calls").contains("AAAA"))
    #expect(try said("message") == "the nonce")
    #expect(try said("modes") == "600\n700")
    #expect(try !FileManager.default.fileExists(atPath: said("path")), "the file is gone")
    #expect(try !FileManager.default.fileExists(atPath: (said("path") as NSString).deletingLastPathComponent))
  }

  @Test func withoutOpensslItSaysHowToGetIt() throws {
    let nats = try NatsFixture(["c1": []], environment: ["PATH": "/nowhere"])
    defer { nats.end() }
    let failure = try nats.failure("auth", "nkey", "gen", "user")
    #expect(failure.reason.string.contains("the program openssl is missing"))
    #expect(failure.advice?.contains("apt-get install openssl") == true)
  }

  // MARK: Real servers

  @Test func aTokenOpens() throws {
    let server = try TestServer(accounts: "authorization { token: opensesame }", jetStream: false)
    defer { server.stop() }
    let nats = try NatsFixture(server)
    defer { nats.end() }
    try nats.run("pub", "a", "b", "--token", "opensesame")
    try nats.run("pub", "a", "b", "--user", "opensesame")
    #expect(
      try nats.failure("pub", "a", "b", "--user", "opensesame", "--password", "").reason.string.contains("refused"))
    let refused = try nats.failure("pub", "a", "b", "--token", "wrongword")
    #expect(refused.reason.string.contains("refused the login by token"))
    #expect(refused.ran?.masked.contains("wrongword") == false)
    try nats.run("context", "add", "mine", "--token", "opensesame")
    try nats.run("pub", "a", "b", "--context", "mine")
    let both = try nats.failure("pub", "a", "b", "--token", "t", "--user", "u")
    #expect(both.kind == .misused && both.reason.string.contains("different logins"))
  }

  @Test func anNKeyOpensAsTextAsFileAndInAContext() throws {
    let server = try TestServer(
      accounts: "authorization { users: [{ nkey: \(Self.publicKey) }] }", jetStream: false)
    defer { server.stop() }
    let nats = try NatsFixture(server)
    defer { nats.end() }
    try nats.run("pub", "a", "b", "--nkey", Self.seed)
    let path = try nats.file("user.nk", Self.seed + "\n")
    try nats.run("pub", "a", "b", "--nkey", path)
    try nats.run("context", "add", "mine", "--nkey", path)
    try nats.run("pub", "a", "b", "--context", "mine")

    let other = try #require(try nats.run("auth", "nkey", "gen", "user")["seed"].string)
    let refused = try nats.failure("pub", "a", "b", "--nkey", other)
    #expect(refused.reason.string.contains("refused the login by nkey (Authorization Violation)"))
    #expect(refused.ran?.masked.contains(other) == false)
    let missing = try nats.failure("pub", "a", "b", "--nkey", "/no/such/file")
    #expect(missing.reason.string == "`--nkey`: no nkey, and no file of that name")
    #expect(missing.ran?.masked.contains("/no/such") == false)
    let account = try #require(try nats.run("auth", "nkey", "gen", "account")["seed"].string)
    #expect(try nats.failure("pub", "a", "b", "--nkey", account).reason.string.contains("no seed of a user"))
  }

  /// A seed with a letter wrong is a seed to whoever sees it.
  @Test(arguments: [
    "SUACSSL3UAHUDXKFSNVUZRF5UHPMWZ6BFDTJ7M6USDXIEDNPPQYYYCU3VZ", String(seed.dropLast()), seed.lowercased(),
    " \(seed)", "\(seed)/x", String(repeating: seed, count: 100),
  ]) func whatWasToBeAKeyIsNotQuoted(word: String) throws {
    let nats = try NatsFixture(["c1": [1]])
    defer { nats.end() }
    for words in [
      ["server", "list", "--nkey", word], ["server", "list", "--nkey=\(word)"], ["pub", "a", "b", "--creds", word],
      ["auth", "user", "add", "ann", "--account", word],
      ["auth", "user", "add", "ann", "--account", Self.seed, "--key", word],
      ["auth", "account", "add", "A", "--operator", word], ["auth", "nkey", "show", word],
      ["auth", "jwt", "show", word],
      ["context", "add", "mine", "--nkey", word], ["context", "add", "mine", "--creds", word],
    ] {
      let failure = try nats.failure(words)
      for text in [failure.reason.masked, failure.said?.masked, failure.advice, failure.ran?.masked ?? "none"] {
        let quotes = text?.uppercased().contains("SUACSSL3UAHUDXKF") ?? false
        #expect(!quotes, "\(words.prefix(3)): \(text ?? "")")
        #expect(text != "none", "what was run is covered")
      }
    }
    #expect(try nats.run("context", "ls").elements?.isEmpty == true)
  }

  @Test func aServerWithoutKeysSaysSo() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    let failure = try nats.failure("pub", "a", "b", "--nkey", Self.seed)
    #expect(
      failure.reason.string.contains("could not be signed") && failure.reason.string.contains("knows no logins by key"))
  }

  @Test func credsOpenAgainAfterALoss() throws {
    let world = try OperatorWorld()
    defer { world.end() }
    let user = try world.nats.run("auth", "user", "add", "ann", "--account", world.account["seed"].string ?? "")
    let signer = OpenSSL { ProcessInfo.processInfo.environment }
    var options = Connection.Options([Endpoint(host: "127.0.0.1", port: world.server.port)])
    options.credentials = try .creds(user["creds"].string ?? "", from: "the test", signer: signer)
    options.connectTime = patience
    let connection = try Connection.connect(options, limit: limit)
    defer { connection.close() }
    let subscription = try connection.subscribe("a")
    try connection.flush(limit: limit)
    world.server.crash()
    try world.server.restart()
    // Another connection has another nonce.
    try untilItSucceeds { try connection.flush(limit: .within(.seconds(5))) }
    try connection.publish("a", Array("again".utf8))
    #expect(try subscription.next(limit: limit)?.text == "again")
  }

  @Test func credsAreAFileOrTextAndAContext() throws {
    let world = try OperatorWorld.shared.get()
    let (nats, seed) = (world.nats, world.account["seed"].string ?? "")
    let user = try nats.run("auth", "user", "add", "ann", "--account", seed, with: ["pub": ["allow": ["orders.>"]]])
    let creds = try #require(user["creds"].string)
    try nats.run("pub", "orders.new", "b", "--creds", creds)
    let path = try nats.file("ann.creds", creds)
    try nats.run("pub", "orders.new", "b", "--creds", path)
    try nats.run("context", "add", "mine", "--creds", path)
    try nats.run("pub", "orders.new", "b", "--context", "mine")
    try nats.run("pub", "orders.new", "b", "--server", "ws://127.0.0.1:\(world.server.webSocketPort)", "--creds", path)

    let denied = try nats.failure("pub", "prices.new", "b", "--creds", path)
    #expect(denied.reason.string.contains("Permissions Violation for Publish to \"prices.new\""))
    let stolen = creds.replacingOccurrences(of: user["seed"].string ?? "", with: Self.seed)
    let refused = try nats.failure("pub", "orders.new", "b", "--creds", stolen)
    #expect(refused.reason.string.contains("by the JWT of user ann (Authorization Violation)"))
    #expect(refused.ran?.masked.contains(Self.seed) == false)
    #expect(
      try nats.failure("pub", "a", "b", "--creds", "/no/such/file").reason.string
        == "`--creds`: no creds, and no file of that name")
  }

  @Test func aUserThatIsRevokedIsOut() throws {
    let world = try OperatorWorld.shared.get()
    let nats = world.nats
    let user = try nats.run("auth", "user", "add", "ann", "--account", world.account["seed"].string ?? "")
    let creds = user["creds"].string ?? ""
    try nats.run("pub", "a", "b", "--creds", creds)
    let next = try nats.run(
      "auth", "account", "add", "APP", "--key", world.account["seed"].string ?? "", "--operator",
      world.operator["seed"].string ?? "",
      with: ["revocations": .map(ValueMap([(user["public"].string ?? "", .time(.now))]))])
    let answer = try nats.run(
      "request", "$SYS.REQ.CLAIMS.UPDATE", "--creds", world.system["creds"].string ?? "", with: next["jwt"])
    #expect(answer["data"].string?.contains("200") == true)
    try eventually {
      try nats.failure("pub", "a", "b", "--creds", creds).reason.string
    } where: {
      $0.contains("refused the login by the JWT of user ann")
    }
  }

  @Test func aWordThatMeansTLSSendsNothing() throws {
    let nats = try NatsFixture(["c1": []])
    defer { nats.end() }
    for url in ["tls://js:pw@127.0.0.1:4222", "wss://js:pw@127.0.0.1:4222"] {
      let failure = try nats.failure("pub", "a", "b", "--server", url)
      #expect(failure.reason.string.contains("TLS is asked for, which nbx does not speak, so that nothing was sent"))
      #expect(failure.advice?.contains("without TLS") == true)
    }
  }
}

/// A server that trusts an operator, with an account and a user of the system account.
final class OperatorWorld: Sendable {
  /// For tests that leave the server and the account as they are for others.
  static let shared = Result { try OperatorWorld() }

  let nats: NatsFixture
  let server: TestServer
  let `operator`: Value
  let account: Value
  /// A user of the system account.
  let system: Value

  init() throws {
    let maker = try NatsFixture(["c1": []])
    defer { maker.end() }
    let systemKey = try maker.run("auth", "nkey", "gen", "account")
    `operator` = try maker.run("auth", "operator", "add", "O", "--system-account", systemKey["public"].string ?? "")
    let seed = `operator`["seed"].string ?? ""
    let systemAccount = try maker.run(
      "auth", "account", "add", "SYS", "--key", systemKey["seed"].string ?? "", "--operator", seed)
    account = try maker.run("auth", "account", "add", "APP", "--operator", seed)
    system = try maker.run("auth", "user", "add", "sys", "--account", systemKey["seed"].string ?? "")
    let folder = try RunFolder.newPath()
    let (operatorJWT, systemName) = (`operator`["jwt"].string ?? "", systemAccount["public"].string ?? "")
    let accounts = [systemAccount, account].map { "\($0["public"].string ?? ""): \($0["jwt"].string ?? "")" }
    // It is to be found again where it was.
    server = try withFreePorts(1) { ports in
      try TestServer(
        port: ports[0],
        accounts: """
          operator: \(operatorJWT)
          system_account: \(systemName)
          resolver: { type: full, dir: "\(folder)" }
          resolver_preload: {
            \(accounts.joined(separator: "\n"))
          }
          """, jetStream: false, extra: "websocket { listen: \"127.0.0.1:-1\", no_tls: true }")
    }
    resolver = folder
    nats = try NatsFixture(server)
  }

  private let resolver: String

  func end() {
    nats.end()
    server.stop()
    try? FileManager.default.removeItem(atPath: resolver)
  }
}
