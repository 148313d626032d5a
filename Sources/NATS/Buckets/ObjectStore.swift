/// An object store: a stream `OBJ_BUCKET` with an object's chunks under `$O.BUCKET.C.NUID`, and what is known of it under
/// `$O.BUCKET.M.NAME`, the name in Base64.
///
/// It computes no digests: whoever reads and writes brings the SHA-256 of the bytes.
public struct ObjectStore: Sendable {
  /// The JetStream that the store is asked of.
  public let jetStream: JetStream
  /// The store's name.
  public let bucket: String

  /// What every store's stream is called first.
  public static let streamPrefix = "OBJ_"
  /// How large chunks are unless something else is said.
  public static let usualChunkSize = 128 << 10

  /// The name of the store's stream.
  public var stream: String { Self.streamPrefix + bucket }

  /// Asks nobody: a store that does not exist is found out by the first use.
  public init(_ jetStream: JetStream, bucket: String) throws(NATSError) {
    try Names.checkBucket(bucket)
    self.jetStream = jetStream
    self.bucket = bucket
  }

  /// What is known of an object; nil if there never was one of this name. A deleted one says so.
  public func info(_ name: String, limit: Limit) throws(NATSError) -> ObjectInfo? {
    let message = try named { () throws(NATSError) in
      try jetStream.storedMessage(.last(subject: metaSubject(name)), in: stream, limit: limit)
    }
    guard let message else { return nil }
    return try objectInfo(message)
  }

  /// What is known of all objects, each as it comes; deleted ones are left out.
  ///
  /// - Parameter each: is called with an object, or with why an entry of the store is none.
  public func objects(limit: Limit, each: (Result<ObjectInfo, NATSError>) -> Void) throws(NATSError) {
    let reader = try reader(["$O.\(bucket).M.>"], limit: limit)
    defer { reader.end() }
    while let message = try reader.next(limit: limit) {
      do throws(NATSError) {
        let object = try objectInfo(message)
        if !object.isDeleted { each(.success(object)) }
      } catch {
        each(.failure(error))
      }
      if reader.pending == 0 { break }
    }
  }

  /// Takes an object away; what is left is a word that it was there.
  public func delete(_ name: String, limit: Limit) throws(NATSError) {
    guard var info = try info(name, limit: limit), !info.isDeleted else {
      throw .noObject(server: jetStream.connection.server, bucket: bucket, name: name)
    }
    info.isDeleted = true
    info.size = 0
    info.chunks = 0
    info.digest = nil
    _ = try publish(info, limit: limit)
    try removeChunks(info.nuid, limit: limit)
  }

  func reader(
    _ subjects: [String], start: StreamReader.Selection.Start = .lastOfEachSubject, batch: Int = 256, limit: Limit
  ) throws(NATSError) -> StreamReader {
    try named { () throws(NATSError) in
      try StreamReader(
        jetStream, stream: stream, .init(start: start, subjects: subjects, endsWhenEmpty: true), batch: batch,
        limit: limit)
    }
  }

  func publish(_ info: ObjectInfo, limit: Limit) throws(NATSError) -> PublishAcknowledgement {
    try jetStream.publish(metaSubject(info.name), info.bytes, headers: ["Nats-Rollup": "sub"], limit: limit)
  }

  func removeChunks(_ nuid: String, limit: Limit) throws(NATSError) {
    let filter: JSONValue = .object(["filter": .string(chunkSubject(nuid))])
    _ = try jetStream.requestWhenReady("STREAM.PURGE.\(stream)", filter.bytes, limit: limit)
  }

  func chunkSubject(_ nuid: String) -> String { "$O.\(bucket).C.\(nuid)" }

  private func metaSubject(_ name: String) -> String { "$O.\(bucket).M.\(ObjectInfo.encoded(Array(name.utf8)))" }

  private func objectInfo(_ message: StoredMessage) throws(NATSError) -> ObjectInfo {
    var info: ObjectInfo = try jetStream.decode(message.payload, subject: message.subject)
    info.modified = message.time
    return info
  }

  func named<Result>(_ body: () throws(NATSError) -> Result) throws(NATSError) -> Result {
    try NATSError.naming(bucket: bucket, body)
  }
}

extension ObjectStore {
  /// Reads an object chunk by chunk. Throws `noObject` if there is none, and `objectFailed` if some of it is missing.
  ///
  /// The digest is for the caller to compare: see `ObjectInfo.check`.
  ///
  /// - Parameters:
  ///   - begin: is called with what is known of the object, before the first chunk.
  public func get(
    _ name: String, limit: Limit, begin: (ObjectInfo) throws(NATSError) -> Void = { _ in },
    chunk: ([UInt8]) throws(NATSError) -> Void
  ) throws(NATSError) -> ObjectInfo {
    try read(name, followsLink: true, limit, begin, chunk)
  }

