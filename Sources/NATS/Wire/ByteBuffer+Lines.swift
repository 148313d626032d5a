/// Lines of the protocol. One system call then carries many of them.
extension ByteBuffer {
  func append(line: String) {
    append(text: line)
    append("\r\n")
  }

  /// `PUB subject [reply] size`, or `HPUB subject [reply] header-size total-size`, and the bytes.
  func appendPublish(subject: String, reply: String?, headers: [UInt8]?, payload: [UInt8]) {
    append(headers == nil ? "PUB " : "HPUB ")
    append(text: subject)
    append(UInt8(ascii: " "))
    if let reply {
      append(text: reply)
      append(UInt8(ascii: " "))
    }
    if let headers {
      append(number: headers.count)
      append(UInt8(ascii: " "))
      append(number: headers.count + payload.count)
      append("\r\n")
      append(headers)
    } else {
      append(number: payload.count)
      append("\r\n")
    }
    append(payload)
    append("\r\n")
  }

  private func append(_ text: StaticString) {
    append(UnsafeRawBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  private func append(text: String) {
    var text = text
    text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
  }

  private func append(number: Int) {
    if number >= 10 { append(number: number / 10) }
    append(UInt8(ascii: "0") + UInt8(number % 10))
  }
}
