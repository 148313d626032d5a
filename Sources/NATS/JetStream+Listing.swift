#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension JetStream {
  /// Every page of a listing, such as `STREAM.LIST`, `STREAM.NAMES` or `CONSUMER.LIST.ORDERS`, as the bytes that came.
  ///
  /// What was asked while a leader was lost is never answered: so it is asked again.
  ///
  /// - Parameters:
  ///   - subject: only streams that take this subject.
  public func pages(
    _ api: String, subject: String? = nil, limit: WaitLimit
  ) throws(NATSError) -> [[UInt8]] {
    var pages: [[UInt8]] = []
    var offset = 0
    while true {
      let answer = try page(api, PageRequest(offset: offset, subject: subject).encoded, limit)
      let page: Page = try decode(answer, subject: "\(prefix).\(api)")
      pages.append(answer)
      let (next, isBehindAll) = offset.addingReportingOverflow(page.limit)
      if isBehindAll || next >= page.total { return pages }
      offset = next
      if page.limit < 1 {
        throw .malformedAnswer(
          server: connection.server, subject: "\(prefix).\(api)", detail: "its pages hold \(page.limit) entries")
      }
    }
  }

  private func page(_ api: String, _ question: [UInt8], _ limit: WaitLimit) throws(NATSError) -> [UInt8] {
    // Names are known to who is asked; for all else it gathers words of other servers for four seconds.
    let tryFor = Duration.seconds(api.hasSuffix("NAMES") ? 2 : 6)
    while true {
      do throws(NATSError) {
        return try request(api, question, limit: limit.atMost(tryFor))
      } catch {
        guard case .timedOut(.answer, _) = error, limit.deadline > .now else { throw error }
      }
    }
  }

  /// Asks several questions at once, such as `STREAM.INFO.ORDERS` of several streams, so that one that stays without an
  /// answer does not keep the others waiting. The answers are in the questions' order; each is what `request` would return
  /// or throw. Throws itself if the connection is lost, or the limit says that nobody waits any more.
  public func requestEach(_ apis: [String], limit: WaitLimit) throws(NATSError) -> [Result<[UInt8], NATSError>] {
    var asked: [(subject: String, token: Int, mailbox: Mailbox)] = []
    defer { for question in asked { connection.forget(question.token) } }
    for api in apis {
      let subject = "\(prefix).\(api)"
      let (token, mailbox) = try connection.ask(subject, [], headers: nil, answers: 16, limit: limit)
      asked.append((subject, token, mailbox))
    }
    var answers: [Result<[UInt8], NATSError>] = []
    for question in asked {
      do throws(NATSError) {
        answers.append(.success(try answer(question.subject, question.mailbox, limit)))
      } catch {
        switch error {
        case .api, .timedOut, .noResponders: answers.append(.failure(error))
        default: throw error
        }
      }
    }
    return answers
  }

  private func answer(_ subject: String, _ mailbox: Mailbox, _ limit: WaitLimit) throws(NATSError) -> [UInt8] {
    let server = connection.server
    guard let answer = try mailbox.next(.answer(subject: subject), server: server, limit: limit) else {
      throw .connectionClosed(server: server)
    }
    if answer.saysNoResponders { throw .noResponders(server: server, subject: subject) }
    try throwRefusal(in: answer.payload, subject: subject)
    return answer.payload
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
