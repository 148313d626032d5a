#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension ObjectStore {
  /// Reads an object chunk by chunk. Throws `noObject` if there is none, and `objectFailed` if some of it is missing.
  ///
  /// The digest is for the caller to compare: see `ObjectInfo.check`.
  ///
  /// - Parameters:
  ///   - begin: is called with what is known of the object, before the first chunk.
  public func get(
    _ name: String, limit: WaitLimit, begin: (ObjectInfo) throws(NATSError) -> Void = { _ in },
    chunk: ([UInt8]) throws(NATSError) -> Void
  ) throws(NATSError) -> ObjectInfo {
    try read(name, followsLink: true, limit, begin, chunk)
  }

  /// Follows one link and no more: a row of them may be a circle.
  private func read(
    _ name: String, followsLink: Bool, _ limit: WaitLimit, _ begin: (ObjectInfo) throws(NATSError) -> Void,
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
