import Foundation
import Interpreter
import NATS
import TestSupport
import Testing

@Suite(.serialized, .mayWait) struct ObjectTests {
  /// Bytes that are no text, other ones for each place.
  private func bytes(_ count: Int) -> Data { Data((0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ ($0 >> 8)) }) }

  @Test(arguments: ["/dev/zero", "pipe"]) func whatHasNoEndIsNotPut(name: String) throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    let folder = try ScratchFolder()
    #expect(mkfifo(folder.file("pipe"), 0o600) == 0)
    let path = name.hasPrefix("/") ? name : folder.file(name)
    try nats.run("object", "add", "files")
    let failure = try nats.failure("object", "put", "files", path, "--name", "x")
    #expect(failure.reason.string == "\(path) is no plain file")
    #expect(failure.advice?.contains("with read(\"\(path)\")") == true)
  }

  @Test func anObjectIsPutReadReplacedAndTakenAway() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    let made = try nats.run("object", "add", "files", "--description", "all", "--ttl", "1h", "--metadata", "a=b")
    #expect(made["bucket"].string == "files")
    #expect(made["config.discard"].string == "new")
    #expect(made["config.max_age"].shown() == "1h")
    let put = try nats.run(
      "object", "put", "files", "greeting", "--description", "polite", "-H", "Color: red", "--chunk-size", "4",
      with: "hello you")
    #expect(put["chunks"].shown() == "3")
    #expect(put["size"].shown() == "9B")
    #expect(put["digest"].string == "SHA-256=soN4j6Q6vtIMxJEGO_o6RV68p2GFPECanjrOyXEmMrw=")
    let got = try nats.run("object", "get", "files", "greeting")
    #expect(got["data"].string == "hello you")
    #expect(got["description"].string == "polite")
    #expect(got["headers.Color"].string == "red")
    guard case .time = got["mtime"] else { throw DidNotFail(value: got.shown()) }

    try nats.run("object", "put", "files", "greeting", with: "good day")
    #expect(try nats.run("object", "get", "files", "greeting")["data"].string == "good day")
    #expect(try nats.run("stream", "info", "OBJ_files")["state.messages"].shown() == "2", "the old chunks are gone")
    try nats.run("object", "put", "files", "empty", with: "")
    #expect(try nats.run("object", "get", "files", "empty")["data"].string == "")
    #expect(try nats.run("object", "ls", "files", "--names").shown() == #"["empty", "greeting"]"#)
    #expect(try nats.shown("object", "ls", "files").contains("│ greeting │  8 B │"))
    #expect(try nats.run("object", "ls").elements?.map { $0["bucket"].string } == ["files"])
    #expect(try nats.run("object", "info", "files")["bucket"].string == "files")

    try nats.run("object", "del", "files", "greeting", "--force")
    for words in [["get", "files", "greeting"], ["info", "files", "greeting"], ["del", "files", "greeting"]] {
      let failure = try nats.failure(["object"] + words)
      #expect(failure.reason.string.hasSuffix("object not found: bucket files has no greeting"), "\(words)")
    }
    #expect(try nats.run("object", "ls", "files", "--names").shown() == #"["empty"]"#)
    #expect(try nats.run("object", "seal", "files", "--force")["sealed"].shown() == "true")
    #expect(try nats.failure("object", "put", "files", "late", with: "x").reason.string.hasSuffix("(10109)"))
    try nats.run("object", "rm", "files", "--force")
    #expect(try nats.failure("object", "ls", "files").reason.string.contains("there is no bucket files"))
  }

  @Test func filesGoInAndComeOutWhole() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run("object", "add", "files")
    let source = try nats.url("source.bin")
    let target = try nats.url("target.bin")
    let data = bytes(5_000_001)
    try data.write(to: source)
    #expect(try nats.run("object", "put", "files", source.path, "--name", "five")["chunks"].shown() == "39")
    #expect(try nats.run("object", "get", "files", "five", "--output", target.path)["output"].string == target.path)
    #expect(try Data(contentsOf: target) == data)
    let value = try nats.run("object", "get", "files", "five")
    #expect(value["encoding"].string == "base64")
    #expect(Data(base64Encoded: value["data"].string ?? "") == data)
    #expect(try nats.failure("object", "put", "files", "/nowhere.bin").reason.string.contains("cannot read it"))
    #expect(
      try nats.failure("object", "get", "files", "five", "--output", "\(source.path)/below").reason.string.contains(
        "cannot write it"))
  }

  @Test func anObjectThatIsDamagedIsNotHandedOut() throws {
    let nats = try NatsFixture(TestAccount())
    defer { nats.end() }
    try nats.run("object", "add", "files")
    let target = try nats.url("target")
    try "as it was".write(to: target, atomically: true, encoding: .utf8)
    func refusal() throws -> String {
      let toFile = try nats.failure("object", "get", "files", "x", "--output", target.path).reason.string
      let toValue = try nats.failure("object", "get", "files", "x").reason.string
      #expect(toFile == toValue)
      #expect(try String(contentsOf: target, encoding: .utf8) == "as it was")
      return toValue
    }
    try nats.run("object", "put", "files", "x", "--chunk-size", "3", with: "abcdefgh")
    try nats.run("stream", "rmm", "OBJ_files", "2", "--force")
    #expect(try refusal().hasSuffix("object x of bucket files: only 2 of its 3 chunks are there"))

    let nuid = try nats.run("object", "put", "files", "x", with: "abc")["nuid"].string ?? ""
    try nats.run("stream", "purge", "OBJ_files", "--subject", "$O.files.C.\(nuid)", "--force")
    try nats.run("pub", "$O.files.C.\(nuid)", "abd", "--jetstream")
    #expect(
      try refusal().contains(
        "its bytes have another SHA-256 digest than SHA-256=ungWv48Bz-pBQUDeXa4iI7ADYaOWF3qctBD_YfIAFa0="))
    let left = try FileManager.default.contentsOfDirectory(atPath: nats.folder).filter { $0.contains(".tmp") }
    #expect(left == [])
  }

  @Test func anotherClientReadsWhatNbxWrote() throws {
    let account = try TestAccount()
    let nats = try NatsFixture(account)
    defer { nats.end() }
    try nats.run("object", "add", "files")
    try nats.run(
      "object", "put", "files", "päper/one two", "--chunk-size", "1000",
      with: .string(String(repeating: "nbx ", count: 9000)))
    try nats.run("kv", "add", "settings", "--history", "3")
    try nats.run("kv", "put", "settings", "color", "red")
    try nats.run("kv", "put", "settings", "gone", "x")
    try nats.run("kv", "del", "settings", "gone")
    let said = try PythonClient.run(
      """
      store = await js.object_store("files")
      object = await store.get("päper/one two")
      print(len(object.data), object.data == b"nbx " * 9000, object.info.chunks)
      bucket = await js.key_value("settings")
      entry = await bucket.get("color")
      print(entry.value, entry.revision)
      try:
          await bucket.get("gone")
      except nats.js.errors.KeyNotFoundError as deleted:
          print(deleted.op)
      print((await bucket.status()).history)
      """, url: account.url())
    #expect(said == "36000 True 36\nb'red' 1\nDEL\n3\n")
  }

  @Test func nbxReadsWhatAnotherClientWrote() throws {
    let account = try TestAccount()
    let nats = try NatsFixture(account)
    defer { nats.end() }
    _ = try PythonClient.run(
      """
      store = await js.create_object_store("files")
      await store.put("report", b"py" * 200000, nats.js.api.ObjectMeta(description="from Python"))
      await store.put("empty", b"")
      await store.put("gone", b"x")
      await store.delete("gone")
      bucket = await js.create_key_value(bucket="settings", history=3)
      await bucket.put("color", b"red")
      await bucket.update("color", b"blue", last=1)
      await bucket.put("gone", b"x")
      await bucket.delete("gone")
      """, url: account.url())
    let report = try nats.run("object", "get", "files", "report")
    #expect(report["data"].string == String(repeating: "py", count: 200_000))
    #expect(report["description"].string == "from Python")
    #expect(try nats.run("object", "get", "files", "empty")["data"].string == "")
    #expect(try nats.run("object", "ls", "files", "--names").shown() == #"["empty", "report"]"#)
    #expect(try nats.run("kv", "get", "settings", "color", "--raw").string == "blue")
    #expect(try nats.run("kv", "history", "settings", "color").elements?.count == 2)
    #expect(try nats.run("kv", "ls", "settings").shown() == #"["color"]"#)
    #expect(try nats.failure("kv", "update", "settings", "color", "x", "1").reason.string.hasSuffix("(10071)"))
  }
}
