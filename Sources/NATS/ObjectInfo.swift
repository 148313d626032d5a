#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// What an object store says about an object, as it is written in the store.
public struct ObjectInfo: Sendable, Codable, Equatable {
  public struct Link: Sendable, Codable, Equatable {
    public var bucket: String
    /// Nil for a link to a whole bucket.
    public var name: String?
  }

  public struct Options: Sendable, Codable, Equatable {
    public var link: Link?
    public var maxChunkSize: Int?

    private enum CodingKeys: String, CodingKey {
      case link
      case maxChunkSize = "max_chunk_size"
    }
  }

  public var name: String
  public var description: String?
  public var headers: [String: [String]]?
  public var options: Options?
  public var bucket: String
  /// Under which its chunks lie: another one each time the object is put.
  public var nuid: String
  public var size: UInt64
  public var chunks: Int
  /// `SHA-256=` and the digest in Base64 with `-` and `_`.
  public var digest: String?
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
  var bytes: [UInt8] { (try? JSONEncoder().encode(self)).map(Array.init) ?? [] }

  /// How a SHA-256 digest is written.
  static func written(digest: [UInt8]) -> String { "SHA-256=" + encoded(digest) }

  /// Base64 as it may stand in a subject.
  static func encoded(_ bytes: [UInt8]) -> String {
    String(
      Data(bytes).base64EncodedString().map { character in
        switch character {
        case "+": "-"
        case "/": "_"
        default: character
        }
      })
  }
}