  /// Follows one link and no more: a row of them may be a circle.
  private func read(
    _ name: String, followsLink: Bool, _ limit: Limit, _ begin: (ObjectInfo) throws(NATSError) -> Void,
    _ chunk: ([UInt8]) throws(NATSError) -> Void
  ) throws(NATSError) -> ObjectInfo {
    guard let info = try info(name, limit: limit), !info.isDeleted else {
      throw .noObject(server: jetStream.connection.server, bucket: bucket, name: name)
    }
    if let link = info.options?.link {
      guard let target = link.name, followsLink else {
        throw failed(name, "it is a link to \(link.name ?? "all") of bucket \(link.bucket), which is no object")
      }
      return try ObjectStore(jetStream, bucket: link.bucket).read(target, followsLink: false, limit, begin, chunk)
    }
    try begin(info)
    guard info.size > 0 else { return info }
    // As many chunks as may wait in memory.
    let batch = max(1, (8 << 20) / max(1, info.options?.maxChunkSize ?? Self.usualChunkSize))
    let reader = try reader([chunkSubject(info.nuid)], start: .all, batch: min(batch, 256), limit: limit)
    defer { reader.end() }
    var chunks = 0
    var size: UInt64 = 0
    while chunks < info.chunks, let message = try reader.next(limit: limit) {
      try chunk(message.payload)
      chunks += 1
      size += UInt64(message.payload.count)
      if reader.pending == 0 { break }
    }
    guard chunks == info.chunks else {
      throw failed(info.name, "only \(chunks) of its \(info.chunks) chunks are there")
    }
    guard size == info.size else { throw failed(info.name, "it has \(size) bytes instead of \(info.size)") }
    return info
  }

  /// Throws `objectFailed` if the digest is not the object's.
  public func check(_ info: ObjectInfo, sha256 digest: [UInt8]) throws(NATSError) {
    // Some clients leave out the padding at the end.
    func bare(_ text: String) -> String {
      String(text.lowercased().hasPrefix("sha-256=") ? text.dropFirst(8) : text[...])
    }
    func unpadded(_ text: String) -> String { String(bare(text).filter { $0 != "=" }) }
    guard let written = info.digest, unpadded(written) == unpadded(ObjectInfo.written(digest: digest)) else {
      throw failed(info.name, "its bytes have another SHA-256 digest than \(info.digest ?? "none")")
    }
  }

  /// What is the matter with an object, as an error.
  public func failed(_ name: String, _ problem: String) -> NATSError {
    .objectFailed(server: jetStream.connection.server, bucket: bucket, name: name, problem: problem)
  }
}

extension ObjectStore {
  /// What is to be put under a name.
  public struct NewObject: Sendable {
    /// What it is to be called.
    public var name: String
    /// A line for people.
    public var description: String?
    /// Headers, kept with what is known of the object.
    public var headers: [String: [String]] = [:]
    /// How many bytes a chunk has, but for the last.
    public var chunkSize = ObjectStore.usualChunkSize

    /// An object with neither description nor headers.
    public init(_ name: String) { self.name = name }
  }

  /// Puts an object in the place of one of the same name. Chunks leave one after the other and are never all in memory;
  /// if anything fails they are taken away again, and the object that was there before stays.
  ///
  /// - Parameters:
  ///   - chunk: gives the next chunk, empty at the end.
  ///   - digest: the SHA-256 of all of them, asked for behind the last one.
  public func put(
    _ object: NewObject, limit: Limit, chunk: () throws(NATSError) -> [UInt8],
    digest: () throws(NATSError) -> [UInt8]
  ) throws(NATSError) -> ObjectInfo {
    let before = try info(object.name, limit: limit)
    var info = ObjectInfo(
      name: object.name, bucket: bucket, nuid: UniqueID.next(), chunkSize: object.chunkSize)
    info.description = object.description
    info.headers = object.headers.isEmpty ? nil : object.headers
    do throws(NATSError) {
      try send(chunk, of: &info, limit: limit)
      info.digest = ObjectInfo.written(digest: try digest())
      _ = try publish(info, limit: limit)
    } catch {
      // As far as that goes: what made it fail may be what stands in the way here, too.
      try? removeChunks(info.nuid, limit: .within(.seconds(5)))
      throw error
    }
    if let before, !before.isDeleted, before.options?.link == nil { try removeChunks(before.nuid, limit: limit) }
    return try self.info(object.name, limit: limit) ?? info
  }

  /// How many bytes may be on their way at once.
  private static let window = 2 << 20

