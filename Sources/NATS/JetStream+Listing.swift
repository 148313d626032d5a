#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension JetStream {
  /// Every page of a listing, such as `STREAM.LIST`, `STREAM.NAMES` or `CONSUMER.LIST.ORDERS`, as the bytes that came.
  ///
  /// - Parameters:
  ///   - subject: only streams that take this subject.
  public func pages(
    _ api: String, subject: String? = nil, limit: WaitLimit
  ) throws(NATSError) -> [[UInt8]] {
    var pages: [[UInt8]] = []
    var offset = 0
    while true {
      let answer = try request(api, PageRequest(offset: offset, subject: subject).encoded, limit: limit)
      let page: Page = try decode(answer, subject: "\(prefix).\(api)")
      pages.append(answer)
      offset += page.limit
      if offset >= page.total { return pages }
      if page.limit < 1 {
        throw .malformedAnswer(
          server: connection.server, subject: "\(prefix).\(api)", detail: "its pages hold \(page.limit) entries")
      }
    }
  }

  private struct Page: Decodable {
    var total: Int
    var limit: Int
  }

  private struct PageRequest: Encodable {
    var offset: Int
    var subject: String?

    /// An integer and a text: nothing that the encoder could refuse.
    var encoded: [UInt8] { (try? JSONEncoder().encode(self)).map(Array.init) ?? [] }
  }
}
