import NATS
import SandboxSystem
import ValuesAndCommands

/// `object …`: object stores and what they hold.
extension NatsSubcommand {
  static let objects: [NatsSubcommand] = [
    sub(
      "object add", "Makes an object store; one that is there and just like it stays as it is", Positional("BUCKET"),
      flags: ConfigurationKeys.objectStore.flags + [
        Flag("--compress", .toggle, "objects are packed")
      ], gives: Gives.store, example: "nats object add backups --replicas 3 --cluster xr-js",
      changes: true, run: add),
    sub(
      "object put", "Puts a file into a store; or what `with` brings, then the second word is the object's name",
      store, Positional("FILE"),
      flags: [
        Flag("--name", .text, "the object's name, if it is not the file's path"),
        Flag("--description", .text, "what it is"), .header,
        Flag("--chunk-size", .size, "how large its chunks are; 128Ki if not given"), .force,
      ], document: "the object's bytes, in place of a file's", gives: Gives.object,
      example: "nats object put backups data/orders.json --name orders", changes: true, run: put),
    sub(
      "object get", "An object: as a value's `data`, or into a file", store, objectName,
      flags: [
        Flag(
          "--output", .text, "the file that it is written to", aliases: ["-O"],
          gives: Gives.objectInFile),
        .force,
      ], gives: Gives.objectWithData, example: "nats object get backups orders --output restored.json",
      run: get),
    sub(
      "object info", "What is known of an object; without a name, of the store", store,
      Positional("NAME", optional: true, offers: .objects, gives: Gives.object), flags: [.json],
      gives: Gives.store, example: "nats object info backups orders", run: info),
    sub(
      "object ls", "Every store; or the objects of a store",
      Positional("BUCKET", optional: true, offers: .stores, gives: .list(Gives.object)),
      flags: [.names("their names alone")], gives: .list(Gives.store), example: "nats object ls backups", run: list),
    deletion("object del", "Takes an object away; without a name the store with all that it holds"),
    deletion("object rm", "The same as `object del`"),
    sub(
      "object seal", "Closes a store for good: nothing comes to it and nothing goes", store, flags: [.force],
      gives: Gives.store, example: "nats object seal backups --force", changes: true, run: seal),
  ]

  private static let store = Positional("BUCKET", offers: .stores)
  private static let objectName = Positional("NAME", offers: .objects)

  private static func deletion(_ path: String, _ summary: String) -> NatsSubcommand {
    sub(
      path, summary, store,
      Positional(
        "NAME", optional: true, offers: .objects, gives: Gives.map("bucket text; name text")),
      flags: [.force], gives: Gives.map("bucket text"), example: "nats \(path) backups orders --force",
      changes: true, run: delete)
  }

