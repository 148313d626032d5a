import ValuesAndCommands

/// The parts of `nats://user:password@host:port/…`, of which only host and port are ever changed.
struct ServerURL {
  /// The scheme, user and password, up to the host.
  let front: String
  let host: Text
  let port: Int?
  /// What follows the port.
  let back: String

  /// Nil if there is no host in it or its port is no number, or if an `@` stands behind them: then they are part of a
  /// password with a `/`, `?` or `#` in it.
  init?(_ text: Text) {
    let bytes = Array(text.string.utf8)
    let start = ServerURL.endOfScheme(bytes)
    let isEnd: (UInt8) -> Bool = { [UInt8(ascii: "/"), UInt8(ascii: "?"), UInt8(ascii: "#")].contains($0) }
    let end = bytes[start...].firstIndex(where: isEnd) ?? bytes.count
    if bytes[end...].contains(UInt8(ascii: "@")) { return nil }
    let hostStart = bytes[start..<end].lastIndex(of: UInt8(ascii: "@")).map { $0 + 1 } ?? start

    var hostEnd = end
    var port: Int?
    // The colons inside the brackets of an IPv6 address are its own.
    let bracket = bytes[hostStart..<end].lastIndex(of: UInt8(ascii: "]")) ?? hostStart
    if let colon = bytes[bracket..<end].lastIndex(of: UInt8(ascii: ":")) {
      guard let number = UInt16(String(decoding: bytes[(colon + 1)..<end], as: UTF8.self)), number > 0 else {
        return nil
      }
      port = Int(number)
      hostEnd = colon
    }
    guard hostEnd > hostStart else { return nil }
    self.port = port
    host = text.slice(hostStart..<hostEnd)
    front = String(decoding: bytes[..<hostStart], as: UTF8.self)
    back = String(decoding: bytes[end...], as: UTF8.self)
  }

  var scheme: String { front.utf8.contains(UInt8(ascii: ":")) ? String(front.prefix { $0 != ":" }) : "" }

  func text(host: String, port: Int) -> String { "\(front)\(host):\(port)\(back)" }

  private static func endOfScheme(_ bytes: [UInt8]) -> Int {
    let mark = Array("://".utf8)
    guard bytes.count >= mark.count else { return 0 }
    for place in 0...(bytes.count - mark.count) where bytes[place..<(place + mark.count)].elementsEqual(mark) {
      return place + mark.count
    }
    return 0
  }
}
