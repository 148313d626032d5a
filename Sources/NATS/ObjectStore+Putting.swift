extension ObjectStore {
  /// What is to be put under a name.
  public struct NewObject: Sendable {
    public var name: String
    public var description: String?
    public var headers: [String: [String]] = [:]
    public var chunkSize = ObjectStore.usualChunkSize

    public init(_ name: String) { self.name = name }
  }

  /// Puts an object in the place of one of the same name. Chunks leave one after the other and are never all in memory;
  /// if anything fails they are taken away again, and the object that was there before stays.
  ///
  /// - Parameters:
  ///   - chunk: gives the next chunk, empty at the end.
  ///   - digest: the SHA-256 of all of them, asked for behind the last one.
  public func put(
    _ object: NewObject, limit: WaitLimit, chunk: () throws(NATSError) -> [UInt8],
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
    _ chunk: () throws(NATSError) -> [UInt8], of info: inout ObjectInfo, limit: WaitLimit
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