  @Sendable private static func add(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkBucket)
    var configuration = ConfigurationKeys.bucketDefaults
    configuration["name"] = .string(ObjectStore.streamPrefix + name)
    configuration["subjects"] = .list([Value.string("$O.\(name).C.>"), Value.string("$O.\(name).M.>")])
    try ConfigurationKeys.objectStore.set(in: &configuration, call.words)
    configuration["compression"] = call.words.has("--compress") ? "s2" : "none"
    let made = BucketKind.objects.value(try call.makeStream(ObjectStore.streamPrefix + name, configuration))
    return call.present(made)
  }

  @Sendable private static func put(_ call: NatsCall) throws(CommandFailure) -> Value {
    let word = try call.objectName()
    var object = ObjectStore.NewObject(call.words.string("--name") ?? word)
    object.description = call.words.string("--description")
    for field in try MessageWords.headers(of: call).fields {
      object.headers[field.name, default: []].append(field.value)
    }
    if let size = call.words.size("--chunk-size") {
      guard size > 0, size <= 64 << 20 else {
        throw .misused("chunks have 1 byte to 64Mi, not \(size)", advice: "--chunk-size 128Ki")
      }
      object.chunkSize = Int(size)
    }
    let stored: ObjectInfo
    if let document = call.call.document {
      stored = try put(document.documentBytes(), object, call)
    } else {
      stored = try putFile(call.call.path(word), object, call)
    }
    call.show("\(stored.name) has \(Figures.size(Int64(clamping: stored.size))) in \(stored.chunks) chunks")
    return ObjectText.value(stored)
  }

  private static func put(
    _ bytes: [UInt8], _ object: ObjectStore.NewObject, _ call: NatsCall
  ) throws(CommandFailure) -> ObjectInfo {
    let digest = try SHA256Digest.of(bytes, call)
    return try call.withObjects { store throws(NATSError) in
      var rest = bytes[...]
      return try store.put(
        object, limit: call.limit(),
        chunk: {
          defer { rest = rest.dropFirst(object.chunkSize) }
          return Array(rest.prefix(object.chunkSize))
        }, digest: { digest })
    }
  }

  private static func putFile(
    _ path: String, _ object: ObjectStore.NewObject, _ call: NatsCall
  ) throws(CommandFailure) -> ObjectInfo {
    var isPlain = false
    try call.checked { () throws(NATSError) in isPlain = try ObjectSource(path).isPlain }
    // It is read for its digest first, then once for each try.
    guard isPlain else {
      throw .misused("\(path) is no plain file", advice: "bring what it gives yourself: … with read(\"\(path)\")")
    }
    let digest = try SHA256Digest.ofFile(path, call)
    return try call.withObjects { store throws(NATSError) in
      let source = try ObjectSource(path)
      return try store.put(
        object, limit: call.limit(), chunk: { () throws(NATSError) in try source.next(object.chunkSize) },
        digest: { () throws(NATSError) in
          guard try source.isUnchanged() else {
            throw store.failed(object.name, "the file \(path) changed while it was read")
          }
          return digest
        })
    }
  }

  /// A value is kept in memory as a whole; what is larger goes to a file.
  private static let largestValue: UInt64 = 64 << 20

  @Sendable private static func get(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.objectName()
    if let output = call.words.string("--output") { return try getFile(name, call.call.path(output), call) }
    var bytes: [UInt8] = []
    let info = try call.withObjects { store throws(NATSError) in
      bytes = []
      return try store.get(
        name, limit: call.limit(),
        begin: { info throws(NATSError) in
          guard info.size <= largestValue else {
            throw store.failed(name, "it has \(info.size) bytes, too many for a value; write it to a file: --output")
          }
        }, chunk: { bytes += $0 })
    }
    try check(info, try SHA256Digest.of(bytes, call), call)
    var entries = ObjectText.value(info).entries
    MessageValue.set(bytes, in: &entries)
    call.show(entries["data"]?.printed ?? "")
    return .map(entries)
  }

  private static func getFile(_ name: String, _ path: String, _ call: NatsCall) throws(CommandFailure) -> Value {
    let (info, file) = try call.withObjects { store throws(NATSError) in
      let file = try UserFile.within { () throws(MachineError) in try UserFile(path) }
      let info = try store.get(
        name, limit: call.limit(),
        chunk: { bytes throws(NATSError) in
          try UserFile.within { () throws(MachineError) in try file.append(bytes) }
        })
      return (info, file)
    }
    try check(info, try SHA256Digest.ofFile(file.stagedPath, call), call)
    try call.call.keep(file)
    call.show("\(path) has \(Figures.size(Int64(clamping: info.size)))")
    var entries = ObjectText.value(info).entries
    entries["output"] = .string(path)
    return .map(entries)
  }

  private static func check(_ info: ObjectInfo, _ digest: [UInt8], _ call: NatsCall) throws(CommandFailure) {
    try call.withObjects { store throws(NATSError) in try store.check(info, sha256: digest) }
  }

  @Sendable private static func info(_ call: NatsCall) throws(CommandFailure) -> Value {
    guard call.words.positional(1) != nil else { return try BucketKind.objects.info(call) }
    let name = try call.objectName()
    let info = try call.withObjects { store throws(NATSError) in
      guard let info = try store.info(name, limit: call.limit(atMost: NatsCall.patience)), !info.isDeleted else {
        throw .noObject(server: store.jetStream.connection.server, bucket: store.bucket, name: name)
      }
      return info
    }
    let value = ObjectText.value(info)
    return call.present(value)
  }

  @Sendable private static func list(_ call: NatsCall) throws(CommandFailure) -> Value {
    guard call.words.positional(0) != nil else { return try BucketKind.objects.list(call) }
    let namesOnly = call.words.has("--names")
    var unreadable: [NATSError] = []
    let objects = try call.gathering("objects", as: ObjectText.value) { objects throws(CommandFailure) in
      try call.withObjects { store throws(NATSError) in
        (objects, unreadable) = ([], [])
        try store.objects(limit: call.limit(atMost: .seconds(60))) { found in
          switch found {
          case .success(let object): objects.append(object)
          case .failure(let error): unreadable.append(error)
          }
        }
      }
    }.sorted { $0.name < $1.name }
    for error in unreadable { call.warn("one entry is no object: \(call.failure(error).reason.masked)") }
    let names = objects.map(\.name)
    call.show(namesOnly && !names.isEmpty ? names.joined(separator: "\n") : ObjectText.table(objects))
    return .list(namesOnly ? names.map(Value.string) : objects.map(ObjectText.value))
  }

  @Sendable private static func delete(_ call: NatsCall) throws(CommandFailure) -> Value {
    let bucket = try call.name(Names.checkBucket)
    guard call.words.positional(1) != nil else { return try BucketKind.objects.delete(call) }
    let name = try call.objectName()
    try call.withObjects(mayRepeat: false) { store throws(NATSError) in
      try store.delete(name, limit: call.limit(atMost: .seconds(30)))
    }
    call.show("\(name) is taken away")
    return ["bucket": .string(bucket), "name": .string(name)]
  }

  @Sendable private static func seal(_ call: NatsCall) throws(CommandFailure) -> Value {
    let name = try call.name(Names.checkBucket)
    let sealed = BucketKind.objects.value(
      try call.editStream(ObjectStore.streamPrefix + name, ValueMap([("sealed", true)])))
    call.show("bucket \(name) is sealed")
    return sealed
  }
}

