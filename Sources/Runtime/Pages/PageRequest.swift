/// What a browser asked for: its first line and its host.
struct PageRequest: Equatable {
  let isHeadOnly: Bool
  /// Without what follows a `?`.
  let path: String

  /// Nobody who asks for a page of nbx has more to say.
  static let longestHead = 16 << 10

  /// Why something is no request that is answered.
  struct Refusal: Error, Equatable {
    let status: Int
    let reason: String
  }

  /// Reads the head of a request, up to and without the empty line.
  ///
  /// - Parameter hosts: as whom the server may be addressed. A page elsewhere could give its own name the address of this
  ///   machine (DNS rebinding), but it cannot change the name that its browser sends.
  init(head: [UInt8], hosts: Set<String>) throws(Refusal) {
    guard head.allSatisfy({ $0 == 13 || $0 == 10 || $0 == 9 || (0x20...0x7e).contains($0) }) else {
      throw Refusal(status: 400, reason: "this is no HTTP request: it holds bytes that are no text")
    }
    let lines = String(decoding: head, as: UTF8.self).split(separator: "\r\n", omittingEmptySubsequences: false)
    let words = lines[0].split(separator: " ", omittingEmptySubsequences: false)
    guard words.count == 3, words[2] == "HTTP/1.1" || words[2] == "HTTP/1.0" else {
      throw Refusal(status: 400, reason: "this is no HTTP/1.1 request")
    }
    let named = lines.dropFirst().compactMap { line -> String? in
      guard let colon = line.firstIndex(of: ":"), line[..<colon].lowercased() == "host" else { return nil }
      return line[line.index(after: colon)...].filter { $0 != " " && $0 != "\t" }.lowercased()
    }
    guard named.count == 1, hosts.contains(named[0]) else {
      throw Refusal(status: 421, reason: "this server answers on loopback only; open \(hosts.sorted()[0])")
    }
    guard words[0] == "GET" || words[0] == "HEAD" else {
      throw Refusal(status: 405, reason: "there is nothing to do here but to look: GET")
    }
    isHeadOnly = words[0] == "HEAD"
    path = String(words[1].prefix { $0 != "?" })
  }
}

/// What a page server sends back.
package struct PageAnswer: Sendable {
  package var status = 200
  package var type = "text/html; charset=utf-8"
  /// The page's Content-Security-Policy; nothing at all may be loaded or run unless it says so.
  package var policy = "default-src 'none'"
  package var body: String

  package init(_ body: String) { self.body = body }

  static func plain(_ status: Int, _ text: String) -> PageAnswer {
    var answer = PageAnswer(text + "\n")
    answer.status = status
    answer.type = "text/plain; charset=utf-8"
    return answer
  }

  private var phrase: String {
    switch status {
    case 200: "OK"
    case 400: "Bad Request"
    case 404: "Not Found"
    case 405: "Method Not Allowed"
    case 408: "Request Timeout"
    case 421: "Misdirected Request"
    case 431: "Request Header Fields Too Large"
    default: "Service Unavailable"
    }
  }

  func bytes(headOnly: Bool) -> [UInt8] {
    let body = Array(self.body.utf8)
    let head = """
      HTTP/1.1 \(status) \(phrase)\r
      Content-Type: \(type)\r
      Content-Length: \(body.count)\r
      Content-Security-Policy: \(policy)\r
      X-Content-Type-Options: nosniff\r
      X-Frame-Options: DENY\r
      Referrer-Policy: no-referrer\r
      Cross-Origin-Resource-Policy: same-origin\r
      Cross-Origin-Opener-Policy: same-origin\r
      Cache-Control: no-store\r
      \(status == 405 ? "Allow: GET, HEAD\r\n" : "")Connection: close\r
      \r

      """
    return Array(head.utf8) + (headOnly ? [] : body)
  }
}
