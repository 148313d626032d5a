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
