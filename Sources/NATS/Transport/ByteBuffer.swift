/// Bytes on their way in or out, in memory that is used again and again. For one thread at a time.
final class ByteBuffer: @unchecked Sendable {
  private static let usualCapacity = 128 << 10
  private var memory = UnsafeMutableRawBufferPointer.allocate(byteCount: usualCapacity, alignment: 16)
  private var start = 0
  private var end = 0

  init(_ bytes: [UInt8] = []) { append(bytes) }

  deinit { memory.deallocate() }

  var count: Int { end - start }
  var isEmpty: Bool { start == end }

  /// What is there. Valid until the buffer is changed.
  var bytes: UnsafeBufferPointer<UInt8> {
    UnsafeBufferPointer(rebasing: memory.bindMemory(to: UInt8.self)[start..<end])
  }

  func consume(_ count: Int) {
    start += count
    if start == end { removeAll() }
  }

  func removeAll() {
    start = 0
    end = 0
    if memory.count > 2 << 20 { replaceMemory(capacity: Self.usualCapacity) }
  }

  /// Lets `read` fill the free space behind the bytes, and says whether it did.
  ///
  /// The space grows by doubling as bytes come, never by what a peer announces: so memory is bounded by what was really sent.
  func receive(
    _ read: (UnsafeMutableRawBufferPointer) throws(NATSError) -> Int?
  ) throws(NATSError) -> Int? {
    if memory.count - end < 16 << 10 { makeRoom(for: 16 << 10) }
    guard let count = try read(UnsafeMutableRawBufferPointer(rebasing: memory[end...])) else { return nil }
    end += count
    return count
  }

  func append(_ source: UnsafeRawBufferPointer) {
    if memory.count - end < source.count { makeRoom(for: source.count) }
    if let from = source.baseAddress, let to = memory.baseAddress {
      (to + end).copyMemory(from: from, byteCount: source.count)
    }
    end += source.count
  }

  func append(_ bytes: [UInt8]) { bytes.withUnsafeBytes { append($0) } }

  func append(_ byte: UInt8) {
    if memory.count == end { makeRoom(for: 1) }
    memory[end] = byte
    end += 1
  }

  private func makeRoom(for added: Int) {
    if count + added <= memory.count / 2 {
      memory.baseAddress?.copyMemory(from: UnsafeRawBufferPointer(rebasing: memory[start..<end]), count: count)
      (start, end) = (0, count)
    } else {
      replaceMemory(capacity: max(memory.count * 2, count + added))
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
