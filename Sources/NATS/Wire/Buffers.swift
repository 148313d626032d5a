/// Bytes that were received and not yet understood, in memory that is used again and again.
final class ReceiveBuffer: @unchecked Sendable {
  private static let usualCapacity = 128 << 10
  private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: usualCapacity, alignment: 16)
  private var start = 0
  private var end = 0

  deinit { memory.deallocate() }

  var count: Int { end - start }

  /// What is there. Valid until the next call of `receive` or `consume`.
  var bytes: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: memory.bindMemory(to: UInt8.self)[start..<end])
  }

  func consume(_ count: Int) {
    start += count
    if start == end {
      start = 0
      end = 0
      if memory.count > 1 << 20 { replaceMemory(capacity: Self.usualCapacity) }
    }
  }

  /// Lets `read` fill the free space behind the bytes, and says whether it did.
  func receive(
    _ read: (UnsafeMutableRawBufferPointer) throws(NATSError) -> Int?
  ) throws(NATSError) -> Int? {
    makeRoom()
    guard let count = try read(UnsafeMutableRawBufferPointer(rebasing: memory[end...])) else { return nil }
    end += count
    return count
  }

  /// Grows by doubling as bytes come, never by what a peer announces: so memory is bounded by what was really sent.
  private func makeRoom() {
    guard memory.count - end < 16 << 10 else { return }
    if count <= memory.count / 2 {
      memory.baseAddress?.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[start..<end]), count: count)
      (start, end) = (0, count)
    } else {
      replaceMemory(capacity: memory.count * 2)
    }
  }

  private func replaceMemory(capacity: Int) {
    let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: capacity, alignment: 16)
    larger.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[start..<end]))
    (start, end) = (0, count)
    memory.deallocate()
    memory = larger
  }
}

extension UnsafeMutableRawPointer {
  /// Moves bytes that may overlap with where they go.
  fileprivate func copyMemory(from source: UnsafeRawBufferPointer, count: Int) {
    if let base = source.baseAddress, count > 0 { copyMemory(from: base, byteCount: count) }
  }
}

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
