import Foundation
import TestSupport
import Testing

@testable import NATS

@Suite(.mayWait) struct ContextsTests {
  private let folder = FileManager.default.temporaryDirectory.appendingPathComponent("nbx-contexts-\(UUID())").path
  private var contexts: Contexts { Contexts(folder: "\(folder)/nats", sandbox: "\(folder)/sandbox") }

  private func removeFolder() { try? FileManager.default.removeItem(atPath: folder) }

  @Test func aContextComesBackAsItWasStored() throws {
    defer { removeFolder() }
    var context = try Context(name: "c1-js")
    context[.url] = "nats://127.0.0.1:4222"
    context[.user] = "js"
    context[.password] = "s3cret\"\\"
    try contexts.add(context)
    let loaded = try contexts.load("c1-js")
    for key in Context.Key.allCases { #expect(loaded[key] == context[key]) }
    let attributes = try FileManager.default.attributesOfItem(atPath: contexts.path(of: "c1-js"))
    #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
    #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/nats/context") == ["c1-js.json"])
  }

  @Test func whatIsUnknownIsKept() throws {
    defer { removeFolder() }
    try FileManager.default.createDirectory(atPath: "\(folder)/nats/context", withIntermediateDirectories: true)
    let text =
      #"{"nbx":{"sandbox":"/gone for long"},"url":"nats://a","future":{"a":[1,2.5,null,true,"x/y"],"n":9007199254740993},"tls_first":false}"#
    try text.write(toFile: contexts.path(of: "x"), atomically: true, encoding: .utf8)
    var context = try contexts.load("x")
    context[.user] = "me"
    try contexts.add(context)
    let written = try String(contentsOfFile: contexts.path(of: "x"), encoding: .utf8)
    #expect(written.contains("9007199254740993"))
    #expect(written.contains("\"x/y\""))
    #expect(written.contains("2.5"))
    #expect(written.contains("null"))
    #expect(try contexts.load("x")[.user] == "me")
  }

  @Test func namesAreListedAndSelected() throws {
    defer { removeFolder() }
    #expect(try contexts.names() == [])
    #expect(try contexts.selected() == nil)
    for name in ["b", "a"] { try contexts.add(try Context(name: name)) }
    #expect(try contexts.names() == ["a", "b"])
    try contexts.select("b")
    #expect(try contexts.selected() == "b")
    try contexts.remove("b")
    #expect(try contexts.selected() == nil)
    #expect(try contexts.names() == ["a"])
    let missing = NATSError.contextNotFound(name: "b", path: contexts.path(of: "b"), known: ["a"])
    #expect(throws: missing) { try contexts.remove("b") }
    #expect(throws: missing) { try contexts.select("b") }
    #expect(throws: missing) { _ = try contexts.load("b") }
  }

  @Test func `a pipe is waited for, but not for ever`() throws {
    defer { removeFolder() }
    let pipe = "\(folder)/pipe"
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    #expect(mkfifo(pipe, 0o600) == 0)
    #expect(throws: NATSError.fileFailed(path: pipe, action: "read it", errno: EAGAIN)) {
      _ = try Files.read(pipe, patience: .milliseconds(50))
    }
    let writer = Thread { try? Data("seed".utf8).write(to: URL(fileURLWithPath: pipe), options: []) }
    writer.start()
    #expect(try Files.read(pipe) == Array("seed".utf8))
  }

  @Test func `a link is its user's, even if it leads nowhere for now`() throws {
    defer { removeFolder() }
    let files = FileManager.default
    try files.createDirectory(atPath: "\(folder)/nats/context", withIntermediateDirectories: true)
    try files.createSymbolicLink(atPath: contexts.path(of: "c1"), withDestinationPath: "\(folder)/away.json")
    let error = NATSError.contextNotOurs(name: "c1", path: contexts.path(of: "c1"), sandbox: nil)
    #expect(throws: error) { try contexts.add(try Context(name: "c1")) }
    #expect(throws: error) { try contexts.remove("c1") }
    #expect(try files.destinationOfSymbolicLink(atPath: contexts.path(of: "c1")) == "\(folder)/away.json")
  }

