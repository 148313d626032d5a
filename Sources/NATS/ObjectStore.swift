#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// An object store: a stream `OBJ_BUCKET` with an object's chunks under `$O.BUCKET.C.NUID`, and what is known of it under
/// `$O.BUCKET.M.NAME`, the name in Base64.
///
/// It computes no digests: whoever reads and writes brings the SHA-256 of the bytes.
public struct ObjectStore: Sendable {
  public let jetStream: JetStream
  public let bucket: String

  /// What every store's stream is called first.
  public static let streamPrefix = "OBJ_"
  /// How large chunks are unless something else is said.
  public static let usualChunkSize = 128 << 10

  public var stream: String { Self.streamPrefix + bucket }

  /// Asks nobody: a store that does not exist is found out by the first use.
  public init(_ jetStream: JetStream, bucket: String) throws(NATSError) {
    try Names.checkBucket(bucket)
    self.jetStream = jetStream
    self.bucket = bucket
  }

  /// What is known of an object; nil if there never was one of this name. A deleted one says so.
  public func info(_ name: String, limit: WaitLimit) throws(NATSError) -> ObjectInfo? {
    let message = try named { () throws(NATSError) in
      try jetStream.storedMessage(.last(subject: metaSubject(name)), in: stream, limit: limit)
    }
    guard let message else { return nil }
    return try objectInfo(message)
  }

  /// What is known of all objects, each as it comes; deleted ones are left out.
  ///
  /// - Parameter each: is called with an object, or with why an entry of the store is none.
  public func objects(limit: WaitLimit, each: (Result<ObjectInfo, NATSError>) -> Void) throws(NATSError) {
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
  public func delete(_ name: String, limit: WaitLimit) throws(NATSError) {
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
    _ subjects: [String], start: StreamReader.Selection.Start = .lastOfEachSubject, batch: Int = 256, limit: WaitLimit
  ) throws(NATSError) -> StreamReader {
    try named { () throws(NATSError) in
      try StreamReader(
        jetStream, stream: stream, .init(start: start, subjects: subjects, endsWhenEmpty: true), batch: batch,
        limit: limit)
    }
  }

  func publish(_ info: ObjectInfo, limit: WaitLimit) throws(NATSError) -> PublishAcknowledgement {
    try jetStream.publish(metaSubject(info.name), info.bytes, headers: ["Nats-Rollup": "sub"], limit: limit)
  }

  func removeChunks(_ nuid: String, limit: WaitLimit) throws(NATSError) {
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