extension NatsCall {
  func withObjects<Result>(
    mayRepeat: Bool = true, _ body: (ObjectStore) throws(NATSError) -> Result
  ) throws(CommandFailure) -> Result {
    let name = try name(Names.checkBucket)
    return try withJetStream(mayRepeat: mayRepeat) { jetStream throws(NATSError) in
      try body(ObjectStore(jetStream, bucket: name))
    }
  }

  /// The second word, as an object's name: anything but nothing.
  fileprivate func objectName() throws(CommandFailure) -> String {
    let name = words.positional(1)?.string ?? ""
    guard !name.isEmpty else { throw .misused("an object's name is not empty") }
    return name
  }
}

/// A file that goes into an object store, a chunk at a time.
final class ObjectSource {
  let path: String
  private let file: OwnedDescriptor
  private let before: stat

  init(_ path: String) throws(NATSError) {
    self.path = path
    guard let file = OwnedDescriptor.open(path, O_RDONLY | O_NONBLOCK) else {
      throw .fileFailed(path: path, action: "read it", errno: errno)
    }
    self.file = file
    before = try Self.status(file, path)
    if before.st_mode & S_IFMT == S_IFDIR { throw .fileFailed(path: path, action: "read it", errno: EISDIR) }
  }

  /// Whether what it reads is there to be read once more; a pipe's text comes once, and a device's may have no end.
  var isPlain: Bool { before.st_mode & S_IFMT == S_IFREG }

  /// As many bytes as a chunk has; fewer only at the file's end, and none behind it.
  func next(_ size: Int) throws(NATSError) -> [UInt8] {
    var failure: Int32 = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      while count < size {
        let got = read(file.number, buffer.baseAddress?.advanced(by: count), size - count)
        if got == 0 { return }
        if got > 0 {
          count += got
        } else if errno != EINTR {
          failure = errno
          return
        }
      }
    }
    if failure != 0 { throw .fileFailed(path: path, action: "read it", errno: failure) }
    return bytes
  }

  /// Whether the file is as it was when it was opened.
  func isUnchanged() throws(NATSError) -> Bool {
    let now = try Self.status(file, path)
    #if canImport(Glibc)
      let isAsOld = now.st_mtim.tv_sec == before.st_mtim.tv_sec && now.st_mtim.tv_nsec == before.st_mtim.tv_nsec
    #else
      let isAsOld =
        now.st_mtimespec.tv_sec == before.st_mtimespec.tv_sec
        && now.st_mtimespec.tv_nsec == before.st_mtimespec.tv_nsec
    #endif
    return isAsOld && now.st_size == before.st_size
  }

  private static func status(_ file: OwnedDescriptor, _ path: String) throws(NATSError) -> stat {
    var status = stat()
    guard fstat(file.number, &status) == 0 else { throw .fileFailed(path: path, action: "read it", errno: errno) }
    return status
  }
}

extension UserFile {
  /// Does something with it, and says as the client library does what kept it from that.
  static func within<Result>(_ body: () throws(MachineError) -> Result) throws(NATSError) -> Result {
    do { return try body() } catch {
      switch error {
      case .fileNotWritten(let path, let errno), .folderNotMade(let path, let errno):
        throw .fileFailed(path: path, action: "write it", errno: errno)
      default: throw .fileFailed(path: "\(error)", action: "write it", errno: EIO)
      }
    }
  }
}