  @Test func `what others have saved is neither overwritten nor removed`() throws {
    defer { removeFolder() }
    let files = FileManager.default
    for sandbox in ["sandbox", "another"] {
      try files.createDirectory(atPath: "\(folder)/\(sandbox)", withIntermediateDirectories: true)
    }
    let another = Contexts(folder: "\(folder)/nats", sandbox: "\(folder)/another")
    try another.add(try Context(name: "theirs"))
    for (name, text) in [("mine", #"{"url":"nats://prod"}"#), ("broken", "{")] {
      try text.write(toFile: contexts.path(of: name), atomically: true, encoding: .utf8)
    }
    for name in ["theirs", "mine", "broken"] {
      let before = try String(contentsOfFile: contexts.path(of: name), encoding: .utf8)
      let sandbox = name == "theirs" ? another.sandbox : nil
      let error = NATSError.contextNotOurs(name: name, path: contexts.path(of: name), sandbox: sandbox)
      #expect(throws: error) { try contexts.add(try Context(name: name)) }
      #expect(throws: error) { try contexts.remove(name) }
      #expect(try String(contentsOfFile: contexts.path(of: name), encoding: .utf8) == before)
    }
    // Of a sandbox that is no more nobody misses anything.
    try files.removeItem(atPath: another.sandbox)
    try contexts.add(try Context(name: "theirs"), cluster: "c1")
    #expect(try contexts.load("theirs").mark == ContextMark(sandbox: contexts.sandbox, cluster: "c1"))
  }

  @Test func `what was selected before comes back, whichever of ours goes first`() throws {
    for order in [["c1", "c2"], ["c2", "c1"]] {
      defer { removeFolder() }
      try FileManager.default.createDirectory(atPath: "\(folder)/nats/context", withIntermediateDirectories: true)
      try "{}".write(toFile: contexts.path(of: "work"), atomically: true, encoding: .utf8)
      try contexts.select("work")
      for name in ["c1", "c2"] {
        try contexts.add(try Context(name: name))
        #expect(try contexts.selected() == (name == "c1" ? "work" : "c1"), "nothing is selected unasked")
        try contexts.select(name)
        // Saved once more, as a second install does.
        try contexts.add(try Context(name: name))
      }
      for name in order { try contexts.remove(name) }
      #expect(try contexts.selected() == "work")
    }
  }

  @Test func `what a killed one has left is taken away, and what is being written is not`() throws {
    defer { removeFolder() }
    try contexts.add(try Context(name: "c1"))
    let place = "\(folder)/nats/context"
    // No process has this number: it is larger than any.
    for writer in ["4194999-x", "\(getpid())-x"] {
      try "".write(toFile: "\(place)/c1.json.\(writer).nbx.tmp", atomically: true, encoding: .utf8)
    }
    try contexts.remove("c1")
    #expect(try FileManager.default.contentsOfDirectory(atPath: place) == ["c1.json.\(getpid())-x.nbx.tmp"])
  }

  @Test(arguments: ["../x", "a/b", "", ".."])
  func aNameNeverLeadsElsewhere(_ name: String) {
    #expect(throws: NATSError.self) { _ = try Context(name: name) }
    #expect(throws: NATSError.self) { _ = try contexts.load(name) }
    #expect(throws: NATSError.self) { try contexts.remove(name) }
    #expect(throws: NATSError.self) { try contexts.select(name) }
  }

  @Test func aBrokenFileIsNamed() throws {
    defer { removeFolder() }
    try FileManager.default.createDirectory(atPath: "\(folder)/nats/context", withIntermediateDirectories: true)
    try "{".write(toFile: contexts.path(of: "x"), atomically: true, encoding: .utf8)
    let text = message { _ = try contexts.load("x") }
    #expect(text == "\(contexts.path(of: "x")) is no nats context: it is no valid JSON; mend the file or remove it")
  }

  @Test func theFolderFollowsTheEnvironment() {
    #expect(Contexts(environment: ["XDG_CONFIG_HOME": "/x", "HOME": "/h"], sandbox: "").folder == "/x/nats")
    #expect(Contexts(environment: ["HOME": "/h"], sandbox: "").folder == "/h/.config/nats")
    // As services run.
    let known = NSHomeDirectoryForUser(NSUserName())
    for environment in [[:], ["HOME": ""]] {
      #expect(Contexts(environment: environment, sandbox: "").folder == known.map { "\($0)/.config/nats" })
    }
  }

  @Test func optionsFollowTheContext() throws {
    var context = try Context(name: "x")
    context[.url] = "nats://a:1,nats://b"
    context[.user] = "u"
    context[.password] = "p"
    context[.inboxPrefix] = "_MINE"
    let options = try context.connectionOptions(signer: NoSigner())
    #expect(options.endpoints == [Endpoint(host: "a", port: 1), Endpoint(host: "b", port: 4222)])
    guard case .user("u", "p") = options.credentials else {
      Issue.record("\(options.credentials)")
      return
    }
    #expect(options.inboxPrefix == "_MINE")
  }

  @Test func theLoginIsThatOfTheFirstKeyThatIsSet() throws {
    defer { removeFolder() }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    let seed = NKey(kind: .user, isSeed: true, bytes: [UInt8](repeating: 7, count: 32))
    try "# mine\n\(seed.text)\n".write(toFile: "\(folder)/key", atomically: true, encoding: .utf8)
    let creds =
      "-----BEGIN NATS USER JWT-----\na.b.c\n------END NATS USER JWT------\n\n"
      + "-----BEGIN USER NKEY SEED-----\n\(seed.text)\n------END USER NKEY SEED------\n"
    try creds.write(toFile: "\(folder)/creds", atomically: true, encoding: .utf8)

    var context = try Context(name: "x")
    func login() throws -> Credentials { try context.connectionOptions(signer: NoSigner()).credentials }
    context[.token] = "t"
    guard case .token("t") = try login() else { throw Unexpected(what: try login()) }
    context[.userJWT] = "x.y.z"
    context[.userSeed] = seed.text
    guard case .jwt("x.y.z", seed, _) = try login() else { throw Unexpected(what: try login()) }
    context[.nkey] = "\(folder)/key"
    guard case .nkey(seed, _) = try login() else { throw Unexpected(what: try login()) }
    context[.creds] = "\(folder)/creds"
    guard case .jwt("a.b.c", seed, _) = try login() else { throw Unexpected(what: try login()) }

    context[.creds] = "\(folder)/none"
    #expect(message { _ = try login() } == "\(folder)/none: cannot read it: No such file or directory")
    context[.creds] = "\(folder)/key"
    #expect(message { _ = try login() }.contains("lacks a block NATS USER JWT"))
    // Where TLS is meant nothing may travel in clear.
    for key in [Context.Key.ca, .cert, .key, .nsc] {
      var other = try Context(name: "x")
      other[key] = "something"
      #expect(throws: NATSError.self) { _ = try other.connectionOptions(signer: NoSigner()) }
    }
  }
}

/// For logins that never come to a signature.
struct NoSigner: Signer {
  func publicKey(of seed: [UInt8]) throws(Problem) -> [UInt8] { throw "a public key is asked for" }
  func signature(of message: [UInt8], by seed: [UInt8]) throws(Problem) -> [UInt8] {
    throw "a signature is asked for"
  }
}

struct Unexpected: Error {
  let what: any Sendable
}