  /// Sends chunks with some of them on their way at once.
  private func send(
    _ chunk: () throws(NATSError) -> [UInt8], of info: inout ObjectInfo, limit: Limit
  ) throws(NATSError) {
    let subject = chunkSubject(info.nuid)
    let publisher = OrderedPublisher(jetStream, subject: subject, limit: limit)
    defer { publisher.end() }
    var sent: UInt64 = 0
    while true {
      let bytes = try chunk()
      if bytes.isEmpty { break }
      let most = max(1, Self.window / max(1, bytes.count))
      while publisher.underway >= most { try publisher.confirmFirst() }
      try publisher.send(bytes)
      sent += UInt64(bytes.count)
      info.chunks += 1
    }
    while publisher.underway > 0 { try publisher.confirmFirst() }
    info.size = sent
  }
}

/// What an object store says about an object, as it is written in the store.
public struct ObjectInfo: Sendable, Codable, Equatable {
  /// Another object, or a whole bucket, that is meant by this one.
  public struct Link: Sendable, Codable, Equatable {
    /// The bucket that is linked to.
    public var bucket: String
    /// Nil for a link to a whole bucket.
    public var name: String?
  }

  /// How it is stored.
  public struct Options: Sendable, Codable, Equatable {
    /// What it stands for; nil for an object of its own.
    public var link: Link?
    /// How many bytes its chunks have at most.
    public var maxChunkSize: Int?

    private enum CodingKeys: String, CodingKey {
      case link
      case maxChunkSize = "max_chunk_size"
    }
  }

  /// The name it was put under.
  public var name: String
  /// A line for people; nil for none.
  public var description: String?
  /// Headers, kept with what is known of the object.
  public var headers: [String: [String]]?
  /// How it is stored; nil where its client has not said.
  public var options: Options?
  /// The bucket that it lies in.
  public var bucket: String
  /// Under which its chunks lie: another one each time the object is put.
  public var nuid: String
  /// In bytes.
  public var size: UInt64
  /// How many chunks it lies in.
  public var chunks: Int
  /// `SHA-256=` and the digest in Base64 with `-` and `_`.
  public var digest: String?
  /// Whether it was deleted, so that only this is left of it.
  public var isDeleted: Bool
  /// When it was put, in nanoseconds since 1970-01-01T00:00:00Z: that is when its description was stored.
  public var modified: Int64 = 0

  private enum CodingKeys: String, CodingKey {
    case name, description, headers, options, bucket, nuid, size, chunks, digest, mtime
    case isDeleted = "deleted"
  }

  init(name: String, bucket: String, nuid: String, chunkSize: Int) {
    self.name = name
    self.bucket = bucket
    self.nuid = nuid
    size = 0
    chunks = 0
    isDeleted = false
    options = Options(maxChunkSize: chunkSize)
  }

  /// Other clients leave out what is empty.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    name = try values.decode(String.self, forKey: .name)
    bucket = try values.decode(String.self, forKey: .bucket)
    nuid = try values.decodeIfPresent(String.self, forKey: .nuid) ?? ""
    description = try values.decodeIfPresent(String.self, forKey: .description)
    headers = try values.decodeIfPresent([String: [String]].self, forKey: .headers)
    options = try values.decodeIfPresent(Options.self, forKey: .options)
    size = try values.decodeIfPresent(UInt64.self, forKey: .size) ?? 0
    chunks = try values.decodeIfPresent(Int.self, forKey: .chunks) ?? 0
    digest = try values.decodeIfPresent(String.self, forKey: .digest)
    isDeleted = try values.decodeIfPresent(Bool.self, forKey: .isDeleted) ?? false
  }

  /// As other clients write it.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    try values.encode(name, forKey: .name)
    try values.encodeIfPresent(description, forKey: .description)
    try values.encodeIfPresent(headers, forKey: .headers)
    try values.encodeIfPresent(options, forKey: .options)
    try values.encode(bucket, forKey: .bucket)
    try values.encode(nuid, forKey: .nuid)
    try values.encode(size, forKey: .size)
    // The server's time of the message counts; the other clients, too, leave it open here.
    try values.encode("0001-01-01T00:00:00Z", forKey: .mtime)
    try values.encode(chunks, forKey: .chunks)
    try values.encodeIfPresent(digest, forKey: .digest)
    if isDeleted { try values.encode(true, forKey: .isDeleted) }
  }

  /// Texts and numbers: nothing that the encoder could refuse.
  var bytes: [UInt8] { (try? Coding.json(self)) ?? [] }

  /// How a SHA-256 digest is written.
  static func written(digest: [UInt8]) -> String { "SHA-256=" + encoded(digest) }

  /// Base64 as it may stand in a subject.
  static func encoded(_ bytes: [UInt8]) -> String {
    String(
      Coding.base64(bytes).map { character in
        switch character {
        case "+": "-"
        case "/": "_"
        default: character
        }
      })
  }
}
