/// What a page server sends back.
public struct PageAnswer: Sendable {
  public var status = 200
  public var type = "text/html; charset=utf-8"
  /// The page's Content-Security-Policy; nothing at all may be loaded or run unless it says so.
  public var policy = "default-src 'none'"
  public var body: String

  public init(_ body: String) { self.body = body }

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
