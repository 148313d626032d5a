/// Protocol lines that wait to be sent. One system call then carries many of them.
struct OutgoingBuffer {
  private(set) var bytes: [UInt8] = []

  var count: Int { bytes.count }
  var isEmpty: Bool { bytes.isEmpty }

  init() { bytes.reserveCapacity(64 << 10) }

  mutating func append(line: String) {
    bytes.append(contentsOf: line.utf8)
    bytes.append(contentsOf: lineEnd)
  }

  /// Whole lines that were taken out before.
  mutating func append(_ lines: [UInt8]) { bytes.append(contentsOf: lines) }

  /// `PUB subject [reply] size`, or `HPUB subject [reply] header-size total-size`, and the bytes.
  mutating func appendPublish(subject: String, reply: String?, headers: [UInt8]?, payload: [UInt8]) {
    bytes.append(contentsOf: headers == nil ? Self.publish : Self.publishWithHeaders)
    bytes.append(contentsOf: subject.utf8)
    bytes.append(Self.space)
    if let reply {
      bytes.append(contentsOf: reply.utf8)
      bytes.append(Self.space)
    }
    if let headers {
      append(number: headers.count)
      bytes.append(Self.space)
      append(number: headers.count + payload.count)
      bytes.append(contentsOf: lineEnd)
      bytes.append(contentsOf: headers)
    } else {
      append(number: payload.count)
      bytes.append(contentsOf: lineEnd)
    }
    bytes.append(contentsOf: payload)
    bytes.append(contentsOf: lineEnd)
  }

  /// Hands over what is there in exchange for an empty buffer, whose memory is used again.
  mutating func exchange(with empty: inout [UInt8]) { swap(&bytes, &empty) }

  mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

  private mutating func append(number: Int) {
    if number < 10 {
      bytes.append(UInt8(ascii: "0") + UInt8(number))
      return
    }
    var divisor = 10
    while number / divisor >= 10 { divisor *= 10 }
    while divisor > 0 {
      bytes.append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
      divisor /= 10
    }
  }

  private static let space = UInt8(ascii: " ")
  private static let publish = Array("PUB ".utf8)
  private static let publishWithHeaders = Array("HPUB ".utf8)
}
